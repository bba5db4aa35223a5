//! `graph-meetings` and the sandbox, each held against Microsoft's own words: the schema of Graph, and the documented bodies. The same
//! for `webex-meetings` in [`webex`].
//!
//! The words are no part of the repository. `SPECS_DIR` names their folder (`specs/graph-subset.json`, `fixtures/graph`, …); by default
//! it is `shared` beside the repository. Where they are not at hand these tests say SKIPPED and pass.

mod check;
mod drive;
mod fixtures;
mod known;
mod outlook;
mod schema;
mod tap;
mod times;
mod webex;
mod words;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use self::{
    check::Contract,
    known::{GRAPH, Terms},
    tap::Exchange,
};

/// What `graph-meetings` can ask of Graph, by the schema's names. All of it must pass by, and nothing else.
const OPERATIONS: &[&str] = &[
    "invitation_CreateInvitation",
    "organization_ListOrganization",
    "user.calendar_CreateEvent",
    "user.calendar_DeleteEvent",
    "user.calendar_GetEvent",
    "user.calendar_ListCalendarView",
    "user.calendar_ListEvent",
    "user.calendar_UpdateEvent",
    "user.calendar_getSchedule",
    "user.event_ListInstance",
    "user.event_accept",
    "user.event_cancel",
    "user.event_decline",
    "user.event_forward",
    "user.event_tentativelyAccept",
    "user.onlineMeeting_createOrGet",
    "user.outlook_CreateMasterCategory",
    "user.outlook_ListMasterCategory",
    "user_CreateCalendar",
    "user_DeleteEvent",
    "user_DeleteOnlineMeeting",
    "user_DeleteUser",
    "user_GetCalendar",
    "user_GetCalendar_16",
    "user_GetEvent",
    "user_GetOnlineMeeting",
    "user_GetUser",
    "user_ListCalendar",
    "user_ListLicenseDetail",
    "user_ListOnlineMeeting",
    "user_ListUser",
    "user_UpdateEvent",
    "user_UpdateOnlineMeeting",
    "user_findMeetingTime",
];

/// The document, and what passed; nothing where there is no document.
async fn driven() -> Option<(Value, Vec<Exchange>)> {
    Some((schema::document("graph-subset.json")?, drive::everything().await))
}

/// Everything is in the schema, and it was these operations.
fn all_in_the_schema(document: &Value, terms: &'static Terms, exchanges: &[Exchange], operations: &[&str]) {
    let mut contract = Contract::new(document, terms);
    let mut findings: BTreeMap<String, usize> = BTreeMap::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for exchange in exchanges {
        for finding in contract.check(exchange) {
            *findings.entry(finding).or_default() += 1;
        }
        if let Ok(operation) = contract.operation(exchange) {
            *seen.entry(operation).or_default() += 1;
        }
    }
    eprintln!("{} exchanges, {} operations validated: {seen:#?}", exchanges.len(), seen.len());
    assert!(findings.is_empty(), "{findings:#?}");
    assert_eq!(seen.keys().map(String::as_str).collect::<Vec<_>>(), operations);
}

/// Without any line of what is known there are more findings.
fn all_known_is_needed(document: &Value, terms: &'static Terms, exchanges: &[Exchange]) {
    let count = |mut contract: Contract<'_>| exchanges.iter().map(|one| contract.check(one).len()).sum::<usize>();
    let all = count(Contract::new(document, terms));
    for (line, known) in terms.known.iter().enumerate() {
        assert!(count(Contract::without_known(document, terms, line)) > all, "not needed: {known:?}");
    }
    for (line, absent) in terms.absent.iter().enumerate() {
        assert!(count(Contract::without_absent(document, terms, line)) > all, "not needed: {absent:?}");
    }
}

#[tokio::test]
async fn every_request_and_every_answer_is_in_the_schema() {
    let Some((document, exchanges)) = driven().await else { return };
    all_in_the_schema(&document, GRAPH, &exchanges, OPERATIONS);
}

#[tokio::test]
async fn every_known_line_is_needed() {
    let Some((document, exchanges)) = driven().await else { return };
    all_known_is_needed(&document, GRAPH, &exchanges);
}

/// One change of a good exchange, and a finding.
#[tokio::test]
async fn what_is_wrong_is_found() {
    let Some((document, exchanges)) = driven().await else { return };
    let mut contract = Contract::new(&document, GRAPH);
    let good = |operation: &str, contract: &Contract<'_>| {
        let found = exchanges.iter().find(|one| contract.operation(one).is_ok_and(|name| name == operation));
        found.cloned().unwrap_or_else(|| panic!("no {operation}"))
    };
    let edited = |body: &[u8], pointer: &str, member: &str, value: Value| {
        let mut body: Value = serde_json::from_slice(body).expect("JSON");
        body.pointer_mut(pointer).expect("a place")[member] = value;
        bytes::Bytes::from(body.to_string())
    };
    let mut bad = Vec::new();
    for (operation, at, member, value) in [
        ("user_UpdateOnlineMeeting", "", "allowDancing", json!(true)),
        ("user_UpdateOnlineMeeting", "", "allowMeetingChat", json!("sometimes")),
        ("user.onlineMeeting_createOrGet", "/participants/attendees/0", "role", json!("dancer")),
        ("user.calendar_CreateEvent", "/start", "zone", json!("UTC")),
        ("user.calendar_CreateEvent", "", "isAllDay", json!("yes")),
        ("invitation_CreateInvitation", "", "sendInvitationMessage", json!(1)),
    ] {
        let mut one = good(operation, &contract);
        one.request = edited(&one.request, at, member, value);
        bad.push(one);
    }
    for (operation, at, member, value) in [
        ("user.onlineMeeting_createOrGet", "/lobbyBypassSettings", "scope", json!("nobody")),
        ("user.onlineMeeting_createOrGet", "", "surprise", json!(1)),
        ("user.calendar_CreateEvent", "", "showAs", json!("Busy")),
        ("user.calendar_CreateEvent", "", "createdDateTime", json!("yesterday")),
        ("user_ListUser", "", "extra", json!(null)),
    ] {
        let mut one = good(operation, &contract);
        one.reply = edited(&one.reply, at, member, value);
        bad.push(one);
    }
    let change = |edit: fn(&mut Exchange)| {
        let mut one = good("user.calendar_CreateEvent", &contract);
        edit(&mut one);
        one
    };
    bad.push(change(|one| one.method = "PUT".to_owned()));
    bad.push(change(|one| one.path.push('s')));
    bad.push(change(|one| one.query.push("$surprise".to_owned())));
    bad.push(change(|one| one.status = 202));
    bad.push(change(|one| one.request = bytes::Bytes::new()));
    bad.push(change(|one| one.reply = bytes::Bytes::new()));
    bad.push(change(|one| one.reply = bytes::Bytes::from_static(b"<html>")));
    for one in bad {
        assert_eq!(contract.check(&one).len(), 1, "{} {}", one.method, one.path);
    }
}
