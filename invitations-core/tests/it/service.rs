//! The service and its worker over the memory store and the memory provider, on a clock that jumps.

use std::{sync::Arc, time::Duration};

use chrono::DateTime;
use invitations_core::{
    ErrorKind,
    ids::{MeetingKey, PrincipalId, ProviderId, Reference, Role, TenantId, UserId, WorkerId},
    invitation::{
        Invitations, Invite, Proof, Refusal, Status, TenantInvitations,
        effect::{Effects, derive_key},
        machine::{Phase, Recipient},
        store::Filter,
    },
    memory::{MemoryInvitationStore, MemoryMeetings},
    people::{CallerAuthorized, EmailAddress, Principal},
    provider::{Account, Idempotency, MeetingDraft, MeetingProvider, Open as _, Providers, WriteOptions},
    runtime::{Clock as _, ManualClock, TokioSpawner},
    secret::{InvitationLink, KeyRing},
};

use crate::token::world::drive;

struct World {
    clock: ManualClock,
    meetings: MemoryMeetings,
    invitations: Invitations,
    org: TenantInvitations,
}

fn world(idempotency: Idempotency) -> World {
    let clock = ManualClock::new(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
    let meetings = MemoryMeetings::new(provider()).with_idempotency(idempotency).with_clock(Arc::new(clock.clone()));
    let providers = Providers::new().with(provider(), Arc::new(meetings.clone()));
    let store = MemoryInvitationStore::new(Arc::new(clock.clone()));
    let invitations = Invitations::builder(Arc::new(store))
        .effects(Effects::new(providers))
        .authorizer(Arc::new(CallerAuthorized))
        .sealer(Arc::new(KeyRing::generate().unwrap()))
        .runtime(Arc::new(clock.clone()), Arc::new(TokioSpawner))
        .links_at("https://app.example/join".parse().unwrap())
        .build()
        .unwrap();
    let org = invitations.tenant(&school());
    World { clock, meetings, invitations, org }
}

fn provider() -> ProviderId {
    ProviderId::parse("memory").unwrap()
}

fn school() -> TenantId {
    TenantId::parse("school").unwrap()
}

fn account() -> Account {
    Account::application(school(), provider(), UserId::parse("organizer").unwrap())
}

fn principal(id: &str) -> Principal {
    Principal::new(PrincipalId::parse(id).unwrap())
}

impl World {
    fn draft(&self) -> MeetingDraft {
        let start = self.clock.now() + Duration::from_secs(24 * 3600);
        MeetingDraft::new("Maths", start..start + Duration::from_secs(3600))
    }

    async fn invite(&self) -> Proof {
        let to = Recipient::Principal(PrincipalId::parse("bob").unwrap());
        let invite = Invite::meeting(self.draft(), account(), to);
        Proof::Inbox(self.org.invite(&principal("ada"), invite).await.unwrap().id)
    }
}

#[tokio::test]
async fn accepting_twice_at_once_makes_one_meeting() {
    let world = world(Idempotency::NativeKey);
    let proof = world.invite().await;
    let bob = principal("bob");
    // boxed: with the bugs on purpose built in, the two are large
    let (one, two) = (Box::pin(world.org.accept(&proof, &bob)), Box::pin(world.org.accept(&proof, &bob)));
    let both = futures_util::future::join(one, two);
    let (one, two) = drive(&world.clock, both).await;
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!((one.status, two.status), (Status::Accepted, Status::Accepted));
    assert_eq!(one.join.unwrap().expose(), two.join.unwrap().expose());
    assert_eq!(world.meetings.made(), 1);
}

#[tokio::test]
async fn a_lost_reply_is_looked_up_and_never_sent_twice() {
    for idempotency in
        [Idempotency::NativeKey, Idempotency::ExactLookup, Idempotency::InexactLookup { lag: Duration::from_secs(120) }]
    {
        let world = world(idempotency);
        let proof = world.invite().await;
        world.meetings.lose_reply_of_next(1);
        let standing = drive(&world.clock, world.org.accept(&proof, &principal("bob"))).await.unwrap();
        assert_eq!(standing.status, Status::Accepting, "{idempotency:?}");
        let worker = world.invitations.worker(WorkerId::parse("w").unwrap());
        let standing = drive(&world.clock, async {
            loop {
                worker.run_once(8).await.unwrap();
                let standing = world.org.standing(&standing.id).await.unwrap();
                if standing.is_settled() {
                    return standing;
                }
                world.clock.sleep(Duration::from_secs(5)).await;
            }
        })
        .await;
        assert_eq!(standing.status, Status::Accepted, "{idempotency:?}");
        assert_eq!(world.meetings.meetings().len(), 1, "{idempotency:?}");
    }
}

#[tokio::test]
async fn cancelling_takes_every_copy_away() {
    let world = world(Idempotency::ExactLookup);
    let (booking, draft) = (MeetingKey::parse("lesson-7").unwrap(), world.draft());
    let booked = drive(&world.clock, world.org.provision_paid(booking, draft.clone(), account())).await.unwrap();
    drive(&world.clock, world.org.settle(&booked.id, Duration::from_secs(8))).await.unwrap();
    // somebody's second copy under the same key
    let key = derive_key(&school(), &booked.id, "create_meeting", 1).unwrap();
    let opened: Arc<dyn MeetingProvider> = world.meetings.open(&account()).await.unwrap();
    opened.create(&key, &draft, WriteOptions::new()).await.unwrap();
    assert_eq!(world.meetings.meetings().len(), 2);
    drive(&world.clock, world.org.cancel(&booked.id, &principal("office"))).await.unwrap();
    assert!(world.meetings.meetings().is_empty());
}

#[tokio::test]
async fn without_any_look_up_a_person_decides_and_nothing_is_sent_again() {
    let world = world(Idempotency::None);
    let proof = world.invite().await;
    world.meetings.lose_reply_of_next(1);
    let standing = drive(&world.clock, world.org.accept(&proof, &principal("bob"))).await.unwrap();
    let worker = world.invitations.worker(WorkerId::parse("w").unwrap());
    for _ in 0..50 {
        drive(&world.clock, worker.run_once(8)).await.unwrap();
        world.clock.advance(Duration::from_secs(30));
    }
    let standing = world.org.standing(&standing.id).await.unwrap();
    assert!(matches!(standing.phase, Phase::Quarantined { .. }), "{:?}", standing.phase);
    assert_eq!(world.meetings.made(), 1);
    assert_eq!(world.meetings.writes(), 1);
}

#[tokio::test]
async fn a_cancelled_booking_has_no_meeting_and_a_repeated_payment_makes_no_second_one() {
    let world = world(Idempotency::NativeKey);
    let (key, draft) = (MeetingKey::parse("lesson-42").unwrap(), world.draft());
    let book = || world.org.provision_paid(key.clone(), draft.clone(), account());
    let booked = drive(&world.clock, book()).await.unwrap();
    let again = drive(&world.clock, book()).await.unwrap();
    assert_eq!(booked.id, again.id);
    let standing = drive(&world.clock, world.org.settle(&booked.id, Duration::from_secs(8))).await.unwrap();
    assert_eq!(standing.status, Status::Accepted);
    assert_eq!(world.meetings.made(), 1);
    let standing = drive(&world.clock, world.org.cancel(&booked.id, &principal("office"))).await.unwrap();
    assert_eq!(standing.phase, Phase::Closed(invitations_core::invitation::machine::Closed::Cancelled));
    assert!(world.meetings.meetings().is_empty());
}

#[tokio::test]
async fn a_link_is_shown_once_used_once_and_bound_to_its_address() {
    let world = world(Idempotency::NativeKey);
    let address = EmailAddress::parse("rosa@newcomers.example").unwrap();
    let invite = Invite::membership(Role::parse("teacher").unwrap(), Recipient::Address(address.clone()));
    let invite = invite.with_reference(Reference::parse("staff-1").unwrap());
    let invited = world.org.invite(&principal("admin"), invite.clone()).await.unwrap();
    let link = invited.link.unwrap();
    let again = world.org.invite(&principal("admin"), invite).await.unwrap();
    assert!(again.link.is_none() && !again.new);
    assert_eq!(again.id, invited.id);
    world.org.preview(&link).await.unwrap();
    let proof = Proof::Link(link.clone());
    let stranger = world.org.accept(&proof, &principal("mallory")).await.unwrap_err();
    assert_eq!(stranger.refusal(), Some(&Refusal::WrongRecipient));
    let rosa = principal("rosa").with_verified(address);
    assert_eq!(world.org.accept(&proof, &rosa).await.unwrap().status, Status::Accepted);
    // again by the same person: the same answer; by anybody else: nothing
    assert_eq!(world.org.accept(&proof, &rosa).await.unwrap().status, Status::Accepted);
    let late = world.org.accept(&proof, &principal("mallory")).await.unwrap_err();
    assert_eq!(late.refusal(), Some(&Refusal::NotFound));
    assert_eq!(world.org.members(None).await.unwrap().items.len(), 1);
    let forged = InvitationLink::new(link.expose().replace("inv1_", "inv1_A"));
    assert_eq!(world.org.preview(&forged).await.unwrap_err().refusal(), Some(&Refusal::NotFound));
}

#[tokio::test]
async fn another_organisation_sees_and_touches_nothing() {
    let world = world(Idempotency::NativeKey);
    let Proof::Inbox(id) = world.invite().await else { unreachable!("an inbox proof") };
    let other = world.invitations.tenant(&TenantId::parse("other").unwrap());
    assert_eq!(other.standing(&id).await.unwrap_err().refusal(), Some(&Refusal::NotFound));
    let proof = Proof::Inbox(id.clone());
    assert_eq!(other.accept(&proof, &principal("bob")).await.unwrap_err().refusal(), Some(&Refusal::NotFound));
    assert!(other.list(&Filter::new()).await.unwrap().items.is_empty());
    let booking = MeetingKey::parse("lesson-1").unwrap();
    let error = other.provision_paid(booking, world.draft(), account()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn the_end_comes_by_itself() {
    let world = world(Idempotency::NativeKey);
    let proof = world.invite().await;
    let Proof::Inbox(id) = &proof else { unreachable!("an inbox proof") };
    world.clock.advance(Duration::from_secs(24 * 3600));
    let error = world.org.accept(&proof, &principal("bob")).await.unwrap_err();
    assert_eq!(error.refusal(), Some(&Refusal::Expired));
    world.invitations.worker(WorkerId::parse("w").unwrap()).run_once(8).await.unwrap();
    assert_eq!(world.org.standing(id).await.unwrap().status, Status::Expired);
    assert_eq!(world.meetings.made(), 0);
}

#[test]
fn a_missing_part_is_named() {
    let clock = ManualClock::new(DateTime::UNIX_EPOCH);
    let store = || Arc::new(MemoryInvitationStore::new(Arc::new(clock.clone())));
    let error = Invitations::builder(store()).build().unwrap_err();
    assert!(error.remedy().unwrap().action.contains("authorizer"));
    let builder = Invitations::builder(store()).authorizer(Arc::new(CallerAuthorized));
    let error = builder.effects(Effects::new(Providers::new())).build().unwrap_err();
    assert!(error.remedy().unwrap().action.contains("sealer"));
}
