//! What is looked at long after: second copies, late arrivals, meetings that are gone, and those that nobody knows any more.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use invitations_core::{
    ErrorKind, Result,
    ids::{InvitationId, MeetingId, MeetingKey, PageToken, ProviderId, TenantId, WorkerId},
    invitation::{
        Event, Invite, OrphanPolicy, Proof, Status, TenantInvitations,
        effect::derive_key,
        machine::{Drift, Phase},
    },
    memory::{MemoryInvitationStore, MemoryMeetings},
    provider::{
        Account, Idempotency, Meeting, MeetingCapabilities, MeetingDraft, MeetingPatch, MeetingProvider, Open, Page,
        Providers, WriteOptions,
    },
    runtime::ManualClock,
    time::TimeRange,
};

use crate::service_world::{
    DAY, HOUR, MINUTE, World, account, account_of, builder, known, person, provider, school, world, world_over,
    world_with,
};

/// How many were taken away, look by look.
async fn swept(world: &World, id: &InvitationId) -> Vec<usize> {
    let removed = |event: &Event| match event {
        Event::Swept { removed, .. } => Some(*removed),
        _ => None,
    };
    world.history(id).await.iter().filter_map(removed).collect()
}

/// A request that was held up somewhere arrives now.
async fn late_copy(world: &World, id: &InvitationId) {
    let key = derive_key(&school(), id, "create_meeting", 1).unwrap();
    world.opened().await.create(&key, &world.draft(), WriteOptions::new()).await.unwrap();
}

#[tokio::test]
async fn a_second_copy_goes_after_five_minutes_and_after_an_hour() {
    let lookups = [Idempotency::ExactLookup, Idempotency::InexactLookup { lag: MINUTE }];
    for idempotency in lookups {
        let world = world_with(idempotency);
        let id = world.accepted(world.meeting(known("bob"))).await;
        let kept = world.only_meeting();
        late_copy(&world, &id).await;
        world.pass(4 * MINUTE).await;
        assert_eq!(world.meetings.meetings().len(), 2);
        world.pass(2 * MINUTE).await;
        assert_eq!(world.only_meeting(), kept);
        assert_eq!(swept(&world, &id).await, [1]);
        late_copy(&world, &id).await;
        world.pass(50 * MINUTE).await;
        assert_eq!(world.meetings.meetings().len(), 2);
        world.pass(5 * MINUTE).await;
        assert_eq!(world.only_meeting(), kept);
        assert_eq!(swept(&world, &id).await, [1, 1]);
        // then it is left in peace
        world.pass(12 * HOUR).await;
        assert_eq!(swept(&world, &id).await.len(), 2);
        assert_eq!(world.standing(&id).await.status, Status::Accepted);
    }
}

#[tokio::test]
async fn a_look_at_what_is_as_it_should_be_changes_nothing() {
    for idempotency in [Idempotency::NativeKey, Idempotency::ExactLookup, Idempotency::None] {
        let world = world_with(idempotency);
        let id = world.accepted(world.meeting(known("bob"))).await;
        let writes = world.meetings.writes();
        world.pass(2 * HOUR).await;
        assert_eq!(swept(&world, &id).await, [0, 0], "{idempotency:?}");
        assert_eq!((world.meetings.writes(), world.meetings.meetings().len()), (writes, 1), "{idempotency:?}");
    }
}

#[tokio::test]
async fn a_meeting_that_was_moved_out_of_sight_is_still_the_meeting() {
    let world = world_with(Idempotency::ExactLookup);
    let id = world.accepted(world.meeting(known("bob"))).await;
    let slot = world.slot(30 * DAY);
    world.drive(world.org.reschedule(&id, &person("ada"), slot)).await.unwrap();
    world.pass(2 * HOUR).await;
    assert_eq!(swept(&world, &id).await, [0, 0]);
    assert!(!world.history(&id).await.iter().any(|event| matches!(event, Event::DriftObserved { .. })));
    assert_eq!(world.meetings.meetings().len(), 1);
}

#[tokio::test]
async fn what_arrives_after_the_end_is_taken_away() {
    let world = world_with(Idempotency::ExactLookup);
    let id = world.accepted(world.meeting(known("bob"))).await;
    world.drive(world.org.cancel(&id, &person("ada"))).await.unwrap();
    assert!(world.meetings.meetings().is_empty());
    late_copy(&world, &id).await;
    world.pass(6 * MINUTE).await;
    assert!(world.meetings.meetings().is_empty());
    assert_eq!(swept(&world, &id).await, [1]);
    assert_eq!(world.standing(&id).await.status, Status::Cancelled);
}

#[tokio::test]
async fn a_meeting_deleted_behind_our_back_is_drift() {
    for idempotency in [Idempotency::NativeKey, Idempotency::ExactLookup] {
        let world = world_with(idempotency);
        let id = world.accepted(world.meeting(known("bob"))).await;
        world.work().await;
        world.notices.take();
        world.opened().await.cancel(&world.only_meeting(), WriteOptions::new()).await.unwrap();
        world.pass(6 * MINUTE).await;
        let drift = |events: Vec<Event>| {
            let seen = |event: &Event| match event {
                Event::DriftObserved { drift, .. } => Some(*drift),
                _ => None,
            };
            events.iter().filter_map(seen).collect::<Vec<_>>()
        };
        assert_eq!(drift(world.history(&id).await), [Drift::Gone]);
        assert_eq!(world.notices.told(), ["staff: alert"]);
        // nothing is mended by itself, and nobody is told twice
        world.pass(2 * HOUR).await;
        assert_eq!(drift(world.history(&id).await), [Drift::Gone]);
        assert!(world.notices.take().is_empty());
        assert_eq!((world.standing(&id).await.phase, world.meetings.made()), (Phase::Fulfilled, 1));
        let again = world.org.observe(&id, Drift::Gone).await.unwrap();
        assert_eq!(again.phase, Phase::Fulfilled);
        world.drive(world.org.regenerate(&id, &person("ada"))).await.unwrap();
        assert_eq!(world.meetings.meetings().len(), 1);
        // which can be lost as well
        world.opened().await.cancel(&world.only_meeting(), WriteOptions::new()).await.unwrap();
        world.pass(6 * MINUTE).await;
        assert_eq!(drift(world.history(&id).await), [Drift::Gone, Drift::Gone]);
    }
}

/// A provider that says yes to the first cancel and does nothing.
#[derive(Clone, Debug)]
struct Deaf(MemoryMeetings, Arc<AtomicBool>);

#[async_trait]
impl MeetingProvider for Deaf {
    fn provider(&self) -> &ProviderId {
        self.0.provider()
    }
    fn capabilities(&self) -> MeetingCapabilities {
        self.0.capabilities()
    }
    async fn create(&self, key: &MeetingKey, draft: &MeetingDraft, options: WriteOptions) -> Result<Meeting> {
        self.0.create(key, draft, options).await
    }
    async fn read(&self, id: &MeetingId) -> Result<Meeting> {
        self.0.read(id).await
    }
    async fn find_by_key(&self, key: &MeetingKey, around: TimeRange) -> Result<Vec<Meeting>> {
        self.0.find_by_key(key, around).await
    }
    async fn update(&self, id: &MeetingId, patch: &MeetingPatch, options: WriteOptions) -> Result<Meeting> {
        self.0.update(id, patch, options).await
    }
    async fn cancel(&self, id: &MeetingId, options: WriteOptions) -> Result<()> {
        if self.1.swap(true, Ordering::SeqCst) { self.0.cancel(id, options).await } else { Ok(()) }
    }
    async fn list(&self, within: TimeRange, page: Option<&PageToken>) -> Result<Page<Meeting>> {
        self.0.list(within, page).await
    }
}

#[async_trait]
impl Open<dyn MeetingProvider> for Deaf {
    async fn open(&self, _: &Account) -> Result<Arc<dyn MeetingProvider>> {
        Ok(Arc::new(self.clone()))
    }
}

#[tokio::test]
async fn a_cancelled_meeting_that_is_still_there_is_taken_away_later() {
    for idempotency in [Idempotency::NativeKey, Idempotency::ExactLookup, Idempotency::None] {
        let world = world_with(idempotency);
        let deaf = Deaf(world.meetings.clone(), Arc::default());
        let providers = Providers::new().with_meetings(provider(), Arc::new(deaf));
        let invitations = builder(&world.clock, Arc::clone(&world.store), providers).build().unwrap();
        let (org, worker) = (invitations.tenant(&school()), invitations.worker(WorkerId::parse("w").unwrap()));
        let id = org.invite(&person("ada"), world.meeting(known("bob"))).await.unwrap().id;
        world.drive(org.accept(&Proof::Inbox(id.clone()), &person("bob"))).await.unwrap();
        let standing = world.drive(org.cancel(&id, &person("ada"))).await.unwrap();
        assert_eq!((standing.status, world.meetings.meetings().len()), (Status::Cancelled, 1));
        world.clock.advance(6 * MINUTE);
        world.drive(worker.run_once(8)).await.unwrap();
        assert!(world.meetings.meetings().is_empty(), "{idempotency:?}");
        assert_eq!(swept(&world, &id).await, [1]);
    }
}

fn week(world: &World) -> TimeRange {
    world.slot(DAY).range().widened(3 * DAY)
}

/// The same providers over a store that was restored from before everything.
fn restored(world: &World) -> TenantInvitations {
    let store = Arc::new(MemoryInvitationStore::new(Arc::new(world.clock.clone())));
    let providers = Providers::new().with(provider(), Arc::new(world.meetings.clone()));
    builder(&world.clock, store, providers).build().unwrap().tenant(&school())
}

#[tokio::test]
async fn what_a_restored_store_does_not_know_is_reported_and_then_deleted() {
    let world = world();
    // more than one page
    for _ in 0..25 {
        world.accepted(world.meeting(known("bob"))).await;
    }
    let own = MeetingKey::parse("lesson-9").unwrap();
    let kept = world.opened().await.create(&own, &world.draft(), WriteOptions::new()).await.unwrap();
    assert!(world.org.orphans(&account(), week(&world), OrphanPolicy::Delete).await.unwrap().is_empty());
    let restored = restored(&world);
    let found = restored.orphans(&account(), week(&world), OrphanPolicy::Report).await.unwrap();
    assert_eq!(found.len(), 25);
    for orphan in &found {
        assert_eq!((orphan.subject.as_str(), orphan.deleted), ("Maths", false));
        assert_eq!(orphan.slot, Some(world.slot(DAY)));
    }
    assert_eq!(world.meetings.meetings().len(), 26);
    let deleted = restored.orphans(&account(), week(&world), OrphanPolicy::Delete).await.unwrap();
    assert!(deleted.len() == 25 && deleted.iter().all(|orphan| orphan.deleted));
    assert_eq!(world.only_meeting(), kept.id);
    assert!(restored.orphans(&account(), week(&world), OrphanPolicy::Delete).await.unwrap().is_empty());
}

#[tokio::test]
async fn outside_the_window_and_under_another_account_nothing_is_an_orphan() {
    let world = world();
    world.accepted(world.meeting(known("bob"))).await;
    let restored = restored(&world);
    let later = world.slot(30 * DAY).range();
    assert!(restored.orphans(&account(), later, OrphanPolicy::Delete).await.unwrap().is_empty());
    let other = account_of("deputy");
    assert!(restored.orphans(&other, week(&world), OrphanPolicy::Delete).await.unwrap().is_empty());
    assert_eq!(world.meetings.meetings().len(), 1);
}

#[tokio::test]
async fn another_organisations_meetings_on_a_shared_account_are_left_alone() {
    let world = world();
    let neighbour = TenantId::parse("neighbour").unwrap();
    let mut shared: Account = account();
    shared.tenant = neighbour.clone();
    let theirs = world.invitations.tenant(&neighbour);
    let invite = Invite::meeting(world.draft(), shared.clone(), known("bob"));
    let id = theirs.invite(&person("eve"), invite).await.unwrap().id;
    world.drive(theirs.accept(&Proof::Inbox(id), &person("bob"))).await.unwrap();
    assert_eq!(world.meetings.meetings().len(), 1);
    assert!(world.org.orphans(&account(), week(&world), OrphanPolicy::Delete).await.unwrap().is_empty());
    assert_eq!(world.meetings.meetings().len(), 1);
    // and nobody asks with the account of another organisation
    let foreign = world.org.orphans(&shared, week(&world), OrphanPolicy::Report).await;
    assert_eq!(foreign.unwrap_err().kind(), ErrorKind::InvalidInput);
}

/// Not an empty answer, which would be read as "all is well".
#[tokio::test]
async fn a_provider_that_cannot_list_or_tells_no_keys_has_no_orphans_to_show() {
    for blind in [MeetingCapabilities::with_list, MeetingCapabilities::with_keys] {
        let clock = ManualClock::new(chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let blind = blind(MeetingCapabilities::new(Idempotency::NativeKey));
        let world = world_over(clock, MemoryMeetings::new(provider()).with_capabilities(blind));
        let refused = world.org.orphans(&account(), week(&world), OrphanPolicy::Report).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Unsupported);
    }
}

#[tokio::test]
async fn the_meetings_of_every_life_of_an_invitation_are_known() {
    let world = world();
    let id = world.accepted(world.meeting(known("bob"))).await;
    world.drive(world.org.regenerate(&id, &person("ada"))).await.unwrap();
    // the first one comes back from somewhere
    late_copy(&world, &id).await;
    let draft = MeetingDraft::new("Maths", world.slot(DAY));
    assert_eq!(world.meetings.meetings().len(), 2);
    assert!(world.org.orphans(&account(), draft.slot.range(), OrphanPolicy::Delete).await.unwrap().is_empty());
}
