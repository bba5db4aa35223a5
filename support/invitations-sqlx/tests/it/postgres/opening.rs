//! Opening: by many at once, with few rights, what a newer program wrote; and a password that nobody gets to see.

use invitations_core::{Error, ErrorKind, RetryClass, token::TokenStore as _};
use invitations_sqlx::PgStore;
use sqlx::{Row as _, postgres::PgConnectOptions};

use super::schema::{Schema, url};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_empty_database_is_opened_by_many_at_once() {
    let schema = Schema::new();
    let mut pools = Vec::new();
    for number in 0..8 {
        // a stricter default would not see what others have committed meanwhile
        let stricter = [("default_transaction_isolation", "serializable")];
        let options = schema.options().options(stricter.into_iter().filter(|_| number % 2 == 0));
        pools.push(schema.pool_with(options).await);
    }
    let tasks: Vec<_> = pools.into_iter().map(|pool| tokio::spawn(PgStore::with_pool(pool))).collect();
    for task in tasks {
        assert!(task.await.unwrap().unwrap().due(9).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_newer_programs_tables_do_no_harm_but_its_rows_do() {
    let schema = Schema::new();
    schema.open().await;
    schema.run(
        "INSERT INTO inv_migrations (version, description, success, checksum, execution_time) \
         VALUES (99, 'later', TRUE, '', 0)",
    );
    schema.open().await;
    schema.run("UPDATE inv_meta SET value = 99 WHERE name = 'min_writer'");
    let error = PgStore::with_pool(schema.pool().await).await.unwrap_err();
    assert_eq!((error.kind(), error.remedy().is_some()), (ErrorKind::Misconfigured, true), "{error}");
}

#[tokio::test]
async fn migrations_that_were_changed_are_refused() {
    let schema = Schema::new();
    schema.open().await;
    schema.run("UPDATE inv_migrations SET checksum = '' WHERE version = 1");
    let error = PgStore::with_pool(schema.pool().await).await.unwrap_err();
    assert_eq!((error.kind(), error.remedy().is_some()), (ErrorKind::Misconfigured, true), "{error}");
}

/// A user of the database, who goes away with this value.
struct Role<'s>(&'s Schema, String);

impl Drop for Role<'_> {
    fn drop(&mut self) {
        let Self(schema, name) = self;
        // a test that has failed says more than this could
        let _ = schema.try_to_run(&format!("DROP OWNED BY {name}; DROP ROLE {name}"));
    }
}

/// The program that serves users may be another one than the one that makes tables.
#[tokio::test]
async fn who_may_make_no_tables_can_use_them() {
    let schema = Schema::new();
    let Role(_, role) = &Role(&schema, format!("{}_user", schema.name));
    let as_role = || schema.options().options([("role", role)]);
    schema.run(&format!("CREATE ROLE {role}; GRANT USAGE ON SCHEMA {} TO {role}", schema.name));
    let error = PgStore::with_pool(schema.pool_with(as_role()).await).await.unwrap_err();
    assert_eq!((error.kind(), error.remedy().is_some()), (ErrorKind::Misconfigured, true), "{error:?}");
    schema.open().await;
    schema.run(&format!(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {} TO {role}; REVOKE ALL ON inv_flow FROM {role}",
        schema.name
    ));
    let store = schema.open_with(as_role()).await;
    assert!(store.due(9).await.unwrap().is_empty());
    let error = store.begin_flow(&crate::stored::flow()).await.unwrap_err();
    assert_eq!((error.kind(), error.remedy().is_some()), (ErrorKind::Misconfigured, true), "{error:?}");
}

/// Who shares the database, as the role that a browser's requests run under, is given nothing here.
#[tokio::test]
async fn abuse_g02_no_other_role_reads_or_writes_connections() {
    let schema = Schema::new();
    let store = schema.open().await;
    let Role(_, role) = &Role(&schema, format!("{}_browser", schema.name));
    schema.run(&format!("CREATE ROLE {role}; GRANT USAGE ON SCHEMA {} TO {role}", schema.name));
    let tables = sqlx::query(
        "SELECT table_name::text, has_table_privilege($2, format('%I.%I', table_schema, table_name), \
         'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER') \
         FROM information_schema.tables WHERE table_schema = $1",
    )
    .bind(&schema.name)
    .bind(role)
    .fetch_all(store.pool())
    .await
    .unwrap();
    assert!(tables.iter().any(|row| row.get::<&str, _>(0) == "inv_connection"));
    for row in tables {
        assert!(!row.get::<bool, _>(1), "{}", row.get::<&str, _>(0));
    }
}

/// The order of ids, and what is equal, are not a matter of the database's language.
#[tokio::test]
async fn texts_are_compared_by_their_bytes() {
    let schema = Schema::new();
    let store = schema.open().await;
    let rows = sqlx::query(
        "SELECT table_name || '.' || column_name, collation_name FROM information_schema.columns \
         WHERE table_schema = $1 AND table_name <> 'inv_migrations' AND data_type = 'text'",
    )
    .bind(&schema.name)
    .fetch_all(store.pool())
    .await
    .unwrap();
    assert!(rows.len() > 8, "{}", rows.len());
    for row in rows {
        assert_eq!(row.get::<Option<&str>, _>(1), Some("C"), "{}", row.get::<&str, _>(0));
    }
}

const PASSWORD: &str = "planted-1b7f";

/// The whole chain.
fn told(error: &Error) -> String {
    let mut told = format!("{error} {error:?}");
    let mut cause = std::error::Error::source(error);
    while let Some(one) = cause {
        told.push_str(&format!(" {one} {one:?}"));
        cause = one.source();
    }
    told
}

#[tokio::test]
async fn a_password_is_never_shown() {
    let schema = Schema::new();
    let with_password = format!("&password={PASSWORD}&options[search_path]={},pg_catalog", schema.name);
    let there = url();
    let there = if there.contains('?') { there } else { format!("{there}?") };
    // a server that asks for a password refuses this one; that is as good
    let opened = PgStore::connect(&format!("{there}{with_password}")).await;
    let shown = opened.map_or_else(|error| told(&error), |store| format!("{store:?}"));
    assert!(!shown.contains("1b7f"), "{shown}");
    for (url, kind) in [
        (format!("{there}{with_password}&user=nobody_of_that_name"), ErrorKind::Misconfigured),
        (format!("{there}{with_password}&dbname=nothing_of_that_name"), ErrorKind::Misconfigured),
        (format!("postgres://user:{PASSWORD}@localhost/x?host=/no/such/folder"), ErrorKind::Unavailable),
        (format!("postgres://user:{PASSWORD}@localhost:1/x?host=/tmp&sslmode={PASSWORD}"), ErrorKind::Misconfigured),
    ] {
        let error = PgStore::connect(&url).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error:?}");
        let safe = kind == ErrorKind::Unavailable;
        assert_eq!(error.retry() == RetryClass::Safe { after: None }, safe, "{error:?}");
        assert!(safe || error.remedy().is_some(), "{error:?}");
        assert!(!told(&error).contains("1b7f"), "{error:?}");
    }
    let options: PgConnectOptions = format!("{there}{with_password}").parse().unwrap();
    assert!(format!("{options:?}").contains("1b7f"), "looked for something else");
}
