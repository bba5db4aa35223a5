use graph_meetings::outlook::{CalendarColor, NewCalendar, OnlineMeetingProvider};
use invitations_core::ErrorKind;
use meetings_http::Step;
use meetings_sandbox::{MicrosoftUser, defaults::ORGANIZER};
use serde_json::json;

use crate::support::{control, graph, marker, options, outlook_event, primary, sandbox, scripted, user};

#[tokio::test]
async fn calendars_say_whose_they_are_and_what_they_allow() {
    let sandbox = sandbox().await;
    sandbox.add_microsoft_user(&MicrosoftUser::new("plain@contoso.example").without_calendar_teams());
    for (mailbox, allows) in [(ORGANIZER, true), ("plain@contoso.example", false)] {
        let calendars = graph(&sandbox).calendars_of(&user(mailbox));
        let own = calendars.calendar(&primary()).await.unwrap();
        assert!(own.is_default && own.can_edit && !own.is_removable);
        assert_eq!(own.owner.as_ref().unwrap().address.as_deref(), Some(mailbox));
        assert_eq!(own.allows_teams(), allows, "{mailbox}");
        assert_eq!(own.allowed_online_meeting_providers.contains(&OnlineMeetingProvider::Teams), allows);
        let listed = calendars.calendars(None).await.unwrap().items;
        assert_eq!(listed, [own]);
    }
}

#[tokio::test]
async fn a_new_calendar_has_the_id_that_lists_show() {
    for differ in [false, true] {
        let sandbox = sandbox().await;
        control(&sandbox, "graph", json!({ "calendar_ids_differ": differ })).await;
        let calendars = graph(&sandbox).calendars_of(&user(ORGANIZER));
        let wanted = NewCalendar::new("Lessons").with_color(CalendarColor::LightTeal);
        let made = calendars.create_calendar(&wanted, options()).await.unwrap();
        assert_eq!((made.name.as_str(), &made.color), ("Lessons", &Some(CalendarColor::LightTeal)));
        assert_eq!(calendars.calendar(&made.id).await.unwrap(), made);
        let events = calendars.events_in(&made.id);
        events.create(&marker("a"), &outlook_event(), options()).await.unwrap();
        assert_eq!(events.list(None).await.unwrap().items.len(), 1);
        assert!(calendars.events_in(&primary()).list(None).await.unwrap().items.is_empty());
        let error = calendars.create_calendar(&NewCalendar::new("lessons"), options()).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::AlreadyExists, Some(409)));
        assert!(error.remedy().is_some());
    }
}

#[tokio::test]
async fn a_calendar_without_a_name_is_not_sent_and_one_without_an_id_is_unclear() {
    let (graph, transport, _) = scripted(vec![Step::json(201, &json!({ "name": "Lessons" }))]);
    let calendars = graph.calendars_of(&user("u"));
    let error = calendars.create_calendar(&NewCalendar::new(" "), options()).await.unwrap_err();
    assert_eq!((error.kind(), transport.requests().len()), (ErrorKind::InvalidInput, 0));
    let error = calendars.create_calendar(&NewCalendar::new("Lessons"), options()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(matches!(error.retry(), invitations_core::RetryClass::Unclear { .. }), "{error}");
}
