//! What an acceptance costs, counted: statements, transactions, waits for the disk.

use std::{process::Command, sync::Arc, time::Duration};

use futures_util::future::join_all;
use invitations_core::{
    Result,
    ids::{PrincipalId, ProviderId, Role, UserId, WorkerId},
    invitation::{
        Claim, Claimed, Commit, InvitationStore, Invitations, Invite, Notice, Notifier, Proof, TenantInvitations,
        machine::Recipient,
    },
    people::{CallerAuthorized, EmailAddress, Principal},
    provider::{Account, MeetingDraft},
    runtime::{ManualClock, TokioSpawner},
    secret::KeyRing,
};
use invitations_sqlx::SqliteStore;

use crate::{
    counting,
    fixture::{Fixture, tenant},
};

#[derive(Debug)]
struct Silent;

#[async_trait::async_trait]
impl Notifier for Silent {
    async fn deliver(&self, _: &Notice) -> Result<()> {
        Ok(())
    }
}

pub(crate) fn service(store: &SqliteStore, clock: &ManualClock) -> TenantInvitations {
    Invitations::builder(Arc::new(store.clone()))
        .authorizer(Arc::new(CallerAuthorized))
        .sealer(Arc::new(KeyRing::generate().unwrap()))
        .notifier(Arc::new(Silent))
        .runtime(Arc::new(clock.clone()), Arc::new(TokioSpawner))
        .build()
        .unwrap()
        .tenant(&tenant())
}

pub(crate) fn inviter() -> Principal {
    Principal::new(PrincipalId::parse("inviter").unwrap())
}

pub(crate) fn person(name: &str) -> (EmailAddress, Principal) {
    let address = EmailAddress::parse(format!("{name}@people.example")).unwrap();
    (address.clone(), Principal::new(PrincipalId::parse(name).unwrap()).with_verified(address))
}

pub(crate) fn meeting(clock: &ManualClock, to: Recipient) -> Invite {
    use invitations_core::runtime::Clock as _;

    let starts = clock.now() + Duration::from_secs(3600);
    let organizer = UserId::parse("organizer@school.example").unwrap();
    let account = Account::application(tenant(), ProviderId::parse("microsoft").unwrap(), organizer);
    Invite::meeting(MeetingDraft::new("Maths", starts..starts + Duration::from_secs(1800)), account, to)
}

pub(crate) fn membership(to: Recipient) -> Invite {
    Invite::membership(Role::parse("teacher").unwrap(), to)
}

/// An acceptance through the mailed link, decided and not written.
pub(crate) async fn accepted(org: &TenantInvitations, invite: Invite, by: &Principal) -> Commit {
    let link = org.invite(&inviter(), invite).await.unwrap().link.unwrap();
    org.prepare_accept(&Proof::Link(link), by).await.unwrap().commit().clone()
}

fn first_words(statements: &[String]) -> Vec<String> {
    statements.iter().map(|text| text.split(' ').take(3).collect::<Vec<_>>().join(" ")).collect()
}

#[tokio::test]
async fn an_accepted_call_is_one_transaction_of_four_statements() {
    let fixture = Fixture::new();
    let (store, counts) = counting::open(&fixture).await;
    let org = service(&store, &fixture.clock);
    let (address, receiver) = person("receiver");
    let commit = accepted(&org, meeting(&fixture.clock, Recipient::Address(address)), &receiver).await;
    counts.reset(&store).await;
    InvitationStore::commit(&store, &commit).await.unwrap();
    assert_eq!(
        first_words(&counts.statements()),
        ["UPDATE inv_invitation SET", "INSERT INTO inv_event", "INSERT INTO inv_effect", "UPDATE inv_link SET"]
    );
    assert_eq!(counts.commits(), 1);
}

/// A hold ends, a link dies, somebody becomes a member, and the inviter is told.
#[tokio::test]
async fn a_new_member_is_one_transaction_of_six_statements() {
    let fixture = Fixture::new();
    let (store, counts) = counting::open(&fixture).await;
    let org = service(&store, &fixture.clock);
    let (address, newcomer) = person("newcomer");
    let commit = accepted(&org, membership(Recipient::Address(address)), &newcomer).await;
    counts.reset(&store).await;
    InvitationStore::commit(&store, &commit).await.unwrap();
    assert_eq!(
        first_words(&counts.statements()),
        [
            "UPDATE inv_invitation SET",
            "DELETE FROM inv_hold",
            "INSERT INTO inv_event",
            "UPDATE inv_link SET",
            "INSERT INTO inv_outbox",
            "INSERT INTO inv_member",
        ]
    );
    assert_eq!(counts.commits(), 1);
}

#[tokio::test]
async fn who_is_known_already_becomes_a_member_by_four_statements() {
    let fixture = Fixture::new();
    let (store, counts) = counting::open(&fixture).await;
    let org = service(&store, &fixture.clock);
    let colleague = person("colleague").1;
    let invite = membership(Recipient::Principal(colleague.id.clone()));
    let id = org.invite(&inviter(), invite).await.unwrap().id;
    let prepared = org.prepare_accept(&Proof::Inbox(id), &colleague).await.unwrap();
    counts.reset(&store).await;
    InvitationStore::commit(&store, prepared.commit()).await.unwrap();
    assert_eq!(
        first_words(&counts.statements()),
        ["UPDATE inv_invitation SET", "INSERT INTO inv_event", "INSERT INTO inv_outbox", "INSERT INTO inv_member"]
    );
    assert_eq!(counts.commits(), 1);
}

/// Nothing stands between them, as long as nobody is refused; then each has a savepoint, moved in one step.
#[tokio::test]
async fn in_company_an_acceptance_has_no_statement_more_unless_one_is_refused() {
    let fixture = Fixture::new();
    let (store, counts) = counting::open(&fixture).await;
    let org = service(&store, &fixture.clock);
    let mut commits = Vec::new();
    for number in 0..64 {
        let (address, receiver) = person(&format!("receiver{number}"));
        commits.push(accepted(&org, meeting(&fixture.clock, Recipient::Address(address)), &receiver).await);
    }
    counts.reset(&store).await;
    let done = join_all(commits.iter().map(|commit| InvitationStore::commit(&store, commit))).await;
    assert!(done.iter().all(Result::is_ok));
    assert_eq!(counts.statements().len(), 64 * 4);
    assert_eq!(counts.commits(), 1);

    // each of the first half is refused now, by its version; the first one ends the first attempt
    let mut again: Vec<Commit> = commits[..32].to_vec();
    for number in 64..96 {
        let (address, receiver) = person(&format!("receiver{number}"));
        again.push(accepted(&org, meeting(&fixture.clock, Recipient::Address(address)), &receiver).await);
    }
    counts.reset(&store).await;
    let done = join_all(again.iter().map(|commit| InvitationStore::commit(&store, commit))).await;
    assert_eq!(done.iter().filter(|answer| answer.is_ok()).count(), 32);
    assert_eq!(counts.statements().len(), 1 + 1 + 32 * 2 + 32 * 5);
    assert_eq!(counts.commits(), 1);
}

/// A look that finds nothing writes nothing.
#[tokio::test]
async fn a_claim_of_nothing_is_no_transaction() {
    let fixture = Fixture::new();
    let (store, counts) = counting::open(&fixture).await;
    let org = service(&store, &fixture.clock);
    let (address, receiver) = person("receiver");
    let commit = accepted(&org, meeting(&fixture.clock, Recipient::Address(address)), &receiver).await;
    let claim = Claim::new(WorkerId::parse("w").unwrap(), Duration::from_secs(60), 9);
    counts.reset(&store).await;
    let rows = store.claim(&claim).await.unwrap();
    assert!(rows.iter().all(|row| matches!(row, Claimed::Delivery { .. })), "{rows:?}");
    InvitationStore::commit(&store, &commit).await.unwrap();
    store.claim(&claim).await.unwrap();
    counts.commits();
    assert_eq!(store.claim(&claim).await.unwrap(), []);
    assert_eq!(counts.commits(), 0);
}

/// What [`one_wait_for_the_disk_each`] runs under strace: how many acceptances, how many callers at once.
const WORK: &str = "COUNTED_ACCEPTANCES";

#[tokio::test]
async fn some_acceptances() {
    let work = std::env::var(WORK).unwrap_or_else(|_| "2/1".to_owned());
    let (many, at_once) = work.split_once('/').unwrap();
    let (many, at_once): (usize, usize) = (many.parse().unwrap(), at_once.parse().unwrap());
    let fixture = Fixture::new();
    let store = fixture.open().await;
    let org = service(&store, &fixture.clock);
    let mut commits = Vec::new();
    // made in company, so that they are few transactions
    let people: Vec<_> = (0..256).map(|number| person(&format!("receiver{number}"))).collect();
    let invites = people.iter().map(|(address, receiver)| {
        accepted(&org, meeting(&fixture.clock, Recipient::Address(address.clone())), receiver)
    });
    commits.extend(join_all(invites).await);
    for some in commits[..many].chunks(at_once) {
        for done in join_all(some.iter().map(|commit| InvitationStore::commit(&store, commit))).await {
            assert_eq!(done.unwrap(), 2);
        }
    }
}

/// By strace, where it is installed and may look at processes; elsewhere nothing is measured, and that is said.
#[test]
fn one_wait_for_the_disk_each() {
    let Some(idle) = waits(0, 1) else {
        println!("not measured: strace is not here, or may not trace");
        return;
    };
    let (alone, together) = (waits(128, 1).unwrap() - idle, waits(128, 64).unwrap() - idle);
    println!("waits for the disk: {alone} for 128 acceptances one by one, {together} for 128 by 64 callers");
    // when the log is full, it waits for it once more and begins it anew: a few in a hundred
    assert!((128..=140).contains(&alone), "{alone} for 128 acceptances, one by one");
    assert!((2..=128 / 8).contains(&together), "{together} for 128 acceptances by 64 callers");
}

fn waits(many: usize, at_once: usize) -> Option<usize> {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("strace");
    let done = Command::new("strace")
        .args(["-f", "-y", "-e", "trace=fsync,fdatasync", "-o"])
        .arg(&report)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "counts::some_acceptances"])
        .env(WORK, format!("{many}/{at_once}"))
        .output()
        .ok()?;
    if !done.status.success() {
        return None;
    }
    let text = std::fs::read_to_string(&report).unwrap();
    // of the log; each connection syncs the folder once in its life. A call that another thread's interrupts has a second line,
    // without the bracket
    Some(text.lines().filter(|line| line.contains("sync(") && line.contains("-wal>")).count())
}
