//! Webinar guests: a visitor asks, proves the address, is approved; becomes a guest of the directory and an attendee of the event.

use invitations_core::{
    Error,
    ids::{CalendarId, EventId, InvitationId, ResourceId},
    invitation::{
        AccessRequest, Listed, Status,
        machine::{Approval, EventAccess, Phase, Recipient},
        store::Filter,
    },
    provider::{Account, CalendarProviderExt as _, EventDraft, Gathering, Marker, WriteOptions},
    time::EventTime,
};

use super::{item, patiently, settled, unless_done};
use crate::{
    Failure,
    report::{Item, SystemReport},
    services::{Services, principal},
    week::{ApprovalWord, DecisionWord, Request, Webinar, Week},
};

pub(super) async fn run(services: &Services, week: &Week) -> Result<SystemReport, Failure> {
    let mut report = SystemReport::new("webinar guests", "who is let in stands on the event");
    for webinar in &week.webinars {
        let account = services.application(&webinar.organizer)?;
        let event = event(services, webinar, &account).await?;
        for request in &webinar.requests {
            report.items.push(run_one(services, webinar, request, &account, &event).await?);
        }
    }
    Ok(report)
}

fn calendar() -> Result<CalendarId, Error> {
    CalendarId::parse("default")
}

/// The webinar's own event, found by its marker or made.
async fn event(services: &Services, webinar: &Webinar, account: &Account) -> Result<EventId, Failure> {
    let (calendar, marker) = (calendar()?, Marker::parse(format!("webinar.{}", webinar.key))?);
    let calendars = services.providers.calendars(account).await?;
    let slot = services.calendar.slot(webinar.day, webinar.at, webinar.minutes);
    let found = patiently(services, || async {
        let found = calendars.find_by_marker(&calendar, &marker).await?;
        match found.into_iter().next() {
            Some(event) => Ok(event),
            None => {
                let draft = EventDraft::new(&webinar.title, EventTime::Timed(slot.clone()));
                let draft = draft.with_marker(marker.clone()).with_online_meeting();
                calendars.create_event(&calendar, &marker, draft, WriteOptions::new()).await
            }
        }
    });
    Ok(found.await?.id)
}

async fn run_one(
    services: &Services,
    webinar: &Webinar,
    request: &Request,
    account: &Account,
    event: &EventId,
) -> Result<Item, Failure> {
    let org = &services.invitations;
    let asked = format!("{} asks for {}", request.email, webinar.title);
    let id = asked_before_or_now(services, webinar, request, account, event).await?;
    let mut standing = org.standing(&id).await?;
    if standing.phase == Phase::AwaitingVerification {
        let link = services.mailbox.link(&*services.clock, "confirm_address", &request.email, &id).await;
        let link = link.ok_or("the confirmation was not mailed")?;
        unless_done(services, || org.verify(&link)).await?;
        standing = org.standing(&id).await?;
    }
    let member = principal("webinar-host")?;
    let automatic = webinar.approval == ApprovalWord::Automatic;
    let meant = match request.decision {
        _ if automatic => Status::Accepted,
        DecisionWord::Approve => {
            if standing.phase == Phase::AwaitingApproval {
                unless_done(services, || org.approve(&id, &member)).await?;
            }
            Status::Accepted
        }
        DecisionWord::Reject => {
            if standing.phase == Phase::AwaitingApproval {
                unless_done(services, || org.reject(&id, &member)).await?;
            }
            Status::Rejected
        }
        DecisionWord::None => Status::Pending,
    };
    let standing = settled(services, &id).await?;
    let mut item = item(asked, &standing, meant);
    if meant == Status::Accepted && item.ok {
        item.ok = on_the_event(services, account, event, request).await?;
        item.now = if item.ok { "let in, on the event".to_owned() } else { "accepted, NOT on the event".to_owned() };
    }
    Ok(item)
}

async fn asked_before_or_now(
    services: &Services,
    webinar: &Webinar,
    request: &Request,
    account: &Account,
    event: &EventId,
) -> Result<InvitationId, Failure> {
    let org = &services.invitations;
    let filter = Filter::new().with_recipient(Recipient::Address(request.email.clone())).with_limit(500);
    let before = org.list(&filter).await?;
    let same = |listed: &Listed| listed.title == webinar.key.as_str();
    if let Some(listed) = before.items.into_iter().find(same) {
        return Ok(listed.id);
    }
    let approval = match webinar.approval {
        ApprovalWord::Members => Approval::Members(1),
        ApprovalWord::Automatic => Approval::Automatic { domains: Vec::new() },
    };
    let landing = "https://app.example/webinars".parse()?;
    let access = EventAccess::new(account.clone(), calendar()?, event.clone(), landing).with_approval(approval);
    let resource = ResourceId::parse(webinar.key.as_str())?;
    let ask = AccessRequest::new(resource, request.email.clone(), access);
    Ok(patiently(services, || org.request_access(ask.clone())).await?.id)
}

async fn on_the_event(
    services: &Services,
    account: &Account,
    event: &EventId,
    request: &Request,
) -> Result<bool, Failure> {
    let list = services.providers.attendees(account).await?;
    let gathering = Gathering::Event { calendar: calendar()?, event: event.clone() };
    let attendees = patiently(services, || list.attendees(&gathering)).await?;
    Ok(attendees.iter().any(|attendee| attendee.email == request.email))
}
