//! A create whose answer was lost, at a provider that shows it only after a lag: the whole machine over the real client.

use std::{sync::Arc, time::Duration};

use invitations_core::{
    ids::{PrincipalId, TenantId, UserId, WorkerId},
    invitation::{Invitations, Invite, Proof, Status, effect::Effects, machine::Recipient},
    people::{Attendee, CallerAuthorized, EmailAddress, Principal},
    provider::{Account, MeetingDraft, Providers},
    runtime::{Clock, ManualClock, TokioSpawner},
    secret::KeyRing,
    time::Slot,
};
use invitations_sqlx::SqliteStore;
use meetings_sandbox::{Fault, FaultPlan, FaultRule, defaults};

use crate::providers::{sandbox, then, webex};

const DAY: Duration = Duration::from_secs(24 * 3600);

#[tokio::test]
async fn at_webex_it_ends_with_one_meeting_and_one_mail_for_each() {
    for fault in [Fault::LostReply, Fault::Truncate, Fault::StatusAfter { status: 503, retry_after: None }] {
        let name = format!("{fault:?}");
        let sandbox = sandbox().await;
        sandbox.set_webex_index_lag(Duration::from_secs(60));
        sandbox.set_faults(FaultPlan::new().with(FaultRule::new(fault).on("POST", "/meetings")));
        let database = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(ManualClock::new(then()));
        let store = SqliteStore::open(database.path().join("invitations.db")).await.expect("a store");
        let providers = Providers::new().with(webex_meetings::provider_id(), Arc::new(webex(sandbox)));
        let invitations = Invitations::builder(Arc::new(store.with_clock(Arc::clone(&clock) as Arc<dyn Clock>)))
            .effects(Effects::new(providers))
            .authorizer(Arc::new(CallerAuthorized))
            .sealer(Arc::new(KeyRing::generate().expect("keys")))
            .runtime(Arc::clone(&clock) as Arc<dyn Clock>, Arc::new(TokioSpawner))
            .build()
            .expect("invitations");
        let school = TenantId::parse("school").expect("an id");
        let org = invitations.tenant(&school);
        let person = |name: &str| Principal::new(PrincipalId::parse(name).expect("an id"));
        let (ada, bob) = (person("ada"), person("bob"));
        let guest = Attendee::new(EmailAddress::parse("guest@fabrikam.example").expect("an address"));
        let slot = Slot::from(then() + DAY..then() + DAY + Duration::from_secs(3600));
        let draft = MeetingDraft::new("Call", slot).with_attendee(guest).with_provider_mails();
        let host = UserId::parse(defaults::ORGANIZER).expect("an id");
        let account = Account::application(school, webex_meetings::provider_id(), host);
        let invite = Invite::meeting(draft, account, Recipient::Principal(bob.id.clone()));
        let id = org.invite(&ada, invite).await.expect("an invitation").id;

        // nobody waits for real: the caller's patience is over as soon as the clock says so
        let accepting = org.clone();
        let proof = Proof::Inbox(id.clone());
        let accept = tokio::spawn(async move { accepting.accept(&proof, &bob).await });
        let worker = invitations.worker(WorkerId::parse("w").expect("an id"));
        let creates = || sandbox.journal().iter().filter(|entry| entry.operation == "webex.meetings.create").count();
        // the first request has to have arrived before time passes
        while creates() == 0 {
            tokio::task::yield_now().await;
        }
        sandbox.set_faults(FaultPlan::new());
        let mut standing = org.standing(&id).await.expect("a standing");
        for _ in 0..2000 {
            if standing.status == Status::Accepted {
                break;
            }
            for _ in 0..50 {
                tokio::task::yield_now().await;
            }
            clock.advance(Duration::from_secs(5));
            sandbox.advance(Duration::from_secs(5));
            worker.run_once(10).await.expect("a round");
            standing = org.standing(&id).await.expect("a standing");
        }
        assert_eq!(standing.status, Status::Accepted, "{name}: {standing:?}");
        accept.await.expect("no panic").expect("an acceptance");
        assert_eq!(creates(), 1, "{name}: sent once");
        let state = sandbox.state();
        let meetings = state["webexMeetings"].as_array().expect("a list");
        let live = meetings.iter().filter(|meeting| meeting["deleted"] == false);
        assert_eq!(live.count(), 1, "{name}");
        assert_eq!(sandbox.mails().len(), 2, "{name}: the host and the guest, once");
    }
}
