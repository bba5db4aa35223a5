//! The table of protections is true: what it calls keyed or idempotent is sent again when the reply is lost, nothing else is. And it
//! is whole: every method that writes stands in it.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use invitations_core::{
    people::EmailAddress,
    provider::{AttendeeList as _, MeetingPatch, MeetingProvider as _, WriteOptions},
    runtime::{Clock as _, ManualClock},
};
use meetings_http::Step;
use serde_json::{Value, json};
use webex_meetings::{
    DeleteReason, PROTECTIONS, ParticipantId, Protection, RecordingId, Webex,
    invitees::{InviteeId, NewInvitee},
    meetings::{CreateOptions, JoinRequest, JoinTarget, MeetingChange, SendEmail},
    webhooks::{Event, NewWebhook, Resource, Watchdog, WebhookChange, WebhookId},
};

use crate::support::{around, attendee, draft, gathering, id, key, meeting_json, scripted_by, utc};

/// What the call reads first, then lost replies: how often is the write sent?
async fn sent(call: &str) -> usize {
    let reads = reads(call);
    let before = reads.len();
    let lost = (0..8).map(|_| Step::times_out());
    let steps = reads.into_iter().map(|body| Step::json(200, &body)).chain(lost).collect();
    let clock = ManualClock::new(utc("2026-09-01T00:00:00Z"));
    let (webex, transport) = scripted_by(steps, |builder| builder.clock(Arc::new(clock.clone())));
    driven(&clock, Box::pin(make(&webex, call))).await;
    let requests = transport.requests();
    let write = requests.get(before).unwrap_or_else(|| panic!("{call}: nothing was written: {requests:?}"));
    assert_ne!(write.method(), http::Method::GET, "{call}: {requests:?}");
    requests[before..]
        .iter()
        .take_while(|request| request.method() == write.method() && request.uri() == write.uri())
        .count()
}

/// Waits are over at once.
async fn driven(clock: &ManualClock, work: impl Future<Output = ()>) {
    let mut work = std::pin::pin!(work);
    let start = clock.instant();
    loop {
        tokio::select! {
            biased;
            () = &mut work => return,
            () = tokio::task::yield_now() => {}
        }
        if let Some(wait) = clock.next_wake() {
            clock.advance(wait);
        }
        assert!((clock.instant() - start).as_secs() < 3600, "it waits for ever");
    }
}

fn reads(call: &str) -> Vec<Value> {
    let listed = |ids: &[&str]| json!({ "items": ids.iter().map(|id| meeting_json(id, &["k"])).collect::<Vec<_>>() });
    match call {
        "WebexMeetings::adopt" => vec![listed(&["m1", "m2"]), meeting_json("m2", &["k"])],
        "WebexMeetings::prune" => {
            vec![meeting_json("m1", &["k"]), listed(&["m1", "m2"]), meeting_json("m2", &["k"])]
        }
        "WebexWebhooks::ensure" | "Watchdog::run_once" => vec![json!({ "items": [] })],
        "WebexWebhooks::renew" => vec![json!({
            "id": "w", "name": "ended", "targetUrl": "https://app.contoso.example/webex", "resource": "meetings", "event": "ended",
            "status": "inactive", "ownedBy": "creator",
        })],
        "WebexMeetings::remove" => vec![json!({ "items": [{ "id": "m_1", "email": "ada@contoso.example" }] })],
        _ => Vec::new(),
    }
}

async fn make(webex: &Webex, call: &str) {
    let (meetings, webhooks) = (webex.my_meetings().unwrap(), webex.my_webhooks().unwrap());
    let webhook = WebhookId::parse("w").unwrap();
    let wanted = [NewWebhook::new(
        "ended",
        "https://app.contoso.example/webex".parse().unwrap(),
        Resource::Meetings,
        Event::Ended,
    )];
    let (meeting, options) = (id("m"), WriteOptions::new);
    let address = || EmailAddress::parse("ada@contoso.example").unwrap();
    let (ada, invitee) = (NewInvitee::new(address()), InviteeId::parse("m_1").unwrap());
    let participant = ParticipantId::parse("p").unwrap();
    let (yes, no) = (SendEmail::Yes, SendEmail::No);
    let mut patch = MeetingPatch::new().with_subject("Other");
    // only whether it is sent again matters: all end in errors
    match call {
        "WebexMeetings::create" => drop(meetings.create(&key("k"), &draft(), options()).await),
        "WebexMeetings::create_with" => {
            drop(meetings.create_with(&key("k"), &draft(), &CreateOptions::new(), options()).await);
        }
        "WebexMeetings::adopt" => drop(meetings.adopt(&key("k"), around(), None).await),
        "WebexMeetings::prune" => drop(meetings.prune(&key("k"), around(), &id("m1")).await),
        "WebexMeetings::update" => drop(meetings.update(&meeting, &patch, options()).await),
        "WebexMeetings::update, notify" => {
            patch.notify = true;
            drop(meetings.update(&meeting, &patch, options()).await);
        }
        "WebexMeetings::change" => {
            drop(meetings.change(&meeting, &MeetingChange::new(no).with_title("Other"), options()).await);
        }
        "WebexMeetings::change, mails" => {
            drop(meetings.change(&meeting, &MeetingChange::new(yes).with_title("Other"), options()).await);
        }
        "WebexMeetings::cancel" => drop(meetings.cancel(&meeting, options()).await),
        "WebexMeetings::delete" => drop(meetings.delete(&meeting, yes, options()).await),
        "WebexMeetings::end" => drop(meetings.end(&meeting, None, options()).await),
        "WebexMeetings::reassign_host" => drop(meetings.reassign_host(&address(), &[meeting], None, options()).await),
        "WebexMeetings::join_links" => {
            drop(meetings.join_links(&JoinRequest::new(JoinTarget::Id(meeting), address(), "Ada")).await);
        }
        "WebexMeetings::add" => {
            drop(meetings.add(&gathering(&meeting), &attendee("ada@contoso.example"), options()).await);
        }
        "WebexMeetings::remove" => {
            drop(meetings.remove(&gathering(&meeting), &attendee("ada@contoso.example"), options()).await);
        }
        "WebexMeetings::invite" => drop(meetings.invite(&meeting, &ada, yes, options()).await),
        "WebexMeetings::invite_many" => drop(meetings.invite_many(&meeting, &[ada], yes, options()).await),
        "WebexMeetings::change_invitee" => drop(meetings.change_invitee(&invitee, &ada, no, options()).await),
        "WebexMeetings::change_invitee, mails" => drop(meetings.change_invitee(&invitee, &ada, yes, options()).await),
        "WebexParticipants::mute" => {
            drop(meetings.participants().mute(&participant, true, options()).await);
        }
        "WebexParticipants::expel" => drop(meetings.participants().expel(&participant, options()).await),
        "WebexParticipants::admit" => drop(meetings.participants().admit(&[participant], options()).await),
        "WebexRecordings::delete" => {
            let recording = RecordingId::parse("r").unwrap();
            drop(meetings.recordings().delete(&recording, &DeleteReason::new("Old"), options()).await);
        }
        "WebexMeetings::uninvite" => drop(meetings.uninvite(&invitee, yes, options()).await),
        "WebexWebhooks::create" => drop(webhooks.create(&wanted[0], options()).await),
        "WebexWebhooks::ensure" => drop(webhooks.ensure(&wanted).await),
        "WebexWebhooks::update" => {
            let change = WebhookChange::new("ended", wanted[0].target_url.clone());
            drop(webhooks.update(&webhook, &change, options()).await);
        }
        "WebexWebhooks::renew" => drop(webhooks.renew(&webhooks.read(&webhook).await.unwrap(), None).await),
        "WebexWebhooks::delete" => drop(webhooks.delete(&webhook, options()).await),
        "Watchdog::run_once" => drop(Watchdog::new(webhooks, wanted).run_once().await),
        other => panic!("{other} is not tried here"),
    }
}

#[tokio::test]
async fn what_is_protected_is_sent_again_and_nothing_else() {
    for row in PROTECTIONS {
        let again = matches!(row.level, Protection::Keyed | Protection::Idempotent);
        let sent = sent(row.call).await;
        assert_eq!(sent > 1, again, "{}: sent {sent} times", row.call);
    }
}

#[test]
fn every_method_that_writes_is_listed() {
    let reads = [
        "attendance",
        "attendee_report",
        "attendee_report_page",
        "attendees",
        "capabilities",
        "clone",
        "details",
        "details_with",
        "download",
        "find",
        "find_by_key",
        "fmt",
        "instances",
        "invited",
        "invitee",
        "list",
        "list_with",
        "me",
        "new",
        "occurrences",
        "page",
        "participants",
        "provider",
        "quota",
        "read",
        "read_when_known",
        "recordings",
        "sites",
        "snippets",
        "transcripts",
        "with_addresses",
        // whatever it is asked to
        "send",
    ];
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("public-api.txt");
    let text = std::fs::read_to_string(file).unwrap();
    let handles =
        ["WebexMeetings", "WebexParticipants", "WebexRecordings", "WebexTranscripts", "WebexWebhooks", "Watchdog"];
    let method = |line: &str| {
        let line = line.strip_prefix("pub async fn ").or_else(|| line.strip_prefix("pub fn "))?;
        let mut path = line.split('(').next()?.split('<').next()?.rsplit("::");
        let (method, handle) = (path.next()?, path.next()?);
        (handles.contains(&handle) && !reads.contains(&method)).then(|| format!("{handle}::{method}"))
    };
    let there: BTreeSet<_> = text.lines().filter_map(method).collect();
    let listed = |row: &str| row.split(',').next().unwrap_or_default().to_owned();
    let listed: BTreeSet<_> = PROTECTIONS.iter().map(|row| listed(row.call)).collect();
    assert_eq!(there, listed);
}
