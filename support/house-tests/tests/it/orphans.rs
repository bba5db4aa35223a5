//! A store that was restored from an old backup, over the real clients: what it no longer knows is found at the provider.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use invitations_core::{
    ErrorKind,
    ids::{MeetingId, MeetingKey, PrincipalId, ProviderId, TenantId, UserId},
    invitation::{Invitations, Invite, OrphanPolicy, Proof, TenantInvitations, effect::Effects, machine::Recipient},
    people::{CallerAuthorized, Principal},
    provider::{Account, Meeting, MeetingDraft, MeetingProvider as _, Providers, WriteOptions},
    runtime::{ManualClock, TokioSpawner},
    secret::KeyRing,
    time::{Slot, TimeRange},
};
use invitations_sqlx::SqliteStore;
use meetings_sandbox::{Sandbox, defaults};
use tempfile::TempDir;

use crate::providers::{graph, sandbox, then, webex};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// An application with a database of its own, on the accounts of one sandbox.
struct App {
    org: TenantInvitations,
    _database: TempDir,
}

impl App {
    async fn over(sandbox: &Sandbox) -> Self {
        let database = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(ManualClock::new(then()));
        let store = SqliteStore::open(database.path().join("invitations.db")).await.expect("a store");
        let providers = Providers::new()
            .with(webex_meetings::provider_id(), Arc::new(webex(sandbox)))
            .with(graph_meetings::provider_id(), Arc::new(graph(sandbox)));
        let invitations = Invitations::builder(Arc::new(store.with_clock(Arc::clone(&clock) as _)))
            .effects(Effects::new(providers))
            .authorizer(Arc::new(CallerAuthorized))
            .sealer(Arc::new(KeyRing::generate().expect("keys")))
            .runtime(clock, Arc::new(TokioSpawner))
            .build()
            .expect("invitations");
        Self { org: invitations.tenant(&school()), _database: database }
    }

    /// A call that was accepted: its meeting stands at the provider.
    async fn accepted(&self, subject: &str, account: Account) {
        let (ada, bob) = (person("ada"), person("bob"));
        let invite = Invite::meeting(draft(subject), account, Recipient::Principal(bob.id.clone()));
        let id = self.org.invite(&ada, invite).await.expect("an invitation").id;
        let standing = self.org.accept(&Proof::Inbox(id), &bob).await.expect("an acceptance");
        assert!(standing.join.is_some(), "{standing:?}");
    }
}

fn school() -> TenantId {
    TenantId::parse("school").expect("an id")
}

fn person(name: &str) -> Principal {
    Principal::new(PrincipalId::parse(name).expect("an id"))
}

fn account(provider: ProviderId) -> Account {
    Account::application(school(), provider, UserId::parse(defaults::ORGANIZER).expect("an id"))
}

fn slot() -> Slot {
    Slot::from(then() + DAY..then() + DAY + Duration::from_secs(3600))
}

fn draft(subject: &str) -> MeetingDraft {
    MeetingDraft::new(subject, slot())
}

fn days() -> TimeRange {
    slot().range().widened(DAY)
}

async fn at_webex(sandbox: &Sandbox) -> Vec<Meeting> {
    let meetings = webex(sandbox).my_meetings().expect("tokens were given");
    let page = meetings.list(days(), None).await.expect("a page");
    assert!(page.next.is_none());
    page.items
}

fn subjects(meetings: &[Meeting]) -> Vec<&str> {
    let mut subjects: Vec<_> = meetings.iter().map(|meeting| meeting.subject.as_str()).collect();
    subjects.sort_unstable();
    subjects
}

/// A meeting that somebody made by hand, with the same OAuth client and without a tag.
async fn by_hand(sandbox: &Sandbox, subject: &str) {
    let body = serde_json::json!({
        "title": subject,
        "start": slot().start_instant().to_rfc3339(),
        "end": (slot().start_instant() + slot().duration).to_rfc3339(),
        "sendEmail": false,
    });
    let request = http::Request::post("/v1/meetings").header("content-type", "application/json");
    let request = request.body(Bytes::from(body.to_string())).expect("a request");
    webex(sandbox).my_meetings().expect("tokens were given").send(request).await.expect("a meeting");
}

#[tokio::test]
async fn at_webex_only_what_no_row_knows_is_reported_and_deleted_only_when_asked_for() {
    let sandbox = sandbox().await;
    let cisco = account(webex_meetings::provider_id());
    App::over(sandbox).await.accepted("Lost", cisco.clone()).await;
    let lost: Vec<MeetingId> = at_webex(sandbox).await.into_iter().map(|meeting| meeting.id).collect();
    let app = App::over(sandbox).await;
    app.accepted("Known", cisco.clone()).await;
    by_hand(sandbox, "By hand").await;
    let own_key = MeetingKey::parse("lesson-42").expect("a key");
    let meetings = webex(sandbox).my_meetings().expect("tokens were given");
    meetings.create(&own_key, &draft("With a key of its own"), WriteOptions::new()).await.expect("a meeting");
    let all = ["By hand", "Known", "Lost", "With a key of its own"];
    assert_eq!(subjects(&at_webex(sandbox).await), all);

    let found = app.org.orphans(&cisco, days(), OrphanPolicy::Report).await.expect("a report");
    assert_eq!(found.iter().map(|orphan| &orphan.meeting).collect::<Vec<_>>(), lost.iter().collect::<Vec<_>>());
    assert_eq!((found[0].subject.as_str(), found[0].deleted), ("Lost", false));
    assert_eq!(subjects(&at_webex(sandbox).await), all, "a report changes nothing");

    let later = TimeRange::new(days().until, days().until + DAY);
    assert!(app.org.orphans(&cisco, later, OrphanPolicy::Delete).await.expect("a report").is_empty());
    assert_eq!(subjects(&at_webex(sandbox).await), all, "outside the window nothing is touched");

    let deleted = app.org.orphans(&cisco, days(), OrphanPolicy::Delete).await.expect("a report");
    assert_eq!(deleted.len(), 1);
    assert!(deleted[0].deleted && lost.contains(&deleted[0].meeting));
    assert_eq!(subjects(&at_webex(sandbox).await), ["By hand", "Known", "With a key of its own"]);
    assert!(app.org.orphans(&cisco, days(), OrphanPolicy::Delete).await.expect("a report").is_empty());
    assert!(sandbox.mails().is_empty(), "nobody was to hear of it: {:?}", sandbox.mails());
}

/// Graph lists no online meetings. That is said, since an empty answer would read as "all is well".
#[tokio::test]
async fn at_teams_nobody_can_tell() {
    let sandbox = sandbox().await;
    let microsoft = account(graph_meetings::provider_id());
    App::over(sandbox).await.accepted("Lost", microsoft.clone()).await;
    let refused = App::over(sandbox).await.org.orphans(&microsoft, days(), OrphanPolicy::Report).await;
    assert_eq!(refused.expect_err("no listing").kind(), ErrorKind::Unsupported);
}
