//! Replies as Microsoft documents them, where the folder of examples is at hand.

use std::path::{Path, PathBuf};

use invitations_core::{
    ErrorKind,
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

/// Nothing of a documented event is lost: what is not a member of ours stands in the extras, and nothing that is ours does.
#[tokio::test]
async fn documented_events_are_read_in_outlooks_own_words() {
    let (known, mut seen) = (["multiValueExtendedProperties", "extensions", "singleValueExtendedProperties"], 0);
    for prefix in [
        "event_create__",
        "event_create_in_calendar__",
        "event_get__",
        "event_onlinemeeting__",
        "event_list_instances",
        "calendarview_list",
    ] {
        for (name, body) in examples(prefix) {
            let whole: serde_json::Value = serde_json::from_slice(&body).unwrap();
            let is_calendar = whole.get("canEdit").is_some();
            if is_calendar || (whole.get("id").is_none() && whole.get("value").is_none()) {
                continue;
            }
            // an example may be cut short, without ids: an event that nobody can name is none
            let nameless =
                whole["value"].as_array().is_some_and(|items| items.iter().any(|item| item.get("id").is_none()));
            let body = if whole.get("value").is_some() {
                body
            } else {
                serde_json::json!({ "value": [whole] }).to_string().into()
            };
            let (graph, _, _) = scripted(vec![Step::reply(200).with_body(body)]);
            let page = graph.calendars_of(&user("oid")).events_in(&primary()).list(None).await;
            if nameless {
                assert_eq!(page.unwrap_err().kind(), ErrorKind::Protocol, "{name}");
                continue;
            }
            let events = page.unwrap_or_else(|error| panic!("{name}: {error:?}")).items;
            seen += events.len();
            for event in events {
                let left: Vec<_> = event.extras.keys().filter(|member| !known.contains(&member.as_str())).collect();
                assert!(left.is_empty(), "{name}: {left:?}");
            }
        }
    }
    assert!(seen > 8 || examples("event_get__").is_empty(), "{seen}");
}

#[tokio::test]
async fn documented_calendars_and_categories_are_read() {
    for prefix in ["calendar_get__", "calendar_create__", "calendar_create_in_group__", "calendar_update__"] {
        for (name, body) in examples(prefix) {
            let (graph, _, _) = scripted(vec![Step::reply(200).with_body(body)]);
            let read = graph.calendars_of(&user("oid")).calendar(&primary()).await;
            assert!(
                read.as_ref().is_ok_and(|calendar| calendar
                    .extras
                    .keys()
                    .all(|name| name.starts_with("can") || name.starts_with("is"))),
                "{name}: {read:?}"
            );
        }
    }
    for (name, body) in examples("calendar_list__") {
        let (graph, _, _) = scripted(vec![Step::reply(200).with_body(body)]);
        let read = graph.calendars_of(&user("oid")).calendars(None).await.unwrap();
        assert!(!read.items.is_empty(), "{name}");
    }
    for (name, body) in examples("mastercategories_list__") {
        let (graph, _, _) = scripted(vec![Step::reply(200).with_body(body)]);
        assert_eq!(graph.calendars_of(&user("oid")).categories().await.unwrap().len(), 6, "{name}");
    }
}

#[tokio::test]
async fn documented_refusals_of_events_have_their_remedies() {
    for (name, body) in examples("error_400_cancel_not_organizer") {
        let attendee = serde_json::json!({ "id": "e", "isOrganizer": false });
        let (graph, _, _) = scripted(vec![Step::reply(400).with_body(body), Step::json(200, &attendee)]);
        let events = graph.calendars_of(&user("oid")).events_in(&primary());
        let error = events.cancel(&EventId::parse("e").unwrap(), "", crate::support::options()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{name}");
    }
    for (name, body) in examples("error_400_event_occurrence_boundary") {
        let (graph, _, _) = scripted(vec![Step::reply(400).with_body(body)]);
        let events = graph.calendars_of(&user("oid")).events_in(&primary());
        let patch = graph_meetings::outlook::EventPatch::new().with_subject("x");
        let error = events.patch(&EventId::parse("e").unwrap(), &patch, crate::support::options()).await.unwrap_err();
        assert!(error.remedy().unwrap().action.contains("neighbours"), "{name}");
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
