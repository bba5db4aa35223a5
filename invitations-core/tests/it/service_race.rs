//! What changes between a worker's look and its intent: too rare for schedules by chance, so it is arranged.

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use invitations_core::{
    ErrorKind, Result,
    ids::{InvitationId, MeetingKey, PageToken, PrincipalId, ProviderId, Role, TenantId, UserId, WorkerId},
    invitation::{
        Claim, Claimed, Commit, EffectStatus, Event, InvitationStore, Invitations, Invite, Proof, State, Status,
        Versioned,
        effect::Effects,
        link::StoredLink,
        store::{Delivered, Filter},
    },
    memory::{MemoryInvitationStore, MemoryMeetings},
    people::{CallerAuthorized, Member, Principal},
    provider::{Account, Idempotency, MeetingDraft, Page, Providers},
    runtime::{BoxFuture, Clock as _, ManualClock, TokioSpawner},
    secret::KeyRing,
};

use crate::{
    service_people::{Members, Notices},
    service_world::{mailed, owner, person},
    token::world::drive,
};

type Meddling = Arc<Mutex<Option<BoxFuture<'static, ()>>>>;

/// A store in which something happens right after the next look at an invitation.
struct Meddled(Arc<MemoryInvitationStore>, Meddling);

impl fmt::Debug for Meddled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meddled")
    }
}

#[async_trait]
impl InvitationStore for Meddled {
    async fn load(&self, tenant: &TenantId, id: &InvitationId) -> Result<Option<Versioned<State>>> {
        let read = self.0.load(tenant, id).await;
        let meddling = self.1.lock().unwrap().take();
        if let Some(meddling) = meddling {
            meddling.await;
        }
        read
    }

    async fn now(&self) -> Result<DateTime<Utc>> {
        self.0.now().await
    }
    async fn find_link(&self, selector: &[u8; 12]) -> Result<Option<StoredLink>> {
        self.0.find_link(selector).await
    }
    async fn history(&self, tenant: &TenantId, id: &InvitationId) -> Result<Vec<Event>> {
        self.0.history(tenant, id).await
    }
    async fn list(&self, tenant: &TenantId, filter: &Filter) -> Result<Page<Versioned<State>>> {
        self.0.list(tenant, filter).await
    }
    async fn count(&self, tenant: &TenantId, filter: &Filter) -> Result<u64> {
        self.0.count(tenant, filter).await
    }
    async fn find_key(&self, key: &MeetingKey) -> Result<bool> {
        self.0.find_key(key).await
    }
    async fn members(&self, tenant: &TenantId, page: Option<&PageToken>) -> Result<Page<Member>> {
        self.0.members(tenant, page).await
    }
    async fn commit(&self, commit: &Commit) -> Result<u64> {
        self.0.commit(commit).await
    }
    async fn claim(&self, claim: &Claim) -> Result<Vec<Claimed>> {
        self.0.claim(claim).await
    }
    async fn delivered(&self, row: u64, fence: u64, outcome: Delivered) -> Result<()> {
        self.0.delivered(row, fence, outcome).await
    }
    async fn next_due(&self) -> Result<Option<DateTime<Utc>>> {
        self.0.next_due().await
    }
}

/// A process over this store, whose meetings are made there.
fn over(
    store: Arc<dyn InvitationStore>,
    meetings: &MemoryMeetings,
    keys: &Arc<KeyRing>,
    clock: &ManualClock,
) -> Invitations {
    let provider = ProviderId::parse("memory").unwrap();
    Invitations::builder(store)
        .effects(Effects::new(Providers::new().with(provider, Arc::new(meetings.clone()))))
        .authorizer(Arc::new(CallerAuthorized))
        .sealer(Arc::<KeyRing>::clone(keys))
        .runtime(Arc::new(clock.clone()), Arc::new(TokioSpawner))
        .build()
        .unwrap()
}

/// A create whose outcome was unknown and which was then throttled is due again; between the worker's look and its intent the booking is
/// cancelled. The intent is then one to undo, and the worker must undo, not create.
#[tokio::test]
async fn a_worker_does_what_it_has_begun_and_not_what_it_had_read() {
    let clock = ManualClock::new(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
    let provider = ProviderId::parse("memory").unwrap();
    let school = TenantId::parse("school").unwrap();
    let meetings = MemoryMeetings::new(provider.clone()).with_idempotency(Idempotency::NativeKey);
    let store = Arc::new(MemoryInvitationStore::new(Arc::new(clock.clone())));
    let meddling = Meddling::default();
    let keys = Arc::new(KeyRing::generate().unwrap());
    let service = |store: Arc<dyn InvitationStore>| over(store, &meetings, &keys, &clock);
    let meddled = Meddled(Arc::clone(&store), Arc::clone(&meddling));
    let worker = service(Arc::new(meddled)).worker(WorkerId::parse("w").unwrap());
    let org = service(Arc::<MemoryInvitationStore>::clone(&store)).tenant(&school).with_wait(Duration::ZERO);

    let account = Account::application(school.clone(), provider.clone(), UserId::parse("organizer").unwrap());
    let start = clock.now() + Duration::from_secs(24 * 3600);
    let draft = MeetingDraft::new("Maths", start..start + Duration::from_secs(3600));
    meetings.lose_reply_of_next(1);
    let booking = MeetingKey::parse("lesson-1").unwrap();
    let id = drive(&clock, org.provision_paid(booking, draft, account)).await.unwrap().id;
    let effect = || async { store.load(&school, &id).await.unwrap().unwrap().value.effects[0].clone() };
    drive(&clock, worker.run_once(8)).await.unwrap();
    assert!(effect().await.tainted, "its outcome is unknown");
    meetings.refuse_next(ErrorKind::Throttled);
    while effect().await.status != EffectStatus::Retry {
        clock.advance(Duration::from_secs(10));
        drive(&clock, worker.run_once(8)).await.unwrap();
    }
    clock.advance(Duration::from_secs(60));
    let (cancelling, cancelled) = (org.clone(), id.clone());
    *meddling.lock().unwrap() = Some(Box::pin(async move {
        let office = Principal::new(PrincipalId::parse("office").unwrap());
        cancelling.cancel(&cancelled, &office).await.unwrap();
    }));
    for _ in 0..20 {
        drive(&clock, worker.run_once(8)).await.unwrap();
        clock.advance(Duration::from_secs(10));
    }
    assert!(meddling.lock().unwrap().is_none(), "it was cancelled in between");
    assert_eq!(org.standing(&id).await.unwrap().status, Status::Cancelled);
    assert!(meetings.meetings().is_empty(), "what was cancelled lives on");
}

/// A worker has read that somebody is a member and is then held up; meanwhile the membership is cancelled and another worker says so. The
/// first one's late word must not be the last.
#[tokio::test]
async fn a_worker_that_was_held_up_makes_nobody_a_member_who_has_left() {
    let clock = ManualClock::new(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
    let school = TenantId::parse("school").unwrap();
    let store = Arc::new(MemoryInvitationStore::new(Arc::new(clock.clone())));
    let (meddling, members, keys) = (Meddling::default(), Members::default(), Arc::new(KeyRing::generate().unwrap()));
    let service = |store: Arc<dyn InvitationStore>| {
        Invitations::builder(store)
            .authorizer(Arc::new(CallerAuthorized))
            .membership(Arc::new(members.clone()))
            .notifier(Arc::new(Notices::default()))
            .sealer(Arc::<KeyRing>::clone(&keys))
            .runtime(Arc::new(clock.clone()), Arc::new(TokioSpawner))
            .build()
            .unwrap()
    };
    let meddled = Meddled(Arc::clone(&store), Arc::clone(&meddling));
    let held_up = service(Arc::new(meddled)).worker(WorkerId::parse("held-up").unwrap());
    let plain = service(Arc::<MemoryInvitationStore>::clone(&store));
    let (org, other) =
        (plain.tenant(&school).with_wait(Duration::ZERO), plain.worker(WorkerId::parse("other").unwrap()));

    let (office, rosa) = (person("office"), owner("rosa"));
    let id = org.invite(&office, Invite::membership(Role::parse("teacher").unwrap(), mailed("rosa"))).await.unwrap().id;
    drive(&clock, other.run_once(8)).await.unwrap();
    let accepted = org.prepare_accept(&Proof::Inbox(id.clone()), &rosa).await.unwrap();
    store.commit(accepted.commit()).await.unwrap();
    let (cancelling, cancelled) = (org.clone(), id.clone());
    *meddling.lock().unwrap() = Some(Box::pin(async move {
        cancelling.cancel(&cancelled, &office).await.unwrap();
        other.run_once(8).await.unwrap();
    }));
    drive(&clock, held_up.run_once(8)).await.unwrap();
    assert!(meddling.lock().unwrap().is_none(), "it was cancelled in between");
    assert_eq!(members.said(), ["remove rosa teacher", "add rosa teacher", "remove rosa teacher"]);
}

/// A prepared booking is taken back between a payer's look and the payment. It stays so, as if the payer had looked later: the money is
/// for people to give back.
#[tokio::test]
async fn what_is_revoked_while_it_is_being_paid_is_not_made() {
    let clock = ManualClock::new(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
    let (provider, school) = (ProviderId::parse("memory").unwrap(), TenantId::parse("school").unwrap());
    let meetings = MemoryMeetings::new(provider.clone());
    let store = Arc::new(MemoryInvitationStore::new(Arc::new(clock.clone())));
    let (meddling, keys) = (Meddling::default(), Arc::new(KeyRing::generate().unwrap()));
    let service = |store: Arc<dyn InvitationStore>| over(store, &meetings, &keys, &clock).tenant(&school);
    let payer = service(Arc::new(Meddled(Arc::clone(&store), Arc::clone(&meddling))));
    let org = service(Arc::<MemoryInvitationStore>::clone(&store));
    let account = Account::application(school.clone(), provider.clone(), UserId::parse("organizer").unwrap());
    let start = clock.now() + Duration::from_secs(24 * 3600);
    let draft = MeetingDraft::new("Maths", start..start + Duration::from_secs(3600));
    let (booking, office) = (MeetingKey::parse("lesson-1").unwrap(), person("office"));
    let hour = Duration::from_secs(3600);
    let id = org.book(&office, booking.clone(), draft.clone(), account.clone(), hour).await.unwrap().id;
    let (revoking, revoked) = (org.clone(), id.clone());
    *meddling.lock().unwrap() = Some(Box::pin(async move {
        revoking.revoke(&revoked, &office).await.unwrap();
    }));
    let standing = drive(&clock, payer.provision_paid(booking, draft, account)).await.unwrap();
    assert!(meddling.lock().unwrap().is_none(), "it was revoked in between");
    assert_eq!((standing.id, standing.status), (id, Status::Revoked));
    assert!(meetings.meetings().is_empty());
}
