//! Occurrences and instances under their own ids: who came, what was recorded, what is told.

use std::time::Duration;

use meetings_sandbox::{AuthorizationSide, defaults};
use serde_json::{Value, json};

use crate::bench::Bench;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A daily series from the next morning on, held on its second day.
async fn second_day(bench: &mut Bench) -> (String, Value) {
    let body = json!({
        "title": "Maths", "start": "2027-03-02T09:00:00Z", "end": "2027-03-02T10:00:00Z", "recurrence": "FREQ=DAILY;COUNT=3",
        "sendEmail": false,
    });
    let made = bench.webex("POST /v1/meetings", Some(body)).await;
    let series = made.text("/id").to_owned();
    bench.sandbox.advance(2 * DAY);
    bench.webex = bench.sandbox.access_token(AuthorizationSide::Webex, Some(defaults::ORGANIZER)).expect("a token");
    let joined = json!({ "meeting": series, "email": defaults::ORGANIZER });
    let joined = bench.control("POST /_sandbox/webex/join", Some(joined)).await;
    (series, joined.body)
}

#[tokio::test]
async fn an_occurrence_has_its_own_people_recordings_and_transcripts() {
    let mut bench = Bench::new().await;
    let (series, joined) = second_day(&mut bench).await;
    let (first, second) = (format!("{series}_20270302T090000Z"), format!("{series}_20270303T090000Z"));
    let people =
        async |id: &str| bench.webex(&format!("GET /v1/meetingParticipants?meetingId={id}"), None).await.status;
    assert_eq!((people(&series).await, people(&second).await, people(&first).await), (200, 200, 404));
    assert_eq!(people(&format!("{series}_rubbish")).await, 404);
    let end = async |id: &str| bench.webex(&format!("POST /v1/meetings/{id}/end"), Some(json!({}))).await.status;
    assert_eq!((end(&first).await, end(&second).await), (400, 204));
    let of = json!({ "instance": joined["instance"] });
    bench.control("POST /_sandbox/webex/recordings", Some(of.clone())).await;
    bench
        .control("POST /_sandbox/webex/transcripts", Some(json!({ "instance": joined["instance"], "snippets": [] })))
        .await;
    let recorded = async |id: &str| {
        let reply = bench.webex(&format!("GET /v1/recordings?meetingId={id}"), None).await;
        reply.body["items"].as_array().expect("a list").clone()
    };
    assert!(recorded(&first).await.is_empty());
    assert_eq!(recorded(&second).await[0]["scheduledMeetingId"], second.as_str());
    let instance = joined["instance"].as_str().expect("an id");
    let transcripts = bench.webex(&format!("GET /v1/meetingTranscripts?meetingId={instance}"), None).await;
    assert_eq!(transcripts.text("/items/0/scheduledMeetingId"), second);
}

#[tokio::test]
async fn nobody_is_invited_to_an_instance_and_there_is_none_before_it_begins() {
    let mut bench = Bench::new().await;
    let (series, joined) = second_day(&mut bench).await;
    let (held, never) = (joined["instance"].as_str().expect("an id"), format!("{series}_I_42"));
    let list = async |id: &str| bench.webex(&format!("GET /v1/meetingInvitees?meetingId={id}"), None).await.status;
    assert_eq!((list(held).await, list(&never).await), (200, 404));
    let join = json!({ "meetingId": never, "joinDirectly": false, "email": "a@b.example", "displayName": "A" });
    assert_eq!(bench.webex("POST /v1/meetings/join", Some(join)).await.status, 404);
    let one = json!({ "meetingId": held, "email": "ada@contoso.example", "sendEmail": false });
    assert_eq!(bench.webex("POST /v1/meetingInvitees", Some(one)).await.status, 400);
    let many = json!({ "meetingId": held, "items": [{ "email": "ada@contoso.example" }] });
    assert_eq!(bench.webex("POST /v1/meetingInvitees/bulkInsert", Some(many)).await.status, 400);
}

#[tokio::test]
async fn a_series_that_is_over_is_not_joined() {
    let mut bench = Bench::new().await;
    let (series, joined) = second_day(&mut bench).await;
    bench.control("POST /_sandbox/webex/leave", Some(json!({ "participant": joined["participant"] }))).await;
    let join = json!({ "meetingId": series, "joinDirectly": false, "email": "a@b.example", "displayName": "A" });
    assert_eq!(bench.webex("POST /v1/meetings/join", Some(join.clone())).await.status, 200);
    bench.sandbox.advance(3 * DAY);
    bench.webex = bench.sandbox.access_token(AuthorizationSide::Webex, Some(defaults::ORGANIZER)).expect("a token");
    assert_eq!(bench.webex("POST /v1/meetings/join", Some(join)).await.status, 400);
}

#[tokio::test]
async fn whoever_is_removed_has_no_tokens_left() {
    let bench = Bench::new().await;
    assert_eq!(bench.webex("GET /v1/people/me", None).await.status, 200);
    assert!(bench.sandbox.remove_webex_user(defaults::ORGANIZER));
    assert_eq!(bench.webex("GET /v1/people/me", None).await.status, 401);
    bench.sandbox.add_webex_user(&meetings_sandbox::WebexUser::new(defaults::ORGANIZER));
    assert_eq!(bench.webex("GET /v1/people/me", None).await.status, 401, "the old token stays over");
}
