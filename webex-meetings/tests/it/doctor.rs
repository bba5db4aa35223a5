//! What an operator is told about Webex.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use invitations_core::{
    doctor::{Diagnosis, Doctor, Finding, Question, Verdict},
    runtime::{ManualClock, SystemClock},
    secret::TokenText,
};
use meetings_http::{ScriptedTransport, Sent, StaticTokens, Step};
use meetings_sandbox::{AuthorizationSide, Sandbox, defaults};
use serde_json::json;
use webex_meetings::{Feature, Webex, WebexDoctor};

use crate::support::{integration, sandbox, utc};

const ALL: [Feature; 3] = [Feature::Connecting, Feature::Meetings, Feature::Invitees];

fn client(sandbox: &Sandbox) -> webex_meetings::WebexBuilder {
    crate::support::client(sandbox).clock(Arc::new(SystemClock))
}

async fn diagnose(sandbox: &Sandbox, doctor: WebexDoctor) -> Diagnosis {
    let diagnosis = Doctor::new(Arc::new(SystemClock)).with(Arc::new(doctor)).diagnose().await;
    let journal = sandbox.journal();
    assert!(journal.iter().all(|entry| entry.method == "GET"), "{journal:?}");
    silent(&diagnosis);
    diagnosis
}

/// Asks a script, with a token of its own, at a time that stands still.
fn scripted(step: Step) -> Diagnosis {
    let clock = ManualClock::new(utc("2026-07-01T00:00:00Z"));
    let transport = Arc::new(ScriptedTransport::new(vec![step]));
    let webex = Webex::builder(integration()).transport(transport).clock(Arc::new(clock.clone()));
    let webex = webex.access_token(TokenText::new("planted")).build().unwrap();
    let doctor = Doctor::new(Arc::new(clock.clone())).with(Arc::new(webex.doctor().features(ALL)));
    let mut asking = Box::pin(doctor.diagnose());
    let diagnosis = (&mut asking).now_or_never().unwrap_or_else(|| {
        clock.advance(Duration::from_secs(25));
        asking.now_or_never().unwrap()
    });
    silent(&diagnosis);
    diagnosis
}

fn silent(diagnosis: &Diagnosis) {
    let shown = format!("{diagnosis}\n{diagnosis:?}");
    for secret in [defaults::WEBEX_CLIENT_SECRET, "planted", "sandbox-at"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[track_caller]
fn only(diagnosis: &Diagnosis, question: Question, verdict: Verdict, detail: &str) -> Finding {
    let found: Vec<_> = diagnosis.of_question(question).collect();
    assert_eq!(found.len(), 1, "{diagnosis}");
    assert_eq!(found[0].verdict, verdict, "{diagnosis}");
    assert!(found[0].detail.contains(detail), "{detail}: {diagnosis}");
    assert_eq!(found[0].remedy.is_some(), verdict >= Verdict::Warn, "{diagnosis}");
    found[0].clone()
}

#[tokio::test]
async fn a_healthy_integration() {
    let sandbox = sandbox().await;
    let diagnosis = diagnose(&sandbox, client(&sandbox).build().unwrap().doctor().features(ALL)).await;
    only(&diagnosis, Question::NETWORK, Verdict::Ok, "127.0.0.1 answers");
    only(&diagnosis, Question::CLOCK, Verdict::Ok, "two minutes");
    only(&diagnosis, Question::SIGN_IN, Verdict::NotAsked, "users sign in");
    only(&diagnosis, Question::PERMISSIONS, Verdict::Ok, "meeting:schedules_write");
    assert_eq!((sandbox.journal().len(), sandbox.journal()[0].status), (1, Some(401)));
}

#[tokio::test]
async fn a_token_of_its_own_is_tried() {
    let sandbox = sandbox().await;
    let token = sandbox.access_token(AuthorizationSide::Webex, None).unwrap();
    let webex = client(&sandbox).access_token(TokenText::new(token)).build().unwrap();
    only(&diagnose(&sandbox, webex.doctor()).await, Question::SIGN_IN, Verdict::Ok, "accepted");
    sandbox.expire_tokens(None, None);
    let diagnosis = diagnose(&sandbox, webex.doctor()).await;
    let found = only(&diagnosis, Question::SIGN_IN, Verdict::Fail, "status 401");
    assert!(found.remedy.unwrap().action.contains("fresh access token"));
    only(&diagnosis, Question::NETWORK, Verdict::Ok, "answers");
}

#[tokio::test]
async fn scopes_that_are_not_asked_for_are_named() {
    let sandbox = sandbox().await;
    let few = integration().with_scopes(["meeting:schedules_read"]);
    let webex = Webex::builder(few).base(sandbox.url()).dangerous_loopback_http().build().unwrap();
    let diagnosis = diagnose(&sandbox, webex.doctor().features(ALL)).await;
    let found = only(&diagnosis, Question::PERMISSIONS, Verdict::Fail, "spark:people_read (for connecting users)");
    assert!(found.detail.contains("meeting:schedules_write (for invitees, meetings)"));
    assert!(found.remedy.unwrap().action.contains("with_scopes"));
    let diagnosis = diagnose(&sandbox, webex.doctor().features_for_other_hosts([Feature::Meetings])).await;
    only(&diagnosis, Question::PERMISSIONS, Verdict::Fail, "meeting:admin_schedule_write");
    only(&diagnose(&sandbox, webex.doctor()).await, Question::PERMISSIONS, Verdict::NotAsked, "no features");
}

#[test]
fn refusals_and_faults_are_told_apart() {
    let refused = json!({ "message": "planted", "errors": [], "trackingId": "T" });
    for (step, network, sign_in, words) in [
        (Step::json(200, &json!({ "id": "planted" })), Verdict::Ok, Verdict::Ok, "accepted"),
        (Step::json(403, &refused), Verdict::Ok, Verdict::Warn, "cannot be told"),
        (Step::json(401, &refused), Verdict::Ok, Verdict::Fail, "401"),
        (Step::reply(503), Verdict::Ok, Verdict::Fail, "503"),
        (Step::fails(Sent::No), Verdict::Fail, Verdict::NotAsked, "network first"),
        (Step::reply(403).with_body("<html>planted"), Verdict::Fail, Verdict::NotAsked, "network first"),
        (Step::hangs(), Verdict::Fail, Verdict::NotAsked, "network first"),
    ] {
        let said = format!("{step:?}");
        let diagnosis = scripted(step);
        let found: Vec<_> = diagnosis.of_question(Question::NETWORK).map(|found| found.verdict).collect();
        assert_eq!(found, [network], "{said}\n{diagnosis}");
        only(&diagnosis, Question::SIGN_IN, sign_in, words);
        only(&diagnosis, Question::PERMISSIONS, Verdict::Ok, "asks users for");
    }
}

#[test]
fn the_clock_is_judged() {
    let late = |date| Step::json(401, &json!({})).with_header("date", date);
    only(&scripted(late("Wed, 01 Jul 2026 00:01:00 GMT")), Question::CLOCK, Verdict::Ok, "");
    only(&scripted(late("Wed, 01 Jul 2026 00:04:00 GMT")), Question::CLOCK, Verdict::Warn, "behind");
    only(&scripted(late("Tue, 30 Jun 2026 20:00:00 GMT")), Question::CLOCK, Verdict::Fail, "ahead");
}

#[test]
fn a_refused_token_is_not_renewed() {
    let transport = Arc::new(ScriptedTransport::new(vec![Step::reply(401), Step::reply(200)]));
    let tokens = Arc::new(StaticTokens::new("planted").then("planted-next"));
    let clock = Arc::new(ManualClock::new(utc("2026-07-01T00:00:00Z")));
    let webex = Webex::builder(integration()).transport(Arc::<ScriptedTransport>::clone(&transport));
    let webex = webex.tokens(Arc::<StaticTokens>::clone(&tokens)).clock(Arc::clone(&clock) as _).build().unwrap();
    let doctor = Doctor::new(clock).with(Arc::new(webex.doctor()));
    let diagnosis = doctor.diagnose().now_or_never().unwrap();
    only(&diagnosis, Question::SIGN_IN, Verdict::Fail, "401");
    assert!(tokens.rejections().is_empty(), "asking changes nothing");
    assert_eq!(transport.requests().len(), 1);
}
