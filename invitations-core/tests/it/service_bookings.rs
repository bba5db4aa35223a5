//! Meetings that are paid for.

use std::time::Duration;

use invitations_core::{
    ErrorKind,
    ids::{MeetingKey, Reference, TenantId},
    invitation::{Event, Invited, Refusal, Status, machine::Phase},
    provider::Account,
    runtime::Clock as _,
};

use crate::service_world::{DAY, HOUR, World, account, person, refusal, world};

fn lesson(name: &str) -> MeetingKey {
    MeetingKey::parse(name).unwrap()
}

fn paid(name: &str) -> Reference {
    Reference::parse(name).unwrap()
}

async fn book(world: &World, name: &str, ttl: Duration) -> Invited {
    world.org.book(&person("parent"), lesson(name), world.draft(), account(), ttl).await.unwrap()
}

#[tokio::test]
async fn a_booking_waits_for_its_payment_and_then_has_one_meeting() {
    let world = world();
    let booked = book(&world, "lesson-1", HOUR).await;
    assert!(booked.new && booked.link.is_none());
    let again = book(&world, "lesson-1", HOUR).await;
    assert_eq!((again.id, again.new), (booked.id.clone(), false));
    let standing = world.org.booking(&lesson("lesson-1")).await.unwrap();
    assert_eq!((standing.id, standing.phase), (booked.id, Phase::Pending));
    world.work().await;
    assert_eq!(world.meetings.made(), 0);
    let (booking, payment) = (lesson("lesson-1"), paid("payment-1"));
    let confirm = || world.org.confirm_payment(&booking, &payment);
    let standing = world.drive(confirm()).await.unwrap();
    assert_eq!(standing.status, Status::Accepted);
    let link = standing.join.unwrap();
    // the webhook comes twice
    let standing = world.drive(confirm()).await.unwrap();
    assert_eq!(standing.join.unwrap().expose(), link.expose());
    assert_eq!(world.meetings.made(), 1);
}

#[tokio::test]
async fn a_payment_needs_its_own_booking_in_time() {
    let world = world();
    let unknown = world.org.confirm_payment(&lesson("lesson-0"), &paid("payment-0")).await;
    assert_eq!(refusal(unknown), Refusal::NotFound);
    let first = book(&world, "lesson-1", HOUR).await;
    book(&world, "lesson-2", HOUR).await;
    world.drive(world.org.confirm_payment(&lesson("lesson-1"), &paid("payment-1"))).await.unwrap();
    let other = world.org.confirm_payment(&lesson("lesson-2"), &paid("payment-1")).await;
    assert_eq!(refusal(other), Refusal::Duplicate { of: first.id.clone() });
    // also when the first one is over: a payment is spent for good
    world.drive(world.org.cancel(&first.id, &person("office"))).await.unwrap();
    let other = world.org.confirm_payment(&lesson("lesson-2"), &paid("payment-1")).await;
    assert_eq!(refusal(other), Refusal::Duplicate { of: first.id });
    book(&world, "lesson-3", 2 * HOUR).await;
    // late, and nobody has given the place away yet: money that came is honoured
    world.clock.advance(HOUR);
    let late = world.drive(world.org.confirm_payment(&lesson("lesson-2"), &paid("payment-2"))).await.unwrap();
    assert_eq!(late.status, Status::Accepted);
    world.clock.advance(HOUR);
    world.work().await;
    let late = world.org.confirm_payment(&lesson("lesson-3"), &paid("payment-3")).await;
    assert_eq!(refusal(late), Refusal::Closed(Status::Expired));
    assert_eq!(world.meetings.made(), 2);
}

#[tokio::test]
async fn a_failed_payment_is_noted_and_the_booking_waits_on() {
    let world = world();
    let booked = book(&world, "lesson-1", HOUR).await;
    let at = world.clock.now();
    let standing = world.org.payment_failed(&lesson("lesson-1")).await.unwrap();
    assert_eq!(standing.phase, Phase::Pending);
    assert!(world.history(&booked.id).await.contains(&Event::PaymentFailed { at }));
    let standing = world.drive(world.org.confirm_payment(&lesson("lesson-1"), &paid("payment-1"))).await.unwrap();
    assert_eq!(standing.status, Status::Accepted);
    assert_eq!(refusal(world.org.payment_failed(&lesson("lesson-1")).await), Refusal::AlreadyYours);
}

#[tokio::test]
async fn a_prepared_booking_that_is_provisioned_counts_as_paid() {
    let world = world();
    let booked = book(&world, "lesson-1", HOUR).await;
    let provision = || world.org.provision_paid(lesson("lesson-1"), world.draft(), account());
    let standing = world.drive(provision()).await.unwrap();
    assert_eq!((standing.id, standing.status), (booked.id.clone(), Status::Accepted));
    world.drive(provision()).await.unwrap();
    assert_eq!(world.meetings.made(), 1);
    // it is known what it was paid with
    let history = world.history(&booked.id).await;
    assert!(history.contains(&Event::PaymentConfirmed { payment: Some(paid("lesson-1")) }));
}

#[tokio::test]
async fn the_payment_stands_whatever_the_provider_says() {
    let world = world();
    world.meetings.refuse_next(ErrorKind::Unavailable);
    book(&world, "lesson-1", HOUR).await;
    let standing = world.drive(world.org.confirm_payment(&lesson("lesson-1"), &paid("payment-1"))).await.unwrap();
    world.pass(HOUR).await;
    assert_eq!(world.standing(&standing.id).await.status, Status::Accepted);
    assert_eq!(world.meetings.made(), 1);
}

#[tokio::test]
async fn a_booking_that_is_taken_back_before_it_is_paid_makes_nothing() {
    let world = world();
    let booked = book(&world, "lesson-1", HOUR).await;
    let standing = world.org.cancel(&booked.id, &person("office")).await.unwrap();
    assert_eq!(standing.status, Status::Revoked);
    let late = world.org.confirm_payment(&lesson("lesson-1"), &paid("payment-1")).await;
    assert_eq!(refusal(late), Refusal::Closed(Status::Revoked));
    world.pass(DAY).await;
    assert_eq!(world.meetings.made(), 0);
}

#[tokio::test]
async fn a_booking_uses_the_organisations_own_accounts() {
    let world = world();
    let mut foreign: Account = account();
    foreign.tenant = TenantId::parse("other").unwrap();
    let refused = world.org.book(&person("parent"), lesson("lesson-1"), world.draft(), foreign, HOUR).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(refusal(world.org.booking(&lesson("lesson-1")).await), Refusal::NotFound);
}
