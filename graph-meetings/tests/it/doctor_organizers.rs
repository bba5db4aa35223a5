//! What an operator is told about organizers, against the sandbox and against a script.

use std::sync::Arc;

use graph_meetings::{Feature, Graph, GraphDoctor};
use invitations_core::{
    doctor::{Diagnosis, Doctor, Finding, Question, Verdict},
    ids::UserId,
    runtime::{ManualClock, SystemClock},
};
use meetings_http::{ScriptedTransport, StaticTokens, Step};
use meetings_sandbox::{MicrosoftUser, Sandbox, defaults};
use serde_json::{Value, json};
use url::Url;

use crate::support::{app, bare_sandbox, driven, utc};

const OLGA: &str = defaults::ORGANIZER;

fn user(text: &str) -> UserId {
    UserId::parse(text).unwrap()
}

async fn diagnose(sandbox: &Sandbox, organizers: &[&str], features: &[Feature]) -> Diagnosis {
    let graph = Graph::builder(app(&sandbox.url())).dangerous_loopback_http().build().unwrap();
    let examined = graph
        .doctor()
        .features(features.iter().copied())
        .organizers(organizers.iter().map(|organizer| user(organizer)));
    let before = sandbox.state();
    let diagnosis = Doctor::new(Arc::new(SystemClock)).with(Arc::new(examined)).diagnose().await;
    // asked, and nothing made
    assert!(sandbox.journal().iter().all(|entry| entry.method == "GET" || entry.operation == "entra.token"));
    for kept in ["meetings", "events", "guests"] {
        assert_eq!(before[kept], sandbox.state()[kept]);
    }
    diagnosis
}

#[track_caller]
fn found(diagnosis: &Diagnosis, question: Question, verdict: Verdict, detail: &str) -> Finding {
    let mut all = diagnosis.of_question(question);
    let finding = all.next().unwrap_or_else(|| panic!("{question:?} was not asked: {diagnosis}")).clone();
    assert!(all.next().is_none(), "{diagnosis}");
    assert_eq!(finding.verdict, verdict, "{diagnosis}");
    assert!(finding.detail.contains(detail), "{detail}: {diagnosis}");
    assert_eq!(finding.remedy.is_some(), verdict >= Verdict::Warn, "{diagnosis}");
    finding
}

#[tokio::test]
async fn an_organizer_for_whom_everything_is_there() {
    let sandbox = bare_sandbox().await;
    assert!(sandbox.grant_access_policy(OLGA));
    let diagnosis = diagnose(&sandbox, &[OLGA], &[]).await;
    found(&diagnosis, GraphDoctor::DIRECTORY, Verdict::Ok, defaults::DIRECTORY_ID);
    let organizer = found(&diagnosis, GraphDoctor::ORGANIZER, Verdict::Ok, "object id");
    assert_eq!(organizer.subject.as_deref(), Some(OLGA));
    found(&diagnosis, GraphDoctor::LICENCE, Verdict::Ok, "TEAMS1");
    found(&diagnosis, GraphDoctor::ACCESS_POLICY, Verdict::Ok, "may act");
    found(&diagnosis, GraphDoctor::MAILBOX, Verdict::Ok, "reached");
}

#[tokio::test]
async fn a_missing_policy_has_the_lines_that_grant_it_to_one() {
    let sandbox = bare_sandbox().await;
    let diagnosis = diagnose(&sandbox, &[OLGA], &[]).await;
    let refused = found(&diagnosis, GraphDoctor::ACCESS_POLICY, Verdict::Fail, "no policy");
    let remedy = refused.remedy.unwrap();
    let lines = remedy.commands.join("\n");
    assert!(
        lines.contains(defaults::MICROSOFT_CLIENT_ID) && lines.contains("Grant-CsApplicationAccessPolicy"),
        "{lines}"
    );
    assert!(remedy.action.contains("24 hours"));
    // nothing else suffers
    found(&diagnosis, GraphDoctor::MAILBOX, Verdict::Ok, "reached");
    // right after the grant it still answers in its own way
    let graph_knobs = json!({ "grant": [OLGA], "settling_requests": 1 });
    let request = http::Request::post("/_sandbox/policies").body(graph_knobs.to_string().into()).unwrap();
    sandbox.handle(request).await;
    let diagnosis = diagnose(&sandbox, &[OLGA], &[]).await;
    found(&diagnosis, GraphDoctor::ACCESS_POLICY, Verdict::Warn, "right after a grant");
    let diagnosis = diagnose(&sandbox, &[OLGA], &[]).await;
    found(&diagnosis, GraphDoctor::ACCESS_POLICY, Verdict::Ok, "may act");
}

#[tokio::test]
async fn organizers_without_teams_without_an_account_and_guests() {
    let sandbox = bare_sandbox().await;
    sandbox.grant_access_policy("*");
    let plain = MicrosoftUser::new("plain@contoso.example").without_teams().without_calendar_teams();
    sandbox.add_microsoft_user(&plain);
    let diagnosis = diagnose(&sandbox, &["plain@contoso.example"], &[]).await;
    found(&diagnosis, GraphDoctor::LICENCE, Verdict::Warn, "none named for Teams, in O365");
    found(&diagnosis, GraphDoctor::MAILBOX, Verdict::Warn, "no Teams meetings");
    let diagnosis = diagnose(&sandbox, &["nobody@contoso.example"], &[]).await;
    found(&diagnosis, GraphDoctor::ORGANIZER, Verdict::Fail, "no such user");
    found(&diagnosis, GraphDoctor::ACCESS_POLICY, Verdict::NotAsked, "object id first");
    assert_eq!(diagnosis.of_question(GraphDoctor::LICENCE).count(), 0);
}

/// Only what the features in use need is asked, and each organizer by name.
#[tokio::test]
async fn features_decide_what_is_asked() {
    let sandbox = bare_sandbox().await;
    let diagnosis = diagnose(&sandbox, &[OLGA, "ada@contoso.example"], &[Feature::Calendars]).await;
    assert_eq!(diagnosis.of_question(GraphDoctor::ACCESS_POLICY).count(), 0);
    let about: Vec<_> = diagnosis.of_question(GraphDoctor::MAILBOX).map(|finding| finding.subject.clone()).collect();
    assert_eq!(about, [Some(OLGA.to_owned()), Some("ada@contoso.example".to_owned())]);
}

/// Answers in the order of the questions: directory, organizer, licence, policy, mailbox.
async fn scripted(organizer: &str, replies: Vec<(u16, Value)>) -> (Diagnosis, Vec<String>) {
    let steps = replies.into_iter().map(|(status, body)| Step::json(status, &body)).collect();
    let transport = Arc::new(ScriptedTransport::new(steps));
    let clock = ManualClock::new(utc("2026-07-01T00:00:00Z"));
    let graph = Graph::builder(app(&Url::parse("http://127.0.0.1:2/").unwrap()))
        .dangerous_loopback_http()
        .transport(Arc::<ScriptedTransport>::clone(&transport))
        .tokens(Arc::new(StaticTokens::new("planted")))
        .clock(Arc::new(clock.clone()))
        .build()
        .unwrap();
    let examined = graph.doctor().organizers([user(organizer)]);
    let doctor = Doctor::new(Arc::new(clock.clone())).with(Arc::new(examined));
    let diagnosis = driven(&clock, doctor.diagnose()).await;
    let asked = transport.requests().iter().map(|request| request.uri().to_string()).collect();
    assert!(!format!("{diagnosis}\n{diagnosis:?}").contains("planted"));
    (diagnosis, asked)
}

fn refused() -> (u16, Value) {
    (403, json!({ "error": { "code": "Authorization_RequestDenied", "message": "planted" } }))
}

/// What may not be looked at is not wrong for that; an object id needs no look-up.
#[tokio::test]
async fn missing_permissions_to_look_are_no_failure() {
    let none = json!({ "value": [] });
    let calendar = json!({ "id": "c", "canEdit": true });
    let replies = vec![refused(), refused(), refused(), (200, none), (200, calendar)];
    let (diagnosis, asked) = scripted("1f35f2e6-9cab-44ad-8d5a-b74c14720000", replies).await;
    found(&diagnosis, GraphDoctor::DIRECTORY, Verdict::NotAsked, "Organization.Read.All");
    found(&diagnosis, GraphDoctor::ORGANIZER, Verdict::NotAsked, "User.ReadBasic.All");
    found(&diagnosis, GraphDoctor::LICENCE, Verdict::NotAsked, "User.Read.All");
    found(&diagnosis, GraphDoctor::ACCESS_POLICY, Verdict::Ok, "may act");
    found(&diagnosis, GraphDoctor::MAILBOX, Verdict::Ok, "reached");
    assert_eq!(asked.len(), 5, "each is sent once: {asked:?}");
    assert!(asked[3].contains("onlineMeetings?$filter=JoinWebUrl%20eq%20%27https%253A%252F%252F"), "{asked:?}");
}

#[tokio::test]
async fn what_is_wrong_in_the_directory() {
    let person = |more: Value| {
        let mut person =
            json!({ "id": "1f35f2e6-9cab-44ad-8d5a-b74c14720000", "accountEnabled": true, "userType": "Member" });
        person.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        (200, person)
    };
    let directory = |id: &str| (200, json!({ "value": [{ "id": id, "displayName": "Fabrikam" }] }));
    let other = "5a1d0c7e-0000-4000-8000-0000000000ff";
    let rest = || vec![(200, json!({ "value": [] })), (200, json!({ "value": [] })), (404, json!({}))];
    let first = |a, b| [vec![a, b], rest()].concat();
    let (diagnosis, _) =
        scripted("o@contoso.example", first(directory(other), person(json!({ "accountEnabled": false })))).await;
    found(&diagnosis, GraphDoctor::DIRECTORY, Verdict::Fail, other);
    found(&diagnosis, GraphDoctor::ORGANIZER, Verdict::Fail, "disabled");
    found(&diagnosis, GraphDoctor::LICENCE, Verdict::Fail, "no licence");
    found(&diagnosis, GraphDoctor::MAILBOX, Verdict::Fail, "no mailbox");
    let own = directory(defaults::DIRECTORY_ID);
    let (diagnosis, _) = scripted("o@contoso.example", first(own, person(json!({ "userType": "Guest" })))).await;
    found(&diagnosis, GraphDoctor::DIRECTORY, Verdict::Ok, "Fabrikam");
    found(&diagnosis, GraphDoctor::ORGANIZER, Verdict::Fail, "guest");
}
