//! The raw acceptance sends what the store sends, word for word: otherwise its ratio says nothing. And how much that is.

use benches::{House, Kind, Raw};
use invitations_sqlx::SqliteStore;
use sqlx::{ConnectOptions as _, sqlite::SqlitePoolOptions};

use crate::log::Statements;

#[tokio::test]
async fn raw_and_store_send_the_same() {
    // before the transaction and after it one look at the state each, and one at the link when one is shown
    for (kind, reads, writes) in [(Kind::InboxMembership, 2, 4), (Kind::MailedMembership, 3, 6), (Kind::Meeting, 2, 3)]
    {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("invitations.db");
        let statements = Statements::listen();
        let options = statements.of(SqliteStore::connect_options(&file));
        let pool = SqlitePoolOptions::new().connect_with(options.clone()).await.unwrap();
        let house = House::over(SqliteStore::with_pool(pool).await.unwrap(), kind, false).unwrap();
        let raw = Raw::over(house.pool.clone(), options.connect().await.unwrap());
        let (ours, theirs) = (house.invite(1).await.unwrap(), house.invite_for_raw(1).await.unwrap());

        statements.sent(&house.pool).await;
        house.accept(&ours[0]).await.unwrap();
        let by_us = sorted(statements.sent(&house.pool).await);
        raw.accept(theirs).await.unwrap();
        raw.ping().await.unwrap();
        assert_eq!(by_us, sorted(statements.sent(&house.pool).await), "{kind:?}");
        let many = by_us.iter().filter(|text| text.starts_with("SELECT")).count();
        assert_eq!((many, by_us.len() - many), (reads, writes), "{by_us:?}");
        house.check(2).await.unwrap();
        assert!(house.check(1).await.is_err());
    }
}

/// Each connection logs on its own.
fn sorted(mut statements: Vec<String>) -> Vec<String> {
    statements.sort_unstable();
    statements
}
