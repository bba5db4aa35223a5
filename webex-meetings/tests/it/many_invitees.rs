//! Many invitees at once.

use invitations_core::{ErrorKind, RetryClass, people::EmailAddress};
use meetings_http::{Sent, Step};
use serde_json::{Value, json};
use webex_meetings::{
    invitees::{Invited, InviteeId, NewInvitee},
    meetings::SendEmail,
};

use crate::support::{id, once, scripted_meetings};

fn who(number: usize) -> NewInvitee {
    NewInvitee::new(EmailAddress::parse(format!("guest{number}@fabrikam.example")).unwrap())
}

fn invitee(number: usize) -> Value {
    json!({ "id": format!("m_{number}"), "email": format!("Guest{number}@fabrikam.example"), "meetingId": "m" })
}

fn listed(numbers: impl IntoIterator<Item = usize>) -> Step {
    Step::json(200, &json!({ "items": numbers.into_iter().map(invitee).collect::<Vec<_>>() }))
}

fn conflict() -> Step {
    Step::json(409, &json!({ "message": "Some users in the list have been invited.", "trackingId": "t" }))
}

fn sizes(transport: &meetings_http::ScriptedTransport) -> Vec<usize> {
    let requests = transport.requests();
    let posts = requests.iter().filter(|request| request.uri().path().ends_with("bulkInsert"));
    let size = |request: &http::Request<bytes::Bytes>| {
        serde_json::from_slice::<Value>(request.body()).unwrap()["items"].as_array().unwrap().len()
    };
    posts.map(size).collect()
}

#[tokio::test]
async fn a_hundred_at_a_time_and_nobody_twice() {
    let (meetings, transport) = scripted_meetings(vec![listed(0..100), listed(100..200), listed([200])]);
    let mut people: Vec<NewInvitee> = (0..201).map(who).collect();
    people.push(NewInvitee::new(EmailAddress::parse("GUEST7@Fabrikam.example").unwrap()));
    let done = meetings.invite_many(&id("m"), &people, SendEmail::No, once()).await.unwrap();
    assert_eq!((done.added.len(), done.already_there.len()), (201, 0));
    assert_eq!(sizes(&transport), [100, 100, 1]);
}

#[tokio::test]
async fn a_conflict_is_read_and_who_is_missing_is_invited() {
    let people: Vec<NewInvitee> = (0..3).map(who).collect();
    let (meetings, transport) = scripted_meetings(vec![conflict(), listed([1, 7]), listed([0, 2])]);
    let done = meetings.invite_many(&id("m"), &people, SendEmail::Yes, once()).await.unwrap();
    assert_eq!((done.added.len(), done.already_there), (2, vec![who(1).email]));
    assert_eq!(sizes(&transport), [3, 2]);
    // an earlier try has done it all
    let (meetings, transport) = scripted_meetings(vec![conflict(), listed(0..3)]);
    let done = meetings.invite_many(&id("m"), &people, SendEmail::Yes, once()).await.unwrap();
    assert_eq!((done.added.len(), done.already_there.len(), transport.requests().len()), (0, 3, 2));
}

#[tokio::test]
async fn with_others_inviting_too_each_is_asked_alone() {
    let people: Vec<NewInvitee> = (0..2).map(who).collect();
    let single = Step::json(409, &json!({ "message": "User is already a meeting invitee." }));
    let (meetings, transport) =
        scripted_meetings(vec![conflict(), listed([]), conflict(), Step::json(200, &invitee(0)), single]);
    let done = meetings.invite_many(&id("m"), &people, SendEmail::Yes, once()).await.unwrap();
    assert_eq!((done.added.len(), done.already_there), (1, vec![who(1).email]));
    assert_eq!(transport.requests().len(), 5);
}

#[tokio::test]
async fn another_conflict_of_many_is_not_taken_for_invitations() {
    let people: Vec<NewInvitee> = (0..3).map(who).collect();
    let other = || Step::json(409, &json!({ "message": "The meeting is being changed." }));
    let outcome = async |steps: Vec<Step>| {
        let (meetings, transport) = scripted_meetings(steps);
        let done = meetings.invite_many(&id("m"), &people, SendEmail::Yes, once()).await;
        (done.map(|done| (done.added.len(), done.already_there.len())), transport.requests().len())
    };
    let (refused, requests) = outcome(vec![other(), listed([7])]).await;
    assert_eq!((refused.unwrap_err().kind(), requests), (ErrorKind::Conflict, 2));
    // in unknown words, and the list shows that it was about them
    assert_eq!(outcome(vec![other(), listed(0..3)]).await.0.unwrap(), (0, 3));
    assert_eq!(outcome(vec![other(), listed([1]), listed([0, 2])]).await.0.unwrap(), (2, 1));
    let (refused, requests) = outcome(vec![conflict(), listed([1]), other()]).await;
    assert_eq!((refused.unwrap_err().kind(), requests), (ErrorKind::Conflict, 3));
    // one by one each is looked at for itself
    let (refused, _) = outcome(vec![conflict(), listed([]), conflict(), other(), listed([])]).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn callers_mistakes_are_found_before_the_first_hundred() {
    let mut people: Vec<NewInvitee> = (0..150).map(who).collect();
    people[149] = who(149).with_name("x".repeat(129));
    let (meetings, transport) = scripted_meetings(Vec::new());
    let error = meetings.invite_many(&id("m"), &people, SendEmail::No, once()).await.unwrap_err();
    assert_eq!((error.kind(), transport.requests().len()), (ErrorKind::InvalidInput, 0));
    let nobody = meetings.invite_many(&id("m"), &[], SendEmail::No, once()).await.unwrap();
    assert!(nobody.added.is_empty() && transport.requests().is_empty());
}

#[tokio::test]
async fn a_lost_hundred_is_unclear() {
    let (meetings, transport) = scripted_meetings(vec![Step::fails(Sent::Maybe)]);
    let error = meetings.invite_many(&id("m"), &[who(1)], SendEmail::No, once()).await.unwrap_err();
    assert_eq!((error.retry(), transport.requests().len()), (RetryClass::Unclear { after: None }, 1));
}

#[tokio::test]
async fn one_is_invited_changed_and_taken_off() {
    let (meetings, transport) = scripted_meetings(vec![
        Step::json(200, &invitee(1)),
        Step::json(409, &json!({ "message": "User is already a meeting invitee." })),
        Step::json(200, &invitee(1)),
        Step::json(200, &invitee(1)),
        Step::json(409, &json!({ "message": "User is already a meeting invitee." })),
        Step::reply(204),
        Step::reply(404),
    ]);
    let added = meetings.invite(&id("m"), &who(1), SendEmail::No, once()).await.unwrap();
    let Invited::Added(invitee) = added else { panic!("{added:?}") };
    assert_eq!(meetings.invite(&id("m"), &who(1), SendEmail::No, once()).await.unwrap(), Invited::AlreadyThere);
    let place: InviteeId = invitee.id.unwrap();
    assert_eq!(meetings.invitee(&place).await.unwrap().id, Some(place.clone()));
    meetings.change_invitee(&place, &who(1).as_co_host(), SendEmail::No, once()).await.unwrap();
    let twice = meetings.change_invitee(&place, &who(2), SendEmail::No, once()).await.unwrap_err();
    assert_eq!(twice.kind(), ErrorKind::Conflict);
    let gone = [
        meetings.uninvite(&place, SendEmail::No, once()).await.unwrap(),
        meetings.uninvite(&place, SendEmail::No, once()).await.unwrap(),
    ];
    assert_eq!(format!("{gone:?}"), "[Removed, NotThere]");
    let methods: Vec<String> = transport.requests().iter().map(|request| request.method().to_string()).collect();
    assert_eq!(methods, ["POST", "POST", "GET", "PUT", "PUT", "DELETE", "DELETE"]);
}
