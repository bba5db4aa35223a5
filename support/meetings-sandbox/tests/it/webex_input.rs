//! What Webex refuses in bodies and queries, and that nothing odd in them ends the server.

use serde_json::{Value, json};

use crate::bench::{Bench, Reply};

async fn make(bench: &Bench, change: Value) -> Reply {
    let mut body = json!({
        "title": "Maths", "start": "2027-03-08T10:00:00Z", "end": "2027-03-08T11:00:00Z", "sendEmail": false,
    });
    body.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
    bench.webex("POST /v1/meetings", Some(body)).await
}

#[tokio::test]
async fn a_recurrence_is_read_strictly_and_ends_within_five_years() {
    let bench = Bench::new().await;
    for good in ["FREQ=WEEKLY;COUNT=261", "FREQ=DAILY", "FREQ=MONTHLY;UNTIL=20320308T100000Z"] {
        assert_eq!(make(&bench, json!({ "recurrence": good })).await.status, 200, "{good}");
    }
    for bad in [
        json!("FREQ=WEEKLY;COUNT=262"),
        json!("FREQ=DAILY;UNTIL=20330101"),
        json!("FREQ=DAILY;UNTIL=tomorrow"),
        json!("FREQ=MONTHLY;BYMONTHDAY=-2147483648"),
        json!(""),
        json!(5),
    ] {
        let reply = make(&bench, json!({ "recurrence": bad })).await;
        assert_eq!(reply.status, 400, "{bad}: {}", reply.body);
        let made = make(&bench, json!({})).await;
        let path = format!("PATCH /v1/meetings/{}", made.text("/id"));
        let patched = bench.webex(&path, Some(json!({ "recurrence": bad }))).await;
        assert_eq!(patched.status, 400, "{bad}");
    }
    assert_eq!(
        bench.webex("GET /v1/meetings?from=2027-03-01T00:00:00Z&to=2027-04-01T00:00:00Z", None).await.status,
        200
    );
}

#[tokio::test]
async fn a_recurrence_comes_back_with_its_end_in_front() {
    let bench = Bench::new().await;
    let made = make(&bench, json!({ "recurrence": "FREQ=DAILY;INTERVAL=1;COUNT=10" })).await;
    assert_eq!(made.text("/recurrence"), "FREQ=DAILY;COUNT=10;INTERVAL=1");
}

#[tokio::test]
async fn numbers_and_dates_at_the_edge_are_answered() {
    let bench = Bench::new().await;
    make(&bench, json!({})).await;
    for path in [
        "/v1/meetings?offset=18446744073709551615",
        "/v1/meetings?from=%2B262142-12-31T00:00:00Z",
        "/v1/meetings?to=-262143-01-02T00:00:00Z",
        "/v1/recordings?from=%2B262142-12-31T00:00:00Z",
        "/v1/meetingTranscripts?to=-262143-01-02T00:00:00Z",
    ] {
        let reply = bench.webex(&format!("GET {path}"), None).await;
        assert!(matches!(reply.status, 200 | 400), "{path}: {} {}", reply.status, reply.body);
    }
}

#[tokio::test]
async fn what_is_never_indexed_is_never_listed() {
    let bench = Bench::new().await;
    bench.sandbox.set_webex_index_lag(std::time::Duration::MAX);
    bench.control("POST /_sandbox/webex", Some(json!({ "participant_lag_seconds": 1e18 }))).await;
    let made = make(&bench, json!({})).await;
    let listed = bench.webex("GET /v1/meetings?from=2027-03-01T00:00:00Z&to=2027-04-01T00:00:00Z", None).await;
    assert_eq!(listed.body["items"], json!([]));
    let people = bench.webex(&format!("GET /v1/meetingParticipants?meetingId={}", made.text("/id")), None).await;
    assert_eq!(people.status, 404, "nobody is known to have come: {}", people.body);
}

#[tokio::test]
async fn members_are_what_the_document_says() {
    let bench = Bench::new().await;
    for good in [
        json!({ "joinBeforeHostMinutes": 15, "enabledJoinBeforeHost": true, "unlockedMeetingJoinSecurity": "allowJoin" }),
        json!({ "scheduledType": "webinar", "sessionTypeId": 9, "joinBeforeHostMinutes": 60 }),
        json!({ "scheduledType": "personalRoomMeeting" }),
        json!({ "registration": { "requireEmail": true }, "trackingCodes": [] }),
    ] {
        let made = make(&bench, good.clone()).await;
        assert_eq!(made.status, 200, "{good}: {}", made.body);
    }
    for bad in [
        json!({ "joinBeforeHostMinutes": 7 }),
        json!({ "joinBeforeHostMinutes": "15" }),
        json!({ "enabledAutoRecordMeeting": "yes" }),
        json!({ "enabledAutoRecordMeeting": null }),
        json!({ "unlockedMeetingJoinSecurity": "open" }),
        json!({ "scheduledType": "foo" }),
        json!({ "scheduledType": "webinar" }),
        json!({ "scheduledType": "personalRoomMeeting", "integrationTags": ["key"] }),
        json!({ "scheduledType": "personalRoomMeeting", "enabledAutoRecordMeeting": true }),
        json!({ "agenda": 5 }),
        json!({ "agenda": "x".repeat(1301) }),
        json!({ "meetingOptions": true }),
        json!({ "registration": { "requireEmail": true }, "excludePassword": true }),
        json!({ "registration": { "requireEmail": true }, "recurrence": "FREQ=DAILY;COUNT=2" }),
        json!({ "sendEmail": "false" }),
        json!({ "invitees": "ada" }),
        json!({ "invitees": [{ "email": "Ada <ada@contoso.example>" }] }),
        json!({ "invitees": [{ "email": "ada@contoso.example", "coHost": "true" }] }),
    ] {
        let made = make(&bench, bad.clone()).await;
        assert_eq!(made.status, 400, "{bad}: {}", made.body);
    }
    assert!(bench.sandbox.mails().is_empty());
    let made = make(&bench, json!({ "agenda": "Fractions" })).await;
    let patch = async |body: Value| bench.webex(&format!("PATCH /v1/meetings/{}", made.text("/id")), Some(body)).await;
    for bad in [json!({ "joinBeforeHostMinutes": 30 }), json!({ "publicMeeting": null }), json!({ "sendEmail": 0 })] {
        assert_eq!(patch(bad.clone()).await.status, 400, "{bad}");
    }
    let cleared = patch(json!({ "agenda": null, "trackingCodes": null, "sendEmail": false })).await;
    assert_eq!((cleared.status, &cleared.body["agenda"]), (200, &Value::Null));
}

#[tokio::test]
async fn meetings_of_spaces_and_of_templates_are_not_modelled() {
    let bench = Bench::new().await;
    for asked in [json!({ "adhoc": true, "roomId": "r" }), json!({ "roomId": "r" }), json!({ "templateId": "t" })] {
        assert_eq!(make(&bench, asked.clone()).await.status, 501, "{asked}");
    }
    assert_eq!(make(&bench, json!({ "adhoc": false })).await.status, 200);
}

#[tokio::test]
async fn invitees_are_listed_by_whether_they_are_panelists() {
    let bench = Bench::new().await;
    let invitees = json!([{ "email": "ada@contoso.example", "panelist": true }, { "email": "bert@contoso.example" }]);
    let webinar = json!({ "scheduledType": "webinar", "sessionTypeId": 9, "invitees": invitees });
    let made = make(&bench, webinar).await;
    let list = async |more: &str| {
        let reply = bench.webex(&format!("GET /v1/meetingInvitees?meetingId={}{more}", made.text("/id")), None).await;
        let items = reply.body["items"].as_array().expect("a list").clone();
        items.iter().map(|item| item["email"].as_str().expect("a text").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(list("&panelist=true").await, ["ada@contoso.example"]);
    assert_eq!(list("&panelist=false").await, ["bert@contoso.example"]);
    assert_eq!(list("").await.len(), 2);
}

#[tokio::test]
async fn a_filter_of_a_webhook_names_what_its_resource_has() {
    let bench = Bench::new().await;
    let hook = async |resource: &str, event: &str, filter: &str| {
        let mut body = json!({
            "name": "x", "targetUrl": "https://app.example/webex", "resource": resource, "event": event,
        });
        if !filter.is_empty() {
            body["filter"] = filter.into();
        }
        bench.webex("POST /v1/webhooks", Some(body)).await
    };
    for (resource, event, filter) in [
        ("meetings", "ended", "state=ended&meetingType=meeting"),
        ("meetingParticipants", "joined", "meetingId=m"),
        ("recordings", "created", ""),
        ("memberships", "all", ""),
    ] {
        let made = hook(resource, event, filter).await;
        assert_eq!(made.status, 200, "{resource} {filter}: {}", made.body);
        assert!(["orgId", "createdBy", "appId"].iter().all(|name| made.body[name].is_string()), "{}", made.body);
    }
    for (resource, event, filter) in [
        ("meetings", "ended", "hostPersonId=p"),
        ("meetingParticipants", "joined", "colour=red"),
        ("meetings", "ended", "nonsense"),
        ("meetings", "ended", "state=ended&"),
        ("memberships", "started", ""),
    ] {
        assert_eq!(hook(resource, event, filter).await.status, 400, "{resource} {event} {filter}");
    }
}

#[tokio::test]
async fn a_report_names_its_meeting() {
    let bench = Bench::new().await;
    let site = meetings_sandbox::defaults::WEBEX_SITE;
    let report = async |more: &str| {
        bench.webex(&format!("GET /v1/meetingReports/attendees?siteUrl={site}{more}"), None).await.status
    };
    assert_eq!((report("").await, report("&meetingTitle=Maths").await), (400, 200));
}

#[tokio::test]
async fn filters_by_what_is_left_behind_are_for_ended_instances() {
    let bench = Bench::new().await;
    let made = make(&bench, json!({})).await;
    let joined = json!({ "meeting": made.text("/id"), "email": meetings_sandbox::defaults::ORGANIZER });
    let joined = bench.control("POST /_sandbox/webex/join", Some(joined)).await;
    bench.control("POST /_sandbox/webex/leave", Some(json!({ "participant": joined.text("/participant") }))).await;
    let list = async |filter: &str| bench.webex(&format!("GET /v1/meetings?{filter}"), None).await;
    for wrong in ["hasRecording=true", "hasChat=true&meetingType=meeting", "hasChat=true&state=ended"] {
        assert_eq!(list(wrong).await.status, 400, "{wrong}");
    }
    let count = async |filter: &str| {
        let reply = list(&format!(
            "meetingType=meeting&state=ended&from=2027-02-28T00:00:00Z&to=2027-03-02T00:00:00Z&{filter}"
        ))
        .await;
        reply.body["items"].as_array().map(Vec::len)
    };
    assert_eq!((count("hasRecording=true").await, count("hasRecording=false").await), (Some(0), Some(1)));
    assert_eq!((count("hasChat=true").await, count("hasChat=false").await), (Some(0), Some(1)));
    // its instances stay when a meeting is deleted
    assert_eq!(bench.webex(&format!("DELETE /v1/meetings/{}", made.text("/id")), None).await.status, 204);
    bench.control("POST /_sandbox/webex/recordings", Some(json!({ "instance": joined.text("/instance") }))).await;
    assert_eq!((count("hasRecording=true").await, count("hasRecording=false").await), (Some(1), Some(0)));
}

#[tokio::test]
async fn a_number_finds_its_meeting_whatever_the_window() {
    let bench = Bench::new().await;
    let made = make(&bench, json!({})).await;
    let path =
        format!("GET /v1/meetings?meetingNumber={}&from=zz&to=2020-01-01T00:00:00Z", made.text("/meetingNumber"));
    let found = bench.webex(&path, None).await;
    assert_eq!((found.status, found.text("/items/0/id")), (200, made.text("/id")));
}
