//! Webhooks of Webex: kept, delivered for real, signed, turned off.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use meetings_sandbox::{AuthorizationSide, Fault, FaultPlan, FaultRule, defaults};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::bench::{Bench, Reply};

const MEETINGS: &str = "POST /v1/meetings";
const WEBHOOKS: &str = "POST /v1/webhooks";
const ADMIN_SCOPE: &str = "meeting:admin_schedule_read meeting:admin_schedule_write spark:people_read";

/// A target that keeps what it gets, and answers with one status.
struct Target {
    url: String,
    got: Arc<Mutex<Vec<String>>>,
    status: Arc<Mutex<u16>>,
}

impl Target {
    async fn new(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook?key=1", listener.local_addr().expect("an address"));
        let (got, status) = (Arc::<Mutex<Vec<String>>>::default(), Arc::new(Mutex::new(status)));
        let (keep, say) = (Arc::clone(&got), Arc::clone(&status));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut text = String::new();
                loop {
                    let mut buffer = [0; 4096];
                    let read = stream.read(&mut buffer).await.unwrap_or(0);
                    text.push_str(&String::from_utf8_lossy(&buffer[..read]));
                    let whole = text.split_once("\r\n\r\n").is_some_and(|(_, body)| body.ends_with('}'));
                    if read == 0 || whole {
                        break;
                    }
                }
                keep.lock().expect("lock").push(text);
                let status = *say.lock().expect("lock");
                let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { url, got, status }
    }

    fn got(&self) -> Vec<String> {
        self.got.lock().expect("lock").clone()
    }

    /// What was told of the objects.
    fn data(&self) -> Vec<Value> {
        let body = |text: &String| -> Value {
            let (_, body) = text.split_once("\r\n\r\n").expect("a body");
            serde_json::from_str(body).expect("JSON")
        };
        self.got().iter().map(|text| body(text)["data"].clone()).collect()
    }

    fn objects(&self) -> Vec<String> {
        self.data().iter().map(|data| data["id"].as_str().expect("an id").to_owned()).collect()
    }

    fn answer(&self, status: u16) {
        *self.status.lock().expect("lock") = status;
    }
}

fn hook(target: &str, event: &str) -> Value {
    json!({ "name": "Hook", "targetUrl": target, "resource": "meetings", "event": event })
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

async fn made(bench: &Bench, body: Value) -> Reply {
    let reply = bench.webex(WEBHOOKS, Some(body)).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply
}

async fn meeting(bench: &Bench) -> String {
    let body = json!({ "title": "Secret title", "start": "2027-03-02T10:00:00Z", "end": "2027-03-02T11:00:00Z", "sendEmail": false });
    let reply = bench.webex(MEETINGS, Some(body)).await;
    bench.sandbox.webhooks_sent().await;
    reply.text("/id").to_owned()
}

async fn status(bench: &Bench, id: &str) -> String {
    bench.webex(&format!("GET /v1/webhooks/{id}"), None).await.text("/status").to_owned()
}

#[tokio::test]
async fn a_webhook_is_made_read_listed_changed_and_deleted() {
    let bench = Bench::new().await;
    let body = with(hook("https://app.example/a", "created"), "secret", json!("s".repeat(20)));
    let first = made(&bench, with(body, "filter", json!("meetingType=meetingSeries"))).await;
    assert_eq!((first.text("/status"), first.text("/ownedBy")), ("active", "creator"));
    made(&bench, hook("https://app.example/a", "ended")).await;
    let list = bench.webex("GET /v1/webhooks?max=1", None).await;
    assert_eq!((list.body["items"].as_array().expect("items").len(), list.header("link").is_empty()), (1, false));
    let path = format!("/v1/webhooks/{}", first.text("/id"));
    let put = json!({ "name": "New", "targetUrl": "https://app.example/b", "status": "active" });
    let changed = bench.webex(&format!("PUT {path}"), Some(put.clone())).await;
    assert_eq!((changed.text("/name"), changed.text("/targetUrl")), ("New", "https://app.example/b"));
    assert_eq!((changed.text("/event"), changed.text("/secret")), ("created", "s".repeat(20).as_str()));
    for bad in [with(put.clone(), "status", json!("inactive")), json!({ "name": "New" }), json!({})] {
        assert_eq!(bench.webex(&format!("PUT {path}"), Some(bad)).await.status, 400);
    }
    assert_eq!(bench.webex(&format!("DELETE {path}"), None).await.status, 204);
    for call in ["GET", "DELETE"] {
        assert_eq!(bench.webex(&format!("{call} {path}"), None).await.status, 404);
    }
    let ada = bench.sandbox.access_token(AuthorizationSide::Webex, Some("ada@contoso.example")).expect("token");
    let none = bench.call(&ada, "GET /v1/webhooks", &[], None).await;
    assert_eq!(none.body["items"], json!([]), "others' webhooks are not told");
}

#[tokio::test]
async fn what_webex_does_not_take_is_refused() {
    let bench = Bench::new().await;
    let good = || hook("https://app.example/a", "created");
    for bad in [
        with(good(), "name", json!("")),
        with(good(), "targetUrl", json!("app.example")),
        with(good(), "resource", json!("holograms")),
        with(good(), "event", json!("all")),
        with(good(), "event", json!("joined")),
        with(good(), "ownedBy", json!("me")),
        with(good(), "filter", json!("hostEmail=ada@contoso.example")),
    ] {
        assert_eq!(bench.webex(WEBHOOKS, Some(bad.clone())).await.status, 400, "{bad}");
    }
    assert_eq!(bench.webex(WEBHOOKS, Some(with(good(), "ownedBy", json!("org")))).await.status, 403);
    bench.control("POST /_sandbox/webex", Some(json!({ "webhooks_per_user": 1 }))).await;
    made(&bench, good()).await;
    assert_eq!(bench.webex(WEBHOOKS, Some(good())).await.status, 400, "the limit");
}

#[tokio::test]
async fn events_are_posted_with_the_signature_of_the_body() {
    let bench = Bench::new().await;
    let target = Target::new(204).await;
    let signed = with(hook(&target.url, "created"), "secret", json!("0123456789abcdef"));
    let id = made(&bench, signed).await.text("/id").to_owned();
    for event in ["updated", "deleted"] {
        made(&bench, hook(&target.url, event)).await;
    }
    let meeting = meeting(&bench).await;
    let path = format!("/v1/meetings/{meeting}");
    bench.webex(&format!("PATCH {path}"), Some(json!({ "title": "New", "sendEmail": false }))).await;
    bench.webex(&format!("DELETE {path}?sendEmail=false"), None).await;
    bench.sandbox.webhooks_sent().await;
    assert_eq!(target.objects(), [meeting.as_str(); 3]);
    let first = &target.got()[0];
    let (head, body) = first.split_once("\r\n\r\n").expect("a body");
    assert!(head.starts_with("POST /hook?key=1 HTTP/1.1"), "{head}");
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, b"0123456789abcdef");
    let expected = data_encoding::HEXLOWER.encode(aws_lc_rs::hmac::sign(&key, body.as_bytes()).as_ref());
    assert!(head.contains(&format!("x-spark-signature: {expected}")), "{head}");
    assert!(
        !body.contains("Secret title") && !body.contains("0123456789abcdef") && !body.contains("password"),
        "{body}"
    );
    let told: Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(
        (&told["id"], &told["event"], &told["data"]["state"]),
        (&json!(id), &json!("created"), &json!("active"))
    );
    assert!(!target.got()[1].contains("x-spark-signature"), "no secret, no signature");
    let ended: Vec<_> = bench.sandbox.webhook_deliveries().iter().map(|d| (d.event.clone(), d.status)).collect();
    assert_eq!(ended, ["created", "updated", "deleted"].map(|event| (event.to_owned(), Some(204))));
}

#[tokio::test]
async fn filters_and_owners_choose() {
    let bench = Bench::new().await;
    let target = Target::new(200).await;
    let admin = bench.sandbox.scoped_access_token(
        AuthorizationSide::Webex,
        defaults::WEBEX_CLIENT_ID,
        "ada@contoso.example",
        ADMIN_SCOPE,
    );
    let admin = admin.expect("token");
    let of_organization =
        |filter: &str| with(with(hook(&target.url, "ended"), "ownedBy", json!("org")), "filter", json!(filter));
    for filter in ["hostEmail=organizer@contoso.example&state=ended", "hostEmail=bert@contoso.example"] {
        assert_eq!(bench.call(&admin, WEBHOOKS, &[], Some(of_organization(filter))).await.status, 200);
    }
    let twice = of_organization("hostEmail=bert@contoso.example");
    assert_eq!(bench.call(&admin, WEBHOOKS, &[], Some(twice)).await.status, 409);
    let listed = bench.call(&admin, "GET /v1/webhooks?ownedBy=org", &[], None).await;
    assert_eq!(listed.body["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(bench.webex("GET /v1/webhooks?ownedBy=org", None).await.status, 403);
    made(&bench, hook(&target.url, "ended")).await;
    let data = |host: &str| json!({ "id": format!("m_I_{host}"), "state": "ended", "hostEmail": format!("{host}@contoso.example") });
    for host in ["organizer", "ada", "bert"] {
        let address = format!("{host}@contoso.example");
        assert!(bench.sandbox.emit_webex_event("meetings", "ended", &address, &data(host)));
    }
    assert!(!bench.sandbox.emit_webex_event("meetings", "ended", "nobody@contoso.example", &data("x")));
    bench.sandbox.webhooks_sent().await;
    let mut objects = target.objects();
    objects.sort();
    assert_eq!(objects, ["m_I_bert", "m_I_organizer", "m_I_organizer"], "one for the organisation, one of one's own");
}

#[tokio::test]
async fn a_hundred_failures_in_five_minutes_turn_it_off_until_it_is_renewed() {
    let bench = Bench::new().await;
    let target = Target::new(500).await;
    let id = made(&bench, hook(&target.url, "ended")).await.text("/id").to_owned();
    let emit = async |times: usize| {
        for n in 0..times {
            bench.sandbox.emit_webex_event("meetings", "ended", defaults::ORGANIZER, &json!({ "id": format!("m{n}") }));
        }
        bench.sandbox.webhooks_sent().await;
    };
    emit(99).await;
    assert_eq!(status(&bench, &id).await, "active");
    bench.sandbox.advance(Duration::from_secs(301));
    emit(99).await;
    assert_eq!(status(&bench, &id).await, "active", "the first ones are too long ago");
    emit(1).await;
    assert_eq!(status(&bench, &id).await, "inactive");
    emit(5).await;
    assert_eq!(target.got().len(), 199, "what is off delivers nothing");
    let renew = async || {
        let put = json!({ "name": "Hook", "targetUrl": target.url, "status": "active" });
        bench.webex(&format!("PUT /v1/webhooks/{id}"), Some(put)).await.text("/status").to_owned()
    };
    assert_eq!(renew().await, "active");
    emit(1).await;
    assert_eq!(status(&bench, &id).await, "inactive", "one failure within five minutes of a renewal");
    renew().await;
    target.answer(200);
    emit(1).await;
    bench.sandbox.advance(Duration::from_secs(301));
    target.answer(500);
    emit(99).await;
    assert_eq!(status(&bench, &id).await, "active");
}

#[tokio::test]
async fn deliveries_come_twice_late_or_not_at_all_by_plan() {
    let bench = Bench::new().await;
    let target = Target::new(200).await;
    let id = made(&bench, hook(&target.url, "created")).await.text("/id").to_owned();
    let plan = |fault: Fault, call: u64| {
        FaultPlan::new().with(FaultRule::new(fault).on_operation("webex.webhooks.deliver").at_calls([call]))
    };
    bench.sandbox.set_faults(plan(Fault::Duplicate, 1));
    let twice = meeting(&bench).await;
    assert_eq!(target.objects(), [twice.as_str(), &twice]);
    bench.sandbox.set_faults(plan(Fault::LostRequest, 1));
    meeting(&bench).await;
    assert_eq!(target.got().len(), 2, "lost");
    bench.sandbox.set_faults(plan(Fault::Hold { after: false }, 1));
    let (held, later) = (meeting(&bench).await, meeting(&bench).await);
    assert_eq!(target.objects()[2..], std::slice::from_ref(&later)[..]);
    bench.sandbox.release_held();
    while target.got().len() < 4 {
        bench.sandbox.webhooks_sent().await;
        tokio::task::yield_now().await;
    }
    assert_eq!(target.objects()[2..], [later, held], "overtaken");
    assert_eq!(bench.sandbox.state()["webexWebhooks"][0]["failures"], 0);
    for (fault, sent) in [
        (Fault::LostReply, 5),
        (Fault::StatusAfter { status: 503, retry_after: None }, 6),
        (Fault::StatusBefore { status: 503, retry_after: None }, 6),
    ] {
        bench.sandbox.set_faults(plan(fault, 1));
        meeting(&bench).await;
        assert_eq!(target.got().len(), sent);
    }
    assert_eq!(bench.sandbox.state()["webexWebhooks"][0]["failures"], 3);
    assert_eq!(status(&bench, &id).await, "active");
}

#[tokio::test]
async fn nothing_is_posted_to_other_machines_and_nobody_home_is_a_failure() {
    let bench = Bench::new().await;
    for target in ["https://127.0.0.1:1/", "http://app.example/hook", "http://192.0.2.1/hook", "http://[2001:db8::1]/"]
    {
        made(&bench, hook(target, "created")).await;
    }
    let closed = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    made(&bench, hook(&format!("http://{closed}/"), "created")).await;
    meeting(&bench).await;
    let ended: Vec<_> = bench.sandbox.webhook_deliveries().into_iter().map(|d| (d.status, d.fault)).collect();
    let elsewhere = || (None, Some("elsewhere".to_owned()));
    assert_eq!(ended, [elsewhere(), elsewhere(), elsewhere(), elsewhere(), (None, None)]);
    let failures: Vec<Value> = (0..5).map(|n| bench.sandbox.state()["webexWebhooks"][n]["failures"].clone()).collect();
    assert_eq!(failures, [0, 0, 0, 0, 1]);
}

#[tokio::test]
async fn webhooks_go_off_with_whoever_made_them() {
    let bench = Bench::new().await;
    made(&bench, hook("https://app.example/a", "created")).await;
    assert_eq!(
        bench.control("DELETE /_sandbox/webex/users", Some(json!({ "address": defaults::ORGANIZER }))).await.status,
        200
    );
    assert_eq!(bench.sandbox.state()["webexWebhooks"][0]["status"], "inactive");
    assert_eq!(bench.webex("GET /v1/webhooks", None).await.status, 401);
    assert!(!bench.sandbox.remove_webex_user(defaults::ORGANIZER));
}

#[tokio::test]
async fn a_meeting_that_is_held_tells_who_comes_and_what_is_left_of_it() {
    let bench = Bench::new().await;
    let target = Target::new(200).await;
    let all = [
        ("meetings", "started"),
        ("meetings", "ended"),
        ("meetingParticipants", "joined"),
        ("meetingParticipants", "left"),
        ("recordings", "created"),
        ("recordings", "deleted"),
        ("meetingTranscripts", "created"),
    ];
    for (resource, event) in all {
        made(&bench, with(hook(&target.url, event), "resource", json!(resource))).await;
    }
    let series = meeting(&bench).await;
    let control = async |what: &str, body: Value| {
        let reply = bench.control(&format!("POST /_sandbox/webex/{what}"), Some(body)).await;
        assert_eq!(reply.status, 200, "{what}: {}", reply.body);
        bench.sandbox.webhooks_sent().await;
        reply
    };
    let join = async |email: &str| control("join", json!({ "meeting": series, "email": email })).await;
    let ada = join("ada@contoso.example").await;
    let (ada, instance) = (ada.text("/participant").to_owned(), ada.text("/instance").to_owned());
    let bert = join("bert@contoso.example").await.text("/participant").to_owned();
    for one in [&ada, &bert] {
        control("leave", json!({ "participant": one })).await;
    }
    let recording = control("recordings", json!({ "instance": instance })).await.text("/id").to_owned();
    for status in ["deleted", "purged"] {
        control("recordings/status", json!({ "id": recording, "status": status })).await;
    }
    control("transcripts", json!({ "instance": instance, "snippets": [] })).await;
    let told: Vec<_> = bench.sandbox.webhook_deliveries().into_iter().map(|d| (d.event, d.object)).collect();
    let transcript = told.last().map(|(_, object)| object.clone()).unwrap_or_default();
    let expected = [
        ("started", &instance),
        ("joined", &ada),
        ("joined", &bert),
        ("left", &ada),
        ("left", &bert),
        ("ended", &instance),
        ("created", &recording),
        ("deleted", &recording),
        ("created", &transcript),
    ];
    assert_eq!(told, expected.map(|(event, object)| (event.to_owned(), object.clone())));
}

#[tokio::test]
async fn what_is_told_of_a_meeting_stands_as_the_meeting_does() {
    let mut bench = Bench::new().await;
    let target = Target::new(200).await;
    for event in ["updated", "deleted"] {
        made(&bench, hook(&target.url, event)).await;
    }
    let body = json!({
        "title": "Maths", "start": "2027-03-02T10:00:00Z", "end": "2027-03-02T11:00:00Z", "recurrence": "FREQ=DAILY;COUNT=3",
        "sendEmail": false,
    });
    let series = bench.webex(MEETINGS, Some(body)).await.text("/id").to_owned();
    // the first is over, the second comes next
    bench.sandbox.advance(Duration::from_secs(2 * 24 * 3600));
    bench.webex = bench.sandbox.access_token(AuthorizationSide::Webex, Some(defaults::ORGANIZER)).expect("token");
    let third = format!("{series}_20270304T100000Z");
    let mut echoed = Vec::new();
    for id in [&series, &third] {
        let change = Some(json!({ "title": "Other", "sendEmail": false }));
        echoed.push(bench.webex(&format!("PATCH /v1/meetings/{id}"), change).await.text("/state").to_owned());
    }
    // what comes next is ready, and nothing is when it is gone
    for id in [&format!("{series}_20270303T100000Z"), &series] {
        assert_eq!(bench.webex(&format!("DELETE /v1/meetings/{id}?sendEmail=false"), None).await.status, 204);
    }
    bench.sandbox.webhooks_sent().await;
    let told: Vec<Value> = target.data().iter().map(|data| data["state"].clone()).collect();
    assert_eq!(echoed, ["active", "scheduled"]);
    assert_eq!(told, ["active", "scheduled", "ready", "active"]);
}

#[tokio::test]
async fn instances_are_filtered_by_the_number_and_do_not_tell_it() {
    let bench = Bench::new().await;
    let target = Target::new(200).await;
    let series = meeting(&bench).await;
    let read = bench.webex(&format!("GET /v1/meetings/{series}"), None).await;
    for number in [read.text("/meetingNumber"), "1234567890"] {
        for event in ["started", "ended"] {
            made(&bench, with(hook(&target.url, event), "filter", json!(format!("meetingNumber={number}")))).await;
        }
    }
    let joined = bench.control("POST /_sandbox/webex/join", Some(json!({ "meeting": series, "name": "Ada" }))).await;
    let left = json!({ "participant": joined.text("/participant") });
    assert_eq!(bench.control("POST /_sandbox/webex/leave", Some(left)).await.status, 200);
    bench.sandbox.webhooks_sent().await;
    assert_eq!(target.objects(), [joined.text("/instance"); 2]);
    assert!(target.data().iter().all(|data| data.get("meetingNumber").is_none()), "{:?}", target.data());
}

#[tokio::test]
async fn a_new_host_is_told_that_the_meeting_changed() {
    let bench = Bench::new().await;
    let series = meeting(&bench).await;
    let token = |address: &str| {
        let (side, client) = (AuthorizationSide::Webex, defaults::WEBEX_CLIENT_ID);
        bench.sandbox.scoped_access_token(side, client, address, ADMIN_SCOPE).expect("token")
    };
    let ada = token("ada@contoso.example");
    let hooked = bench.call(&ada, WEBHOOKS, &[], Some(hook("https://app.example/a", "updated"))).await;
    assert_eq!(hooked.status, 200);
    let body = json!({ "hostEmail": "ada@contoso.example", "meetingIds": [series] });
    let reassign = "POST /v1/meetings/reassignHost";
    assert_eq!(bench.call(&token(defaults::ORGANIZER), reassign, &[], Some(body)).await.status, 204);
    bench.sandbox.webhooks_sent().await;
    let told: Vec<_> = bench.sandbox.webhook_deliveries().into_iter().map(|d| (d.event, d.object)).collect();
    assert_eq!(told, [("updated".to_owned(), series)]);
}
