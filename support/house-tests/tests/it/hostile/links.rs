//! Links to the next page that lead elsewhere.

use invitations_core::{ErrorKind, ids::PageToken};
use meetings_http::Step;
use serde_json::json;

use super::{Clients, Subject, around, calendar, silent, tokens};

const FOREIGN: &[&str] = &[
    "https://graph.microsoft.com.evil.example/v1.0/me/events",
    "https://graph.microsoft.com@evil.example/",
    "https://webexapis.com@evil.example/v1/meetings",
    "https://evil.example/v1.0/me/events?planted",
    "https://webexapis.com.evil.example/v1/meetings",
    "http://graph.microsoft.com/v1.0/me/events",
    "http://webexapis.com/v1/meetings",
    "https://graph.microsoft.com:444/v1.0/me/events",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/",
    "file:///etc/passwd",
    "data:text/plain,planted",
    "//evil.example/x",
    "",
];

/// One page with this link, then what would answer it.
fn page(subject: Subject, link: &str) -> Clients {
    let after = || Step::json(200, &json!({ "items": [], "value": [] }));
    let step = match subject {
        Subject::WebexMeeting => {
            let header = format!("<{link}>; rel=\"next\"");
            Step::json(200, &json!({ "items": [] })).with_header("link", &header)
        }
        _ => Step::json(200, &json!({ "value": [], "@odata.nextLink": link })),
    };
    Clients::new(vec![step, after()])
}

async fn listed(clients: &Clients, subject: Subject, from: Option<&PageToken>) -> invitations_core::Result<()> {
    use invitations_core::provider::CalendarProvider as _;
    match subject {
        Subject::WebexMeeting => clients.meetings(subject).list(around(), from).await.map(drop),
        _ => clients.graph.my_calendars(tokens()).events(&calendar(), around(), from).await.map(drop),
    }
}

#[tokio::test]
async fn bad_063_to_069_a_link_to_another_place_gets_nothing() {
    for link in FOREIGN {
        for subject in [Subject::OutlookEvent, Subject::WebexMeeting] {
            let clients = page(subject, link);
            let error = listed(&clients, subject, None).await.expect_err(link);
            assert_eq!(error.kind(), ErrorKind::Protocol, "{subject:?} {link}: {error:?}");
            assert!(!format!("{error:?}").contains("evil"), "{error:?}");
            silent(link, &error);
            assert_eq!(clients.transport.requests().len(), 1, "{link}");
            clients.kept_to_themselves();
        }
    }
}

/// A place in a listing that a caller kept, and somebody changed.
#[tokio::test]
async fn bad_071_a_kept_place_that_was_changed_gets_nothing() {
    for link in FOREIGN.iter().filter(|link| !link.is_empty()) {
        for subject in [Subject::OutlookEvent, Subject::WebexMeeting] {
            let clients = Clients::new(Vec::new());
            let place = PageToken::parse(*link).expect("a text");
            listed(&clients, subject, Some(&place)).await.expect_err(link);
            assert!(clients.transport.requests().is_empty(), "{link}");
        }
    }
}

#[tokio::test]
async fn bad_072_a_link_of_a_mebibyte_is_none() {
    let link = format!("https://graph.microsoft.com/v1.0/me/events?$skiptoken={}", "x".repeat(1 << 20));
    let clients = page(Subject::OutlookEvent, &link);
    assert_eq!(listed(&clients, Subject::OutlookEvent, None).await.expect_err("too long").kind(), ErrorKind::Protocol);
}

/// Look-ups and whole listings follow links by themselves: neither may do so for ever.
#[tokio::test]
async fn bad_074_and_075_a_listing_that_never_ends_is_noticed() {
    use invitations_core::{ids::MeetingKey, provider::CalendarProviderExt as _};
    let again = "https://graph.microsoft.com/v1.0/me/calendar/calendarView?$skip=1";
    let steps = |n: usize| {
        let link = |at: usize| if n == 1 { again.to_owned() } else { format!("{again}{at}") };
        let event = Subject::OutlookEvent.good();
        (0..500)
            .map(|at| Step::json(200, &json!({ "value": [event], "@odata.nextLink": link(at) })))
            .collect::<Vec<_>>()
    };
    for (what, steps) in [("itself", steps(1)), ("others with the same events", steps(500))] {
        let clients = Clients::new(steps);
        let all = clients.graph.my_calendars(tokens());
        let error = all.complete(&calendar(), around()).await.expect_err(what);
        assert_eq!(error.kind(), ErrorKind::Protocol, "{what}: {error:?}");
        assert!(clients.transport.requests().len() < 20, "{what}: {} requests", clients.transport.requests().len());
    }
    let key = MeetingKey::parse("lesson-1").expect("a key");
    let again = r#"<https://webexapis.com/v1/meetings?cursor=1>; rel="next""#;
    let page = || Step::json(200, &json!({ "items": [] })).with_header("link", again);
    let clients = Clients::new((0..500).map(|_| page()).collect());
    let error = clients.meetings(Subject::WebexMeeting).find_by_key(&key, around()).await.expect_err("a circle");
    assert_eq!(error.kind(), ErrorKind::Protocol, "{error:?}");
    assert!(clients.transport.requests().len() < 20);
}
