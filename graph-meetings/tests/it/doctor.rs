//! What an operator is told about the application, against the sandbox and against a script.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use data_encoding::BASE64URL_NOPAD;
use graph_meetings::{App, Credential, DirectoryId, Feature, Graph, GraphDoctor};
use invitations_core::{
    Error, ErrorKind,
    doctor::{Diagnosis, Doctor, Finding, Question, Verdict},
    ids::ClientId,
    runtime::{Clock as _, ManualClock, SystemClock},
    secret::{ClientAssertion, ClientSecret},
};
use meetings_http::{ScriptedTransport, Sent, StaticTokens, Step};
use meetings_sandbox::{MicrosoftCredential, Sandbox, defaults};
use serde_json::json;
use url::Url;

use crate::support::{app, bare_sandbox, driven, utc};

const NOW: &str = "2026-07-01T00:00:00Z";
const ALL: [Feature; 4] = [Feature::Meetings, Feature::Calendars, Feature::Guests, Feature::OrganizersByAddress];

fn secret(text: &str) -> Credential {
    Credential::Secret(ClientSecret::new(text))
}

fn graph(app: App) -> Graph {
    Graph::builder(app).dangerous_loopback_http().build().unwrap()
}

/// Asks the sandbox, and proves that nothing but tokens was asked for and that no secret is told.
async fn diagnose(sandbox: &Sandbox, doctor: GraphDoctor) -> Diagnosis {
    let diagnosis = Doctor::new(Arc::new(SystemClock)).with(Arc::new(doctor)).diagnose().await;
    let journal = sandbox.journal();
    assert!(journal.iter().all(|entry| entry.operation == "entra.token"), "{journal:?}");
    let shown = format!("{diagnosis}\n{diagnosis:?}");
    for planted in [defaults::MICROSOFT_CLIENT_SECRET, "planted", "eyJ", "sandbox-at"] {
        assert!(!shown.contains(planted), "{planted} in {shown}");
    }
    assert!(
        shown.lines().take(diagnosis.to_string().lines().count()).all(|line| line.chars().count() <= 100),
        "{shown}"
    );
    diagnosis
}

/// Asks a script, at a time that stands still.
async fn scripted(steps: Vec<Step>, change: impl FnOnce(App) -> App) -> (Diagnosis, usize) {
    let transport = Arc::new(ScriptedTransport::new(steps));
    let clock = ManualClock::new(utc(NOW));
    let graph = Graph::builder(change(app(&Url::parse("http://127.0.0.1:2/").unwrap())))
        .dangerous_loopback_http()
        .transport(Arc::<ScriptedTransport>::clone(&transport))
        .clock(Arc::new(clock.clone()))
        .build()
        .unwrap();
    let doctor = Doctor::new(Arc::new(clock.clone())).with(Arc::new(graph.doctor().features(ALL)));
    let diagnosis = driven(&clock, doctor.diagnose()).await;
    let shown = format!("{diagnosis}\n{diagnosis:?}");
    assert!(!shown.contains("planted") && !shown.contains(defaults::MICROSOFT_CLIENT_SECRET), "{shown}");
    (diagnosis, transport.requests().len())
}

fn of(diagnosis: &Diagnosis, question: Question) -> Vec<Finding> {
    diagnosis.of_question(question).cloned().collect()
}

#[track_caller]
fn only(diagnosis: &Diagnosis, question: Question, verdict: Verdict, detail: &str) -> Finding {
    let found = of(diagnosis, question);
    assert_eq!(found.len(), 1, "{diagnosis}");
    assert_eq!(found[0].verdict, verdict, "{diagnosis}");
    assert!(found[0].detail.contains(detail), "{detail}: {diagnosis}");
    assert_eq!(found[0].remedy.is_some(), verdict >= Verdict::Warn, "{diagnosis}");
    found[0].clone()
}

fn action(finding: &Finding) -> &str {
    &finding.remedy.as_ref().unwrap().action
}

fn token(access_token: &str) -> Step {
    Step::json(200, &json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": access_token }))
}

fn jwt(claims: &serde_json::Value) -> String {
    format!("planted.{}.planted", BASE64URL_NOPAD.encode(claims.to_string().as_bytes()))
}

#[tokio::test]
async fn a_healthy_application() {
    let sandbox = bare_sandbox().await;
    let mut app = app(&sandbox.url());
    app.credentials = vec![secret(defaults::MICROSOFT_CLIENT_SECRET).with_expiry(DateTime::<Utc>::MAX_UTC)];
    let diagnosis = diagnose(&sandbox, graph(app).doctor().features(ALL)).await;
    assert_eq!(diagnosis.verdict(), Verdict::Ok, "{diagnosis}");
    only(&diagnosis, Question::NETWORK, Verdict::Ok, "127.0.0.1 answers");
    only(&diagnosis, Question::CLOCK, Verdict::Ok, "two minutes");
    only(&diagnosis, Question::SIGN_IN, Verdict::Ok, "a token was given");
    only(&diagnosis, Question::PERMISSIONS, Verdict::Ok, "OnlineMeetings.ReadWrite.All");
    only(&diagnosis, Question::CREDENTIAL_EXPIRY, Verdict::Ok, "ends");
    assert_eq!(sandbox.journal().len(), 1);
}

#[tokio::test]
async fn refused_credentials_have_a_number_and_a_way_out() {
    let sandbox = bare_sandbox().await;
    let over = MicrosoftCredential::Secret { value: "planted-over".to_owned(), expires: Some(DateTime::UNIX_EPOCH) };
    assert!(sandbox.add_credential(defaults::MICROSOFT_CLIENT_ID, &over));
    let root = sandbox.url();
    let with = |credential| with_credential(app(&root), credential);
    let mut other_client = app(&root);
    other_client.client = ClientId::parse("5a1d0c7e-0000-4000-8000-00000000dead").unwrap();
    let mut other_directory = app(&root);
    other_directory.directory = DirectoryId::parse("fabrikam.example").unwrap();
    let unsigned = Credential::assertions(|| async { Ok(ClientAssertion::new("cGxhbnRlZA.e30.cGxhbnRlZA")) });
    for (app, number, words) in [
        (with(secret("planted-wrong")), "AADSTS7000215", "not its ID"),
        (with(secret("planted-over")), "AADSTS7000222", "The secret has ended"),
        (with(unsigned), "AADSTS", "Certificates & secrets"),
        (other_client, "AADSTS700016", "Application (client) ID"),
        (other_directory, "AADSTS90002", "Tenant ID"),
    ] {
        let diagnosis = diagnose(&sandbox, graph(app).doctor().features(ALL)).await;
        let found = only(&diagnosis, Question::SIGN_IN, Verdict::Fail, number);
        assert!(action(&found).contains(words), "{diagnosis}");
        assert!(found.detail.contains("request "), "for Microsoft's support: {diagnosis}");
        only(&diagnosis, Question::NETWORK, Verdict::Ok, "answers");
        only(&diagnosis, Question::PERMISSIONS, Verdict::NotAsked, "no token");
    }
}

fn with_credential(mut app: App, credential: Credential) -> App {
    app.credentials = vec![credential.into()];
    app
}

#[tokio::test]
async fn an_assertion_that_cannot_be_had_is_not_the_networks_fault() {
    let none = || Credential::assertions(|| async { Err(Error::new(ErrorKind::Misconfigured, "read assertion")) });
    let (diagnosis, requests) = scripted(Vec::new(), |app| with_credential(app, none())).await;
    only(&diagnosis, Question::SIGN_IN, Verdict::Fail, "no client assertion");
    only(&diagnosis, Question::NETWORK, Verdict::NotAsked, "nothing was sent");
    assert_eq!(requests, 0);
}

#[tokio::test]
async fn one_good_credential_is_enough_and_the_bad_one_is_named() {
    let sandbox = bare_sandbox().await;
    let app = with_credential(app(&sandbox.url()), secret("planted-old"))
        .and_credential(secret(defaults::MICROSOFT_CLIENT_SECRET));
    let diagnosis = diagnose(&sandbox, graph(app).doctor().features(ALL)).await;
    let found = of(&diagnosis, Question::SIGN_IN);
    let seen: Vec<_> = found.iter().map(|found| (found.subject.as_deref().unwrap(), found.verdict)).collect();
    assert_eq!(seen, [("secret 0", Verdict::Warn), ("secret 1", Verdict::Ok)], "{diagnosis}");
    assert!(found[0].remedy.is_some());
    only(&diagnosis, Question::PERMISSIONS, Verdict::Ok, "carries");
    assert_eq!(sandbox.journal().len(), 2);
}

#[tokio::test]
async fn missing_permissions_are_named_with_the_lines_that_grant_them() {
    let sandbox = bare_sandbox().await;
    let roles = ["User.Read.All", "Calendars.Read"];
    assert!(sandbox.set_application_roles(defaults::MICROSOFT_CLIENT_ID, roles));
    let graph = graph(app(&sandbox.url()));
    let diagnosis = diagnose(&sandbox, graph.doctor().features(ALL)).await;
    let found = only(&diagnosis, Question::PERMISSIONS, Verdict::Fail, "OnlineMeetings.ReadWrite.All (for meetings)");
    assert!(
        found.detail.contains("Calendars.ReadWrite (for calendars)")
            && found.detail.contains("User.Invite.All (for guests)")
    );
    assert!(!action(&found).contains("User.Read.All") && action(&found).contains("Grant admin consent"));
    let lines = found.remedy.as_ref().unwrap().commands.join("\n");
    assert!(lines.contains("'Calendars.ReadWrite','OnlineMeetings.ReadWrite.All','User.Invite.All'"), "{lines}");

    // what is not in use is not asked for
    assert!(sandbox.set_application_roles(defaults::MICROSOFT_CLIENT_ID, ["Calendars.ReadWrite"]));
    let diagnosis = diagnose(&sandbox, graph.doctor().features([Feature::Calendars])).await;
    only(&diagnosis, Question::PERMISSIONS, Verdict::Ok, "Calendars.ReadWrite");

    assert!(sandbox.set_application_roles(defaults::MICROSOFT_CLIENT_ID, Vec::<String>::new()));
    let diagnosis = diagnose(&sandbox, graph.doctor().features([Feature::Calendars])).await;
    only(&diagnosis, Question::PERMISSIONS, Verdict::Fail, "carries permissions: none");
    let diagnosis = diagnose(&sandbox, graph.doctor()).await;
    only(&diagnosis, Question::PERMISSIONS, Verdict::NotAsked, "no features were named");
}

#[tokio::test]
async fn what_cannot_be_read_is_said_so() {
    let (diagnosis, _) = scripted(vec![token("planted-opaque")], |app| app).await;
    only(&diagnosis, Question::PERMISSIONS, Verdict::Warn, "cannot tell");
    let of_user = jwt(&json!({ "scp": "User.Read Calendars.ReadWrite" }));
    let (diagnosis, _) = scripted(vec![token(&of_user)], |app| app).await;
    only(&diagnosis, Question::PERMISSIONS, Verdict::Fail, "OnlineMeetings.ReadWrite (for meetings)");
}

#[tokio::test]
async fn without_a_network_nothing_else_is_blamed() {
    let two = |app: App| app.and_credential(secret("planted-second").with_expiry(utc(NOW)));
    for (step, words) in [
        (Step::fails(Sent::No), "unknown reason"),
        (Step::times_out(), "no answer in time"),
        (Step::reply(200).with_header("content-type", "text/html").with_body("<html>planted"), "HTML"),
        (Step::reply(403).with_body(" <!doctype html>planted"), "HTML"),
        (Step::reply(302).with_header("location", "https://portal.example/planted"), "redirects"),
        (Step::reply(407), "407"),
    ] {
        let (diagnosis, requests) = scripted(vec![step], two).await;
        only(&diagnosis, Question::NETWORK, Verdict::Fail, words);
        let sign_in = of(&diagnosis, Question::SIGN_IN);
        let verdicts: Vec<_> = sign_in.iter().map(|found| found.verdict).collect();
        assert_eq!((verdicts, requests), (vec![Verdict::Fail, Verdict::NotAsked], 1), "{diagnosis}");
        only(&diagnosis, Question::PERMISSIONS, Verdict::NotAsked, "no token");
        // asked all the same
        assert_eq!(of(&diagnosis, Question::CREDENTIAL_EXPIRY).len(), 2, "{diagnosis}");
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_a_finding() {
    let (diagnosis, _) = scripted(vec![Step::hangs()], |app| app).await;
    only(&diagnosis, Question::NETWORK, Verdict::Fail, "no answer in time");
    only(&diagnosis, Question::SIGN_IN, Verdict::Fail, "no answer in 25 s");
    only(&diagnosis, Question::CREDENTIAL_EXPIRY, Verdict::NotAsked, "not noted");
}

#[tokio::test]
async fn a_fault_of_entra_is_not_the_networks() {
    for status in [429, 503] {
        let (diagnosis, _) = scripted(vec![Step::reply(status)], |app| app).await;
        only(&diagnosis, Question::NETWORK, Verdict::Ok, "answers");
        only(&diagnosis, Question::SIGN_IN, Verdict::Fail, &format!("status {status}"));
    }
}

#[tokio::test]
async fn the_clock_is_judged_by_entras() {
    for (date, verdict) in [
        ("Wed, 01 Jul 2026 00:02:00 GMT", Verdict::Ok),
        ("Wed, 01 Jul 2026 00:02:01 GMT", Verdict::Warn),
        ("Tue, 30 Jun 2026 23:54:59 GMT", Verdict::Fail),
        ("yesterday", Verdict::NotAsked),
    ] {
        // a refusal has a date as well
        for step in [token(&jwt(&json!({}))), Step::json(401, &json!({ "error": "invalid_client" }))] {
            let (diagnosis, _) = scripted(vec![step.with_header("date", date)], |app| app).await;
            only(&diagnosis, Question::CLOCK, verdict, "");
        }
    }
}

#[tokio::test]
async fn ends_are_told_thirty_days_ahead() {
    let steps = || (0..3).map(|_| token(&jwt(&json!({})))).collect();
    let day = |days: i64| utc(NOW) + chrono::TimeDelta::days(days);
    let with = |ends: Vec<Option<i64>>| {
        move |mut app: App| {
            let dated = |end: &Option<i64>| match end {
                Some(days) => secret("planted").with_expiry(day(*days)),
                None => Credential::assertions(|| async { Ok(ClientAssertion::new("planted.planted.planted")) }).into(),
            };
            app.credentials = ends.iter().map(dated).collect();
            app
        }
    };
    for (ends, expected) in [
        (vec![Some(31)], vec![Verdict::Ok]),
        (vec![Some(30)], vec![Verdict::Warn]),
        (vec![Some(-1)], vec![Verdict::Fail]),
        (vec![Some(-1), Some(100)], vec![Verdict::Warn, Verdict::Ok]),
        // assertions of others have no end of their own
        (vec![None], vec![]),
    ] {
        let (diagnosis, _) = scripted(steps(), with(ends)).await;
        let found = of(&diagnosis, Question::CREDENTIAL_EXPIRY);
        assert_eq!(found.iter().map(|found| found.verdict).collect::<Vec<_>>(), expected, "{diagnosis}");
        for finding in found.iter().filter(|found| found.verdict >= Verdict::Warn) {
            assert!(action(finding).contains("Certificates & secrets"));
        }
    }
}

#[tokio::test]
async fn who_does_not_sign_in_is_not_asked_to() {
    let shared = |mut app: App| {
        app.directory = DirectoryId::parse("organizations").unwrap();
        app
    };
    let (diagnosis, requests) = scripted(Vec::new(), shared).await;
    only(&diagnosis, Question::SIGN_IN, Verdict::NotAsked, "users sign in here");
    assert_eq!((requests, diagnosis.verdict()), (0, Verdict::NotAsked));

    let clock = ManualClock::new(utc(NOW));
    let given = jwt(&json!({ "roles": ["Calendars.ReadWrite"] }));
    let graph = Graph::builder(app(&Url::parse("http://127.0.0.1:2/").unwrap()))
        .dangerous_loopback_http()
        .transport(Arc::new(ScriptedTransport::new(Vec::new())))
        .tokens(Arc::new(StaticTokens::new(&given)))
        .clock(Arc::new(clock.clone()))
        .build()
        .unwrap();
    let doctor = Doctor::new(Arc::new(clock.clone())).with(Arc::new(graph.doctor().features([Feature::Calendars])));
    let diagnosis = doctor.diagnose().await;
    only(&diagnosis, Question::SIGN_IN, Verdict::Ok, "given");
    only(&diagnosis, Question::NETWORK, Verdict::NotAsked, "elsewhere");
    only(&diagnosis, Question::PERMISSIONS, Verdict::Ok, "Calendars.ReadWrite");
    assert_eq!(clock.now(), utc(NOW));
}

#[cfg(feature = "metrics")]
mod gauge {
    use std::sync::Mutex;

    use metrics::{Counter, Gauge, GaugeFn, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};

    use super::*;

    type Seen = Arc<Mutex<Vec<(String, f64)>>>;

    struct Cell(String, Seen);

    impl GaugeFn for Cell {
        fn increment(&self, _: f64) {}
        fn decrement(&self, _: f64) {}
        fn set(&self, value: f64) {
            self.1.lock().unwrap().push((self.0.clone(), value));
        }
    }

    struct Recording(Seen);

    impl Recorder for Recording {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
            Counter::noop()
        }
        fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
            let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
            Gauge::from_arc(Arc::new(Cell(format!("{} {}", key.name(), labels.join(",")), Arc::clone(&self.0))))
        }
        fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::noop()
        }
    }

    #[test]
    fn the_end_of_each_credential_is_a_gauge() {
        let seen = Seen::default();
        metrics::with_local_recorder(&Recording(Arc::clone(&seen)), || {
            let app = with_credential(app(&Url::parse("http://127.0.0.1:2/").unwrap()), secret("planted"))
                .and_credential(secret("planted").with_expiry(utc(NOW)));
            let builder = Graph::builder(app).dangerous_loopback_http();
            builder.transport(Arc::new(ScriptedTransport::new(Vec::new()))).build().unwrap();
        });
        let client = defaults::MICROSOFT_CLIENT_ID;
        let name = "graph_meetings_credential_expiry_timestamp_seconds";
        let expected = (format!("{name} client={client},credential=1,kind=secret"), utc(NOW).timestamp() as f64);
        assert_eq!(*seen.lock().unwrap(), [expected]);
    }
}
