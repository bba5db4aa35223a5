//! What comes at its time, and what a person is told about times.

use std::time::Duration;

use invitations_core::{
    ErrorKind,
    ids::MeetingKey,
    invitation::{
        InvitationStore as _, Proof, Refusal, Status,
        machine::{Phase, Policy, Reminder, Resume},
    },
    runtime::Clock as _,
};

use crate::service_world::{DAY, HOUR, MINUTE, account, known, mailed, person, refusal, world};

#[tokio::test]
async fn a_late_worker_reminds_nobody_of_what_is_over() {
    let world = world();
    let policy = Policy::default().with_reminders([Reminder::before_expiry(HOUR)]);
    let id = world.invite(world.meeting(mailed("rosa")).with_policy(policy).with_ttl(6 * HOUR)).await.id;
    world.work().await;
    world.notices.take();
    world.clock.advance(7 * HOUR);
    world.work().await;
    assert!(!world.notices.told().iter().any(|one| one.contains("wanted")));
    assert_eq!(world.standing(&id).await.status, Status::Expired);
}

/// Spread waits end between two microseconds; the store's row is due in whole ones.
#[tokio::test]
async fn a_probe_comes_at_its_time() {
    let world = world();
    world.meetings.refuse_next(ErrorKind::PermissionDenied);
    let id = world.accepted(world.meeting(known("bob"))).await;
    assert!(matches!(world.standing(&id).await.phase, Phase::Blocked { .. }));
    let due = world.work().await.unwrap();
    world.clock.advance(due);
    world.work().await;
    assert_eq!(world.standing(&id).await.status, Status::Accepted);
}

#[tokio::test]
async fn a_refused_effect_is_tried_again_at_its_time() {
    let world = world();
    let proof = Proof::Inbox(world.invite(world.meeting(known("bob"))).await.id);
    let prepared = world.org.prepare_accept(&proof, &person("bob")).await.unwrap();
    world.store.commit(prepared.commit()).await.unwrap();
    world.meetings.refuse_next(ErrorKind::Throttled);
    let due = world.work().await.unwrap();
    assert!(due < Duration::from_secs(2), "{due:?}");
    world.clock.advance(due);
    world.work().await;
    assert_eq!(world.meetings.made(), 1);
}

/// "Never fails because the provider does: the payment stands, the meeting follows"; "provision_paid makes the meeting all the same".
#[tokio::test]
async fn a_payment_after_the_bookings_end_makes_the_meeting_all_the_same() {
    for ticked in [false, true] {
        let world = world();
        let booking = MeetingKey::parse("lesson-1").unwrap();
        world.org.book(&person("parent"), booking.clone(), world.draft(), account(), HOUR).await.unwrap();
        world.clock.advance(2 * HOUR);
        if ticked {
            world.work().await;
        }
        let paid = world.org.provision_paid(booking, world.draft(), account());
        let standing = world.drive(paid).await.unwrap();
        assert_eq!((standing.status, world.meetings.made()), (Status::Accepted, 1));
    }
}

/// "It is live before this time (UTC), as long as it waits for an answer."
#[tokio::test]
async fn a_standing_says_when_the_invitation_ends_and_not_when_somebody_is_reminded() {
    let world = world();
    let policy = Policy::default().with_reminders([Reminder::before_expiry(HOUR)]);
    let end = world.clock.now() + 6 * HOUR;
    let id = world.invite(world.meeting(known("bob")).with_policy(policy).with_ttl(6 * HOUR)).await.id;
    assert_eq!(world.standing(&id).await.expires_at, Some(end));
}

#[tokio::test]
async fn a_standing_of_what_is_on_or_blocked_has_no_end() {
    let world = world();
    let on = world.accepted(world.meeting(known("bob"))).await;
    assert_eq!(world.standing(&on).await.expires_at, None);
    world.meetings.refuse_next(ErrorKind::PermissionDenied);
    let blocked = world.accepted(world.meeting(known("bob"))).await;
    assert_eq!(world.standing(&blocked).await.expires_at, None);
}

/// "Goes on with everything that is blocked because of this account."
#[tokio::test]
async fn a_move_that_was_blocked_goes_on_with_its_account() {
    let world = world();
    let id = world.accepted(world.meeting(known("bob"))).await;
    world.meetings.refuse_next(ErrorKind::NeedsReconsent);
    world.drive(world.org.reschedule(&id, &person("ada"), world.slot(2 * DAY))).await.unwrap();
    let phase = world.standing(&id).await.phase;
    assert!(matches!(phase, Phase::Blocked { resume_to: Resume::Rescheduling, .. }));
    assert_eq!(world.drive(world.org.resume_account(&account())).await.unwrap(), 1);
}

/// The old time is valid again, and people were not reminded of it yet.
#[tokio::test]
async fn a_move_that_fails_does_not_swallow_a_reminder() {
    let world = world();
    let start = world.slot(DAY).start_instant();
    let id = world.accepted(world.meeting(known("bob"))).await;
    world.pass_until(start - 20 * MINUTE).await;
    world.notices.take();
    // now, and by the probes after one, three and seven minutes
    for _ in 0..4 {
        world.meetings.refuse_next(ErrorKind::NeedsReconsent);
    }
    world.meetings.refuse_next(ErrorKind::InvalidInput);
    world.drive(world.org.reschedule(&id, &person("ada"), world.slot(2 * DAY))).await.unwrap();
    world.pass_until(start - 10 * MINUTE).await;
    let standing = world.drive(world.org.resume(&id, &person("ada"))).await.unwrap();
    assert_eq!(standing.phase, Phase::Fulfilled);
    world.pass_until(start - MINUTE).await;
    let told = world.notices.told();
    assert!(told.contains(&"bob: starts soon".to_owned()), "{told:?}");
}

/// "How long after an invitation was sent it may be sent again": approved, it is sent only now.
#[tokio::test]
async fn what_was_just_approved_is_not_sent_again_at_once() {
    let world = world();
    let id = world.invite(world.meeting(mailed("rosa")).with_policy(Policy::default().with_approvals(1))).await.id;
    world.pass(HOUR).await;
    world.org.approve(&id, &person("carol")).await.unwrap();
    let until = world.clock.now() + MINUTE;
    assert_eq!(refusal(world.org.resend(&id, &person("ada")).await), Refusal::Cooldown { until });
}
