//! People who ask for access to an event: their clicks, and the guests made for the occasion.

use invitations_core::{
    ErrorKind,
    ids::{CalendarId, EventId, InvitationId, ResourceId, UserId},
    invitation::{
        AccessRequest, Status,
        machine::{Approval, EventAccess},
    },
    provider::{Account, CalendarProviderExt as _, EventDraft, Marker, WriteOptions},
    runtime::Clock as _,
};

use crate::{
    service_people::link_in,
    service_world::{DAY, HOUR, MINUTE, World, address, directory, person, school, world},
};

struct Webinar(World, EventAccess);

async fn webinar() -> Webinar {
    let (world, calendar) = (world(), CalendarId::parse("webinars").unwrap());
    let (key, draft) = (Marker::parse("webinar").unwrap(), EventDraft::new("Webinar", world.slot(DAY).into()));
    let event: EventId = world.calendar.create_event(&calendar, &key, draft, WriteOptions::new()).await.unwrap().id;
    let account = Account::application(school(), directory(), UserId::parse("events").unwrap());
    let access = EventAccess::new(account, calendar, event, "https://app.example/welcome".parse().unwrap());
    Webinar(world, access)
}

impl Webinar {
    async fn ask(&self, access: EventAccess, verified: bool) -> InvitationId {
        let request = AccessRequest::new(ResourceId::parse("webinar").unwrap(), address("rosa"), access);
        let request = if verified { request.by_verified_requester() } else { request };
        self.0.org.request_access(request).await.unwrap().id
    }
}

/// "Proves the requester's address. Clicking again changes nothing."
#[tokio::test]
async fn a_second_click_after_the_approval_is_no_error() {
    let webinar = webinar().await;
    let (world, access) = (&webinar.0, &webinar.1);
    let rule = access.clone().with_approval(Approval::Automatic { domains: Vec::new() });
    let request = AccessRequest::new(ResourceId::parse("webinar").unwrap(), address("rosa"), rule);
    world.org.request_access(request).await.unwrap();
    world.work().await;
    let link = link_in(&world.notices.take()[0]).unwrap();
    // a mail scanner clicks first, Rosa afterwards
    world.org.verify(&link).await.unwrap();
    world.pass(MINUTE).await;
    assert_eq!(world.org.verify(&link).await.unwrap().status, Status::Accepted);
}

/// "Since when it stands where it stands."
#[tokio::test]
async fn it_waits_for_approval_since_the_address_is_proven() {
    let webinar = webinar().await;
    let id = webinar.ask(webinar.1.clone(), false).await;
    let world = &webinar.0;
    world.work().await;
    let link = link_in(&world.notices.take()[0]).unwrap();
    world.pass(HOUR).await;
    let proven = world.clock.now();
    world.org.verify(&link).await.unwrap();
    assert_eq!(world.org.explain(&id).await.unwrap().since, Some(proven));
}

/// The directory was looked at, nobody was there, and we put her there: the throttled try before it did nothing.
#[tokio::test]
async fn a_guest_for_the_occasion_goes_with_it_although_the_first_try_was_refused() {
    let webinar = webinar().await;
    let world = &webinar.0;
    world.guests.refuse_next(ErrorKind::Throttled);
    let id = webinar.ask(webinar.1.clone().with_guest_removal(), true).await;
    world.drive(world.org.approve(&id, &person("carol"))).await.unwrap();
    world.pass(MINUTE).await;
    assert_eq!(world.standing(&id).await.status, Status::Accepted);
    world.drive(world.org.cancel(&id, &person("carol"))).await.unwrap();
    world.pass(HOUR).await;
    assert_eq!(world.guests.guests().len(), 0);
}

#[tokio::test]
async fn a_guest_for_the_occasion_goes_with_it_although_it_was_made_anew() {
    let webinar = webinar().await;
    let world = &webinar.0;
    let id = webinar.ask(webinar.1.clone().with_guest_removal(), true).await;
    world.drive(world.org.approve(&id, &person("carol"))).await.unwrap();
    world.drive(world.org.regenerate(&id, &person("carol"))).await.unwrap();
    world.drive(world.org.cancel(&id, &person("carol"))).await.unwrap();
    world.pass(HOUR).await;
    assert_eq!(world.standing(&id).await.status, Status::Cancelled);
    assert_eq!(world.guests.guests().len(), 0);
}
