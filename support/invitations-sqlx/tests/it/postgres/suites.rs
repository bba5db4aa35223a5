//! PostgreSQL keeps the contracts.

use std::process::Command;

mod tokens {
    use crate::postgres::schema::Schema;

    invitations_core::token_store_suite!(
        #[tokio::test]
        Schema::new()
    );

    mod on_threads {
        use super::Schema;

        invitations_core::token_store_suite!(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            Schema::new()
        );
    }

    /// Machines whose own clocks are a year wrong agree: this one is.
    mod on_the_databases_clock {
        use super::Schema;

        invitations_core::token_store_suite!(
            #[tokio::test]
            Schema::on_the_databases_clock()
        );
    }
}

#[tokio::test]
async fn all_are_shown_page_by_page_and_none_is_left_out() {
    use crate::postgres::schema::Schema;

    let schema = Schema::new();
    let store = schema.open().await;
    crate::resealed::all_are_shown(&store, async |text| {
        sqlx::query(text).execute(store.pool()).await.unwrap();
    })
    .await;
}

/// A test that did not run must not look like one that passed.
#[test]
fn without_a_database_they_fail_and_say_what_to_do() {
    let done = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "postgres::suites::tokens::fences_grow"])
        .env_remove("DATABASE_URL")
        .output()
        .unwrap();
    let told = String::from_utf8(done.stdout).unwrap();
    assert!(!done.status.success(), "{told}");
    assert!(told.contains("1 failed") && told.contains("cargo xtask postgres"), "{told}");
}
