//! What is changed after it was made: moved, made anew, joined late, left, taken away.

use std::time::Duration;

use invitations_core::{
    ErrorKind,
    ids::{MeetingId, Role},
    invitation::{
        About, Event, Invite, Proof, Refusal, Status,
        machine::{Closed, Phase, Policy, Quorum},
    },
    memory::MemoryMeetings,
    people::EmailAddress,
    provider::{AttendeeList, Gathering, Open, WriteOptions},
};

use crate::service_world::{DAY, HOUR, World, account, address, known, mailed, owner, person, refusal, world};

fn membership() -> Invite {
    Invite::membership(Role::parse("teacher").unwrap(), mailed("rosa"))
}

async fn listed(world: &World, meeting: &MeetingId) -> Vec<EmailAddress> {
    let list = <MemoryMeetings as Open<dyn AttendeeList>>::open(&world.meetings, &account()).await.unwrap();
    let attendees = list.attendees(&Gathering::Meeting(meeting.clone())).await.unwrap();
    attendees.into_iter().map(|attendee| attendee.email).collect()
}

#[tokio::test]
async fn a_moved_meeting_keeps_its_link_and_everybody_hears_of_it() {
    let world = world();
    let id = world.accepted(world.meeting(known("bob"))).await;
    let before = world.standing(&id).await;
    world.work().await;
    world.notices.take();
    let slot = world.slot(2 * DAY);
    let standing = world.drive(world.org.reschedule(&id, &person("ada"), slot.clone())).await.unwrap();
    assert_eq!((standing.phase, standing.revision), (Phase::Fulfilled, 1));
    assert_eq!(standing.join.as_ref().unwrap().expose(), before.join.unwrap().expose());
    assert_eq!(world.meetings.meetings()[0].slot, Some(slot.clone()));
    assert_eq!(world.meetings.made(), 1);
    world.work().await;
    let told = world.notices.take();
    assert_eq!(told.len(), 2);
    for notice in told {
        assert!(matches!(&notice.about, About::Rescheduled { join: Some(_) }));
        assert_eq!(notice.slot, Some(slot.clone()));
    }
    // and again, although an answer is lost on the way
    world.meetings.lose_reply_of_next(1);
    let slot = world.slot(3 * DAY);
    world.drive(world.org.reschedule(&id, &person("ada"), slot.clone())).await.unwrap();
    world.pass(HOUR).await;
    assert_eq!(world.standing(&id).await.phase, Phase::Fulfilled);
    assert_eq!(world.meetings.meetings()[0].slot, Some(slot));
}

#[tokio::test]
async fn a_provider_that_refuses_to_move_it_leaves_the_old_time() {
    let world = world();
    let (old, ada) = (world.slot(DAY), person("ada"));
    let id = world.accepted(world.meeting(known("bob"))).await;
    world.work().await;
    world.notices.take();
    world.meetings.refuse_next(ErrorKind::InvalidInput);
    let standing = world.drive(world.org.reschedule(&id, &ada, world.slot(2 * DAY))).await.unwrap();
    assert_eq!(standing.phase, Phase::Fulfilled);
    assert!(standing.attention.is_some() && standing.join.is_some());
    assert_eq!(world.meetings.meetings()[0].slot, Some(old.clone()));
    world.work().await;
    assert_eq!(world.notices.told(), ["staff: alert"]);
    // the old time is no change, a third one is
    assert_eq!(refusal(world.org.reschedule(&id, &ada, old).await), Refusal::NotApplicable);
    let third = world.slot(3 * DAY);
    let standing = world.drive(world.org.reschedule(&id, &ada, third.clone())).await.unwrap();
    assert_eq!((standing.phase, standing.attention.is_none()), (Phase::Fulfilled, true));
    assert_eq!(world.meetings.meetings()[0].slot, Some(third));
}

#[tokio::test]
async fn only_what_is_on_can_be_moved_and_only_ahead() {
    let world = world();
    let (ada, slot) = (person("ada"), world.slot(2 * DAY));
    let open = world.invite(world.meeting(known("bob"))).await.id;
    assert_eq!(refusal(world.org.reschedule(&open, &ada, slot.clone()).await), Refusal::NotApplicable);
    let id = world.accepted(world.meeting(known("bob"))).await;
    let past = world.slot(Duration::ZERO);
    assert_eq!(refusal(world.org.reschedule(&id, &ada, past).await), Refusal::Expired);
    let role = world.invite(membership()).await.id;
    world.accept(&Proof::Inbox(role.clone()), &owner("rosa")).await.unwrap();
    assert_eq!(refusal(world.org.reschedule(&role, &ada, slot.clone()).await), Refusal::NotApplicable);
    // one change at a time
    world.meetings.lose_request_of_next(1);
    let moving = world.drive(world.org.reschedule(&id, &ada, slot)).await.unwrap();
    assert_eq!((moving.status, moving.phase), (Status::Accepted, Phase::Rescheduling));
    assert_eq!(refusal(world.org.reschedule(&id, &ada, world.slot(3 * DAY)).await), Refusal::InProgress);
    assert_eq!(refusal(world.org.regenerate(&id, &ada).await), Refusal::InProgress);
}

#[tokio::test]
async fn where_it_is_so_agreed_everybody_is_asked_anew_about_a_new_time() {
    let world = world();
    let policy = Policy::default().with_ask_again_when_moved(true);
    let id = world.accepted(world.meeting(known("bob")).with_policy(policy)).await;
    world.drive(world.org.reschedule(&id, &person("ada"), world.slot(2 * DAY))).await.unwrap();
    let again = world.accept(&Proof::Inbox(id.clone()), &person("bob")).await.unwrap();
    assert_eq!(again.status, Status::Accepted);
    let answers = world.history(&id).await;
    let answers = answers.iter().filter(|event| matches!(event, Event::InviteeAccepted { .. })).count();
    assert_eq!((answers, world.meetings.made()), (2, 1));
}

#[tokio::test]
async fn a_meeting_made_anew_has_a_new_link_and_the_old_one_is_gone() {
    for deleted in [false, true] {
        let world = world();
        let id = world.accepted(world.meeting(known("bob"))).await;
        let (old, link) = (world.only_meeting(), world.standing(&id).await.join.unwrap());
        world.work().await;
        world.notices.take();
        if deleted {
            world.opened().await.cancel(&old, WriteOptions::new()).await.unwrap();
        }
        let standing = world.drive(world.org.regenerate(&id, &person("ada"))).await.unwrap();
        assert_eq!(standing.phase, Phase::Fulfilled);
        let new = standing.join.unwrap();
        assert_ne!(new.expose(), link.expose());
        assert_ne!(world.only_meeting(), old);
        assert_eq!(world.meetings.made(), 2);
        world.work().await;
        let told = world.notices.take();
        assert_eq!(told.len(), 2);
        for notice in told {
            assert!(matches!(&notice.about, About::Accepted { join: Some(join) } if join.expose() == new.expose()));
        }
        // and is taken away as a whole
        world.drive(world.org.cancel(&id, &person("ada"))).await.unwrap();
        world.pass(2 * HOUR).await;
        assert!(world.meetings.meetings().is_empty());
    }
}

#[tokio::test]
async fn only_a_meeting_that_was_made_can_be_made_anew() {
    let world = world();
    let ada = person("ada");
    let open = world.invite(world.meeting(known("bob"))).await.id;
    assert_eq!(refusal(world.org.regenerate(&open, &ada).await), Refusal::NotApplicable);
    let role = world.invite(membership()).await.id;
    world.accept(&Proof::Inbox(role.clone()), &owner("rosa")).await.unwrap();
    assert_eq!(refusal(world.org.regenerate(&role, &ada).await), Refusal::NotApplicable);
    assert_eq!(world.meetings.made(), 0);
}

#[tokio::test]
async fn whoever_comes_late_is_added_and_whoever_leaves_is_removed() {
    let world = world();
    let invite = world.meeting(mailed("rosa")).with_recipient(mailed("tom"));
    let invited = world.invite(invite).await;
    let (id, proof) = (invited.id, Proof::Link(invited.link.unwrap()));
    world.accept(&proof, &owner("rosa")).await.unwrap();
    let meeting = world.only_meeting();
    assert_eq!(listed(&world, &meeting).await, [address("rosa")]);
    // the link is used up, the address is his
    let standing = world.accept(&proof, &owner("tom")).await.unwrap();
    assert_eq!(standing.status, Status::Accepted);
    assert_eq!(listed(&world, &meeting).await, [address("rosa"), address("tom")]);
    assert_eq!(refusal(world.accept(&proof, &owner("mallory")).await), Refusal::NotFound);
    world.drive(world.org.decline(&Proof::Inbox(id.clone()), Some(&owner("tom")))).await.unwrap();
    world.work().await;
    assert_eq!(listed(&world, &meeting).await, [address("rosa")]);
    let again = world.org.decline(&Proof::Inbox(id.clone()), Some(&owner("tom"))).await.unwrap();
    assert_eq!(again.status, Status::Accepted);
    // there and back again
    world.accept(&Proof::Inbox(id.clone()), &owner("tom")).await.unwrap();
    world.work().await;
    assert_eq!(listed(&world, &meeting).await, [address("rosa"), address("tom")]);
    world.drive(world.org.decline(&Proof::Inbox(id.clone()), Some(&owner("tom")))).await.unwrap();
    world.work().await;
    assert_eq!(listed(&world, &meeting).await, [address("rosa")]);
    assert_eq!(world.meetings.made(), 1);
    world.drive(world.org.cancel(&id, &person("ada"))).await.unwrap();
    world.work().await;
    assert!(world.meetings.meetings().is_empty());
}

#[tokio::test]
async fn a_meeting_made_anew_lists_those_who_come() {
    let world = world();
    let invite = world.meeting(mailed("rosa")).with_recipient(mailed("tom")).with_recipient(mailed("eve"));
    let proof = Proof::Inbox(world.invite(invite).await.id);
    for name in ["rosa", "tom", "eve"] {
        world.accept(&proof, &owner(name)).await.unwrap();
    }
    let standing = world.drive(world.org.decline(&proof, Some(&owner("rosa")))).await.unwrap();
    world.work().await;
    world.drive(world.org.regenerate(&standing.id, &person("ada"))).await.unwrap();
    assert_eq!(listed(&world, &world.only_meeting()).await, [address("tom"), address("eve")]);
}

#[tokio::test]
async fn a_late_participant_who_cannot_be_added_does_not_end_the_meeting() {
    let world = world();
    let invite = world.meeting(mailed("rosa")).with_recipient(mailed("tom"));
    let proof = Proof::Inbox(world.invite(invite).await.id);
    world.accept(&proof, &owner("rosa")).await.unwrap();
    world.work().await;
    world.notices.take();
    world.meetings.refuse_next(ErrorKind::InvalidInput);
    world.accept(&proof, &owner("tom")).await.unwrap();
    world.work().await;
    assert_eq!(world.notices.told(), ["staff: alert"]);
    assert_eq!(listed(&world, &world.only_meeting()).await, [address("rosa")]);
}

#[tokio::test]
async fn a_meeting_ends_with_its_quorum_only_where_it_is_so_agreed() {
    for ends in [false, true] {
        let world = world();
        let policy = Policy::default().with_cancel_on_quorum_loss(ends);
        let invite = world.meeting(mailed("rosa")).with_recipient(mailed("tom")).with_policy(policy);
        let proof = Proof::Inbox(world.invite(invite.with_quorum(Quorum::All)).await.id);
        world.accept(&proof, &owner("rosa")).await.unwrap();
        let standing = world.accept(&proof, &owner("tom")).await.unwrap();
        assert_eq!(standing.status, Status::Accepted);
        world.drive(world.org.decline(&proof, Some(&owner("tom")))).await.unwrap();
        world.work().await;
        let (wanted, meetings) = if ends { (Status::Cancelled, 0) } else { (Status::Accepted, 1) };
        assert_eq!(world.standing(&standing.id).await.status, wanted);
        assert_eq!(world.meetings.meetings().len(), meetings);
    }
}

#[tokio::test]
async fn a_member_leaves_when_the_acceptance_is_cancelled() {
    let world = world();
    let id = world.invite(membership()).await.id;
    world.accept(&Proof::Inbox(id.clone()), &owner("rosa")).await.unwrap();
    world.work().await;
    assert_eq!(world.members.said(), ["add rosa teacher"]);
    assert_eq!(world.org.members(None).await.unwrap().items.len(), 1);
    let standing = world.org.cancel(&id, &person("admin")).await.unwrap();
    assert_eq!(standing.phase, Phase::Closed(Closed::Cancelled));
    assert!(world.org.members(None).await.unwrap().items.is_empty());
    world.work().await;
    assert_eq!(world.members.said(), ["add rosa teacher", "remove rosa teacher"]);
    assert_eq!(refusal(world.org.cancel(&id, &person("admin")).await), Refusal::Closed(Status::Cancelled));
    world.pass(2 * DAY).await;
    assert_eq!(world.members.said().len(), 2);
}

#[tokio::test]
async fn whoever_has_left_before_anybody_was_told_is_not_added() {
    let world = world();
    let id = world.invite(membership()).await.id;
    let hurried = world.org.clone().with_wait(Duration::ZERO);
    hurried.accept(&Proof::Inbox(id.clone()), &owner("rosa")).await.unwrap();
    hurried.cancel(&id, &person("admin")).await.unwrap();
    world.pass(HOUR).await;
    assert_eq!(world.members.said().last().map(String::as_str), Some("remove rosa teacher"));
    assert!(!world.members.said().iter().any(|said| said.starts_with("add")));
}

#[tokio::test]
async fn a_membership_that_nobody_has_accepted_is_taken_back() {
    let world = world();
    let id = world.invite(membership()).await.id;
    assert_eq!(world.org.cancel(&id, &person("admin")).await.unwrap().status, Status::Revoked);
    world.work().await;
    assert!(world.members.said().is_empty());
}

#[tokio::test]
async fn a_cancelled_meeting_is_gone_however_often_it_was_moved() {
    let world = world();
    let id = world.accepted(world.meeting(known("bob"))).await;
    for days in 2..5 {
        world.drive(world.org.reschedule(&id, &person("ada"), world.slot(days * DAY))).await.unwrap();
    }
    assert_eq!(world.standing(&id).await.revision, 3);
    let standing = world.drive(world.org.cancel(&id, &person("ada"))).await.unwrap();
    assert_eq!((standing.status, world.meetings.meetings().len()), (Status::Cancelled, 0));
}

/// Whoever is told "accepted" is a member.
#[tokio::test]
async fn everybody_who_accepts_a_membership_is_a_member() {
    for quorum in [Quorum::Any, Quorum::All] {
        let world = world();
        let invite = Invite::membership(Role::parse("teacher").unwrap(), mailed("rosa")).with_recipient(mailed("tom"));
        let proof = Proof::Inbox(world.invite(invite.with_quorum(quorum)).await.id);
        let mut accepted = 0;
        for name in ["rosa", "tom"] {
            accepted += usize::from(world.accept(&proof, &owner(name)).await.is_ok());
        }
        assert_eq!(world.org.members(None).await.unwrap().items.len(), accepted, "{quorum:?}");
    }
}
