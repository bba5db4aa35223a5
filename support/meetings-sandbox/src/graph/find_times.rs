//! `findMeetingTimes`: delegated only. Working hours are not modelled; every hour counts.

use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Answer, Failure, Turn, schedule::show_as, zones};
use crate::serve::Reply;

/// Suggestions begin on half hours counted from the window's start (assumed).
const STEP: TimeDelta = TimeDelta::minutes(30);
/// Steps that are tried at most: two years.
const MOST_STEPS: usize = 2 * 366 * 48;

type Range = (DateTime<Utc>, DateTime<Utc>);

struct Wanted {
    length: TimeDelta,
    windows: Vec<Range>,
    /// Addresses of everybody but the organizer.
    people: Vec<String>,
    organizer_optional: bool,
    least_confidence: f64,
    most: usize,
}

pub(super) fn suggest(turn: &mut Turn<'_>) -> Answer {
    if turn.token.user.is_none() {
        // documented: no application permission; the body of the refusal is assumed
        return Err(Failure::access_denied());
    }
    let organizer = turn.mailbox()?;
    let body = turn.body()?;
    let wanted = turn.wanted(&body)?;
    let (mut suggestions, mut organizer_ever_free, mut any_unknown) = (Vec::new(), false, false);
    for (from, until) in &wanted.windows {
        let mut start = *from;
        for _ in 0..MOST_STEPS {
            let end = start + wanted.length;
            if end > *until || suggestions.len() == wanted.most {
                break;
            }
            let own = turn.standing(&organizer.mail, (start, end));
            let others: Vec<&str> = wanted.people.iter().map(|who| turn.standing(who, (start, end))).collect();
            any_unknown |= others.contains(&"unknown");
            organizer_ever_free |= own == "free";
            let confidence = confidence(&others);
            if (own == "free" || wanted.organizer_optional) && confidence >= wanted.least_confidence {
                suggestions.push(turn.suggestion((start, end), confidence, own, &wanted.people, &others));
                start = end;
            } else {
                start += STEP;
            }
        }
    }
    let reason = match (suggestions.is_empty(), organizer_ever_free || wanted.organizer_optional, any_unknown) {
        (false, ..) => "",
        (true, false, _) => "OrganizerUnavailable",
        (true, true, true) => "AttendeesUnavailableOrUnknown",
        (true, true, false) => "AttendeesUnavailable",
    };
    let context = turn.context("microsoft.graph.meetingTimeSuggestionsResult");
    let body =
        json!({ "@odata.context": context, "emptySuggestionsReason": reason, "meetingTimeSuggestions": suggestions });
    Ok(Reply::json(StatusCode::OK, &body))
}

/// Documented: the average over the attendees of 100 for free, 49 for unknown and 0 for busy.
fn confidence(others: &[&str]) -> f64 {
    let points = |standing: &&str| match *standing {
        "free" => 100,
        "unknown" => 49,
        _ => 0,
    };
    let sum: u32 = others.iter().map(points).sum();
    u32::try_from(others.len()).ok().filter(|count| *count > 0).map_or(100.0, |count| f64::from(sum) / f64::from(count))
}

impl Turn<'_> {
    fn wanted(&self, body: &Map<String, Value>) -> Result<Wanted, Failure> {
        let bad = |what: &str| Failure::bad_request("ErrorInvalidRequest", format!("'{what}' is invalid."));
        let constraint = body.get("timeConstraint").unwrap_or(&Value::Null);
        let slots = ["timeSlots", "timeslots"].iter().find_map(|name| constraint[*name].as_array());
        let windows = match slots {
            None => vec![(self.now, self.now + TimeDelta::days(7))],
            Some(slots) => {
                let window = |slot: &Value| {
                    let from = zones::read(&slot["start"], "start")?.utc();
                    let until = zones::read(&slot["end"], "end")?.utc();
                    if until <= from { Err(bad("timeConstraint")) } else { Ok((from, until)) }
                };
                slots.iter().map(window).collect::<Result<_, _>>()?
            }
        };
        let length = match body.get("meetingDuration").and_then(Value::as_str) {
            None => TimeDelta::minutes(30),
            Some(text) => duration(text).ok_or_else(|| bad("meetingDuration"))?,
        };
        let people = body.get("attendees").and_then(Value::as_array).into_iter().flatten();
        let people = people.filter_map(|one| one["emailAddress"]["address"].as_str()).map(str::to_owned).collect();
        let most = body.get("maxCandidates").and_then(Value::as_u64).and_then(|most| usize::try_from(most).ok());
        Ok(Wanted {
            length,
            windows,
            people,
            organizer_optional: body.get("isOrganizerOptional").and_then(Value::as_bool).unwrap_or(false),
            least_confidence: body.get("minimumAttendeePercentage").and_then(Value::as_f64).unwrap_or(50.0),
            // the number without one is assumed
            most: most.unwrap_or(20),
        })
    }

    /// Whether somebody is free for a whole range.
    fn standing(&self, address: &str, (from, until): Range) -> &'static str {
        let Some(user) = self.member(address) else { return "unknown" };
        let busy = self.world.happening(|event| event.mailbox == user.id, from, until);
        if busy.iter().any(|event| show_as(event) != "free") { "busy" } else { "free" }
    }

    fn suggestion(&self, range: Range, confidence: f64, own: &str, people: &[String], others: &[&str]) -> Value {
        let zone = self.preferred_zone();
        let moment = |instant| zones::write(&zones::at(instant, &zone), &zone, false);
        let availability = people.iter().zip(others).map(
            |(who, standing)| json!({ "availability": standing, "attendee": { "emailAddress": { "address": who } } }),
        );
        json!({
            "confidence": confidence, "organizerAvailability": own, "suggestionReason": null, "locations": [],
            "attendeeAvailability": availability.collect::<Vec<_>>(),
            "meetingTimeSlot": { "start": moment(range.0), "end": moment(range.1) },
        })
    }
}

/// ISO 8601 in days, hours and minutes: `PT1H30M`, `P1D`.
fn duration(text: &str) -> Option<TimeDelta> {
    let (mut rest, mut minutes, mut in_time) = (text.strip_prefix('P')?, 0_i64, false);
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        if let (false, Some(after)) = (in_time, rest.strip_prefix('T')) {
            (rest, in_time) = (after, true);
            continue;
        }
        let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let number: i64 = rest.get(..digits)?.parse().ok()?;
        let unit = match (in_time, rest.get(digits..=digits)?) {
            (false, "D") => 24 * 60,
            (true, "H") => 60,
            (true, "M") => 1,
            _ => return None,
        };
        minutes = minutes.checked_add(number.checked_mul(unit)?)?;
        rest = rest.get(digits + 1..)?;
    }
    (1..=60 * 24 * 366).contains(&minutes).then(|| TimeDelta::minutes(minutes))
}
