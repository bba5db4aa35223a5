//! Who is reminded of what, when, and how often.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use invitations_core::{
    ErrorKind, Result,
    ids::{MeetingId, MeetingKey, PageToken, Role, WorkerId},
    invitation::{
        About, Invite, Proof, Refusal, Status,
        machine::{Policy, Quorum, Reminder},
    },
    memory::MemoryMeetings,
    people::Attendee,
    provider::{Account, AttendanceCapabilities, AttendanceProvider, Open, Page, Presence, Providers},
    runtime::Clock as _,
};

use crate::{
    service_people::{Notices, link_in},
    service_world::{
        DAY, HOUR, MINUTE, World, account, address, builder, known, mailed, owner, person, provider, refusal, school,
        world,
    },
};

const SECOND: Duration = Duration::from_secs(1);

fn both() -> Policy {
    Policy::default().with_reminders([Reminder::before_start(15 * MINUTE), Reminder::nobody_joined(10 * MINUTE)])
}

/// Ada's meeting with Bob is on, tomorrow; nobody has heard anything of it yet but that.
async fn on(world: &World, policy: Policy) -> MeetingId {
    world.accepted(world.meeting(known("bob")).with_policy(policy)).await;
    world.work().await;
    world.notices.take();
    world.only_meeting()
}

#[tokio::test]
async fn who_comes_is_reminded_once_before_the_start() {
    let world = world();
    let start = world.slot(DAY).start_instant();
    let invite = world.meeting(known("bob")).with_recipient(mailed("rosa")).with_policy(both());
    world.accepted(invite).await;
    world.work().await;
    world.notices.take();
    world.pass_until(start - 15 * MINUTE - SECOND).await;
    assert!(world.notices.take().is_empty());
    world.pass(SECOND).await;
    let reminded = world.notices.take();
    // Rosa has not said that she comes
    assert_eq!(reminded.len(), 2);
    for who in ["ada", "bob"] {
        let notice = reminded.iter().find(|one| one.principal.as_ref().is_some_and(|id| id.as_str() == who)).unwrap();
        let About::StartsSoon { join: Some(join) } = &notice.about else { panic!("{:?}", notice.about) };
        assert_eq!(join.expose(), world.meetings.meetings()[0].join_url.expose());
        assert_eq!(notice.slot.as_ref().unwrap().start_instant(), start);
    }
    world.pass_until(start + 2 * DAY).await;
    assert!(world.notices.take().is_empty());
}

#[tokio::test]
async fn the_inviter_hears_once_that_nobody_has_joined() {
    let world = world();
    let start = world.slot(DAY).start_instant();
    world.attendance.watch(on(&world, both()).await);
    world.pass_until(start + 10 * MINUTE - SECOND).await;
    assert_eq!(world.notices.told(), ["ada: starts soon", "bob: starts soon"]);
    assert_eq!(world.attendance.asked(), 0);
    world.pass(SECOND).await;
    assert_eq!(world.notices.told(), ["ada: nobody joined"]);
    world.pass(DAY).await;
    assert!(world.notices.take().is_empty());
    assert_eq!(world.attendance.asked(), 1);
}

#[tokio::test]
async fn nobody_hears_anything_when_somebody_has_joined() {
    let world = world();
    let meeting = on(&world, both()).await;
    world.attendance.join(meeting, Presence::new(None, Vec::new()));
    world.pass(2 * DAY).await;
    assert_eq!(world.notices.told(), ["ada: starts soon", "bob: starts soon"]);
    assert_eq!(world.attendance.asked(), 1);
}

#[tokio::test]
async fn nobody_hears_anything_when_nobody_can_tell() {
    // no report yet; the provider is down
    for down in [false, true] {
        let world = world();
        let meeting = on(&world, both()).await;
        if down {
            world.attendance.watch(meeting);
            world.attendance.refuse_next(ErrorKind::Unavailable);
        }
        world.pass(2 * DAY).await;
        assert_eq!(world.notices.told(), ["ada: starts soon", "bob: starts soon"]);
        assert_eq!(world.attendance.asked(), 1);
    }
}

/// A provider whose empty page proves nothing: it has more to say, or cannot tell.
#[derive(Clone, Copy, Debug)]
enum NoProof {
    ThereIsMore,
    CannotTell,
}

#[async_trait]
impl AttendanceProvider for NoProof {
    fn capabilities(&self) -> AttendanceCapabilities {
        match self {
            Self::ThereIsMore => AttendanceCapabilities::new().with_live().with_absence(),
            Self::CannotTell => AttendanceCapabilities::new().with_live(),
        }
    }

    async fn attendance(&self, _: &MeetingId, _: Option<&PageToken>) -> Result<Page<Presence>> {
        let next = match self {
            Self::ThereIsMore => Some(PageToken::parse("next")?),
            Self::CannotTell => None,
        };
        Ok(Page { items: Vec::new(), next })
    }
}

#[async_trait]
impl Open<dyn AttendanceProvider> for NoProof {
    async fn open(&self, _: &Account) -> Result<Arc<dyn AttendanceProvider>> {
        Ok(Arc::new(*self))
    }
}

#[tokio::test]
async fn an_empty_page_without_proof_and_no_provider_at_all_are_no_proof() {
    for register in [Some(NoProof::ThereIsMore), Some(NoProof::CannotTell), None] {
        let mut world = world();
        let meetings = MemoryMeetings::new(provider());
        let mut providers = Providers::new().with(provider(), Arc::new(meetings.clone()));
        if let Some(attendance) = register {
            providers = providers.with_attendance(provider(), Arc::new(attendance));
        }
        let (store, notices) = (Arc::clone(&world.store), Notices::default());
        let built = builder(&world.clock, store, providers).notifier(Arc::new(notices.clone()));
        world.invitations = built.build().unwrap();
        world.org = world.invitations.tenant(&school());
        let worker = world.invitations.worker(WorkerId::parse("w").unwrap());
        world.accepted(world.meeting(known("bob")).with_policy(both())).await;
        for _ in 0..60 {
            world.drive(worker.run_once(16)).await.unwrap();
            world.clock.advance(HOUR);
        }
        let told = notices.told();
        assert!(!told.iter().any(|one| one.contains("nobody joined")), "{told:?}");
        assert!(told.iter().any(|one| one == "ada: accepted"), "{told:?}");
    }
}

#[tokio::test]
async fn a_reminder_before_the_end_carries_a_link_beside_the_old_one() {
    for use_old in [true, false] {
        let world = world();
        let policy = Policy::default().with_reminders([Reminder::before_expiry(HOUR)]);
        let invite = world.meeting(mailed("rosa")).with_policy(policy).with_ttl(6 * HOUR);
        let invited = world.invite(invite).await;
        let old = invited.link.unwrap();
        world.work().await;
        world.notices.take();
        world.pass(5 * HOUR - SECOND).await;
        assert!(world.notices.take().is_empty());
        world.pass(SECOND).await;
        let reminded = world.notices.take();
        assert_eq!(reminded.len(), 1);
        assert!(matches!(reminded[0].about, About::AnswerWanted { .. }));
        assert_eq!(reminded[0].to, Some(address("rosa")));
        let new = link_in(&reminded[0]).unwrap();
        assert_ne!(new.expose(), old.expose());
        for link in [&old, &new] {
            assert_eq!(world.org.preview(link).await.unwrap().id, invited.id);
        }
        let used = if use_old { &old } else { &new };
        let standing = world.accept(&Proof::Link(used.clone()), &owner("rosa")).await.unwrap();
        assert_eq!(standing.status, Status::Accepted);
        for link in [&old, &new] {
            assert_eq!(refusal(world.org.preview(link).await), Refusal::NotFound);
            let stranger = world.accept(&Proof::Link(link.clone()), &owner("mallory")).await;
            assert_eq!(refusal(stranger), Refusal::NotFound);
        }
        world.pass(2 * HOUR).await;
        assert!(!world.notices.told().iter().any(|one| one.contains("wanted")));
        assert_eq!(world.meetings.made(), 1);
    }
}

#[tokio::test]
async fn only_those_who_have_said_nothing_are_reminded_before_the_end() {
    let world = world();
    let policy = Policy::default().with_reminders([Reminder::before_expiry(HOUR)]);
    let invite = world.meeting(mailed("rosa")).with_recipient(mailed("tom")).with_recipient(known("bob"));
    let invite = invite.with_policy(policy).with_ttl(6 * HOUR).with_quorum(Quorum::AtLeast(2));
    let proof = Proof::Inbox(world.invite(invite).await.id);
    world.org.decline(&proof, Some(&owner("tom"))).await.unwrap();
    world.org.tentative(&proof, &person("bob")).await.unwrap();
    world.work().await;
    world.notices.take();
    world.pass(6 * HOUR - SECOND).await;
    assert_eq!(world.notices.told(), ["rosa@people.example: answer wanted"]);
}

#[tokio::test]
async fn whoever_it_waits_for_is_the_one_who_is_reminded_before_the_end() {
    let world = world();
    let policy = Policy::default().with_reminders([Reminder::before_expiry(HOUR)]);
    let unapproved = world.meeting(known("bob")).with_policy(policy.clone().with_approvals(1)).with_ttl(6 * HOUR);
    world.invite(unapproved).await;
    let countered = world.invite(world.meeting(known("bob")).with_policy(policy).with_ttl(6 * HOUR)).await.id;
    let slots = vec![world.slot(2 * DAY)];
    world.org.counter(&Proof::Inbox(countered), &person("bob"), slots).await.unwrap();
    world.work().await;
    world.notices.take();
    world.pass(6 * HOUR - SECOND).await;
    assert_eq!(world.notices.told(), ["ada: counter proposed", "staff: approval wanted"]);
}

#[tokio::test]
async fn a_late_worker_reminds_nobody_of_what_has_begun() {
    let world = world();
    let meeting = on(&world, both()).await;
    world.attendance.watch(meeting);
    world.clock.advance(DAY + MINUTE);
    world.work().await;
    assert!(world.notices.take().is_empty());
    // that nobody came can still be said
    world.pass(HOUR).await;
    assert_eq!(world.notices.told(), ["ada: nobody joined"]);
}

#[tokio::test]
async fn a_cancelled_meeting_reminds_nobody() {
    let world = world();
    let id = world.accepted(world.meeting(known("bob")).with_policy(both())).await;
    world.attendance.watch(world.only_meeting());
    world.drive(world.org.cancel(&id, &person("ada"))).await.unwrap();
    world.work().await;
    world.notices.take();
    world.pass(2 * DAY).await;
    assert!(world.notices.take().is_empty());
}

#[tokio::test]
async fn a_moved_meeting_reminds_of_its_new_time_only() {
    let world = world();
    let id = world.accepted(world.meeting(known("bob")).with_policy(both())).await;
    let slot = world.slot(3 * DAY);
    world.drive(world.org.reschedule(&id, &person("ada"), slot.clone())).await.unwrap();
    world.work().await;
    world.notices.take();
    world.pass_until(slot.start_instant() - 15 * MINUTE - SECOND).await;
    assert!(world.notices.take().is_empty());
    world.pass(SECOND).await;
    assert_eq!(world.notices.told(), ["ada: starts soon", "bob: starts soon"]);
}

#[tokio::test]
async fn a_meeting_that_was_reminded_of_and_is_moved_is_reminded_of_again() {
    let world = world();
    let id = world.accepted(world.meeting(known("bob")).with_policy(both())).await;
    world.pass(DAY - 10 * MINUTE).await;
    world.notices.take();
    world.drive(world.org.reschedule(&id, &person("ada"), world.slot(DAY))).await.unwrap();
    world.work().await;
    world.notices.take();
    world.pass(DAY - MINUTE).await;
    assert_eq!(world.notices.told(), ["ada: starts soon", "bob: starts soon"]);
}

#[tokio::test]
async fn unless_something_else_is_said_a_meeting_reminds_and_a_membership_does_not() {
    let world = world();
    world.accepted(world.meeting(known("bob"))).await;
    let booked = world.draft().with_attendee(Attendee::new(address("rosa")));
    let key = MeetingKey::parse("lesson-1").unwrap();
    world.drive(world.org.provision_paid(key, booked, account())).await.unwrap();
    let role = Invite::membership(Role::parse("teacher").unwrap(), mailed("tom"));
    world.invite(role.with_ttl(2 * DAY)).await;
    world.work().await;
    world.notices.take();
    world.pass(DAY - MINUTE).await;
    // nobody has invited to a booking
    assert_eq!(world.notices.told(), ["ada: starts soon", "bob: starts soon", "rosa@people.example: starts soon"]);
    world.pass(2 * DAY).await;
    assert!(world.notices.take().is_empty());
}

#[tokio::test]
async fn a_longer_life_is_reminded_of_again() {
    let world = world();
    let policy = Policy::default().with_reminders([Reminder::before_expiry(HOUR)]);
    let id = world.invite(world.meeting(mailed("rosa")).with_policy(policy).with_ttl(6 * HOUR)).await.id;
    world.pass(6 * HOUR - MINUTE).await;
    world.notices.take();
    let until = world.clock.now() + 5 * HOUR;
    world.org.extend(&id, &person("ada"), until).await.unwrap();
    world.pass_until(until - HOUR - SECOND).await;
    assert!(world.notices.take().is_empty());
    world.pass(SECOND).await;
    assert_eq!(world.notices.told(), ["rosa@people.example: answer wanted"]);
}
