//! Somebody asks to be let into an event: a guest in the directory, an attendee on the event.

use invitations_core::{
    ErrorKind,
    ids::{CalendarId, EventId, InvitationId, ResourceId, TenantId, UserId},
    invitation::{
        AccessRequest, Proof, Refusal, Status,
        machine::{Approval, EventAccess, Phase},
    },
    people::{EmailAddress, GuestDirectory as _, GuestDraft},
    provider::{Account, AttendeeList as _, CalendarProviderExt as _, EventDraft, Gathering, Marker, WriteOptions},
};

use crate::{
    service_people::link_in,
    service_world::{DAY, HOUR, MINUTE, World, address, directory, owner, person, refusal, school, world},
};

/// A webinar, and those who may come.
struct Webinar {
    world: World,
    calendar: CalendarId,
    event: EventId,
}

async fn webinar() -> Webinar {
    let (world, calendar) = (world(), CalendarId::parse("webinars").unwrap());
    let (key, draft) = (Marker::parse("webinar").unwrap(), EventDraft::new("Webinar", world.slot(DAY).into()));
    let event = world.calendar.create_event(&calendar, &key, draft, WriteOptions::new()).await.unwrap().id;
    Webinar { world, calendar, event }
}

impl Webinar {
    fn access(&self) -> EventAccess {
        let account = Account::application(school(), directory(), UserId::parse("events").unwrap());
        let welcome = "https://app.example/welcome".parse().unwrap();
        EventAccess::new(account, self.calendar.clone(), self.event.clone(), welcome)
    }

    fn request(&self, access: EventAccess) -> AccessRequest {
        AccessRequest::new(ResourceId::parse("webinar").unwrap(), address("rosa"), access)
    }

    /// Rosa has asked, has proven her address, and Carol has let her in.
    async fn let_in(&self, access: EventAccess) -> InvitationId {
        let world = &self.world;
        let id = world.org.request_access(self.request(access)).await.unwrap().id;
        world.work().await;
        let link = link_in(&world.notices.take()[0]).unwrap();
        world.org.verify(&link).await.unwrap();
        world.drive(world.org.approve(&id, &person("carol"))).await.unwrap();
        world.pass(2 * MINUTE).await;
        assert_eq!(world.standing(&id).await.status, Status::Accepted);
        id
    }

    async fn attendees(&self) -> Vec<EmailAddress> {
        let gathering = Gathering::Event { calendar: self.calendar.clone(), event: self.event.clone() };
        let list = self.world.calendar.attendees(&gathering).await.unwrap();
        list.into_iter().map(|attendee| attendee.email).collect()
    }

    fn guests(&self) -> Vec<EmailAddress> {
        self.world.guests.guests().into_iter().map(|guest| guest.email).collect()
    }

    async fn cancel(&self, id: &InvitationId) {
        self.world.drive(self.world.org.cancel(id, &person("carol"))).await.unwrap();
        self.world.pass(2 * HOUR).await;
        assert_eq!(self.world.standing(id).await.status, Status::Cancelled);
    }
}

#[tokio::test]
async fn a_guest_is_let_in_by_a_member_after_proving_the_address() {
    let webinar = webinar().await;
    let world = &webinar.world;
    let asked = world.org.request_access(webinar.request(webinar.access())).await.unwrap();
    assert!(asked.new && asked.link.is_none());
    // asked again, the answer looks the same, and there is one mail
    let again = world.org.request_access(webinar.request(webinar.access())).await.unwrap();
    assert_eq!((again.id, again.link.is_none()), (asked.id.clone(), true));
    assert_eq!(refusal(world.org.approve(&asked.id, &person("carol")).await), Refusal::NotApplicable);
    world.work().await;
    let told = world.notices.take();
    assert_eq!((told.len(), told[0].to.clone()), (1, Some(address("rosa"))));
    let link = link_in(&told[0]).unwrap();
    assert_eq!(world.org.verify(&link).await.unwrap().phase, Phase::AwaitingApproval);
    // a scanner in the mailbox clicks as well
    assert_eq!(world.org.verify(&link).await.unwrap().phase, Phase::AwaitingApproval);
    world.work().await;
    assert_eq!(world.notices.told(), ["staff: approval wanted"]);
    assert!(webinar.guests().is_empty());
    assert_eq!(refusal(world.org.approve(&asked.id, &owner("rosa")).await), Refusal::Forbidden);
    let standing = world.drive(world.org.approve(&asked.id, &person("carol"))).await.unwrap();
    assert_eq!(standing.status, Status::Accepted);
    assert_eq!((webinar.guests(), webinar.attendees().await), (vec![address("rosa")], vec![address("rosa")]));
    assert_eq!(world.guests.mails(), [address("rosa")]);
    world.work().await;
    assert_eq!(world.notices.told(), ["rosa@people.example: accepted"]);
}

#[tokio::test]
async fn a_link_to_prove_an_address_answers_nothing() {
    let webinar = webinar().await;
    let world = &webinar.world;
    world.org.request_access(webinar.request(webinar.access())).await.unwrap();
    world.work().await;
    let link = link_in(&world.notices.take()[0]).unwrap();
    assert_eq!(refusal(world.org.preview(&link).await), Refusal::NotFound);
    assert_eq!(refusal(world.org.decline(&Proof::Link(link), None).await), Refusal::NotFound);
}

#[tokio::test]
async fn whoever_is_not_let_in_is_told_and_nothing_is_made() {
    let webinar = webinar().await;
    let world = &webinar.world;
    let request = webinar.request(webinar.access()).by_verified_requester();
    let id = world.org.request_access(request).await.unwrap().id;
    world.work().await;
    world.notices.take();
    assert_eq!(world.org.reject(&id, &person("carol")).await.unwrap().status, Status::Rejected);
    world.pass(DAY).await;
    assert_eq!(world.notices.told(), ["rosa@people.example: rejected"]);
    assert!(webinar.guests().is_empty());
    assert!(world.guests.mails().is_empty());
}

#[tokio::test]
async fn a_rule_lets_in_whose_domain_is_on_its_list() {
    for (domain, wanted) in [("people.example", Status::Accepted), ("else.example", Status::Pending)] {
        let webinar = webinar().await;
        let rule = Approval::Automatic { domains: vec![domain.to_owned()] };
        let request = webinar.request(webinar.access().with_approval(rule)).by_verified_requester();
        let id = webinar.world.org.request_access(request).await.unwrap().id;
        webinar.world.pass(MINUTE).await;
        assert_eq!(webinar.world.standing(&id).await.status, wanted);
    }
}

#[tokio::test]
async fn a_guest_stays_in_the_directory_unless_something_else_is_said() {
    let webinar = webinar().await;
    let id = webinar.let_in(webinar.access()).await;
    webinar.cancel(&id).await;
    assert!(webinar.attendees().await.is_empty());
    assert_eq!(webinar.guests(), [address("rosa")]);
}

#[tokio::test]
async fn a_guest_for_the_occasion_goes_with_it() {
    let webinar = webinar().await;
    let id = webinar.let_in(webinar.access().with_guest_removal()).await;
    assert_eq!(webinar.guests(), [address("rosa")]);
    webinar.cancel(&id).await;
    assert!(webinar.attendees().await.is_empty());
    assert!(webinar.guests().is_empty());
}

#[tokio::test]
async fn a_guest_who_was_there_before_stays_and_gets_no_second_mail() {
    let webinar = webinar().await;
    let draft = GuestDraft::new(address("rosa"), "https://app.example/welcome".parse().unwrap());
    webinar.world.guests.invite(&draft, WriteOptions::new()).await.unwrap();
    let id = webinar.let_in(webinar.access().with_guest_removal()).await;
    assert_eq!(webinar.world.guests.mails().len(), 1);
    webinar.cancel(&id).await;
    assert!(webinar.attendees().await.is_empty());
    assert_eq!(webinar.guests(), [address("rosa")]);
}

#[tokio::test]
async fn a_lost_reply_sends_no_second_mail() {
    for removal in [false, true] {
        let webinar = webinar().await;
        webinar.world.guests.lose_reply_of_next(1);
        let access = if removal { webinar.access().with_guest_removal() } else { webinar.access() };
        webinar.let_in(access).await;
        assert_eq!(webinar.world.guests.mails(), [address("rosa")]);
        assert_eq!((webinar.guests(), webinar.attendees().await), (vec![address("rosa")], vec![address("rosa")]));
    }
}

#[tokio::test]
async fn a_lost_request_sends_the_one_mail_later() {
    let webinar = webinar().await;
    webinar.world.guests.lose_request_of_next(1);
    webinar.let_in(webinar.access()).await;
    assert_eq!(webinar.world.guests.mails(), [address("rosa")]);
    assert_eq!(webinar.guests(), [address("rosa")]);
}

#[tokio::test]
async fn a_guest_who_does_not_come_after_all_gives_the_place_back() {
    let webinar = webinar().await;
    let id = webinar.let_in(webinar.access().with_guest_removal()).await;
    let world = &webinar.world;
    world.drive(world.org.decline(&Proof::Inbox(id.clone()), Some(&owner("rosa")))).await.unwrap();
    world.work().await;
    assert_eq!(world.standing(&id).await.status, Status::Cancelled);
    assert!(webinar.attendees().await.is_empty() && webinar.guests().is_empty());
    // and may ask again
    assert!(world.org.request_access(webinar.request(webinar.access())).await.unwrap().new);
}

#[tokio::test]
async fn made_anew_nobody_is_mailed_again_and_all_of_it_goes_in_the_end() {
    let webinar = webinar().await;
    let id = webinar.let_in(webinar.access().with_guest_removal()).await;
    let world = &webinar.world;
    let standing = world.drive(world.org.regenerate(&id, &person("carol"))).await.unwrap();
    assert_eq!(standing.status, Status::Accepted);
    assert_eq!((webinar.guests(), webinar.attendees().await), (vec![address("rosa")], vec![address("rosa")]));
    assert_eq!(world.guests.mails(), [address("rosa")]);
    webinar.cancel(&id).await;
    assert!(webinar.attendees().await.is_empty() && webinar.guests().is_empty());
}

#[tokio::test]
async fn whoever_asks_may_think_better_of_it() {
    let webinar = webinar().await;
    let world = &webinar.world;
    let request = webinar.request(webinar.access()).by_verified_requester();
    let id = world.org.request_access(request).await.unwrap().id;
    let standing = world.org.revoke(&id, &owner("rosa")).await.unwrap();
    assert_eq!(standing.status, Status::Revoked);
    assert!(webinar.guests().is_empty());
}

#[tokio::test]
async fn a_refused_event_takes_the_guest_back() {
    let webinar = webinar().await;
    let world = &webinar.world;
    world.calendar.delete_event(&webinar.calendar, &webinar.event, WriteOptions::new()).await.unwrap();
    let request = webinar.request(webinar.access().with_guest_removal()).by_verified_requester();
    let id = world.org.request_access(request).await.unwrap().id;
    world.drive(world.org.approve(&id, &person("carol"))).await.unwrap();
    world.pass(HOUR).await;
    assert_eq!(world.standing(&id).await.status, Status::Failed);
    assert!(webinar.guests().is_empty());
}

#[tokio::test]
async fn another_organisations_directory_is_refused() {
    let webinar = webinar().await;
    let mut access = webinar.access();
    access.account.tenant = TenantId::parse("other").unwrap();
    let refused = webinar.world.org.request_access(webinar.request(access)).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidInput);
}
