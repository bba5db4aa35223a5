//! What is read and sent back says all that the document lets one write.

use std::sync::Arc;

use chrono::DateTime;
use invitations_core::{
    ids::ClientId,
    provider::WriteOptions,
    runtime::ManualClock,
    secret::ClientSecret,
    time::{Recurrence, Slot, TimeZone, WallTime},
};
use meetings_http::{RetryPolicy, ScriptedTransport, StaticTokens, Step};
use serde_json::{Map, Value};
use webex_meetings::{
    Integration, Webex,
    invitees::{InviteeId, NewInvitee},
    meetings::{MeetingChange, SendEmail},
    webhooks::{WebhookChange, WebhookId},
};

use super::{
    super::super::schema::{document, resolved},
    read::some_meeting,
    sample::{answers, leaves, other},
};

/// The answers of an operation, as they are and with every flag the other way.
fn bodies(document: &Value, operation: &str) -> Vec<Value> {
    let told = answers(document).remove(operation).expect("an operation");
    let turned = told.iter().map(|body| {
        let mut body = body.clone();
        for path in leaves(&body) {
            let leaf = body.pointer_mut(&path).expect("a leaf");
            if leaf.is_boolean() {
                *leaf = other(leaf);
            }
        }
        body
    });
    turned.collect::<Vec<_>>().into_iter().chain(told).collect()
}

/// A client, twice answered so, before what the bodies tell of takes place.
fn client(body: &Value) -> (Webex, Arc<ScriptedTransport>) {
    let transport = Arc::new(ScriptedTransport::new(vec![Step::json(200, body), Step::json(200, body)]));
    let id = ClientId::parse("client").expect("an id");
    let builder = Webex::builder(Integration::new(id, ClientSecret::new("secret"))).retry(RetryPolicy::never());
    let builder = builder.clock(Arc::new(ManualClock::new("2019-01-01T00:00:00Z".parse().expect("a time"))));
    let webex = builder.transport(Arc::clone(&transport) as _).build().expect("a client");
    (webex.with_tokens(Arc::new(StaticTokens::new("token"))), transport)
}

/// The members that an operation takes.
fn taken<'a>(document: &'a Value, path: &str, method: &str) -> &'a Map<String, Value> {
    let content = &resolved(document, &document["paths"][path][method]["requestBody"])["content"];
    let schema = resolved(document, &content["application/json"]["schema"]);
    schema["properties"].as_object().expect("members")
}

/// Texts may say the same instant.
fn is_same(one: &Value, other: &Value) -> bool {
    let instant = |value: &Value| DateTime::parse_from_rfc3339(value.as_str()?).ok();
    one == other || instant(one).is_some_and(|one| Some(one) == instant(other))
}

/// All members of `body` that may be written are in what was sent last.
fn nothing_is_lost(transport: &ScriptedTransport, body: &Value, taken: &Map<String, Value>, but: &[&str]) {
    let requests = transport.requests();
    let sent: Value = serde_json::from_slice(requests.last().expect("a request").body()).expect("JSON");
    let told = body.as_object().expect("an object").iter();
    for (name, value) in told.filter(|(name, _)| taken.contains_key(*name) && !but.contains(&name.as_str())) {
        assert!(is_same(&sent[name], value), "{name}: {} was sent, {value} was read", sent[name]);
    }
}

#[tokio::test]
async fn an_invitee_is_sent_back_whole() {
    let Some(document) = document("webex-subset.strict.json") else { return };
    let taken = taken(&document, "/meetingInvitees/{meetingInviteeId}", "put");
    for body in &bodies(&document, "getAMeetingInvitee") {
        let (webex, transport) = client(body);
        let (meetings, id) = (webex.my_meetings().expect("a token"), InviteeId::parse("i").expect("an id"));
        let read = meetings.invitee(&id).await.expect("an invitee");
        let same = NewInvitee::of(&read).expect("an address");
        meetings.change_invitee(&id, &same, SendEmail::No, WriteOptions::new()).await.expect("an invitee");
        nothing_is_lost(&transport, body, taken, &[]);
    }
}

#[tokio::test]
async fn a_webhook_is_sent_back_whole() {
    let Some(document) = document("webex-subset.strict.json") else { return };
    let taken = taken(&document, "/webhooks/{webhookId}", "put");
    for body in &bodies(&document, "getWebhookDetails") {
        let (webex, transport) = client(body);
        let (webhooks, id) = (webex.my_webhooks().expect("a token"), WebhookId::parse("w").expect("an id"));
        let same = WebhookChange::of(&webhooks.read(&id).await.expect("a webhook")).expect("a URL").activated();
        webhooks.update(&id, &same, WriteOptions::new()).await.expect("a webhook");
        nothing_is_lost(&transport, body, taken, &[]);
    }
}

#[tokio::test]
async fn a_meeting_is_sent_back_whole() {
    let Some(document) = document("webex-subset.strict.json") else { return };
    let taken = taken(&document, "/meetings/{meetingId}", "patch");
    for body in &bodies(&document, "getMeetingById") {
        let (webex, transport) = client(body);
        let meetings = webex.my_meetings().expect("a token");
        let read = meetings.details(&some_meeting()).await.expect("a meeting");
        let rule = Recurrence::parse(read.recurrence.as_deref().expect("a series")).expect("a rule");
        let told = read.slot().expect("a time");
        // a read does not tell the series' own zone; the record does
        let zone = Some(told.start.zone()).filter(|zone| *zone != TimeZone::UNTOLD).unwrap_or_default();
        let slot = Slot { start: WallTime::new(told.start.local(), zone), ..told };
        let mut change = MeetingChange::new(SendEmail::No)
            .cancelling_modified_occurrences()
            .with_series(slot, rule)
            .with_options(read.options)
            .with_tags(read.tags)
            .with_tracking_codes(read.tracking_codes);
        (change.title, change.agenda) = (read.title, read.agenda.expect("an agenda").into());
        (change.password, change.panelist_password) = (read.password, read.panelist_password);
        for (name, value) in read.extra.expose().iter().filter(|(name, _)| taken.contains_key(*name)) {
            change = change.with_other(name, value.clone());
        }
        meetings.change(&some_meeting(), &change, WriteOptions::new()).await.expect("a meeting");
        // the host is the account's, and is changed by a call of its own
        nothing_is_lost(&transport, body, taken, &["hostEmail"]);
    }
}
