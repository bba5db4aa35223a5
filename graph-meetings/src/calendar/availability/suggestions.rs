//! `findMeetingTimes`: <https://learn.microsoft.com/graph/api/user-findmeetingtimes>.

use bytes::Bytes;
use http::{Request, Response};
use invitations_core::{Error, Remedy, Result, people::EmailAddress, provider::Busy, time::TimeRange};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{FindMeetingTimes, MeetingTime, MeetingTimes, NoMeetingTime, digits, iso_duration};
use crate::{
    owner::Owner,
    wire::{self, DateTimeTimeZone, or_default},
};

pub(super) fn request(operation: &'static str, owner: &Owner, question: &FindMeetingTimes) -> Result<Request<Bytes>> {
    let refuse = |detail: &'static str, action: &'static str| {
        Err(Error::invalid(operation, detail).with_remedy(Remedy::new(action)))
    };
    let within = question.within;
    if within.is_empty() {
        return refuse("the window is empty", "Ask for a time that ends after it begins.");
    }
    let Some(duration) = iso_duration::text(question.duration) else {
        return refuse(
            "the meeting does not last whole minutes",
            "Give a duration of at least a minute, in whole minutes.",
        );
    };
    if (within.until - within.from).to_std().is_ok_and(|window| window < question.duration) {
        return refuse("the window is shorter than the meeting", "Ask for a longer time.");
    }
    if question.least_attendance.is_some_and(|percent| percent > 100) {
        return refuse("more than all attendees", "Give a percentage of 0 to 100.");
    }
    if question.most == Some(0) {
        return refuse("no suggestion is asked for", "Ask for at least one.");
    }
    let person = |who: &EmailAddress| json!({ "type": "required", "emailAddress": { "address": who.canonical() } });
    let mut body = json!({
        "attendees": question.attendees.iter().map(person).collect::<Vec<_>>(),
        "timeConstraint": {
            "activityDomain": if question.any_hour { "unrestricted" } else { "work" },
            "timeSlots": [{ "start": DateTimeTimeZone::utc(within.from), "end": DateTimeTimeZone::utc(within.until) }],
        },
        "meetingDuration": duration,
        "isOrganizerOptional": question.organizer_optional,
    });
    if let Some(most) = question.most {
        body["maxCandidates"] = most.into();
    }
    if let Some(percent) = question.least_attendance {
        body["minimumAttendeePercentage"] = Value::from(percent);
    }
    let request = wire::post(&format!("{}/findMeetingTimes", owner.path()), &body)?;
    Ok(wire::prefer(request, r#"outlook.timezone="UTC""#))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireSuggestions {
    #[serde(deserialize_with = "or_default")]
    empty_suggestions_reason: String,
    #[serde(deserialize_with = "or_default")]
    meeting_time_suggestions: Vec<WireSuggestion>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireSuggestion {
    confidence: Option<f64>,
    #[serde(deserialize_with = "or_default")]
    organizer_availability: String,
    #[serde(deserialize_with = "or_default")]
    attendee_availability: Vec<WireStanding>,
    meeting_time_slot: Option<WireSlot>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireStanding {
    #[serde(deserialize_with = "or_default")]
    availability: String,
    #[serde(deserialize_with = "or_default")]
    attendee: WireAttendee,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireAttendee {
    #[serde(deserialize_with = "or_default")]
    email_address: WireAddress,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireAddress {
    #[serde(deserialize_with = "or_default")]
    address: String,
}

#[derive(Debug, Deserialize)]
struct WireSlot {
    start: DateTimeTimeZone,
    end: DateTimeTimeZone,
}

pub(super) fn read(operation: &'static str, reply: &Response<Bytes>) -> Result<MeetingTimes> {
    let wire: WireSuggestions = wire::read(operation, reply)?;
    let suggestion = |one: &WireSuggestion| {
        let time = one.meeting_time_slot.as_ref().and_then(range);
        time.map(|time| MeetingTime {
            time,
            confidence: one.confidence,
            organizer: digits::status(&one.organizer_availability),
            attendees: one.attendee_availability.iter().filter_map(standing).collect(),
        })
    };
    let suggestions: Option<Vec<MeetingTime>> = wire.meeting_time_suggestions.iter().map(suggestion).collect();
    let suggestions = suggestions.ok_or_else(|| wire::unreadable(operation, "a suggestion without a usable time"))?;
    let none_because = suggestions.is_empty().then(|| reason(&wire.empty_suggestions_reason));
    Ok(MeetingTimes { suggestions, none_because })
}

fn range(slot: &WireSlot) -> Option<TimeRange> {
    Some(TimeRange::new(slot.start.instant()?, slot.end.instant()?)).filter(|range| !range.is_empty())
}

fn standing(one: &WireStanding) -> Option<(EmailAddress, Busy)> {
    let who = EmailAddress::parse(&one.attendee.email_address.address).ok()?;
    Some((who, digits::status(&one.availability)))
}

/// Letter case varies (trap 7).
fn reason(text: &str) -> NoMeetingTime {
    match text.to_ascii_lowercase().as_str() {
        "attendeesunavailable" => NoMeetingTime::AttendeesUnavailable,
        "attendeesunavailableorunknown" => NoMeetingTime::AttendeesUnavailableOrUnknown,
        "locationsunavailable" => NoMeetingTime::LocationsUnavailable,
        "organizerunavailable" => NoMeetingTime::OrganizerUnavailable,
        _ => NoMeetingTime::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use invitations_core::ErrorKind;

    use super::*;

    fn question() -> FindMeetingTimes {
        let at = |text: &str| text.parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        let ada = EmailAddress::parse("ada@contoso.example").unwrap();
        FindMeetingTimes::new(
            [ada],
            at("2026-07-15T08:00:00Z")..at("2026-07-15T16:00:00Z"),
            std::time::Duration::from_secs(5400),
        )
    }

    #[test]
    fn a_question_says_what_was_asked_and_no_more() {
        let sent = request("find meeting times", &Owner::SignedIn, &question()).unwrap();
        assert_eq!(sent.uri(), "/v1.0/me/findMeetingTimes");
        let expected = json!({
            "attendees": [{ "type": "required", "emailAddress": { "address": "ada@contoso.example" } }],
            "timeConstraint": { "activityDomain": "work", "timeSlots": [{
                "start": { "dateTime": "2026-07-15T08:00:00", "timeZone": "UTC" },
                "end": { "dateTime": "2026-07-15T16:00:00", "timeZone": "UTC" },
            }] },
            "meetingDuration": "PT1H30M",
            "isOrganizerOptional": false,
        });
        assert_eq!(serde_json::from_slice::<Value>(sent.body()).unwrap(), expected);
        let all = question().at_most(3).with_least_attendance(100).without_organizer().at_any_hour();
        let sent: Value =
            serde_json::from_slice(request("find meeting times", &Owner::SignedIn, &all).unwrap().body()).unwrap();
        assert_eq!((&sent["maxCandidates"], &sent["minimumAttendeePercentage"]), (&json!(3), &json!(100)));
        assert_eq!(
            (&sent["isOrganizerOptional"], &sent["timeConstraint"]["activityDomain"]),
            (&json!(true), &json!("unrestricted"))
        );
    }

    #[test]
    fn a_question_without_sense_is_refused() {
        let refuse = |change: &dyn Fn(&mut FindMeetingTimes)| {
            let mut question = question();
            change(&mut question);
            let error = request("find meeting times", &Owner::SignedIn, &question).unwrap_err();
            assert!(error.remedy().is_some());
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
        };
        refuse(&|question| question.within.until = question.within.from);
        refuse(&|question| question.duration = std::time::Duration::from_secs(90));
        refuse(&|question| question.duration = std::time::Duration::ZERO);
        refuse(&|question| question.duration = std::time::Duration::from_secs(9 * 3600));
        refuse(&|question| question.least_attendance = Some(101));
        refuse(&|question| question.most = Some(0));
    }

    fn answer(body: &Value) -> Result<MeetingTimes> {
        read("find meeting times", &Response::new(Bytes::from(body.to_string())))
    }

    #[test]
    fn suggestions_are_read_leniently() {
        let found = answer(&json!({
            "emptySuggestionsReason": "",
            "meetingTimeSuggestions": [{
                "confidence": 100.0, "organizerAvailability": "Free", "suggestionReason": "x", "locations": [],
                "attendeeAvailability": [
                    { "availability": "somethingNew", "attendee": { "type": "required",
                        "emailAddress": { "address": "Ada@contoso.example" } } },
                    { "availability": "free", "attendee": { "emailAddress": { "address": "/o=x" } } },
                ],
                "meetingTimeSlot": {
                    "start": { "dateTime": "2026-07-15T09:00:00.0000000", "timeZone": "W. Europe Standard Time" },
                    "end": { "dateTime": "2026-07-15T10:00:00.0000000", "timeZone": "W. Europe Standard Time" } },
            }],
        }))
        .unwrap();
        assert_eq!(found.none_because, None);
        let one = &found.suggestions[0];
        assert_eq!((one.time.from.to_rfc3339().as_str(), one.organizer), ("2026-07-15T07:00:00+00:00", Busy::Free));
        assert_eq!(one.attendees, [(EmailAddress::parse("ada@contoso.example").unwrap(), Busy::Unknown)]);
    }

    #[test]
    fn no_suggestion_has_a_reason() {
        for (text, reason) in [
            (json!("AttendeesUnavailable"), NoMeetingTime::AttendeesUnavailable),
            (json!("attendeesUnavailableOrUnknown"), NoMeetingTime::AttendeesUnavailableOrUnknown),
            (json!("LocationsUnavailable"), NoMeetingTime::LocationsUnavailable),
            (json!("organizerUnavailable"), NoMeetingTime::OrganizerUnavailable),
            (json!("unknown"), NoMeetingTime::Unknown),
            (json!("somethingNew"), NoMeetingTime::Unknown),
            (json!(""), NoMeetingTime::Unknown),
            (Value::Null, NoMeetingTime::Unknown),
        ] {
            let found = answer(&json!({ "emptySuggestionsReason": text, "meetingTimeSuggestions": null })).unwrap();
            assert_eq!((found.suggestions.len(), found.none_because), (0, Some(reason)), "{text}");
        }
        let bad = answer(&json!({ "meetingTimeSuggestions": [{ "confidence": 1.0 }] })).unwrap_err();
        assert_eq!(bad.kind(), ErrorKind::Protocol);
    }
}
