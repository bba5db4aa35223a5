//! Replies as Microsoft documents them, where the folder of examples is at hand.

use std::path::{Path, PathBuf};

use invitations_core::{
    ids::{EventId, MeetingId},
    provider::{CalendarProvider as _, MeetingProvider as _},
};
use meetings_http::Step;

use crate::support::{primary, scripted, user};

fn folder() -> PathBuf {
    let specs = std::env::var_os("SPECS_DIR").map(PathBuf::from);
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    specs.unwrap_or_else(beside).join("fixtures/graph")
}

/// The examples whose name begins so; none where there is no folder.
fn examples(prefix: &str) -> Vec<(String, Vec<u8>)> {
    let Ok(entries) = std::fs::read_dir(folder()) else { return Vec::new() };
    let named = entries.flatten().map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()));
    let mut found: Vec<_> = named.filter(|(name, _)| name.starts_with(prefix) && name.contains("__response")).collect();
    found.sort();
    found.into_iter().map(|(name, path)| (name, std::fs::read(path).unwrap())).collect()
}

#[tokio::test]
async fn documented_meetings_are_read() {
    for prefix in ["onlinemeeting_create__", "onlinemeeting_get__"] {
        for (name, body) in examples(prefix) {
            let (graph, _, _) = scripted(vec![Step::reply(200).with_body(body)]);
            let read = graph.meetings_of(&user("oid")).read(&MeetingId::parse("m").unwrap()).await;
            assert!(read.is_ok(), "{name}: {read:?}");
        }
    }
}

#[tokio::test]
async fn documented_look_ups_are_read() {
    let link = invitations_core::secret::JoinUrl::new("https://teams.microsoft.com/x".parse().unwrap());
    for (name, body) in examples("onlinemeeting_list_by_") {
        let (graph, _, _) = scripted(vec![Step::reply(200).with_body(body)]);
        let found = graph.meetings_of(&user("oid")).find_by_join_url(&link).await;
        assert!(found.is_ok_and(|found| found.is_some()), "{name}");
    }
}

#[tokio::test]
async fn documented_events_are_meetings() {
    for (name, body) in examples("event_onlinemeeting__response_2") {
        let (graph, _, _) = scripted(vec![Step::reply(200).with_body(body)]);
        let read = graph.calendar_meetings_of(&user("oid")).read(&MeetingId::parse("e").unwrap()).await.unwrap();
        assert!(read.etag.is_some() && read.slot.is_some() && read.organizer.is_some(), "{name}");
    }
}

#[tokio::test]
async fn documented_events_are_read() {
    for prefix in ["event_create__", "event_create_in_calendar__", "event_get__"] {
        for (name, body) in examples(prefix) {
            let (graph, _, _) = scripted(vec![Step::reply(200).with_body(body)]);
            let read = graph.calendars_of(&user("oid")).event(&primary(), &EventId::parse("e").unwrap()).await;
            assert!(read.is_ok(), "{name}: {read:?}");
        }
    }
}

#[tokio::test]
async fn documented_policy_refusals_have_the_remedy() {
    for (name, body) in examples("error_403_application_access_policy") {
        let (graph, _, _) = scripted(vec![Step::reply(403).with_body(body)]);
        let error = graph.meetings_of(&user("oid")).read(&MeetingId::parse("m").unwrap()).await.unwrap_err();
        assert!(error.remedy().unwrap().action.contains("access policy"), "{name}");
    }
}
