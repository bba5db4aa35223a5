//! What people and operators see: the inbox, counts, and what an invitation waits for.

use invitations_core::{
    ErrorKind,
    ids::{CalendarId, EventId, InvitationId, MeetingKey, ResourceId, Role, TenantId, UserId},
    invitation::{
        AccessRequest, Explanation, Invite, Proof, Refusal, Status, WaitsFor,
        machine::{BlockCause, EventAccess, Policy, Quorum},
        store::Filter,
    },
    provider::{Account, Idempotency},
    runtime::Clock as _,
};

use crate::service_world::{
    DAY, HOUR, MINUTE, World, account, address, directory, known, mailed, owner, person, refusal, school, world,
    world_with,
};

fn teacher() -> Role {
    Role::parse("teacher").unwrap()
}

#[tokio::test]
async fn an_inbox_holds_what_waits_for_this_persons_answer() {
    let world = world();
    let ada = person("ada").with_name("Ada Lovelace");
    let to_rosa = world.org.invite(&ada, world.meeting(mailed("rosa"))).await.unwrap().id;
    let role = world.org.invite(&ada, Invite::membership(teacher(), mailed("rosa"))).await.unwrap().id;
    let by_id = world.org.invite(&person("tom"), world.meeting(known("rosa"))).await.unwrap().id;
    world.invite(world.meeting(mailed("bob"))).await;
    let unapproved = world.meeting(mailed("rosa")).with_policy(Policy::default().with_approvals(1));
    world.invite(unapproved).await;
    let inbox = world.org.inbox(&owner("rosa"), None).await.unwrap().items;
    assert_eq!(inbox.iter().map(|one| &one.id).collect::<Vec<_>>(), [&by_id, &role, &to_rosa]);
    assert_eq!(world.org.inbox_count(&owner("rosa")).await.unwrap(), 3);
    assert_eq!(inbox[0].inviter_name, None);
    assert_eq!(inbox[0].invited_by, Some(person("tom").id));
    assert_eq!(inbox[1].inviter_name.as_deref(), Some("Ada Lovelace"));
    assert_eq!((inbox[1].title.as_str(), inbox[1].role.clone()), ("teacher", Some(teacher())));
    assert_eq!((inbox[2].title.as_str(), inbox[2].expires_at), ("Maths", Some(world.slot(DAY).start_instant())));
    // without a verified address only what is for the person
    assert_eq!(world.org.inbox_count(&person("rosa")).await.unwrap(), 1);
    assert_eq!(world.org.inbox_count(&person("nobody")).await.unwrap(), 0);
    let other = world.invitations.tenant(&TenantId::parse("other").unwrap());
    assert!(other.inbox(&owner("rosa"), None).await.unwrap().items.is_empty());
    // other times offered: still to be answered; answered: not any more
    let slots = vec![world.slot(2 * DAY)];
    world.org.counter(&Proof::Inbox(to_rosa), &owner("rosa"), slots).await.unwrap();
    assert_eq!(world.org.inbox_count(&owner("rosa")).await.unwrap(), 3);
    world.accept(&Proof::Inbox(role.clone()), &owner("rosa")).await.unwrap();
    world.org.decline(&Proof::Inbox(by_id), Some(&owner("rosa"))).await.unwrap();
    assert_eq!(world.org.inbox_count(&owner("rosa")).await.unwrap(), 1);
    let accepted = world.org.list(&Filter::new().with_status(Status::Accepted)).await.unwrap().items;
    assert_eq!((accepted[0].id.clone(), accepted[0].accepted_at), (role, Some(world.clock.now())));
}

#[tokio::test]
async fn an_inbox_has_pages() {
    let world = world();
    for _ in 0..60 {
        world.invite(world.meeting(mailed("rosa"))).await;
    }
    let first = world.org.inbox(&owner("rosa"), None).await.unwrap();
    let second = world.org.inbox(&owner("rosa"), first.next).await.unwrap();
    assert_eq!((first.items.len(), second.items.len(), second.next), (50, 10, None));
    assert_eq!(world.org.inbox_count(&owner("rosa")).await.unwrap(), 60);
}

#[tokio::test]
async fn counts_are_those_of_the_list() {
    let world = world();
    for name in ["rosa", "tom", "bob"] {
        world.invite(world.meeting(mailed(name))).await;
    }
    let id = world.accepted(world.meeting(known("bob"))).await;
    let filters = [
        (Filter::new(), 4),
        (Filter::new().with_status(Status::Pending), 3),
        (Filter::new().with_status(Status::Accepted), 1),
        (Filter::new().with_status(Status::Accepted).with_status(Status::Pending), 4),
        (Filter::new().with_recipient(mailed("rosa")), 1),
        (Filter::new().answerable(), 3),
        (Filter::new().with_status(Status::Failed), 0),
    ];
    for (filter, wanted) in filters {
        assert_eq!(world.org.count(&filter).await.unwrap(), wanted, "{filter:?}");
        assert_eq!(world.org.list(&filter).await.unwrap().items.len(), usize::try_from(wanted).unwrap());
    }
    let other = world.invitations.tenant(&TenantId::parse("other").unwrap());
    assert_eq!(other.count(&Filter::new()).await.unwrap(), 0);
    world.drive(world.org.cancel(&id, &person("ada"))).await.unwrap();
    assert_eq!(world.org.count(&Filter::new().with_status(Status::Cancelled)).await.unwrap(), 1);
}

async fn explain(world: &World, id: &InvitationId) -> Explanation {
    world.org.explain(id).await.unwrap()
}

#[tokio::test]
async fn it_waits_for_answers_until_its_end() {
    let world = world();
    let at = world.clock.now();
    let invite = world.meeting(mailed("rosa")).with_recipient(mailed("tom")).with_recipient(known("bob"));
    let id = world.invite(invite.with_quorum(Quorum::AtLeast(2)).with_ttl(HOUR)).await.id;
    let why = explain(&world, &id).await;
    assert_eq!(why.waits_for, WaitsFor::Answers { given: 0, needed: 2 });
    assert_eq!((why.since, why.next_attempt), (Some(at), Some(at + HOUR)));
    assert!(why.remedy.is_some());
    world.accept(&Proof::Inbox(id.clone()), &owner("tom")).await.unwrap();
    assert_eq!(explain(&world, &id).await.waits_for, WaitsFor::Answers { given: 1, needed: 2 });
    world.pass(MINUTE).await;
    let countered = world.clock.now();
    world.org.counter(&Proof::Inbox(id.clone()), &person("bob"), vec![world.slot(2 * DAY)]).await.unwrap();
    let why = explain(&world, &id).await;
    assert_eq!((why.waits_for, why.since), (WaitsFor::Inviter, Some(countered)));
    world.pass(HOUR).await;
    let why = explain(&world, &id).await;
    assert_eq!(why.waits_for, WaitsFor::Over { how: Status::Expired });
    assert!(why.next_attempt.is_none() && why.remedy.is_none());
    assert_eq!(refusal(world.org.explain(&InvitationId::parse("none").unwrap()).await), Refusal::NotFound);
}

#[tokio::test]
async fn it_waits_for_approval_for_a_requester_and_for_a_payment() {
    let world = world();
    let approved = world.meeting(mailed("rosa")).with_policy(Policy::default().with_approvals(2));
    let id = world.invite(approved).await.id;
    assert_eq!(explain(&world, &id).await.waits_for, WaitsFor::Approval { given: 0, needed: 2 });
    world.org.approve(&id, &person("carol")).await.unwrap();
    assert_eq!(explain(&world, &id).await.waits_for, WaitsFor::Approval { given: 1, needed: 2 });
    let events = Account::application(school(), directory(), UserId::parse("events").unwrap());
    let (calendar, event) = (CalendarId::parse("webinars").unwrap(), EventId::parse("webinar").unwrap());
    let access = EventAccess::new(events, calendar, event, "https://app.example/welcome".parse().unwrap());
    let request = AccessRequest::new(ResourceId::parse("webinar").unwrap(), address("rosa"), access);
    let id = world.org.request_access(request).await.unwrap().id;
    let why = explain(&world, &id).await;
    assert_eq!((why.waits_for, why.remedy.is_some()), (WaitsFor::Requester, true));
    let booking = MeetingKey::parse("lesson-1").unwrap();
    let booked = world.org.book(&person("parent"), booking, world.draft(), account(), HOUR).await.unwrap().id;
    let why = explain(&world, &booked).await;
    assert_eq!((why.waits_for, why.next_attempt), (WaitsFor::Payment, Some(world.clock.now() + HOUR)));
}

#[tokio::test]
async fn it_waits_for_the_provider_and_then_for_nothing() {
    let world = world();
    let at = world.clock.now();
    let id = world.invite(world.meeting(known("bob"))).await.id;
    world.meetings.lose_request_of_next(1);
    world.accept(&Proof::Inbox(id.clone()), &person("bob")).await.unwrap();
    let why = explain(&world, &id).await;
    let WaitsFor::Provider { effect, unclear } = &why.waits_for else { panic!("{why:?}") };
    assert_eq!((effect.as_str(), *unclear), ("create_meeting.1", true));
    // the request's own time, and that for its traces to show
    assert_eq!((why.since, why.next_attempt), (Some(at), Some(at + 50 * MINUTE / 60)));
    assert_eq!(why.remedy.unwrap().action, "create meeting failed: timed out");
    world.pass(MINUTE).await;
    let why = explain(&world, &id).await;
    assert_eq!((why.waits_for, why.remedy.is_none()), (WaitsFor::Nothing, true));
    // while it is moved, and while it is taken back
    world.meetings.lose_request_of_next(1);
    world.drive(world.org.reschedule(&id, &person("ada"), world.slot(2 * DAY))).await.unwrap();
    let why = explain(&world, &id).await;
    assert!(matches!(&why.waits_for, WaitsFor::Provider { effect, .. } if effect.as_str() == "update_meeting.1.1"));
    world.pass(MINUTE).await;
    world.meetings.lose_request_of_next(1);
    world.drive(world.org.cancel(&id, &person("ada"))).await.unwrap();
    let why = explain(&world, &id).await;
    assert!(matches!(&why.waits_for, WaitsFor::Provider { effect, .. } if effect.as_str() == "create_meeting.1"));
    world.pass(2 * MINUTE).await;
    assert_eq!(explain(&world, &id).await.waits_for, WaitsFor::Over { how: Status::Cancelled });
}

#[tokio::test]
async fn a_first_try_that_is_only_under_way_is_not_unclear() {
    let world = world();
    let id = world.invite(world.meeting(known("bob"))).await.id;
    let hurried = world.org.clone().with_wait(std::time::Duration::ZERO);
    world.drive(hurried.accept(&Proof::Inbox(id.clone()), &person("bob"))).await.unwrap();
    let why = explain(&world, &id).await;
    assert!(matches!(why.waits_for, WaitsFor::Provider { unclear: false, .. }), "{why:?}");
}

#[tokio::test]
async fn it_waits_for_a_person_and_says_what_to_do() {
    let world = world();
    for (kind, cause) in [
        (ErrorKind::NeedsReconsent, BlockCause::NeedsReconsent),
        (ErrorKind::PermissionDenied, BlockCause::NeedsAction),
    ] {
        world.meetings.refuse_next(kind);
        let at = world.clock.now();
        let id = world.accepted(world.meeting(known("bob"))).await;
        let why = explain(&world, &id).await;
        assert_eq!((why.waits_for, why.since), (WaitsFor::Person { cause }, Some(at)));
        // it probes by itself, after a minute or so
        let next = (why.next_attempt.unwrap() - at).to_std().unwrap();
        assert!(next > 50 * MINUTE / 60 && next < 70 * MINUTE / 60, "{next:?}");
        assert!(why.remedy.is_some());
    }
}

#[tokio::test]
async fn it_waits_for_an_operator() {
    let world = world_with(Idempotency::None);
    world.meetings.lose_reply_of_next(1);
    let id = world.accepted(world.meeting(known("bob"))).await;
    world.pass(2 * MINUTE).await;
    let why = explain(&world, &id).await;
    assert!(matches!(&why.waits_for, WaitsFor::Operator { effect } if effect.as_str() == "create_meeting.1"));
    assert!(why.next_attempt.is_none() && why.remedy.is_some());
}
