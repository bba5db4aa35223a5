//! An application with tables of its own in the same database.

use std::borrow::Cow;

use invitations_core::token::TokenStore as _;
use invitations_sqlx::PgStore;
use sqlx::{
    SqlSafeStr as _,
    migrate::{Migration, MigrationType, Migrator},
};

use super::schema::Schema;

#[tokio::test]
async fn both_migrators_share_the_database() {
    let text = "CREATE TABLE account (id TEXT NOT NULL PRIMARY KEY)".into_sql_str();
    let account = Migration::new(1, Cow::Borrowed("account"), MigrationType::Simple, text, false);
    for ours_first in [true, false] {
        let schema = Schema::new();
        let pool = schema.pool().await;
        if ours_first {
            PgStore::with_pool(pool.clone()).await.unwrap();
        }
        for _ in 0..2 {
            Migrator::with_migrations(vec![account.clone()]).run(&pool).await.unwrap();
            let store = PgStore::with_pool(pool.clone()).await.unwrap();
            assert!(store.due(9).await.unwrap().is_empty());
        }
        let foreign: Vec<String> = sqlx::query_scalar(
            "SELECT relname::text FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = 'r' \
             AND relname NOT LIKE 'inv\\_%' ORDER BY 1",
        )
        .bind(&schema.name)
        .fetch_all(&pool)
        .await
        .unwrap();
        assert_eq!(foreign, ["_sqlx_migrations", "account"], "everything of ours begins with inv_");
    }
}
