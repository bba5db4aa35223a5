//! `findMeetingTimes`.

use serde_json::{Value, json};

use crate::bench::{Bench, event};

const ADA: &str = "ada@contoso.example";
const CALL: &str = "POST /v1.0/me/findMeetingTimes";

fn ask(people: &[&str], from: &str, until: &str, duration: &str) -> Value {
    let moment = |time: &str| json!({ "dateTime": format!("2027-03-01T{time}:00"), "timeZone": "UTC" });
    json!({
        "attendees": people.iter().map(|who| json!({ "type": "required", "emailAddress": { "address": who } })).collect::<Vec<_>>(),
        "timeConstraint": { "activityDomain": "unrestricted", "timeSlots": [{ "start": moment(from), "end": moment(until) }] },
        "meetingDuration": duration, "minimumAttendeePercentage": 100,
    })
}

#[tokio::test]
async fn suggestions_avoid_what_is_taken_and_an_empty_answer_has_a_reason() {
    let bench = Bench::new().await;
    let token = bench.user_token("organizer@contoso.example");
    let own = bench.user_token(ADA);
    bench.call(&own, "POST /v1.0/me/events", &[], Some(event("x", 10, 11))).await;
    bench.call(&token, "POST /v1.0/me/events", &[], Some(event("y", 14, 15))).await;
    for (people, from, until, duration, reason, first) in [
        (&[ADA][..], "10:00", "12:00", "PT1H", "", Some("2027-03-01T11:00")),
        (&[ADA][..], "10:00", "11:00", "PT30M", "AttendeesUnavailable", None),
        (&[ADA, "who@else.example"][..], "12:00", "13:00", "PT1H", "AttendeesUnavailableOrUnknown", None),
        (&[ADA][..], "14:00", "15:00", "PT1H", "OrganizerUnavailable", None),
        (&[][..], "12:00", "13:00", "P1D", "OrganizerUnavailable", None),
    ] {
        let reply = bench.call(&token, CALL, &[], Some(ask(people, from, until, duration))).await;
        assert_eq!((reply.status, reply.text("/emptySuggestionsReason")), (200, reason), "{from}");
        let start = reply.body["meetingTimeSuggestions"][0]["meetingTimeSlot"]["start"]["dateTime"].as_str();
        assert_eq!(start.map(|start| &start[..16]), first, "{from}");
    }
    for bad in ["1 hour", "P", "PT", "PT0M", "PT99999999999999999999H", "PT1X"] {
        let reply = bench.call(&token, CALL, &[], Some(ask(&[ADA], "10:00", "12:00", bad))).await;
        assert_eq!(reply.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn an_application_is_refused() {
    let bench = Bench::new().await;
    let reply = bench.graph("POST {me}/findMeetingTimes", Some(ask(&[ADA], "10:00", "12:00", "PT1H"))).await;
    assert_eq!((reply.status, reply.code()), (403, "ErrorAccessDenied"));
}

#[tokio::test]
async fn schedules_have_limits() {
    let bench = Bench::new().await;
    let body = |people: usize, until: &str| {
        json!({
            "schedules": (0..people).map(|n| format!("p{n}@contoso.example")).collect::<Vec<_>>(),
            "startTime": { "dateTime": "2027-03-01T00:00:00", "timeZone": "UTC" },
            "endTime": { "dateTime": until, "timeZone": "UTC" }, "availabilityViewInterval": 1440,
        })
    };
    for (people, until, code) in [
        (100, "2027-05-02T00:00:00", None),
        (101, "2027-05-02T00:00:00", Some("ErrorMailboxDataArrayTooBig")),
        (1, "2027-05-02T00:00:01", Some("ErrorTimeIntervalTooBig")),
        (1, "2027-03-01T00:00:00", Some("ErrorInvalidRequest")),
    ] {
        let reply = bench.graph("POST {me}/calendar/getSchedule", Some(body(people, until))).await;
        assert_eq!(reply.body["error"]["code"].as_str(), code, "{people} {until}");
    }
}
