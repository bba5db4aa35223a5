//! What listings answer, however they are cut from the indexes.

use std::time::Duration;

use invitations_core::{
    ids::PrincipalId,
    invitation::{InvitationStore, Status, machine::Recipient, store::Filter},
    people::EmailAddress,
};
use invitations_sqlx::SqliteStore;

use crate::fixture::{Fixture, invitation, tenant};

fn to(name: &str) -> Recipient {
    Recipient::Address(EmailAddress::parse(format!("{name}@people.example")).unwrap())
}

/// Three invitations, a minute apart.
async fn three(fixture: &Fixture, store: &SqliteStore) {
    for name in ["ada", "bob", "cleo"] {
        let now = InvitationStore::now(store).await.unwrap();
        InvitationStore::commit(store, &invitation(name, now)).await.unwrap();
        fixture.clock.advance(Duration::from_secs(60));
    }
}

/// Page by page, one on each.
async fn listed(store: &SqliteStore, filter: &Filter) -> Vec<String> {
    let (mut found, mut filter) = (Vec::new(), filter.clone().with_limit(1));
    loop {
        let page = store.list(&tenant(), &filter).await.unwrap();
        found.extend(page.items.into_iter().map(|item| item.value.id.to_string()));
        match page.next {
            Some(next) => filter.page = Some(next),
            None => return found,
        }
    }
}

#[tokio::test]
async fn many_recipients_and_statuses_are_merged_newest_first() {
    let fixture = Fixture::new();
    let store = fixture.open().await;
    three(&fixture, &store).await;
    // one, an inbox, a report, and more than SQLite merges
    for others in [0, 1, 47, 48, 49, 600] {
        let others = (0..others).map(|n| Recipient::Principal(PrincipalId::parse(format!("other{n}")).unwrap()));
        let mut filter = Filter::new().with_recipient(to("cleo")).with_recipient(to("ada"));
        filter.recipients.extend(others);
        for filter in [filter.clone(), filter.clone().answerable(), filter.with_status(Status::Pending)] {
            assert_eq!(listed(&store, &filter).await, ["cleo", "ada"], "{}", filter.recipients.len());
            assert_eq!(store.count(&tenant(), &filter).await.unwrap(), 2);
        }
    }
    let all = Status::ALL.into_iter().fold(Filter::new(), Filter::with_status);
    for filter in [Filter::new(), all.clone(), all.answerable().with_status(Status::Pending)] {
        assert_eq!(listed(&store, &filter).await, ["cleo", "bob", "ada"]);
        assert_eq!(store.count(&tenant(), &filter).await.unwrap(), 3);
    }
}

/// The state of a file before its recipients carried anything.
const BEFORE: [&str; 9] = [
    "DROP TRIGGER inv_recipient_added",
    "DROP TRIGGER inv_recipient_changed",
    "DROP INDEX inv_recipient_newest",
    "DROP INDEX inv_recipient_answerable",
    "DROP INDEX inv_invitation_status",
    "ALTER TABLE inv_recipient DROP COLUMN tenant",
    "ALTER TABLE inv_recipient DROP COLUMN created_at",
    "ALTER TABLE inv_recipient DROP COLUMN answerable",
    "CREATE INDEX inv_recipient_address ON inv_recipient (address, invitation)",
];

#[tokio::test]
async fn an_older_file_has_its_inboxes_after_the_upgrade() {
    let fixture = Fixture::new();
    let store = fixture.open().await;
    three(&fixture, &store).await;
    for statement in BEFORE.into_iter().chain(["DELETE FROM inv_migrations WHERE version = 5"]) {
        sqlx::query(statement).execute(store.pool()).await.unwrap();
    }
    store.pool().close().await;
    let store = fixture.open().await;
    let filter = Filter::new().with_recipient(to("ada")).with_recipient(to("bob")).answerable();
    assert_eq!(listed(&store, &filter).await, ["bob", "ada"]);
}

/// The database itself keeps the copies true, also when somebody else than this program writes.
#[tokio::test]
async fn an_inbox_follows_the_invitation() {
    let fixture = Fixture::new();
    let store = fixture.open().await;
    three(&fixture, &store).await;
    let filter = Filter::new().with_recipient(to("ada")).with_recipient(to("bob"));
    let hour = 3_600_000_000_i64;
    let later = "UPDATE inv_invitation SET created_at = created_at + $1 WHERE id = 'ada'";
    sqlx::query(later).bind(hour).execute(store.pool()).await.unwrap();
    assert_eq!(listed(&store, &filter).await, ["ada", "bob"]);
    let closed = "UPDATE inv_invitation SET answerable = FALSE WHERE id = 'ada'";
    sqlx::query(closed).execute(store.pool()).await.unwrap();
    assert_eq!(listed(&store, &filter.clone().answerable()).await, ["bob"]);
    assert_eq!(store.count(&tenant(), &filter.answerable()).await.unwrap(), 1);
}
