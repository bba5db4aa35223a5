use invitations_core::{
    ErrorKind, RetryClass,
    ids::{CalendarId, EventId},
    provider::{AttendeeChange, AttendeeList as _, Gathering, WriteOptions},
};
use meetings_http::{Sent, Step};
use serde_json::{Value, json};

use crate::support::{attendee, gathering, id, once, scripted_by, scripted_meetings, slow_meetings};

fn invitee(number: u8, address: &str) -> Value {
    json!({ "id": format!("m1_{number}"), "email": address, "displayName": "Somebody", "coHost": false, "meetingId": "m1" })
}

#[tokio::test]
async fn adding_somebody_who_is_there_is_no_failure() {
    let (meetings, transport) = scripted_meetings(vec![
        Step::json(200, &invitee(1, "ada@contoso.example")),
        Step::json(409, &json!({ "message": "User is already a meeting invitee." })),
    ]);
    let to = gathering(&id("m1"));
    let ada = attendee("ada@contoso.example");
    assert_eq!(meetings.add(&to, &ada, once()).await.unwrap(), AttendeeChange::Added);
    assert_eq!(meetings.add(&to, &ada, once()).await.unwrap(), AttendeeChange::AlreadyThere);
    let body: Value = serde_json::from_slice(transport.requests()[0].body()).unwrap();
    assert_eq!((&body["meetingId"], &body["sendEmail"]), (&json!("m1"), &json!(false)));
}

/// A conflict that is about something else proves nothing: who is invited is looked at, once.
#[tokio::test]
async fn another_conflict_is_not_taken_for_an_invitation() {
    let to = gathering(&id("m1"));
    let ada = attendee("ada@contoso.example");
    let conflicts = || {
        [
            Step::json(
                409,
                &json!({ "message": "The meeting is being changed.", "errors": [{ "description": "Try again." }] }),
            ),
            Step::reply(409).with_body("<html>already gone</html>"),
            Step::reply(409),
        ]
    };
    let page =
        |address: &str| Step::json(200, &json!({ "items": [invitee(1, "bert@contoso.example"), invitee(2, address)] }));
    for conflict in conflicts() {
        let (meetings, transport) = scripted_meetings(vec![conflict, page("Ada@Contoso.example")]);
        assert_eq!(meetings.add(&to, &ada, once()).await.unwrap(), AttendeeChange::AlreadyThere);
        assert_eq!(transport.requests().len(), 2);
    }
    for conflict in conflicts() {
        let (meetings, transport) = scripted_meetings(vec![conflict, page("carla@contoso.example")]);
        let error = meetings.add(&to, &ada, once()).await.unwrap_err();
        assert_eq!((error.kind(), error.status(), error.retry()), (ErrorKind::Conflict, Some(409), RetryClass::Never));
        assert_eq!(transport.requests().len(), 2, "looked at once");
    }
    for conflict in conflicts() {
        let (meetings, _) = scripted_meetings(vec![conflict, Step::reply(403)]);
        let error = meetings.add(&to, &ada, once()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied, "what cannot be looked at is not known");
    }
}

#[tokio::test]
async fn what_is_sent_again_after_a_lost_answer_meets_its_own_effect() {
    let said = Step::json(
        409,
        &json!({ "message": "Conflict", "errors": [{ "description": "User is already a meeting invitee." }] }),
    );
    let (meetings, transport) = scripted_meetings(vec![Step::fails(Sent::Maybe), said]);
    let (to, ada) = (gathering(&id("m1")), attendee("ada@contoso.example"));
    assert_eq!(meetings.add(&to, &ada, WriteOptions::new()).await.unwrap(), AttendeeChange::AlreadyThere);
    assert_eq!(transport.requests().len(), 2);
}

#[tokio::test]
async fn looking_after_a_conflict_shares_the_time_of_the_call() {
    let steps = vec![Step::reply(409), Step::json(200, &json!({ "items": [] }))];
    let (meetings, transport) = slow_meetings(steps);
    let mut options = once();
    options.timeout = Some(std::time::Duration::from_secs(100));
    let (to, ada) = (gathering(&id("m1")), attendee("ada@contoso.example"));
    meetings.add(&to, &ada, options).await.unwrap_err();
    assert_eq!(transport.timeouts().iter().map(std::time::Duration::as_secs).collect::<Vec<_>>(), [100, 40]);
}

#[tokio::test]
async fn a_lost_add_is_said_to_be_unclear() {
    let (meetings, transport) = scripted_meetings(vec![Step::fails(Sent::Maybe)]);
    let error = meetings.add(&gathering(&id("m1")), &attendee("a@b.example"), once()).await.unwrap_err();
    assert_eq!(error.retry(), RetryClass::Unclear { after: None });
    assert_eq!(transport.requests().len(), 1);
}

#[tokio::test]
async fn removing_looks_through_every_page() {
    let link = "<https://webexapis.com/v1/meetingInvitees?page=2>; rel=\"next\"";
    let pages = || {
        vec![
            Step::json(200, &json!({ "items": [invitee(1, "ada@contoso.example")] })).with_header("link", link),
            Step::json(200, &json!({ "items": [invitee(2, "Bert@Contoso.example")] })),
        ]
    };
    let from = gathering(&id("m1"));
    let bert = attendee("bert@contoso.example");
    for (answer, change) in [(Some(204), AttendeeChange::Removed), (Some(404), AttendeeChange::NotThere)] {
        let mut steps = pages();
        steps.extend(answer.map(Step::reply));
        let (meetings, transport) = scripted_meetings(steps);
        assert_eq!(meetings.remove(&from, &bert, once()).await.unwrap(), change);
        let last = transport.requests().pop().unwrap();
        assert_eq!((last.method().as_str(), last.uri().path()), ("DELETE", "/v1/meetingInvitees/m1_2"));
        assert_eq!(last.uri().query(), Some("sendEmail=false"));
    }
    let (meetings, transport) = scripted_meetings(pages());
    let nobody = meetings.remove(&from, &attendee("carla@contoso.example"), once()).await.unwrap();
    assert_eq!((nobody, transport.requests().len()), (AttendeeChange::NotThere, 2));
    let (meetings, _) = scripted_meetings(pages());
    assert_eq!(meetings.attendees(&from).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_missing_meeting_is_not_an_empty_list() {
    let (meetings, _) = scripted_meetings(vec![Step::reply(404), Step::reply(404), Step::reply(404)]);
    let from = gathering(&id("m1"));
    let ada = attendee("ada@contoso.example");
    assert_eq!(meetings.remove(&from, &ada, once()).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(meetings.attendees(&from).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(meetings.add(&from, &ada, once()).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn webex_has_no_calendar_events() {
    let (meetings, transport) = scripted_meetings(Vec::new());
    let calendar = CalendarId::parse("c").unwrap();
    let event = Gathering::Event { calendar, event: EventId::parse("e").unwrap() };
    let ada = attendee("ada@contoso.example");
    assert_eq!(meetings.add(&event, &ada, once()).await.unwrap_err().kind(), ErrorKind::Unsupported);
    assert_eq!(meetings.remove(&event, &ada, once()).await.unwrap_err().kind(), ErrorKind::Unsupported);
    assert_eq!(meetings.attendees(&event).await.unwrap_err().kind(), ErrorKind::Unsupported);
    assert!(transport.requests().is_empty());
}

#[tokio::test]
async fn mails_go_out_where_the_application_wants_them() {
    let (webex, transport) = scripted_by(vec![Step::json(200, &json!({}))], |builder| builder.provider_mails(true));
    let meetings = webex.my_meetings().unwrap();
    meetings.add(&gathering(&id("m1")), &attendee("ada@contoso.example"), WriteOptions::new()).await.unwrap();
    let body: Value = serde_json::from_slice(transport.requests()[0].body()).unwrap();
    assert_eq!(body["sendEmail"], true);
}
