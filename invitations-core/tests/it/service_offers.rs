//! What is offered, changed, sent again, approved and replaced before anything is made.

use std::time::Duration;

use invitations_core::{
    ids::Role,
    invitation::{
        About, Event, Invite, Proof, Refusal, Status,
        machine::{Amendment, Closed, Phase, Policy},
    },
    runtime::Clock as _,
};

use crate::{
    service_people::link_in,
    service_world::{DAY, HOUR, MINUTE, known, mailed, owner, person, refusal, world},
};

fn teacher() -> Role {
    Role::parse("teacher").unwrap()
}

#[tokio::test]
async fn an_amended_invitation_is_another_one_under_the_same_id() {
    let world = world();
    let invited = world.invite(world.meeting(mailed("rosa"))).await;
    let (id, old) = (invited.id, invited.link.unwrap());
    world.work().await;
    world.notices.take();
    let slot = world.slot(DAY - HOUR);
    let amendment = Amendment::new().with_subject("Physics").with_slot(slot.clone());
    let amended = world.org.amend(&id, &person("ada"), amendment).await.unwrap();
    let new = amended.link.unwrap();
    assert_eq!((amended.id, amended.new), (id, false));
    assert_eq!(refusal(world.org.preview(&old).await), Refusal::NotFound);
    let preview = world.org.preview(&new).await.unwrap();
    assert_eq!((preview.title.as_str(), preview.revision), ("Physics", 1));
    world.work().await;
    let told = world.notices.take();
    assert_eq!(told.len(), 1);
    assert!(matches!(&told[0].about, About::Updated { link: Some(link) } if link.expose() == new.expose()));
    world.accept(&Proof::Link(new), &owner("rosa")).await.unwrap();
    let made = &world.meetings.meetings()[0];
    assert_eq!((made.subject.as_str(), made.slot.clone()), ("Physics", Some(slot)));
}

#[tokio::test]
async fn an_amendment_must_change_something_that_it_can_change() {
    let world = world();
    let ada = person("ada");
    let id = world.invite(world.meeting(known("bob"))).await.id;
    for nothing in [Amendment::new(), Amendment::new().with_subject("Maths"), Amendment::new().with_role(teacher())] {
        assert_eq!(refusal(world.org.amend(&id, &ada, nothing).await), Refusal::NotApplicable);
    }
    let past = Amendment::new().with_slot(world.slot(Duration::ZERO));
    assert_eq!(refusal(world.org.amend(&id, &ada, past).await), Refusal::Expired);
    world.accept(&Proof::Inbox(id.clone()), &person("bob")).await.unwrap();
    let late = Amendment::new().with_subject("Physics");
    assert_eq!(refusal(world.org.amend(&id, &ada, late).await), Refusal::NotApplicable);
}

#[tokio::test]
async fn sent_again_means_one_new_link() {
    let world = world();
    let ada = person("ada");
    let invited = world.invite(world.meeting(mailed("rosa"))).await;
    let (id, old) = (invited.id, invited.link.unwrap());
    let until = world.clock.now() + MINUTE;
    assert_eq!(refusal(world.org.resend(&id, &ada).await), Refusal::Cooldown { until });
    assert_eq!(world.org.preview(&old).await.unwrap().id, id);
    world.pass(MINUTE).await;
    world.notices.take();
    let new = world.org.resend(&id, &ada).await.unwrap().link.unwrap();
    world.work().await;
    let told = world.notices.take();
    assert_eq!(told.len(), 1);
    assert!(matches!(&told[0].about, About::Invited { link: Some(link) } if link.expose() == new.expose()));
    assert_eq!(refusal(world.org.preview(&old).await), Refusal::NotFound);
    let stranger = world.accept(&Proof::Link(old), &owner("mallory")).await;
    assert_eq!(refusal(stranger), Refusal::NotFound);
    assert_eq!(world.accept(&Proof::Link(new), &owner("rosa")).await.unwrap().status, Status::Accepted);
    world.pass(MINUTE).await;
    assert_eq!(refusal(world.org.resend(&id, &ada).await), Refusal::NotApplicable);
}

#[tokio::test]
async fn whoever_the_application_knows_needs_no_link() {
    let world = world();
    let invited = world.invite(world.meeting(known("bob"))).await;
    assert!(invited.link.is_none());
    world.pass(MINUTE).await;
    assert!(world.org.resend(&invited.id, &person("ada")).await.unwrap().link.is_none());
}

#[tokio::test]
async fn an_extended_invitation_lives_on_with_its_link() {
    let world = world();
    let ada = person("ada");
    let role = Invite::membership(teacher(), mailed("rosa")).with_ttl(HOUR);
    let invited = world.invite(role).await;
    let until = world.clock.now() + 3 * HOUR;
    let standing = world.org.extend(&invited.id, &ada, until).await.unwrap();
    assert_eq!(standing.expires_at, Some(until));
    world.pass(2 * HOUR).await;
    let proof = Proof::Link(invited.link.unwrap());
    assert_eq!(world.accept(&proof, &owner("rosa")).await.unwrap().status, Status::Accepted);
    let late = world.clock.now() + 4 * HOUR;
    assert_eq!(refusal(world.org.extend(&invited.id, &ada, late).await), Refusal::NotApplicable);
}

#[tokio::test]
async fn a_life_grows_only_and_has_an_end() {
    let world = world();
    let (ada, now) = (person("ada"), world.clock.now());
    let role = world.invite(Invite::membership(teacher(), mailed("rosa")).with_ttl(2 * HOUR)).await.id;
    let meeting = world.invite(world.meeting(mailed("rosa")).with_ttl(2 * HOUR)).await.id;
    assert_eq!(refusal(world.org.extend(&role, &ada, now + HOUR).await), Refusal::NotApplicable);
    assert_eq!(refusal(world.org.extend(&role, &ada, now + 91 * DAY).await), Refusal::LimitReached);
    // not beyond the start of what it is about
    assert_eq!(refusal(world.org.extend(&meeting, &ada, now + 2 * DAY).await), Refusal::NotApplicable);
    world.clock.advance(2 * HOUR);
    assert_eq!(refusal(world.org.extend(&role, &ada, now + 3 * HOUR).await), Refusal::Expired);
}

#[tokio::test]
async fn what_must_be_approved_is_sent_afterwards() {
    let world = world();
    let approved = world.meeting(mailed("rosa")).with_policy(Policy::default().with_approvals(2));
    let invited = world.invite(approved).await;
    let id = invited.id;
    assert!(invited.link.is_none());
    world.work().await;
    assert_eq!(world.notices.told(), ["staff: approval wanted"]);
    let early = world.accept(&Proof::Inbox(id.clone()), &owner("rosa")).await;
    assert_eq!(refusal(early), Refusal::NotApplicable);
    assert_eq!(refusal(world.org.approve(&id, &person("ada")).await), Refusal::Forbidden);
    assert_eq!(world.org.approve(&id, &person("carol")).await.unwrap().phase, Phase::AwaitingApproval);
    assert_eq!(refusal(world.org.approve(&id, &person("carol")).await), Refusal::AlreadyYours);
    world.work().await;
    assert!(world.notices.take().is_empty());
    assert_eq!(world.org.approve(&id, &person("dave")).await.unwrap().phase, Phase::Pending);
    world.work().await;
    let told = world.notices.take();
    assert_eq!(told.len(), 1);
    let proof = Proof::Link(link_in(&told[0]).unwrap());
    assert_eq!(world.accept(&proof, &owner("rosa")).await.unwrap().status, Status::Accepted);
    assert_eq!(refusal(world.org.approve(&id, &person("erin")).await), Refusal::NotApplicable);
}

#[tokio::test]
async fn what_is_not_approved_is_never_sent() {
    let world = world();
    let approved = world.meeting(mailed("rosa")).with_policy(Policy::default().with_approvals(1));
    let id = world.invite(approved).await.id;
    world.work().await;
    world.notices.take();
    let standing = world.org.reject(&id, &person("carol")).await.unwrap();
    assert_eq!(standing.phase, Phase::Closed(Closed::Rejected));
    world.work().await;
    assert_eq!(world.notices.told(), ["ada: rejected"]);
    assert_eq!(refusal(world.org.approve(&id, &person("dave")).await), Refusal::Closed(Status::Rejected));
}

#[tokio::test]
async fn a_newer_invitation_takes_the_place_of_the_older() {
    let world = world();
    let admin = person("admin");
    let role = |role: &str| Invite::membership(Role::parse(role).unwrap(), mailed("rosa"));
    let first = world.org.invite(&admin, role("teacher")).await.unwrap();
    let again = world.org.invite(&admin, role("head")).await;
    assert_eq!(refusal(again), Refusal::Duplicate { of: first.id.clone() });
    let second = world.org.invite(&admin, role("head").replacing()).await.unwrap();
    assert!(second.new);
    assert_eq!(world.standing(&first.id).await.status, Status::Superseded);
    let history = world.history(&first.id).await;
    assert!(history.contains(&Event::SupersededBy { invitation: second.id.clone() }));
    assert_eq!(refusal(world.org.preview(&first.link.unwrap()).await), Refusal::NotFound);
    let proof = Proof::Link(second.link.unwrap());
    assert_eq!(world.accept(&proof, &owner("rosa")).await.unwrap().status, Status::Accepted);
    let members = world.org.members(None).await.unwrap().items;
    assert_eq!(members.len(), 1);
    assert_eq!(members[0].role.as_str(), "head");
}

#[tokio::test]
async fn replacing_what_is_not_there_invites_and_touches_nobody_else() {
    let world = world();
    let admin = person("admin");
    let other = world.org.invite(&admin, Invite::membership(teacher(), mailed("tom"))).await.unwrap();
    let invite = Invite::membership(teacher(), mailed("rosa")).replacing();
    let invited = world.org.invite(&admin, invite).await.unwrap();
    assert!(invited.new && invited.link.is_some());
    assert_eq!(world.standing(&other.id).await.status, Status::Pending);
}
