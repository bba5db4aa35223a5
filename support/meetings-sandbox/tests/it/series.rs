//! Series: what is taken, how views show them.

use serde_json::{Value, json};

use crate::bench::{Bench, Reply};

const CREATE: &str = "POST {me}/events";

/// A series from Monday, 1 March 2027, ten to eleven in Berlin.
fn weekly(recurrence: Value) -> Value {
    json!({
        "subject": "lesson", "recurrence": recurrence,
        "start": { "dateTime": "2027-03-01T10:00:00", "timeZone": "W. Europe Standard Time" },
        "end": { "dateTime": "2027-03-01T11:00:00", "timeZone": "W. Europe Standard Time" },
    })
}

fn mondays(range: Value) -> Value {
    json!({ "pattern": { "type": "weekly", "interval": 1, "daysOfWeek": ["Monday"] }, "range": range })
}

fn four() -> Value {
    mondays(json!({ "type": "numbered", "startDate": "2027-03-01", "numberOfOccurrences": 5 }))
}

fn starts(reply: &Reply) -> Vec<String> {
    let events = reply.body["value"].as_array().unwrap_or_else(|| panic!("{}", reply.body));
    events.iter().map(|event| event["start"]["dateTime"].as_str().expect("a time")[..16].to_owned()).collect()
}

fn encoded(reply: &Reply) -> String {
    percent_encoding::utf8_percent_encode(reply.text("/id"), percent_encoding::NON_ALPHANUMERIC).to_string()
}

const WINDOW: &str = "startDateTime=2027-03-01T00:00:00Z&endDateTime=2027-05-01T00:00:00Z";

#[tokio::test]
async fn a_view_shows_occurrences_at_the_same_time_on_the_wall_and_lists_the_master() {
    let bench = Bench::new().await;
    let made = bench.graph(CREATE, Some(weekly(four()))).await;
    assert_eq!((made.status, made.text("/type")), (201, "seriesMaster"));
    let view = bench.graph(&format!("GET {{me}}/calendarView?{WINDOW}"), None).await;
    // summer time from 28 March on
    let expected = ["2027-03-01T09:00", "2027-03-08T09:00", "2027-03-15T09:00", "2027-03-22T09:00", "2027-03-29T08:00"];
    assert_eq!(starts(&view), expected);
    for occurrence in view.body["value"].as_array().expect("a list") {
        assert_eq!((&occurrence["type"], &occurrence["recurrence"]), (&json!("occurrence"), &Value::Null));
        assert_eq!(occurrence["seriesMasterId"], made.body["id"]);
    }
    let instances = bench.graph(&format!("GET {{me}}/events/{}/instances?{WINDOW}", encoded(&made)), None).await;
    assert_eq!(starts(&instances), expected);
    let list = bench.graph("GET {me}/events", None).await;
    assert_eq!((list.body["value"].as_array().map(Vec::len), list.text("/value/0/type")), (Some(1), "seriesMaster"));
    let body = json!({
        "schedules": ["organizer@contoso.example"],
        "startTime": { "dateTime": "2027-03-29T08:00:00", "timeZone": "UTC" },
        "endTime": { "dateTime": "2027-03-29T10:00:00", "timeZone": "UTC" }, "availabilityViewInterval": 60,
    });
    let schedule = bench.graph("POST {me}/calendar/getSchedule", Some(body)).await;
    assert_eq!(schedule.text("/value/0/availabilityView"), "20");
    assert_eq!(schedule.text("/value/0/scheduleItems/0/status"), "busy");
}

#[tokio::test]
async fn an_answer_has_every_member_and_echoing_it_is_refused() {
    let bench = Bench::new().await;
    let made = bench.graph(CREATE, Some(weekly(mondays(json!({ "type": "noEnd", "startDate": "2027-03-01" }))))).await;
    let recurrence = made.body["recurrence"].clone();
    assert_eq!(
        (&recurrence["pattern"]["month"], &recurrence["pattern"]["index"], &recurrence["range"]["endDate"]),
        (&json!(0), &json!("first"), &json!("0001-01-01"))
    );
    assert_eq!(recurrence["range"]["recurrenceTimeZone"], "W. Europe Standard Time");
    assert_eq!(bench.graph(CREATE, Some(weekly(recurrence))).await.status, 400);
}

#[tokio::test]
async fn what_no_series_has_is_refused() {
    let bench = Bench::new().await;
    let start = json!({ "type": "noEnd", "startDate": "2027-03-01" });
    let patterned = |pattern: Value| json!({ "pattern": pattern, "range": start });
    for (what, recurrence) in [
        ("another start", mondays(json!({ "type": "noEnd", "startDate": "2027-03-02" }))),
        ("no start", mondays(json!({ "type": "noEnd" }))),
        ("none", mondays(json!({ "type": "numbered", "startDate": "2027-03-01", "numberOfOccurrences": 0 }))),
        ("no number", mondays(json!({ "type": "numbered", "startDate": "2027-03-01" }))),
        ("ends before", mondays(json!({ "type": "endDate", "startDate": "2027-03-01", "endDate": "2027-02-28" }))),
        ("no range", json!({ "pattern": { "type": "daily", "interval": 1 } })),
        ("no interval", patterned(json!({ "type": "daily" }))),
        ("interval 0", patterned(json!({ "type": "daily", "interval": 0 }))),
        ("no days", patterned(json!({ "type": "weekly", "interval": 1, "daysOfWeek": [] }))),
        ("a day", patterned(json!({ "type": "weekly", "interval": 1, "daysOfWeek": ["someday"] }))),
        (
            "index",
            patterned(json!({
            "type": "relativeMonthly", "interval": 1, "daysOfWeek": ["monday"], "index": "fifth" })),
        ),
        ("no day", patterned(json!({ "type": "absoluteMonthly", "interval": 1 }))),
        ("month", patterned(json!({ "type": "absoluteYearly", "interval": 1, "dayOfMonth": 1, "month": 13 }))),
        ("unneeded month", patterned(json!({ "type": "daily", "interval": 1, "month": 0 }))),
        ("hourly", patterned(json!({ "type": "hourly", "interval": 1 }))),
    ] {
        let reply = bench.graph(CREATE, Some(weekly(recurrence))).await;
        assert_eq!((reply.status, reply.code()), (400, "ErrorPropertyValidationFailure"), "{what}");
    }
}

#[tokio::test]
async fn patterns_follow_outlook_to_the_end_of_the_month() {
    let bench = Bench::new().await;
    let from = |date: &str, pattern: Value| {
        let moment = |hour: u32| json!({ "dateTime": format!("{date}T{hour}:00:00"), "timeZone": "UTC" });
        let range = json!({ "type": "noEnd", "startDate": date });
        json!({ "start": moment(10), "end": moment(11), "recurrence": { "pattern": pattern, "range": range } })
    };
    for (body, expected) in [
        (
            from("2027-01-31", json!({ "type": "absoluteMonthly", "interval": 1, "dayOfMonth": 31 })),
            vec!["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"],
        ),
        (
            from(
                "2027-01-29",
                json!({
                    "type": "relativeMonthly", "interval": 1, "index": "last",
                    "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
                }),
            ),
            vec!["2027-01-29", "2027-02-26", "2027-03-31", "2027-04-30"],
        ),
        (
            from(
                "2027-01-13",
                json!({
                "type": "relativeMonthly", "interval": 2, "index": "second", "daysOfWeek": ["wednesday"] }),
            ),
            vec!["2027-01-13", "2027-03-10"],
        ),
        (
            from(
                "2027-03-06",
                json!({
                "type": "weekly", "interval": 2, "daysOfWeek": ["saturday", "sunday"], "firstDayOfWeek": "monday" }),
            ),
            vec![
                "2027-03-06",
                "2027-03-07",
                "2027-03-20",
                "2027-03-21",
                "2027-04-03",
                "2027-04-04",
                "2027-04-17",
                "2027-04-18",
            ],
        ),
        (
            from("2027-03-06", json!({ "type": "weekly", "interval": 2, "daysOfWeek": ["saturday", "sunday"] })),
            vec![
                "2027-03-06",
                "2027-03-14",
                "2027-03-20",
                "2027-03-28",
                "2027-04-03",
                "2027-04-11",
                "2027-04-17",
                "2027-04-25",
            ],
        ),
        (
            from(
                "2027-04-02",
                json!({
                "type": "relativeYearly", "interval": 1, "month": 4, "daysOfWeek": ["friday"] }),
            ),
            vec!["2027-04-02"],
        ),
    ] {
        let made = bench.graph(CREATE, Some(body)).await;
        let window = "startDateTime=2027-01-01T00:00:00Z&endDateTime=2027-05-01T00:00:00Z";
        let seen = bench.graph(&format!("GET {{me}}/events/{}/instances?{window}", encoded(&made)), None).await;
        let days: Vec<String> = starts(&seen).into_iter().map(|start| start[..10].to_owned()).collect();
        assert_eq!(days, expected, "{}", made.body["recurrence"]);
    }
}

#[tokio::test]
async fn one_occurrence_is_read_and_deleted_and_the_others_stay() {
    let bench = Bench::new().await;
    let made = bench.graph(CREATE, Some(weekly(four()))).await;
    let view = bench.graph(&format!("GET {{me}}/calendarView?{WINDOW}"), None).await;
    let second = Reply { status: 200, headers: http::HeaderMap::new(), body: view.body["value"][1].clone() };
    let place = format!("{{me}}/events/{}", encoded(&second));
    assert_eq!(bench.graph(&format!("GET {place}"), None).await.text("/seriesMasterId"), made.text("/id"));
    assert_eq!(bench.graph(&format!("DELETE {place}"), None).await.status, 204);
    assert_eq!(bench.graph(&format!("GET {place}"), None).await.status, 404);
    let after = bench.graph(&format!("GET {{me}}/calendarView?{WINDOW}"), None).await;
    assert_eq!(starts(&after).len(), 4);
    for nothing in [format!("{}.20270302", made.text("/id")), format!("{}.20270405", made.text("/id"))] {
        let nothing = percent_encoding::utf8_percent_encode(&nothing, percent_encoding::NON_ALPHANUMERIC).to_string();
        assert_eq!(bench.graph(&format!("GET {{me}}/events/{nothing}"), None).await.status, 404);
    }
    let instances = bench.graph(&format!("GET {place}/instances?{WINDOW}"), None).await;
    assert_eq!(instances.status, 404);
}

#[tokio::test]
async fn trap_14_a_delta_shows_occurrences_with_their_times_only() {
    let bench = Bench::new().await;
    bench.graph(CREATE, Some(weekly(four()))).await;
    let delta = bench.graph(&format!("GET {{me}}/calendarView/delta?{WINDOW}"), None).await;
    let items = delta.body["value"].as_array().expect("a list");
    assert_eq!((items.len(), &items[0]["type"], &items[0]["subject"]), (6, &json!("seriesMaster"), &json!("lesson")));
    let mut members: Vec<&str> = items[1].as_object().expect("an object").keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["@odata.etag", "@odata.type", "end", "id", "seriesMasterId", "start", "type"]);
}

#[tokio::test]
async fn a_series_becomes_a_single_event_and_moves_with_its_range_only() {
    let bench = Bench::new().await;
    let made = bench.graph(CREATE, Some(weekly(four()))).await;
    let patch = format!("PATCH {{me}}/events/{}", encoded(&made));
    let moved = json!({
        "start": { "dateTime": "2027-03-02T10:00:00", "timeZone": "UTC" },
        "end": { "dateTime": "2027-03-02T11:00:00", "timeZone": "UTC" },
    });
    assert_eq!(bench.graph(&patch, Some(moved)).await.status, 400);
    let single = bench.graph(&patch, Some(json!({ "recurrence": null }))).await;
    assert_eq!((single.status, single.text("/type")), (200, "singleInstance"));
    let view = bench.graph(&format!("GET {{me}}/calendarView?{WINDOW}"), None).await;
    assert_eq!(starts(&view), ["2027-03-01T09:00"]);
}
