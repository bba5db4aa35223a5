//! What is answered before anything is made: the way that works, and the refusal that matters most.

use std::time::Duration;

use invitations_core::{
    ErrorKind,
    ids::{Role, TenantId},
    invitation::{
        About, Invite, Proof, Refusal, Status,
        machine::{Amendment, Phase, Policy, Quorum},
    },
    runtime::Clock as _,
};

use crate::{
    service_people::link_in,
    service_world::{DAY, HOUR, address, known, mailed, owner, person, refusal, world},
};

fn teacher() -> Role {
    Role::parse("teacher").unwrap()
}

#[tokio::test]
async fn another_time_that_suits_is_what_is_made() {
    let world = world();
    let proof = Proof::Inbox(world.invite(world.meeting(known("bob"))).await.id);
    let Proof::Inbox(id) = &proof else { unreachable!("an inbox proof") };
    let slots = vec![world.slot(2 * DAY), world.slot(3 * DAY)];
    let standing = world.org.counter(&proof, &person("bob"), slots.clone()).await.unwrap();
    assert_eq!((standing.status, standing.phase), (Status::Pending, Phase::Countered));
    world.work().await;
    let told = world.notices.take();
    let offered = told.iter().find_map(|notice| match &notice.about {
        About::CounterProposed { slots } => Some((notice.principal.clone().unwrap(), slots.clone())),
        _ => None,
    });
    assert_eq!(offered, Some((person("ada").id, slots.clone())));
    let standing = world.drive(world.org.accept_counter(id, &person("ada"), 1)).await.unwrap();
    assert_eq!((standing.status, standing.revision), (Status::Accepted, 1));
    assert_eq!(world.meetings.meetings()[0].slot, Some(slots[1].clone()));
    assert_eq!(world.meetings.made(), 1);
}

#[tokio::test]
async fn other_times_are_for_the_invited_in_the_future_and_where_they_are_allowed() {
    let world = world();
    let slot = world.slot(2 * DAY);
    let bob = person("bob");
    let proof = Proof::Inbox(world.invite(world.meeting(known("bob"))).await.id);
    assert_eq!(refusal(world.org.counter(&proof, &person("mallory"), vec![slot.clone()]).await), Refusal::NotFound);
    let past = world.slot(Duration::ZERO);
    for bad in [Vec::new(), vec![past], vec![slot.clone(); 21]] {
        assert_eq!(refusal(world.org.counter(&proof, &bob, bad).await), Refusal::NotApplicable);
    }
    let strict = world.meeting(known("bob")).with_policy(Policy::default().with_counters(false));
    for invite in [strict, Invite::membership(teacher(), known("bob"))] {
        let proof = Proof::Inbox(world.invite(invite).await.id);
        assert_eq!(refusal(world.org.counter(&proof, &bob, vec![slot.clone()]).await), Refusal::NotApplicable);
    }
    world.accept(&proof, &bob).await.unwrap();
    assert_eq!(refusal(world.org.counter(&proof, &bob, vec![slot]).await), Refusal::NotApplicable);
}

#[tokio::test]
async fn only_an_offered_time_that_is_still_ahead_can_be_taken() {
    let world = world();
    let (ada, bob) = (person("ada"), person("bob"));
    let id = world.invite(world.meeting(known("bob"))).await.id;
    assert_eq!(refusal(world.org.accept_counter(&id, &ada, 0).await), Refusal::NotApplicable);
    assert_eq!(refusal(world.org.decline_counter(&id, &ada).await), Refusal::NotApplicable);
    world.org.counter(&Proof::Inbox(id.clone()), &bob, vec![world.slot(HOUR)]).await.unwrap();
    assert_eq!(refusal(world.org.accept_counter(&id, &ada, 1).await), Refusal::NotApplicable);
    world.pass(2 * HOUR).await;
    assert_eq!(refusal(world.org.accept_counter(&id, &ada, 0).await), Refusal::Expired);
    assert_eq!(world.meetings.made(), 0);
}

#[tokio::test]
async fn times_that_do_not_suit_leave_the_first_one() {
    let world = world();
    let (first, bob) = (world.slot(DAY), person("bob"));
    let id = world.invite(world.meeting(known("bob"))).await.id;
    let proof = Proof::Inbox(id.clone());
    world.org.counter(&proof, &bob, vec![world.slot(2 * DAY)]).await.unwrap();
    world.work().await;
    world.notices.take();
    let standing = world.org.decline_counter(&id, &person("ada")).await.unwrap();
    assert_eq!((standing.phase, standing.revision), (Phase::Pending, 0));
    world.work().await;
    assert_eq!(world.notices.told(), ["bob: counter declined"]);
    world.accept(&proof, &bob).await.unwrap();
    assert_eq!(world.meetings.meetings()[0].slot, Some(first));
}

#[tokio::test]
async fn whoever_offered_other_times_may_still_come_at_the_first_one() {
    let world = world();
    let first = world.slot(DAY);
    let proof = Proof::Inbox(world.invite(world.meeting(known("bob"))).await.id);
    world.org.counter(&proof, &person("bob"), vec![world.slot(2 * DAY)]).await.unwrap();
    assert_eq!(world.accept(&proof, &person("bob")).await.unwrap().status, Status::Accepted);
    assert_eq!(world.meetings.meetings()[0].slot, Some(first));
}

#[tokio::test]
async fn everybody_else_is_asked_anew_about_another_time() {
    let world = world();
    let invite = world.meeting(known("bob")).with_recipient(mailed("rosa")).with_quorum(Quorum::All);
    let invited = world.invite(invite).await;
    let (id, old) = (invited.id, invited.link.unwrap());
    world.accept(&Proof::Link(old.clone()), &owner("rosa")).await.unwrap();
    let slot = world.slot(2 * DAY);
    world.org.counter(&Proof::Inbox(id.clone()), &person("bob"), vec![slot.clone()]).await.unwrap();
    let standing = world.drive(world.org.accept_counter(&id, &person("ada"), 0)).await.unwrap();
    assert_eq!((standing.phase, standing.revision), (Phase::Pending, 1));
    world.work().await;
    let told = world.notices.take();
    let updated: Vec<_> = told.iter().filter(|one| matches!(one.about, About::Updated { .. })).collect();
    assert_eq!(updated.len(), 1);
    assert_eq!((updated[0].to.clone(), updated[0].slot.clone()), (Some(address("rosa")), Some(slot.clone())));
    assert_eq!(refusal(world.org.preview(&old).await), Refusal::NotFound);
    let new = Proof::Link(link_in(updated[0]).unwrap());
    assert_eq!(world.accept(&new, &owner("rosa")).await.unwrap().status, Status::Accepted);
    assert_eq!(world.meetings.meetings()[0].slot, Some(slot));
}

#[tokio::test]
async fn perhaps_is_an_answer_that_can_be_changed() {
    let world = world();
    let bob = person("bob");
    let proof = Proof::Inbox(world.invite(world.meeting(known("bob"))).await.id);
    assert_eq!(world.org.tentative(&proof, &bob).await.unwrap().status, Status::Pending);
    assert_eq!(refusal(world.org.tentative(&proof, &bob).await), Refusal::AlreadyYours);
    assert_eq!(world.meetings.made(), 0);
    assert_eq!(world.accept(&proof, &bob).await.unwrap().status, Status::Accepted);
    assert_eq!(refusal(world.org.tentative(&proof, &bob).await), Refusal::NotApplicable);
    // one is a member or not
    let role = Proof::Inbox(world.invite(Invite::membership(teacher(), known("bob"))).await.id);
    assert_eq!(refusal(world.org.tentative(&role, &bob).await), Refusal::NotApplicable);
}

#[tokio::test]
async fn an_answer_must_be_to_what_is_offered_now() {
    let world = world();
    let (bob, id) = (person("bob"), world.invite(world.meeting(known("bob"))).await.id);
    let proof = Proof::Inbox(id.clone());
    world.org.amend(&id, &person("ada"), Amendment::new().with_subject("Physics")).await.unwrap();
    let old = world.org.clone().seeing(0);
    let stale = Refusal::Stale { current: 1 };
    assert_eq!(refusal(old.accept(&proof, &bob).await), stale);
    assert_eq!(refusal(old.decline(&proof, Some(&bob)).await), stale);
    assert_eq!(refusal(old.tentative(&proof, &bob).await), stale);
    assert_eq!(refusal(old.counter(&proof, &bob, vec![world.slot(2 * DAY)]).await), stale);
    assert_eq!(refusal(old.amend(&id, &person("ada"), Amendment::new().with_subject("Biology")).await), stale);
    assert_eq!(world.meetings.made(), 0);
    let now = world.org.clone().seeing(1);
    assert_eq!(world.drive(now.accept(&proof, &bob)).await.unwrap().status, Status::Accepted);
    assert_eq!(refusal(old.reschedule(&id, &person("ada"), world.slot(2 * DAY)).await), stale);
}

#[tokio::test]
async fn whoever_does_not_wait_is_answered_at_once() {
    let world = world();
    let (at, proof) = (world.clock.now(), Proof::Inbox(world.invite(world.meeting(known("bob"))).await.id));
    let hurried = world.org.clone().with_wait(Duration::ZERO);
    let standing = world.drive(hurried.accept(&proof, &person("bob"))).await.unwrap();
    assert_eq!((standing.status, standing.join.is_none()), (Status::Accepting, true));
    assert_eq!(world.clock.now(), at);
    // what has begun goes on without any worker
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.standing(&standing.id).await.status, Status::Accepted);
    assert_eq!(world.clock.now(), at);
}

#[tokio::test]
async fn another_organisation_changes_nothing() {
    let world = world();
    let id = world.invite(world.meeting(known("bob"))).await.id;
    let other = world.invitations.tenant(&TenantId::parse("other").unwrap());
    let mallory = person("mallory");
    assert_eq!(refusal(other.amend(&id, &mallory, Amendment::new().with_subject("Mine")).await), Refusal::NotFound);
    assert_eq!(refusal(other.resend(&id, &mallory).await), Refusal::NotFound);
    assert_eq!(refusal(other.cancel(&id, &mallory).await), Refusal::NotFound);
    assert_eq!(refusal(other.explain(&id).await), Refusal::NotFound);
    assert!(other.history(&id).await.unwrap().is_empty());
    let error = other.invite(&mallory, world.meeting(known("bob"))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}
