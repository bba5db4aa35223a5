//! What attendees have and answer, exceptions of series, categories.

use serde_json::{Value, json};

use crate::bench::{Bench, Reply, attendee, event};

const ADA: &str = "ada@contoso.example";

fn encoded(id: &str) -> String {
    percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC).to_string()
}

async fn invited(bench: &Bench) -> (Reply, String) {
    let mut body = event("x", 10, 11);
    body["attendees"] = json!([attendee(ADA)]);
    let made = bench.graph("POST {me}/events", Some(body)).await;
    let theirs = bench.graph(&format!("GET /v1.0/users/{ADA}/events"), None).await;
    let id = theirs.text("/value/0/id").to_owned();
    (made, id)
}

fn kinds(bench: &Bench) -> Vec<String> {
    bench.sandbox.mails().into_iter().map(|mail| mail.kind).collect()
}

#[tokio::test]
async fn an_attendee_has_an_event_of_their_own_and_the_state_shows_the_organizers() {
    let bench = Bench::new().await;
    let (made, copy) = invited(&bench).await;
    let theirs = bench.graph(&format!("GET /v1.0/users/{ADA}/events/{}", encoded(&copy)), None).await;
    assert_eq!((&theirs.body["isOrganizer"], theirs.text("/responseStatus/response")), (&json!(false), "notResponded"));
    assert_eq!(theirs.text("/iCalUId"), made.text("/iCalUId"));
    assert_ne!(theirs.text("/id"), made.text("/id"));
    assert_eq!((theirs.text("/showAs"), &theirs.body["transactionId"]), ("tentative", &Value::Null));
    assert_eq!(bench.sandbox.state()["events"].as_array().map(Vec::len), Some(1));
    let moved = json!({ "subject": "moved" });
    bench.graph(&format!("PATCH {{me}}/events/{}", encoded(made.text("/id"))), Some(moved)).await;
    let theirs = bench.graph(&format!("GET /v1.0/users/{ADA}/events/{}", encoded(&copy)), None).await;
    assert_eq!(theirs.text("/subject"), "moved");
    let gone = json!({ "attendees": [] });
    bench.graph(&format!("PATCH {{me}}/events/{}", encoded(made.text("/id"))), Some(gone)).await;
    let theirs = bench.graph(&format!("GET /v1.0/users/{ADA}/events/{}", encoded(&copy)), None).await;
    assert_eq!((theirs.text("/subject"), theirs.text("/showAs")), ("Canceled: moved", "free"));
    assert_eq!(kinds(&bench), ["invitation", "update", "cancellation"]);
}

#[tokio::test]
async fn answers_reach_the_organizer_and_sides_are_told_apart() {
    let bench = Bench::new().await;
    let (made, copy) = invited(&bench).await;
    let act = |who: &str, id: &str, verb: &str| format!("POST /v1.0/users/{who}/events/{}/{verb}", encoded(id));
    let cancel = bench.graph(&act(ADA, &copy, "cancel"), Some(json!({ "Comment": "" }))).await;
    assert_eq!((cancel.status, cancel.code()), (400, "ErrorInvalidRequest"));
    let own = bench.graph(&act(&bench.organizer, made.text("/id"), "accept"), Some(json!({}))).await;
    assert_eq!((own.status, own.code()), (400, "ErrorInvalidRequest"));
    let times = json!({ "start": { "dateTime": "2027-03-02T10:00:00", "timeZone": "UTC" },
                        "end": { "dateTime": "2027-03-02T11:00:00", "timeZone": "UTC" } });
    let silent = json!({ "sendResponse": false, "proposedNewTime": times });
    assert_eq!(bench.graph(&act(ADA, &copy, "decline"), Some(silent)).await.status, 400);
    let proposed = json!({ "Comment": "later?", "SendResponse": true, "ProposedNewTime": times });
    assert_eq!(bench.graph(&act(ADA, &copy, "tentativelyAccept"), Some(proposed)).await.status, 202);
    let read = bench.graph(&format!("GET {{me}}/events/{}", encoded(made.text("/id"))), None).await;
    assert_eq!(read.text("/attendees/0/status/response"), "tentativelyAccepted");
    assert_eq!(read.text("/attendees/0/proposedNewTime/start/dateTime"), "2027-03-02T10:00:00");
    assert_ne!(read.text("/changeKey"), made.text("/changeKey"));
    let nobody = bench.graph(&act(ADA, &copy, "forward"), Some(json!({ "ToRecipients": [] }))).await;
    assert_eq!((nobody.status, nobody.code()), (400, "ErrorInvalidRecipients"));
    assert_eq!(kinds(&bench), ["invitation", "tentativelyAccepted"]);
}

#[tokio::test]
async fn an_occurrence_becomes_an_exception_between_its_neighbours() {
    let bench = Bench::new().await;
    let mut body = event("x", 10, 11);
    body["recurrence"] = json!({ "pattern": { "type": "daily", "interval": 1 },
                                 "range": { "type": "numbered", "startDate": "2027-03-01", "numberOfOccurrences": 3 } });
    let made = bench.graph("POST {me}/events", Some(body)).await;
    let window = "startDateTime=2027-03-01T00:00:00Z&endDateTime=2027-03-08T00:00:00Z";
    let instances = format!("GET {{me}}/events/{}/instances?{window}", encoded(made.text("/id")));
    let all = bench.graph(&instances, None).await;
    let second = format!("PATCH {{me}}/events/{}", encoded(all.text("/value/1/id")));
    let at = |day: u32| {
        json!({ "start": { "dateTime": format!("2027-03-{day:02}T14:00:00"), "timeZone": "UTC" },
                                "end": { "dateTime": format!("2027-03-{day:02}T15:00:00"), "timeZone": "UTC" } })
    };
    for day in [1, 3] {
        let refused = bench.graph(&second, Some(at(day))).await;
        assert_eq!((refused.status, refused.code()), (400, "ErrorOccurrenceCrossingBoundary"));
    }
    let moved = bench.graph(&second, Some(at(2))).await;
    assert_eq!((moved.status, moved.text("/type")), (200, "exception"));
    let all = bench.graph(&instances, None).await;
    assert_eq!((all.text("/value/1/type"), all.text("/value/2/type")), ("exception", "occurrence"));
    assert_eq!(all.text("/value/1/start/dateTime"), "2027-03-02T14:00:00.0000000");
    assert_eq!(bench.sandbox.state()["events"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_used_transaction_id_can_be_a_conflict() {
    let bench = Bench::new().await;
    let knobs = json!({ "duplicate_transaction_ids_conflict": true, "deleted_transaction_ids_remembered": true });
    bench.control("POST /_sandbox/graph", Some(knobs)).await;
    let mut body = event("x", 10, 11);
    body["transactionId"] = json!("t-1");
    let made = bench.graph("POST {me}/events", Some(body.clone())).await;
    let again = bench.graph("POST {me}/events", Some(body.clone())).await;
    assert_eq!((again.status, again.code()), (409, "ErrorDuplicateTransactionId"));
    bench.graph(&format!("DELETE {{me}}/events/{}", encoded(made.text("/id"))), None).await;
    assert_eq!(bench.graph("POST {me}/events", Some(body)).await.status, 409);
}

#[tokio::test]
async fn categories_are_listed_and_added_once() {
    let bench = Bench::new().await;
    let list = "GET {me}/outlook/masterCategories";
    assert_eq!(bench.graph(list, None).await.body["value"].as_array().map(Vec::len), Some(6));
    let add = |name: &str, color: &str| Some(json!({ "displayName": name, "color": color }));
    let made = bench.graph("POST {me}/outlook/masterCategories", add("Lessons", "preset5")).await;
    assert_eq!((made.status, made.text("/color")), (201, "preset5"));
    assert_eq!(bench.graph("POST {me}/outlook/masterCategories", add("LESSONS", "preset5")).await.status, 409);
    assert_eq!(bench.graph("POST {me}/outlook/masterCategories", add("Other", "preset25")).await.status, 400);
    bench.control("POST /_sandbox/graph", Some(json!({ "categories_denied": true }))).await;
    let denied = bench.graph(list, None).await;
    assert_eq!((denied.status, denied.code()), (403, "ErrorAccessDenied"));
}

#[tokio::test]
async fn the_answer_to_a_new_calendar_can_have_another_id() {
    let bench = Bench::new().await;
    bench.control("POST /_sandbox/graph", Some(json!({ "calendar_ids_differ": true }))).await;
    let made = bench.graph("POST {me}/calendars", Some(json!({ "name": "Lessons", "color": "lightTeal" }))).await;
    let list = bench.graph("GET {me}/calendars", None).await;
    assert_eq!((list.text("/value/1/name"), list.text("/value/1/color")), ("Lessons", "lightTeal"));
    assert_ne!(list.text("/value/1/id"), made.text("/id"));
    assert_eq!(bench.graph(&format!("GET {{me}}/calendars/{}", encoded(made.text("/id"))), None).await.status, 404);
}
