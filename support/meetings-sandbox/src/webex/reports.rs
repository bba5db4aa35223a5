//! `/meetingReports/attendees`.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Answer, Turn, error::Failure, list::page_of, times};
use crate::{
    defaults,
    world::{WebexInstance, WebexMeeting, WebexParticipant, has_scope},
};

const READ: &str = "meeting:participants_read";
const SCHEDULES: &str = "meeting:schedules_read";
const READ_ALL: &str = "meeting:admin_config_read";
const LONGEST: TimeDelta = TimeDelta::days(30);
const EARLIEST: TimeDelta = TimeDelta::days(90);
const LARGEST_PAGE: usize = 1000;

pub(super) fn attendees(turn: &mut Turn<'_>) -> Answer {
    if !has_scope(&turn.token.scope, READ_ALL) {
        turn.scope(READ, READ)?;
        turn.scope(SCHEDULES, SCHEDULES)?;
    }
    let parameter = |name: &'static str| turn.call.parameter(name);
    let site = parameter("siteUrl").ok_or_else(|| Failure::invalid("'siteUrl' cannot be empty"))?;
    if site != defaults::WEBEX_SITE {
        return Err(Failure::not_found(&format!("Site '{site}' does not exist.")));
    }
    if ["meetingId", "meetingNumber", "meetingTitle"].into_iter().all(|name| parameter(name).is_none()) {
        return Err(Failure::invalid("One of 'meetingId', 'meetingNumber' and 'meetingTitle' is required."));
    }
    let (from, to) = turn.span(("from", parameter("from")), ("to", parameter("to")), TimeDelta::days(7))?;
    if to - from > LONGEST {
        return Err(Failure::invalid("The interval of 'from' and 'to' must be within 30 days."));
    }
    if from < turn.now - EARLIEST {
        return Err(Failure::invalid("'from' must not be earlier than 90 days ago."));
    }
    let fits = |instance: &WebexInstance, meeting: &WebexMeeting| {
        instance.ended.is_some()
            && (from..to).contains(&instance.started)
            && parameter("meetingId").is_none_or(|id| id == instance.id || id == instance.series)
            && parameter("meetingNumber").is_none_or(|number| number == meeting.number)
            && parameter("meetingTitle").is_none_or(|title| title == meeting.title)
            && (meeting.host == turn.caller.id || has_scope(&turn.token.scope, READ_ALL))
    };
    let all = turn.world.webex_instances.iter();
    let known = all.filter_map(|instance| Some((instance, turn.world.webex_series(&instance.series)?)));
    let found = known.filter(|(instance, meeting)| fits(instance, meeting));
    let items = found.flat_map(|(instance, meeting)| {
        let came = instance.people.iter().filter(|one| !one.stays.is_empty());
        came.map(|one| turn.entry(instance, meeting, one)).collect::<Vec<_>>()
    });
    let items = items.collect();
    page_of(turn, items, LARGEST_PAGE)
}

impl Turn<'_> {
    /// The number is a text and the type in capitals, as in the official example and not as in the schema.
    fn entry(&self, instance: &WebexInstance, meeting: &WebexMeeting, one: &WebexParticipant) -> Value {
        let zone = self.reading_zone();
        let minutes: i64 = one.stays.iter().filter_map(|stay| Some((stay.left? - stay.joined).num_minutes())).sum();
        let mut shown = json!({
            "meetingId": instance.id,
            "meetingNumber": meeting.number,
            "meetingTitle": meeting.title,
            "displayName": one.name,
            "duration": minutes,
            "participantType": if one.host { "HOST" } else { "ATTENDEE" },
            "ipAddress": "192.0.2.7",
            "clientAgent": "WINDOWS,IE",
            "registered": false,
            "invited": one.invitee,
        });
        if let Some(email) = &one.email {
            shown["email"] = email.clone().into();
        }
        let left = one.stays.iter().filter_map(|stay| stay.left).max();
        for (name, at) in [("joinedTime", one.stays.first().map(|stay| stay.joined)), ("leftTime", left)] {
            if let Some(at) = at {
                shown[name] = times::write(at, zone).into();
            }
        }
        shown
    }
}
