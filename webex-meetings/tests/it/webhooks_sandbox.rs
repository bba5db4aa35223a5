//! Webhooks from end to end: made at the sandbox, delivered by it over a socket, received, turned off and on again.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::Request;
use invitations_core::{
    ErrorKind,
    doctor::{Doctor, Question, Verdict},
    provider::{MeetingProvider as _, WriteOptions},
    runtime::{SystemClock, SystemEntropy},
    secret::{TokenText, WebhookSecret},
};
use meetings_sandbox::{AuthorizationSide, Fault, FaultPlan, FaultRule, Sandbox, defaults};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use webex_meetings::webhooks::{
    Event, MemorySeenDeliveries, NewWebhook, Outcome, Owner, Received, Receiver, Resource, Watchdog, WebexWebhooks,
    random_secret,
};

use crate::support::{client, draft, key, meetings_of, once, sandbox};

/// An application that listens, in the least of HTTP.
struct Application {
    url: url::Url,
    new: Arc<Mutex<Vec<String>>>,
}

impl Application {
    async fn new(receiver: Receiver) -> Self {
        Self::busy_first(receiver, 0).await
    }

    /// Has no room for so many new deliveries first.
    async fn busy_first(receiver: Receiver, mut busy: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webex", listener.local_addr().unwrap()).parse().unwrap();
        let new = Arc::<Mutex<Vec<String>>>::default();
        let keep = Arc::clone(&new);
        tokio::spawn(async move {
            let seen = MemorySeenDeliveries::new(100);
            while let Ok((mut stream, _)) = listener.accept().await {
                let Some(request) = read(&mut stream).await else { continue };
                let received = receiver.handle(&request, &seen).await;
                let response = match &received {
                    Received::New(_) if busy > 0 => {
                        busy -= 1;
                        received.busy(&seen).await
                    }
                    Received::New(delivery) => {
                        keep.lock().unwrap().push(format!("{} {}", delivery.event.as_str(), delivery.object));
                        received.response()
                    }
                    _ => received.response(),
                };
                let status = response.status().as_u16();
                let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { url, new }
    }

    fn new_ones(&self) -> Vec<String> {
        self.new.lock().unwrap().clone()
    }
}

async fn read(stream: &mut TcpStream) -> Option<Request<Bytes>> {
    let mut text = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let read = stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        text.extend_from_slice(&buffer[..read]);
        let end = text.windows(4).position(|four| four == b"\r\n\r\n");
        let whole = text.ends_with(b"}") || text.starts_with(b"GET");
        let Some(end) = end.filter(|_| whole) else { continue };
        let head = std::str::from_utf8(&text[..end]).ok()?;
        let mut request = Request::builder().method(head.split(' ').next()?).uri("/webex");
        for line in head.lines().skip(1) {
            let (name, value) = line.split_once(": ")?;
            request = request.header(name, value);
        }
        return request.body(Bytes::copy_from_slice(&text[end + 4..])).ok();
    }
}

fn webhooks_of(sandbox: &Sandbox, address: &str) -> WebexWebhooks {
    let token = sandbox.access_token(AuthorizationSide::Webex, Some(address)).unwrap();
    client(sandbox).access_token(TokenText::new(token)).build().unwrap().my_webhooks().unwrap()
}

fn wanted(application: &Application, secret: &WebhookSecret) -> Vec<NewWebhook> {
    let one = NewWebhook::new("Ours", application.url.clone(), Resource::Meetings, Event::Created);
    one.with_secret(secret.clone()).each([Event::Created, Event::Updated, Event::Deleted, Event::Ended])
}

fn outcomes(done: &[webex_meetings::webhooks::Ensured]) -> Vec<String> {
    done.iter().map(|one| format!("{:?}", one.outcome)).collect()
}

#[tokio::test]
async fn what_happens_arrives_signed_and_once() {
    let sandbox = sandbox().await;
    let secret = random_secret(&SystemEntropy).unwrap();
    let application = Application::new(Receiver::new([secret.clone()]).unwrap()).await;
    let webhooks = webhooks_of(&sandbox, defaults::ORGANIZER);
    webhooks.ensure(&wanted(&application, &secret)).await.unwrap();
    let twice = FaultRule::new(Fault::Duplicate).on_operation("webex.webhooks.deliver");
    sandbox.set_faults(FaultPlan::new().with(twice));
    let meetings = meetings_of(&sandbox, defaults::ORGANIZER);
    let made = meetings.create(&key("k"), &draft(), once()).await.unwrap();
    meetings.cancel(&made.id, once()).await.unwrap();
    sandbox.webhooks_sent().await;
    assert_eq!(application.new_ones(), [format!("created {}", made.id), format!("deleted {}", made.id)]);
    let all: Vec<_> = sandbox.webhook_deliveries().iter().map(|one| one.status).collect();
    assert_eq!(all, [Some(204); 4]);
}

#[tokio::test]
async fn what_found_no_room_is_new_when_it_is_delivered_again() {
    let sandbox = sandbox().await;
    let secret = random_secret(&SystemEntropy).unwrap();
    let application = Application::busy_first(Receiver::new([secret.clone()]).unwrap(), 1).await;
    webhooks_of(&sandbox, defaults::ORGANIZER).ensure(&wanted(&application, &secret)).await.unwrap();
    let twice = FaultRule::new(Fault::Duplicate).on_operation("webex.webhooks.deliver");
    sandbox.set_faults(FaultPlan::new().with(twice));
    let made = meetings_of(&sandbox, defaults::ORGANIZER).create(&key("k"), &draft(), once()).await.unwrap();
    sandbox.webhooks_sent().await;
    assert_eq!(application.new_ones(), [format!("created {}", made.id)]);
    let all: Vec<_> = sandbox.webhook_deliveries().iter().map(|one| one.status).collect();
    assert_eq!(all, [Some(503), Some(204)]);
}

#[tokio::test]
async fn a_stranger_gets_nowhere() {
    let sandbox = sandbox().await;
    let application = Application::new(Receiver::new([WebhookSecret::new("the application's own")]).unwrap()).await;
    let other = random_secret(&SystemEntropy).unwrap();
    webhooks_of(&sandbox, defaults::ORGANIZER).ensure(&wanted(&application, &other)).await.unwrap();
    meetings_of(&sandbox, defaults::ORGANIZER).create(&key("k"), &draft(), once()).await.unwrap();
    sandbox.webhooks_sent().await;
    assert!(application.new_ones().is_empty());
    assert_eq!(sandbox.webhook_deliveries()[0].status, Some(401));
}

#[tokio::test]
async fn the_watchdog_mends_once_and_then_has_nothing_to_do() {
    let sandbox = sandbox().await;
    let secret = random_secret(&SystemEntropy).unwrap();
    let application = Application::new(Receiver::new([secret.clone()]).unwrap()).await;
    let webhooks = webhooks_of(&sandbox, defaults::ORGANIZER);
    let watchdog = Watchdog::new(webhooks.clone(), wanted(&application, &secret));
    assert_eq!(outcomes(&watchdog.run_once().await.unwrap().webhooks), ["Created"; 4]);
    assert_eq!(outcomes(&watchdog.run_once().await.unwrap().webhooks), ["Kept"; 4]);
    let fails = FaultRule::new(Fault::StatusBefore { status: 503, retry_after: None });
    sandbox.set_faults(FaultPlan::new().with(fails.on_operation("webex.webhooks.deliver")));
    for number in 0..100 {
        let data = json!({ "id": format!("m_I_{number}"), "state": "ended" });
        sandbox.emit_webex_event("meetings", "ended", defaults::ORGANIZER, &data);
    }
    sandbox.webhooks_sent().await;
    sandbox.set_faults(FaultPlan::new());
    let mended = watchdog.run_once().await.unwrap();
    assert_eq!(outcomes(&mended.webhooks), ["Kept", "Kept", "Kept", "Renewed"]);
    assert!(mended.has_gap());
    let again = watchdog.run_once().await.unwrap();
    assert!(!again.has_gap());
    assert_eq!(again.webhooks[3].id, mended.webhooks[3].id, "the same one");
    sandbox.emit_webex_event("meetings", "ended", defaults::ORGANIZER, &json!({ "id": "m_I_last", "state": "ended" }));
    sandbox.webhooks_sent().await;
    assert_eq!(application.new_ones(), ["ended m_I_last"], "signed with the same secret as before");
    webhooks.delete(again.webhooks[0].id.as_ref().unwrap(), WriteOptions::new()).await.unwrap();
    assert!(matches!(watchdog.run_once().await.unwrap().webhooks[0].outcome, Outcome::Created));
}

#[tokio::test]
async fn many_machines_end_with_one_of_each() {
    let sandbox = sandbox().await;
    let secret = random_secret(&SystemEntropy).unwrap();
    let application = Application::new(Receiver::new([secret.clone()]).unwrap()).await;
    let webhooks = webhooks_of(&sandbox, defaults::ORGANIZER);
    let watchdog = Watchdog::new(webhooks.clone(), wanted(&application, &secret));
    // what machines do that all see nothing there
    for _ in 0..3 {
        for one in wanted(&application, &secret) {
            webhooks.create(&one, once()).await.unwrap();
        }
    }
    let runs = (0..5).map(|_| watchdog.run_once());
    for watch in futures_util::future::join_all(runs).await {
        assert_eq!(watch.unwrap().failed().count(), 0);
    }
    assert_eq!(webhooks.list(&Owner::Creator).await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_lost_create_is_found_by_the_next_run() {
    let sandbox = sandbox().await;
    let secret = random_secret(&SystemEntropy).unwrap();
    let application = Application::new(Receiver::new([secret.clone()]).unwrap()).await;
    let webhooks = webhooks_of(&sandbox, defaults::ORGANIZER);
    let watchdog = Watchdog::new(webhooks.clone(), wanted(&application, &secret));
    let lost = FaultRule::new(Fault::LostReply).on("POST", "/webhooks").at_calls([2]);
    sandbox.set_faults(FaultPlan::new().with(lost));
    let first = watchdog.run_once().await.unwrap();
    assert_eq!(first.failed().count(), 1);
    assert_eq!(outcomes(&watchdog.run_once().await.unwrap().webhooks), ["Kept"; 4]);
    assert_eq!(webhooks.list(&Owner::Creator).await.unwrap().len(), 4);
}

#[tokio::test]
async fn the_doctor_tells_what_is_missing_off_or_does_not_answer() {
    let sandbox = sandbox().await;
    let secret = random_secret(&SystemEntropy).unwrap();
    let application = Application::new(Receiver::new([secret.clone()]).unwrap()).await;
    let token = sandbox.access_token(AuthorizationSide::Webex, None).unwrap();
    let webex = client(&sandbox).access_token(TokenText::new(token)).build().unwrap();
    let webhooks = webex.my_webhooks().unwrap();
    let set = wanted(&application, &secret);
    let mut closed = set[0].clone();
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    closed.target_url = format!("http://{nobody}/").parse().unwrap();
    // there twice, off, missing
    for one in [&set[0], &set[0], &set[3]] {
        webhooks.create(one, once()).await.unwrap();
    }
    let fails = FaultRule::new(Fault::StatusBefore { status: 503, retry_after: None });
    sandbox.set_faults(FaultPlan::new().with(fails.on_operation("webex.webhooks.deliver")));
    for number in 0..100 {
        sandbox.emit_webex_event("meetings", "ended", defaults::ORGANIZER, &json!({ "id": number.to_string() }));
    }
    sandbox.webhooks_sent().await;
    let ask = async |set: &[NewWebhook]| {
        let doctor = webex.doctor().webhooks(set.to_vec());
        let diagnosis = Doctor::new(Arc::new(SystemClock)).with(Arc::new(doctor)).diagnose().await;
        let of = |name| {
            let found = diagnosis.of_question(Question::new(name));
            found.map(|found| (found.verdict, found.remedy.is_some())).collect::<Vec<_>>()
        };
        (of("webhook"), of("webhook_target"))
    };
    let (hooks, targets) = ask(&[set[0].clone(), set[3].clone(), closed]).await;
    assert_eq!(hooks, [(Verdict::Warn, true), (Verdict::Fail, true), (Verdict::Fail, true)]);
    let mut targets: Vec<_> = targets.into_iter().map(|(verdict, _)| verdict).collect();
    targets.sort();
    assert_eq!(targets, [Verdict::Ok, Verdict::Fail]);
    assert_eq!(webhooks.list(&Owner::Creator).await.unwrap().len(), 3, "asking changes nothing");
    webhooks.ensure(&set).await.unwrap();
    let (hooks, targets) = ask(&set).await;
    assert_eq!((hooks, targets), (vec![(Verdict::Ok, false); 4], vec![(Verdict::Ok, false)]));
}

#[tokio::test]
async fn an_organisations_webhook_needs_an_administrator() {
    let sandbox = sandbox().await;
    let secret = random_secret(&SystemEntropy).unwrap();
    let application = Application::new(Receiver::new([secret.clone()]).unwrap()).await;
    let one = wanted(&application, &secret)[0].clone().for_organization();
    let own = webhooks_of(&sandbox, defaults::ORGANIZER);
    assert_eq!(own.create(&one, once()).await.unwrap_err().kind(), ErrorKind::PermissionDenied);
    let scope = "meeting:admin_schedule_read";
    let token =
        sandbox.scoped_access_token(AuthorizationSide::Webex, defaults::WEBEX_CLIENT_ID, defaults::ORGANIZER, scope);
    let webex = client(&sandbox).access_token(TokenText::new(token.unwrap())).build().unwrap();
    let watchdog = Watchdog::new(webex.my_webhooks().unwrap(), [one]);
    assert_eq!(outcomes(&watchdog.run_once().await.unwrap().webhooks), ["Created"]);
    assert_eq!(outcomes(&watchdog.run_once().await.unwrap().webhooks), ["Kept"]);
    // whoever's meeting it is
    meetings_of(&sandbox, "ada@contoso.example").create(&key("k"), &draft(), once()).await.unwrap();
    sandbox.webhooks_sent().await;
    assert_eq!(application.new_ones().len(), 1);
}
