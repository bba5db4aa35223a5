//! Events, calendars, views.

use meetings_sandbox::MicrosoftUser;
use serde_json::{Value, json};

use crate::bench::{Bench, Reply, attendee, event};

const CREATE: &str = "POST {me}/events";
const MARKER: &str = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name invitation";

fn place_of(event: &Reply) -> String {
    let id = percent_encoding::utf8_percent_encode(event.text("/id"), percent_encoding::NON_ALPHANUMERIC).to_string();
    format!("{{me}}/events/{id}")
}

fn with(mut event: Value, name: &str, value: Value) -> Value {
    event[name] = value;
    event
}

fn mailed(bench: &Bench, kind: &str) -> Vec<String> {
    bench.sandbox.mails().into_iter().filter(|m| m.kind == kind).map(|m| m.to).collect()
}

#[tokio::test]
async fn a_repeated_transaction_id_answers_201_with_the_same_event() {
    let bench = Bench::new().await;
    let body =
        with(with(event("x", 10, 11), "transactionId", json!("t-1")), "attendees", json!([attendee("a@x.example")]));
    let first = bench.graph(CREATE, Some(body.clone())).await;
    let second = bench.graph(CREATE, Some(body)).await;
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(first.text("/id"), second.text("/id"));
    assert_eq!(bench.sandbox.state()["events"].as_array().map(Vec::len), Some(1));
    assert_eq!(mailed(&bench, "invitation"), ["a@x.example"]);
}

#[tokio::test]
async fn a_stale_if_match_answers_412() {
    let bench = Bench::new().await;
    let made = bench.graph(CREATE, Some(event("x", 10, 11))).await;
    let etag = made.text("/@odata.etag").to_owned();
    let patch = format!("PATCH {}", place_of(&made));
    let first = bench.graph_with(&patch, &[("if-match", &etag)], Some(json!({ "subject": "y" }))).await;
    assert_eq!(first.status, 200);
    assert_ne!(first.text("/@odata.etag"), etag);
    let stale = bench.graph_with(&patch, &[("if-match", &etag)], Some(json!({ "subject": "z" }))).await;
    assert_eq!((stale.status, stale.code()), (412, "ErrorIrresolvableConflict"));
    let delete = format!("DELETE {}", place_of(&made));
    assert_eq!(bench.graph_with(&delete, &[("if-match", &etag)], None).await.status, 412);
    assert_eq!(bench.graph(&format!("GET {}", place_of(&made)), None).await.text("/subject"), "y");
}

#[tokio::test]
async fn attendees_are_replaced_and_only_those_who_changed_are_mailed() {
    let bench = Bench::new().await;
    let body = with(event("x", 10, 11), "attendees", json!([attendee("a@x.example"), attendee("b@x.example")]));
    let made = bench.graph(CREATE, Some(body)).await;
    assert_eq!(mailed(&bench, "invitation"), ["a@x.example", "b@x.example"]);
    let patch = format!("PATCH {}", place_of(&made));
    let changed = json!({ "attendees": [attendee("B@x.example"), attendee("c@x.example")] });
    let after = bench.graph(&patch, Some(changed)).await;
    assert_eq!(after.body["attendees"].as_array().map(Vec::len), Some(2));
    assert_eq!(mailed(&bench, "invitation"), ["a@x.example", "b@x.example", "c@x.example"]);
    assert_eq!(mailed(&bench, "cancellation"), ["a@x.example"]);
    assert!(mailed(&bench, "update").is_empty());
    bench.graph(&patch, Some(json!({ "subject": "moved" }))).await;
    assert_eq!(mailed(&bench, "update"), ["B@x.example", "c@x.example"]);
}

#[tokio::test]
async fn delete_sends_cancellations_and_is_final() {
    let bench = Bench::new().await;
    let made = bench.graph(CREATE, Some(with(event("x", 10, 11), "attendees", json!([attendee("a@x.example")])))).await;
    assert_eq!(bench.graph(&format!("DELETE {}", place_of(&made)), None).await.status, 204);
    assert_eq!(mailed(&bench, "cancellation"), ["a@x.example"]);
    let again = bench.graph(&format!("DELETE {}", place_of(&made)), None).await;
    assert_eq!((again.status, again.code()), (404, "ErrorItemNotFound"));
    assert_eq!(bench.sandbox.state()["events"][0]["isDeleted"], true);
}

#[tokio::test]
async fn extended_properties_show_only_when_expanded_and_can_be_searched() {
    let bench = Bench::new().await;
    let property = |value: &str| json!([{ "id": MARKER, "value": value }]);
    let made =
        bench.graph(CREATE, Some(with(event("x", 10, 11), "singleValueExtendedProperties", property("it's 1")))).await;
    bench.graph(CREATE, Some(with(event("y", 12, 13), "singleValueExtendedProperties", property("2")))).await;
    assert!(made.body.get("singleValueExtendedProperties").is_none());
    let expand = format!("singleValueExtendedProperties($filter=id eq '{MARKER}')");
    let expand = percent_encoding::utf8_percent_encode(&expand, percent_encoding::NON_ALPHANUMERIC).to_string();
    let read = bench.graph(&format!("GET {}?$expand={expand}", place_of(&made)), None).await;
    assert_eq!(read.text("/singleValueExtendedProperties/0/value"), "it's 1");
    let filter = format!("singleValueExtendedProperties/Any(ep: ep/id eq '{MARKER}' and ep/value eq 'it''s 1')");
    let filter = percent_encoding::utf8_percent_encode(&filter, percent_encoding::NON_ALPHANUMERIC).to_string();
    let found = bench.graph(&format!("GET {{me}}/events?$filter={filter}&$select=subject"), None).await;
    assert_eq!(found.body["value"].as_array().map(Vec::len), Some(1));
    assert_eq!((found.text("/value/0/subject"), found.text("/value/0/id")), ("x", made.text("/id")));
    assert!(found.body["value"][0].get("body").is_none());
}

#[tokio::test]
async fn online_events_carry_a_meeting_until_their_text_loses_it() {
    let bench = Bench::granted().await;
    let made = bench.graph(CREATE, Some(with(event("x", 10, 11), "isOnlineMeeting", json!(true)))).await;
    assert_eq!(
        (&made.body["isOnlineMeeting"], made.text("/onlineMeetingProvider")),
        (&json!(true), "teamsForBusiness")
    );
    let link = made.text("/onlineMeeting/joinUrl").to_owned();
    assert!(made.text("/body/content").contains(&link));
    let kept = bench.graph(&format!("PATCH {}", place_of(&made)), Some(json!({ "isOnlineMeeting": false }))).await;
    assert_eq!(kept.body["isOnlineMeeting"], true, "once online, turning it off is ignored");
    let text = json!({ "body": { "contentType": "html", "content": "new text" } });
    let lost = bench.graph(&format!("PATCH {}", place_of(&made)), Some(text)).await;
    assert_eq!((&lost.body["isOnlineMeeting"], &lost.body["onlineMeeting"]), (&json!(false), &Value::Null));
}

#[tokio::test]
async fn a_calendar_without_teams_ignores_the_wish_for_a_meeting() {
    let bench = Bench::new().await;
    bench.sandbox.add_microsoft_user(&MicrosoftUser::new("plain@contoso.example").without_calendar_teams());
    let body = with(event("x", 10, 11), "isOnlineMeeting", json!(true));
    let made = bench.graph("POST /v1.0/users/plain@contoso.example/events", Some(body)).await;
    assert_eq!((made.status, &made.body["isOnlineMeeting"]), (201, &json!(false)));
    assert_eq!((made.text("/onlineMeetingProvider"), &made.body["onlineMeeting"]), ("unknown", &Value::Null));
}

#[tokio::test]
async fn times_come_back_in_the_preferred_zone_with_seven_digits() {
    let bench = Bench::new().await;
    let body = json!({
        "start": { "dateTime": "2027-07-01T10:00:00", "timeZone": "Pacific Standard Time" },
        "end": { "dateTime": "2027-07-01T11:00:00", "timeZone": "America/Los_Angeles" },
    });
    let made = bench.graph(CREATE, Some(body)).await;
    assert_eq!(made.body["start"], json!({ "dateTime": "2027-07-01T17:00:00.0000000", "timeZone": "UTC" }));
    assert_eq!(made.body["end"]["dateTime"], "2027-07-01T18:00:00.0000000");
    assert_eq!(made.text("/originalEndTimeZone"), "Pacific Standard Time");
    let prefer = [("prefer", "outlook.timezone=\"W. Europe Standard Time\"")];
    let read = bench.graph_with(&format!("GET {}", place_of(&made)), &prefer, None).await;
    assert_eq!(
        read.body["start"],
        json!({ "dateTime": "2027-07-01T19:00:00.0000000", "timeZone": "W. Europe Standard Time" })
    );
    let unknown = json!({ "start": { "dateTime": "2027-07-01T10:00:00", "timeZone": "Mars" }, "end": {} });
    let refused = bench.graph(CREATE, Some(unknown)).await;
    assert_eq!((refused.status, refused.code()), (400, "TimeZoneNotSupportedException"));
}

#[tokio::test]
async fn all_day_events_float() {
    let bench = Bench::new().await;
    let day = |day: u32| json!({ "dateTime": format!("2027-03-{day:02}T00:00:00"), "timeZone": "Tokyo Standard Time" });
    let made = bench.graph(CREATE, Some(json!({ "isAllDay": true, "start": day(3), "end": day(4) }))).await;
    assert_eq!((made.status, made.text("/start/dateTime")), (201, "2027-03-03T00:00:00.0000000"));
    let short = bench.graph(CREATE, Some(json!({ "isAllDay": true, "start": day(3), "end": day(3) }))).await;
    assert_eq!(short.status, 400);
}

#[tokio::test]
async fn views_show_what_overlaps_page_by_page() {
    let bench = Bench::new().await;
    for hour in [10, 12, 14, 16] {
        bench.graph(CREATE, Some(event(&format!("at {hour}"), hour, hour + 1))).await;
    }
    let window = "startDateTime=2027-03-01T10:30:00Z&endDateTime=2027-03-01T18:00:00%2B02:00";
    let first = bench
        .graph_with(&format!("GET {{me}}/calendarView?{window}"), &[("prefer", "odata.maxpagesize=2")], None)
        .await;
    let subjects = |reply: &Reply| -> Vec<String> {
        let items = reply.body["value"].as_array().expect("a list").clone();
        items.iter().map(|item| item["subject"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(subjects(&first), ["at 10", "at 12"]);
    let next = first.text("/@odata.nextLink");
    assert!(next.starts_with(bench.sandbox.url().as_str()));
    let next = format!("GET {}", &next[bench.sandbox.url().as_str().len() - 1..]);
    let second = bench.graph_with(&next, &[("prefer", "odata.maxpagesize=2")], None).await;
    assert_eq!(subjects(&second), ["at 14"]);
    assert!(second.body.get("@odata.nextLink").is_none());
    assert_eq!(bench.graph("GET {me}/calendarView", None).await.status, 400);
    let long = "GET {me}/calendarView?startDateTime=2020-01-01T00:00:00Z&endDateTime=2027-01-01T00:00:00Z";
    assert_eq!(bench.graph(long, None).await.code(), "ErrorInvalidRequest");
}

#[tokio::test]
async fn calendars_hold_their_own_events() {
    let bench = Bench::new().await;
    let made = bench.graph("POST {me}/calendars", Some(json!({ "name": "Assignments" }))).await;
    assert_eq!(made.status, 201);
    let id = percent_encoding::utf8_percent_encode(made.text("/id"), percent_encoding::NON_ALPHANUMERIC).to_string();
    assert_eq!(bench.graph(&format!("POST {{me}}/calendars/{id}/events"), Some(event("x", 10, 11))).await.status, 201);
    let here = bench.graph(&format!("GET {{me}}/calendars/{id}/events"), None).await;
    assert_eq!(here.body["value"].as_array().map(Vec::len), Some(1));
    let window = "startDateTime=2027-03-01T00:00:00Z&endDateTime=2027-03-02T00:00:00Z";
    let default = bench.graph(&format!("GET {{me}}/calendarView?{window}"), None).await;
    assert_eq!(default.body["value"], json!([]));
    let list = bench.graph("GET {me}/calendars", None).await;
    let named = bench.graph("GET {me}/calendar", None).await;
    assert_eq!((list.text("/value/0/id"), list.text("/value/1/name")), (named.text("/id"), "Assignments"));
}

#[tokio::test]
async fn delta_tells_changes_removals_and_lost_tokens() {
    let bench = Bench::new().await;
    let kept = bench.graph(CREATE, Some(event("kept", 10, 11))).await;
    let gone = bench.graph(CREATE, Some(event("gone", 12, 13))).await;
    let window = "startDateTime=2027-03-01T00:00:00Z&endDateTime=2027-03-02T00:00:00Z";
    let first = bench.graph(&format!("GET {{me}}/calendarView/delta?{window}"), None).await;
    assert_eq!(first.body["value"].as_array().map(Vec::len), Some(2));
    let follow =
        |reply: &Reply| format!("GET {}", &reply.text("/@odata.deltaLink")[bench.sandbox.url().as_str().len() - 1..]);
    let quiet = bench.graph(&follow(&first), None).await;
    assert_eq!(quiet.body["value"], json!([]));
    bench.graph(&format!("PATCH {}", place_of(&kept)), Some(json!({ "subject": "changed" }))).await;
    bench.graph(&format!("DELETE {}", place_of(&gone)), None).await;
    let second = bench.graph(&follow(&quiet), None).await;
    assert_eq!((second.text("/value/0/subject"), second.text("/value/1/id")), ("changed", gone.text("/id")));
    assert_eq!(second.text("/value/1/@removed/reason"), "deleted");
    assert_eq!(bench.graph(&format!("GET {{me}}/calendarView/delta?{window}&$select=subject"), None).await.status, 400);
    bench.control("POST /_sandbox/graph", Some(json!({ "forget_delta_tokens": true }))).await;
    let lost = bench.graph(&follow(&second), None).await;
    assert_eq!((lost.status, lost.code()), (410, "SyncStateNotFound"));
}

#[tokio::test]
async fn a_batch_answers_each_request_on_its_own() {
    let bench = Bench::new().await;
    let json_type = json!({ "Content-Type": "application/json" });
    let url = |tail: &str| format!("/users/{}/{tail}", bench.organizer);
    let requests = json!([
        { "id": "1", "method": "POST", "url": url("events"), "headers": json_type, "body": event("x", 10, 11) },
        { "id": "2", "method": "GET", "url": url("events/nothing") },
        { "id": "3", "method": "GET", "url": url("events"), "dependsOn": ["2"] },
    ]);
    let reply = bench.graph("POST /v1.0/$batch", Some(json!({ "requests": requests }))).await;
    let statuses: Vec<_> =
        reply.body["responses"].as_array().expect("a list").iter().map(|r| r["status"].clone()).collect();
    assert_eq!(statuses, [json!(201), json!(404), json!(424)]);
}

#[tokio::test]
async fn schedules_tell_unknown_from_free() {
    let bench = Bench::new().await;
    bench.graph(CREATE, Some(event("x", 10, 11))).await;
    let body = json!({
        "schedules": ["organizer@contoso.example", "ada@contoso.example", "who@else.example"],
        "startTime": { "dateTime": "2027-03-01T09:30:00", "timeZone": "UTC" },
        "endTime": { "dateTime": "2027-03-01T11:30:00", "timeZone": "UTC" },
    });
    let reply = bench.graph("POST {me}/calendar/getSchedule", Some(body)).await;
    assert_eq!((reply.text("/value/0/availabilityView"), reply.text("/value/1/availabilityView")), ("0220", "0000"));
    assert!(reply.body["value"][2]["error"]["responseCode"].is_string());
}

#[tokio::test]
async fn delegated_tokens_reach_their_own_mailbox_only() {
    let bench = Bench::new().await;
    let token = bench.user_token("ada@contoso.example");
    let own = bench.call(&token, "POST /v1.0/me/events", &[], Some(event("x", 10, 11))).await;
    assert_eq!(own.status, 201);
    let other = bench.call(&token, &bench.place("GET {me}/events"), &[], None).await;
    assert_eq!((other.status, other.code()), (403, "ErrorAccessDenied"));
}
