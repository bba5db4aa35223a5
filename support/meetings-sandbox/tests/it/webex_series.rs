//! Series of Webex: occurrences, those that stand on their own, and what a change of the series does to them.

use serde_json::{Value, json};

use crate::bench::{Bench, Reply};

const WINDOW: &str = "from=2027-03-01T00:00:00Z&to=2027-04-01T00:00:00Z";

async fn weekly(bench: &Bench) -> String {
    let body = json!({
        "title": "Maths", "start": "2027-03-08T10:00:00+01:00", "end": "2027-03-08T11:00:00+01:00", "timezone": "Europe/Berlin",
        "recurrence": "FREQ=WEEKLY;COUNT=4", "integrationTags": ["key"], "sendEmail": false,
        "invitees": [{ "email": "ada@contoso.example" }],
    });
    let made = bench.webex("POST /v1/meetings", Some(body)).await;
    assert_eq!(made.status, 200, "{}", made.body);
    made.text("/id").to_owned()
}

async fn occurrences(bench: &Bench, series: &str, more: &str) -> Vec<Value> {
    let path = format!("GET /v1/meetings?meetingSeriesId={series}&meetingType=scheduledMeeting&{WINDOW}{more}");
    let reply = bench.webex(&path, None).await;
    reply.body["items"].as_array().unwrap_or_else(|| panic!("{}", reply.body)).clone()
}

fn texts<'a>(items: &'a [Value], name: &str) -> Vec<&'a str> {
    items.iter().map(|item| item[name].as_str().expect("a text")).collect()
}

async fn patch(bench: &Bench, id: &str, body: Value) -> Reply {
    bench.webex(&format!("PATCH /v1/meetings/{id}"), Some(body)).await
}

#[tokio::test]
async fn a_series_has_occurrences_with_ids_and_states_of_their_own() {
    let mut bench = Bench::new().await;
    let series = weekly(&bench).await;
    let all = occurrences(&bench, &series, "").await;
    // the clocks go forward on the 28th: the wall stays
    let starts = ["2027-03-08T09:00:00Z", "2027-03-15T09:00:00Z", "2027-03-22T09:00:00Z", "2027-03-29T08:00:00Z"];
    assert_eq!(texts(&all, "start"), starts);
    assert_eq!(texts(&all, "state"), ["ready", "scheduled", "scheduled", "scheduled"]);
    assert_eq!(all[0]["id"], format!("{series}_20270308T090000Z"));
    assert!(all.iter().all(|one| one["meetingSeriesId"] == series.as_str() && one["recurrence"].is_null()));
    let one = bench.webex(&format!("GET /v1/meetings/{}", texts(&all, "id")[1]), None).await;
    assert_eq!((one.text("/meetingType"), one.text("/start")), ("scheduledMeeting", "2027-03-15T09:00:00Z"));
    assert_eq!(bench.webex(&format!("GET /v1/meetings/{series}_20270309T090000Z"), None).await.status, 404);
    // after the first one
    bench.sandbox.advance(std::time::Duration::from_secs(8 * 24 * 3600));
    assert_eq!(texts(&occurrences(&bench, &series, "").await, "state"), ["missed", "ready", "scheduled", "scheduled"]);
    bench.sandbox.advance(std::time::Duration::from_secs(28 * 24 * 3600));
    bench.webex = bench.sandbox.access_token(meetings_sandbox::AuthorizationSide::Webex, None).expect("a token");
    assert_eq!(bench.webex(&format!("GET /v1/meetings/{series}"), None).await.text("/state"), "expired");
}

#[tokio::test]
async fn current_shows_the_next_occurrence_in_the_place_of_the_series() {
    let bench = Bench::new().await;
    let series = weekly(&bench).await;
    bench.sandbox.advance(std::time::Duration::from_secs(10 * 24 * 3600));
    let (own, next) = ("2027-03-08T09:00:00Z", "2027-03-15T09:00:00Z");
    let list = |more: &'static str| format!("GET /v1/meetings?{WINDOW}{more}");
    for (path, start) in
        [(format!("GET /v1/meetings/{series}"), own), (format!("GET /v1/meetings/{series}?current=true"), next)]
    {
        assert_eq!(bench.webex(&path, None).await.text("/start"), start, "{path}");
    }
    for (path, start) in [(list(""), next), (list("&current=false"), own)] {
        assert_eq!(bench.webex(&path, None).await.text("/items/0/start"), start, "{path}");
    }
}

#[tokio::test]
async fn an_occurrence_is_changed_and_deleted_on_its_own() {
    let bench = Bench::new().await;
    let series = weekly(&bench).await;
    let (first, second) = (format!("{series}_20270308T090000Z"), format!("{series}_20270315T090000Z"));
    let moved = json!({ "title": "Physics", "start": "2027-03-16T09:00:00Z", "end": "2027-03-16T10:00:00Z", "sendEmail": false });
    let echo = patch(&bench, &second, moved).await;
    assert_eq!((echo.status, echo.text("/id"), echo.text("/meetingSeriesId")), (200, second.as_str(), series.as_str()));
    assert_eq!(echo.body["isModified"], true);
    let modified = occurrences(&bench, &series, "&isModified=true").await;
    assert_eq!((texts(&modified, "title"), texts(&modified, "start")), (vec!["Physics"], vec!["2027-03-16T09:00:00Z"]));
    assert_eq!(occurrences(&bench, &series, "&isModified=false").await.len(), 3);
    assert_eq!(bench.webex(&format!("GET /v1/meetings/{series}"), None).await.text("/title"), "Maths");

    // not past its neighbours, and without what only a series has
    for (body, why) in [
        (json!({ "start": "2027-03-22T09:30:00Z", "end": "2027-03-22T10:30:00Z" }), "two_meeting_schedule_at_same_day"),
        (json!({ "integrationTags": ["x"] }), "series only"),
        (json!({ "recurrence": "FREQ=DAILY" }), "series only"),
        (json!({ "start": "2027-02-16T09:00:00Z", "end": "2027-02-16T10:00:00Z" }), "before current time"),
    ] {
        let refused = patch(&bench, &second, body).await;
        assert!(refused.status == 400 && refused.text("/errors/0/description").contains(why), "{}", refused.body);
    }

    assert_eq!(bench.webex(&format!("DELETE /v1/meetings/{first}?sendEmail=false"), None).await.status, 204);
    assert_eq!(bench.webex(&format!("GET /v1/meetings/{first}"), None).await.status, 404);
    assert_eq!(occurrences(&bench, &series, "").await.len(), 3);
    assert!(bench.sandbox.mails().is_empty());
}

#[tokio::test]
async fn a_new_time_of_the_series_cancels_what_stood_on_its_own() {
    let bench = Bench::new().await;
    let series = weekly(&bench).await;
    let second = format!("{series}_20270315T090000Z");
    patch(&bench, &second, json!({ "title": "Physics", "sendEmail": false })).await;
    // other words do not
    patch(&bench, &series, json!({ "title": "Maths B", "sendEmail": false })).await;
    assert_eq!(occurrences(&bench, &series, "&isModified=true").await.len(), 1);
    let moved = json!({ "start": "2027-03-08T09:30:00Z", "end": "2027-03-08T10:30:00Z", "sendEmail": false });
    assert_eq!(patch(&bench, &series, moved).await.status, 200);
    assert!(occurrences(&bench, &series, "&isModified=true").await.is_empty());
    // and without a rule it is one meeting
    patch(&bench, &series, json!({ "recurrence": null, "sendEmail": false })).await;
    assert_eq!(occurrences(&bench, &series, "").await.len(), 1);
}

#[tokio::test]
async fn an_occurrence_has_invitees_of_its_own() {
    let bench = Bench::new().await;
    let series = weekly(&bench).await;
    let first = format!("{series}_20270308T090000Z");
    let list = async |id: &str| {
        let reply = bench.webex(&format!("GET /v1/meetingInvitees?meetingId={id}"), None).await;
        texts(reply.body["items"].as_array().expect("a list"), "id").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let (of_series, of_first) = (list(&series).await, list(&first).await);
    assert!(of_series[0].starts_with(&series) && of_first[0].starts_with(&first), "{of_series:?} {of_first:?}");
    let more = json!({ "meetingId": first, "email": "grace@fabrikam.example", "sendEmail": false });
    assert_eq!(bench.webex("POST /v1/meetingInvitees", Some(more)).await.status, 200);
    assert_eq!((list(&series).await.len(), list(&first).await.len()), (1, 2));

    // PUT puts somebody else in the place, unless they are there
    let place = format!("PUT /v1/meetingInvitees/{}", of_first[0]);
    let changed = bench
        .webex(&place, Some(json!({ "email": "bert@fabrikam.example", "coHost": true, "sendEmail": false })))
        .await;
    assert_eq!((changed.text("/id"), changed.text("/email")), (of_first[0].as_str(), "bert@fabrikam.example"));
    assert_eq!(bench.webex(&place, Some(json!({ "email": "Grace@fabrikam.example" }))).await.status, 409);
    assert_eq!(
        bench.webex(&format!("GET /v1/meetingInvitees/{}", of_series[0]), None).await.text("/email"),
        "ada@contoso.example"
    );
    assert_eq!(
        bench.webex(&format!("DELETE /v1/meetingInvitees/{}?sendEmail=false", of_first[0]), None).await.status,
        204
    );
    assert_eq!((list(&series).await.len(), list(&first).await.len()), (1, 1));
    assert!(bench.sandbox.mails().is_empty());
}

#[tokio::test]
async fn filters_that_name_one_meeting_exclude_each_other() {
    let bench = Bench::new().await;
    let series = weekly(&bench).await;
    let made = bench.webex(&format!("GET /v1/meetings/{series}"), None).await;
    let number = made.text("/meetingNumber");
    let found = bench.webex(&format!("GET /v1/meetings?meetingNumber={number}&state=expired"), None).await;
    assert_eq!(found.text("/items/0/id"), series, "the state is passed over");
    let both = bench.webex(&format!("GET /v1/meetings?meetingNumber={number}&roomId=x"), None).await;
    assert_eq!(both.status, 400);
    assert_eq!(bench.webex("GET /v1/meetings?meetingSeriesId=nowhere", None).await.status, 404);
}

#[tokio::test]
async fn put_changes_what_it_names() {
    let bench = Bench::new().await;
    let series = weekly(&bench).await;
    let changed =
        bench.webex(&format!("PUT /v1/meetings/{series}"), Some(json!({ "title": "New", "sendEmail": false }))).await;
    assert_eq!((changed.text("/title"), changed.text("/start")), ("New", "2027-03-08T10:00:00+01:00"));
    let registered = json!({ "title": "x", "start": "2027-03-08T10:00:00Z", "end": "2027-03-08T11:00:00Z",
        "recurrence": "FREQ=DAILY;COUNT=2", "registration": { "requireEmail": true } });
    assert_eq!(bench.webex("POST /v1/meetings", Some(registered)).await.status, 400);
}

#[tokio::test]
async fn an_instance_is_there_once_somebody_came_and_tells_less_when_it_is_over() {
    use crate::webex_presence::{join, later};
    let bench = Bench::new().await;
    let series = crate::webex_presence::meeting(&bench).await;
    let list = async |more: &str| {
        let path = format!("GET /v1/meetings?meetingSeriesId={series}&meetingType=meeting&{WINDOW}{more}");
        bench.webex(&path, None).await.body["items"].as_array().expect("a list").clone()
    };
    assert!(list("").await.is_empty());
    assert_eq!(bench.webex(&format!("POST /v1/meetings/{series}/end"), Some(json!({}))).await.status, 400);
    later(&bench, 60);
    let waiting = json!({ "meeting": series, "email": "ada@contoso.example", "lobby": true });
    let (instance, _) = join(&bench, waiting).await;
    assert_eq!(texts(&list("").await, "state"), ["lobby"]);
    join(&bench, json!({ "meeting": series, "email": "organizer@contoso.example" })).await;
    let running = bench.webex(&format!("GET /v1/meetings/{instance}"), None).await;
    assert_eq!((running.text("/meetingType"), running.text("/state")), ("meeting", "inProgress"));
    assert!(running.body.get("end").is_none() && running.body["password"].is_string());
    assert_eq!(list("").await[0]["scheduledMeetingId"], format!("{series}_20270301T100000Z"));
    for name in ["meetingSeriesId", "scheduledMeetingId", "isModified"] {
        assert!(running.body.get(name).is_none(), "{name}: lists tell it");
    }
    assert_eq!(bench.webex(&format!("GET /v1/meetings/{series}"), None).await.text("/state"), "inProgress");

    // while it is under way it is not changed, and instances never
    for (id, why) in [(&series, "Meeting is in progress"), (&instance, "is not allowed for this API")] {
        let refused = patch(&bench, id, json!({ "title": "Other" })).await;
        assert!(refused.status == 400 && refused.text("/errors/0/description").contains(why), "{}", refused.body);
    }
    assert_eq!(bench.webex(&format!("DELETE /v1/meetings/{instance}"), None).await.status, 400);

    later(&bench, 30);
    let path = format!("POST /v1/meetings/{instance}/end");
    assert_eq!(bench.webex(&path, Some(json!({ "reason": "Done." }))).await.status, 204);
    assert_eq!(bench.webex(&path, Some(json!({}))).await.status, 400);
    let over = list("&state=ended").await.remove(0);
    assert_eq!((&over["end"], &over["hostDidJoin"]), (&json!("2027-03-01T10:30:00Z"), &json!(true)));
    for name in ["password", "hostKey", "telephony", "meetingNumber"] {
        assert!(over.get(name).is_none(), "{name}");
    }
    assert_eq!(texts(&occurrences(&bench, &series, "").await, "state"), ["ended"]);
    patch(&bench, &series, json!({ "title": "Other", "sendEmail": false })).await;
}
