//! What is in the file, who may read it, and what goes wrong with it.

use std::{path::Path, sync::Arc, time::Duration};

use invitations_core::{
    ErrorKind, RetryClass,
    ids::{ConnectionId, ProviderId, WorkerId},
    invitation::{
        Claim, Claimed, InvitationStore, State,
        effect::ExternalRef,
        store::{Delivered, OutboxWrite},
    },
    provider::Account,
    secret::{KeyRing, SealContext, Sealed, Sealer as _},
};
use invitations_sqlx::SqliteStore;
use sqlx::sqlite::SqlitePoolOptions;

use crate::fixture::{Fixture, invitation, tenant};

const JOIN: &[u8] = b"https://meetings.example/join?secret=planted-1b7f";

async fn now(store: &SqliteStore) -> chrono::DateTime<chrono::Utc> {
    InvitationStore::now(store).await.unwrap()
}

/// The database and its logs.
fn bytes(path: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        all.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    all
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;

    let fixture = Fixture::new();
    let store = fixture.open().await;
    InvitationStore::commit(&store, &invitation("a", now(&store).await)).await.unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(fixture.path().parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
        files += 1;
    }
    assert_eq!(files, 3, "database, log and index of the log");
}

#[tokio::test]
async fn what_was_committed_survives_a_power_cut() {
    let fixture = Fixture::new();
    let store = fixture.open().await;
    for (pragma, value) in [("PRAGMA synchronous", 2), ("PRAGMA foreign_keys", 1), ("PRAGMA secure_delete", 1)] {
        let found: i64 = sqlx::query_scalar(pragma).fetch_one(store.pool()).await.unwrap();
        assert_eq!(found, value, "{pragma}");
    }
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(store.pool()).await.unwrap();
    assert_eq!(mode, "wal");
}

#[tokio::test]
async fn sealed_payloads_are_kept_as_given_and_wiped_when_delivered() {
    let fixture = Fixture::new();
    let store = fixture.open().await;
    let ring = KeyRing::generate().unwrap();
    let context = SealContext::new("join", ["a"]);
    let join = ring.seal(&context, JOIN).await.unwrap();
    let notice = ring.seal(&SealContext::new("notice", ["a"]), JOIN).await.unwrap();
    let mut commit = invitation("a", now(&store).await);
    commit.state = with_join(commit.state, &join);
    commit.outbox.push(OutboxWrite::new("accepted", notice.clone()));
    InvitationStore::commit(&store, &commit).await.unwrap();
    let stored: Vec<u8> = sqlx::query_scalar("SELECT payload FROM inv_outbox").fetch_one(store.pool()).await.unwrap();
    assert_eq!(stored, notice.as_bytes());
    let kept = store.load(&tenant(), &commit.id).await.unwrap().unwrap().value;
    let found = kept.effects.first().and_then(|effect| effect.found.clone()).and_then(|found| found.join).unwrap();
    assert_eq!(ring.open(&context, &found).await.unwrap().expose(), JOIN);

    let claim = Claim::new(WorkerId::parse("w").unwrap(), Duration::from_secs(60), 9);
    let rows = store.claim(&claim).await.unwrap();
    let delivery = rows.iter().find_map(|row| match row {
        Claimed::Delivery { row, fence, .. } => Some((*row, *fence)),
        _ => None,
    });
    let (row, fence) = delivery.unwrap();
    store.delivered(row, fence, Delivered::Done).await.unwrap();
    let stored: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT payload FROM inv_outbox").fetch_one(store.pool()).await.unwrap();
    assert_eq!(stored, None);
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(store.pool()).await.unwrap();
    let all = bytes(&fixture.path());
    assert!(holds(&all, b"a@people.example"), "looked at the wrong files");
    assert!(!holds(&all, JOIN), "the join link is in the file");
    assert!(!holds(&all, b"planted-1b7f"), "a part of the join link is in the file");
    assert!(!holds(&all, notice.as_bytes()), "the delivered payload is still in the file");
}

fn with_join(mut state: State, join: &Sealed) -> State {
    use invitations_core::{
        ids::{EffectId, EffectName, MeetingKey},
        invitation::{Effect, EffectKind},
    };
    let account = Account::connection(tenant(), ProviderId::parse("p").unwrap(), ConnectionId::parse("c").unwrap());
    let kind = EffectKind::Custom { name: EffectName::parse("work").unwrap(), payload: serde_json::Value::Null };
    let (id, key) = (EffectId::parse("work.1").unwrap(), MeetingKey::parse("k").unwrap());
    let mut effect = Effect::planned(id, kind, account.clone(), key, state.created_at);
    effect.found = Some(ExternalRef::new(account, "meeting").with_join(join.clone()));
    state.effects.push(effect);
    state
}

#[tokio::test]
async fn everything_is_there_after_opening_again() {
    let fixture = Fixture::new();
    let store = fixture.open().await;
    let commit = invitation("a", now(&store).await);
    InvitationStore::commit(&store, &commit).await.unwrap();
    store.pool().close().await;
    let error = store.load(&tenant(), &commit.id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    let again = fixture.open().await;
    assert_eq!(again.load(&tenant(), &commit.id).await.unwrap().unwrap().value, commit.state);
}

#[tokio::test]
async fn what_cannot_be_opened_says_what_to_do() {
    let fixture = Fixture::new();
    for path in [Path::new(""), Path::new(":memory:")] {
        let error = SqliteStore::open(path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{path:?}: {error}");
    }
    let error = SqliteStore::open(fixture.path().join("no/such/folder.db")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misconfigured, "{error}");
    assert!(error.remedy().is_some());
    std::fs::write(fixture.path(), vec![b'x'; 8192]).unwrap();
    let error = SqliteStore::open(fixture.path()).await.unwrap_err();
    assert_eq!((error.kind(), error.remedy().is_some()), (ErrorKind::Protocol, true), "{error}");
}

#[tokio::test]
async fn a_newer_programs_tables_do_no_harm_but_its_rows_do() {
    let fixture = Fixture::new();
    let store = fixture.open().await;
    sqlx::query(
        "INSERT INTO inv_migrations (version, description, success, checksum, execution_time) \
         VALUES (99, 'later', TRUE, X'00', 0)",
    )
    .execute(store.pool())
    .await
    .unwrap();
    fixture.open().await;
    sqlx::query("UPDATE inv_meta SET value = 99 WHERE name = 'min_writer'").execute(store.pool()).await.unwrap();
    let error = SqliteStore::open(fixture.path()).await.unwrap_err();
    assert_eq!((error.kind(), error.remedy().is_some()), (ErrorKind::Misconfigured, true), "{error}");
}

#[tokio::test]
async fn a_busy_database_may_be_asked_again() {
    let fixture = Fixture::new();
    let other = fixture.open().await;
    let hasty = SqliteStore::connect_options(fixture.path()).busy_timeout(Duration::from_millis(1));
    let pool = SqlitePoolOptions::new().connect_with(hasty).await.unwrap();
    let store = SqliteStore::with_pool(pool).await.unwrap().with_clock(Arc::new(fixture.clock.clone()));
    let commit = invitation("a", now(&store).await);
    let held = other.pool().begin_with("BEGIN IMMEDIATE").await.unwrap();
    let error = InvitationStore::commit(&store, &commit).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert_eq!(error.retry(), RetryClass::Safe { after: None });
    // reading goes on meanwhile
    assert_eq!(store.load(&tenant(), &commit.id).await.unwrap(), None);
    held.rollback().await.unwrap();
    assert_eq!(InvitationStore::commit(&store, &commit).await.unwrap(), 1);
}

/// As a full disk does: the transaction is over, and nobody has told sqlx.
#[tokio::test]
async fn a_transaction_that_the_database_ends_spoils_no_connection() {
    let fixture = Fixture::new();
    let store = fixture.open().await;
    sqlx::query("CREATE TRIGGER full BEFORE UPDATE ON inv_outbox BEGIN SELECT RAISE(ROLLBACK, 'full'); END")
        .execute(store.pool())
        .await
        .unwrap();
    let mut commit = invitation("a", now(&store).await);
    commit.outbox.push(OutboxWrite::new("invited", Sealed::from_bytes(vec![1])));
    InvitationStore::commit(&store, &commit).await.unwrap();
    for _ in 0..20 {
        let claim = Claim::new(WorkerId::parse("w").unwrap(), Duration::from_secs(60), 9);
        assert_eq!(store.claim(&claim).await.unwrap_err().kind(), ErrorKind::Conflict);
    }
    sqlx::query("DROP TRIGGER full").execute(store.pool()).await.unwrap();
    for number in 0..20 {
        let commit = invitation(&format!("i{number}"), now(&store).await);
        assert_eq!(InvitationStore::commit(&store, &commit).await.unwrap(), 1);
    }
}
