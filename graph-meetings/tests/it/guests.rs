use std::{error::Error as _, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use graph_meetings::{Graph, GuestInvitation, GuestKind, InvitationMail, InviteOutcome, guest_attendee};
use invitations_core::{
    ErrorKind, RetryClass,
    ids::{GuestId, MeetingId},
    people::{AttendeeRole, EmailAddress, GuestDirectory as _, GuestDraft, Redemption},
    provider::{AttendeeChange, AttendeeList as _, CalendarProviderExt as _, Gathering, MeetingProvider as _},
    runtime::{Clock as _, ManualClock},
};
use meetings_http::{Body, ScriptedTransport, StaticTokens, Step, Transport, TransportError};
use meetings_sandbox::Fault;
use serde_json::json;
use url::Url;

use crate::support::{
    ADA, app, control, driven, event, fault, graph, key, lesson, listed, marker, once, options, primary, sandbox,
    scripted, seen, user, utc,
};

const GUEST: &str = "grace@fabrikam.example";

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn draft(text: &str) -> GuestDraft {
    GuestDraft::new(address(text), Url::parse("https://app.contoso.example/in").unwrap())
}

fn invitation(text: &str) -> GuestInvitation {
    GuestInvitation::from(&draft(text))
}

#[tokio::test]
async fn a_guest_is_invited_once_and_comes_in() {
    let sandbox = sandbox().await;
    let guests = graph(&sandbox).guests();
    let first = guests.invite(&draft(GUEST), options()).await.unwrap();
    assert_eq!(first.redemption, Redemption::Pending);
    assert!(first.redeem_url.is_some());
    let again = guests.invite(&draft("Grace@Fabrikam.example"), options()).await.unwrap();
    assert_eq!((again.id.clone(), again.redeem_url.is_none()), (first.id.clone(), true));
    assert_eq!((seen(&sandbox, "graph.invitations.create"), sandbox.mails().len()), (1, 1));
    assert!(sandbox.redeem_guest(GUEST));
    assert_eq!(guests.guest(&first.id).await.unwrap().redemption, Redemption::Accepted);
    let found = guests.find_by_address(&address(GUEST)).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].id, first.id);
    for _ in 0..2 {
        guests.remove(&first.id, options()).await.unwrap();
    }
    assert!(guests.find_by_address(&address(GUEST)).await.unwrap().is_empty());
    assert_eq!(guests.guest(&first.id).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_member_is_there_already_and_is_not_removed() {
    let sandbox = sandbox().await;
    let guests = graph(&sandbox).guests();
    let member = guests.invite(&draft(ADA), options()).await.unwrap();
    assert_eq!(member.redemption, Redemption::NotNeeded);
    assert_eq!(seen(&sandbox, "graph.invitations.create"), 0);
    assert_eq!(guests.remove(&member.id, options()).await.unwrap_err().kind(), ErrorKind::PermissionDenied);
    assert_eq!(seen(&sandbox, "graph.users.delete"), 0);
}

#[tokio::test]
async fn trap_28_what_cannot_be_invited_costs_no_request() {
    let sandbox = sandbox().await;
    let guests = graph(&sandbox).guests();
    let error = guests.invite(&draft("ada+test@fabrikam.example"), options()).await.unwrap_err();
    assert_eq!((error.kind(), error.remedy().is_some()), (ErrorKind::InvalidInput, true));
    let mail = InvitationMail::new().with_copy(address(ADA)).with_copy(address("bob@contoso.example"));
    let two = invitation(GUEST).with_mail(mail);
    let id = GuestId::parse("g-1").unwrap();
    for refused in [
        guests.invite_with(&two, options()).await.map(drop),
        guests.resend(&id, &two, options()).await.map(drop),
        guests.reset_redemption(&id, &two, options()).await.map(drop),
    ] {
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    assert!(sandbox.journal().is_empty());
}

#[tokio::test]
async fn a_lost_invitation_is_not_sent_again_before_it_was_looked_up() {
    let sandbox = sandbox().await;
    let guests = graph(&sandbox).guests();
    fault(&sandbox, "graph.invitations.create", Fault::LostReply);
    guests.invite(&draft(GUEST), once()).await.unwrap_err();
    guests.invite(&draft(GUEST), once()).await.unwrap();
    assert_eq!((seen(&sandbox, "graph.invitations.create"), listed(&sandbox, "guests").len()), (1, 1));
}

#[tokio::test]
async fn an_address_with_a_quote_is_a_literal() {
    let sandbox = sandbox().await;
    let guests = graph(&sandbox).guests();
    let made = guests.invite(&draft("o'brien@fabrikam.example"), options()).await.unwrap();
    let found = guests.find_by_address(&address("o'brien@fabrikam.example")).await.unwrap();
    assert_eq!(found.iter().map(|guest| guest.id.clone()).collect::<Vec<_>>(), [made.id]);
}

fn nobody() -> Step {
    Step::json(200, &json!({ "value": [] }))
}

#[tokio::test]
async fn who_already_exists_is_looked_up_whatever_the_refusal_said() {
    let refusal = json!({ "error": { "code": "BadRequest", "message": "The invited user already exists in the directory as objectID: 1" } });
    let member = json!({ "value": [{ "id": "m-1", "mail": null, "userPrincipalName": GUEST, "userType": "Member" }] });
    for status in [400, 409, 500] {
        let (graph, transport, _) = scripted(vec![nobody(), Step::json(status, &refusal), Step::json(200, &member)]);
        let found = graph.guests().invite(&draft(GUEST), once()).await.unwrap();
        assert_eq!((found.id, found.redemption), (GuestId::parse("m-1").unwrap(), Redemption::NotNeeded), "{status}");
        assert_eq!(transport.remaining(), 0, "{status}");
    }
}

#[tokio::test]
async fn trap_28_a_permanent_500_is_permanent() {
    let refusal = json!({ "error": { "code": "InternalServerError", "message": "Unable to find target address" } });
    let (graph, transport, _) = scripted(vec![nobody(), Step::json(500, &refusal), nobody()]);
    let error = graph.guests().invite(&draft(GUEST), options()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::InvalidInput, RetryClass::Never));
    assert_eq!(transport.remaining(), 0);
}

#[tokio::test]
async fn microsofts_mail_says_what_was_asked_for() {
    let sandbox = sandbox().await;
    let guests = graph(&sandbox).guests();
    let ada = guests.find_known(&address(ADA)).await.unwrap().remove(0).guest.id;
    let mail = InvitationMail::new().with_language("de-DE").with_copy(address(ADA));
    let full = invitation(GUEST).with_name("Grace Hopper").with_mail(mail).with_kind(GuestKind::Member);
    let made = guests.invite_with(&full.with_sponsor(user(ada.as_str())), options()).await.unwrap();
    assert!(matches!(made, InviteOutcome::Invited(_)));
    let own = InvitationMail::new().with_language("de-DE").with_text("Come and see");
    guests.invite_with(&invitation("own@fabrikam.example").with_mail(own), options()).await.unwrap();
    guests.invite_with(&invitation("quiet@fabrikam.example").without_mail(), options()).await.unwrap();
    let mails: Vec<_> = sandbox.mails().into_iter().map(|mail| (mail.to, mail.language, mail.text)).collect();
    let german = Some("de-DE".to_owned());
    let expected = [
        (GUEST.to_owned(), german.clone(), None),
        (ADA.to_owned(), german, None),
        ("own@fabrikam.example".to_owned(), None, Some("Come and see".to_owned())),
    ];
    assert_eq!(mails, expected);
    let known = guests.redemption(&made.into_guest().id).await.unwrap();
    assert_eq!((known.name.as_deref(), known.kind), (Some("Grace Hopper"), GuestKind::Member));
    let stored = listed(&sandbox, "guests").into_iter().find(|guest| guest["email"] == GUEST).unwrap();
    assert_eq!(stored["sponsors"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn who_was_found_is_said() {
    let sandbox = sandbox().await;
    let guests = graph(&sandbox).guests();
    let made = guests.invite_with(&invitation(GUEST), options()).await.unwrap().into_guest();
    let InviteOutcome::GuestAlready(known) = guests.invite_with(&invitation(GUEST), options()).await.unwrap() else {
        panic!("no guest")
    };
    assert_eq!(known.guest.id, made.id);
    let member = guests.invite_with(&invitation(ADA), options()).await.unwrap();
    assert!(matches!(member, InviteOutcome::MemberAlready(_)));
    assert_eq!((seen(&sandbox, "graph.invitations.create"), sandbox.mails().len()), (1, 1));
}

#[tokio::test]
async fn a_guest_is_found_by_the_name_that_entra_made() {
    let guest = json!({ "value": [{ "id": "g-1", "mail": "new@fabrikam.example", "userType": "Guest",
        "userPrincipalName": "grace_fabrikam.example#EXT#@contoso.example", "externalUserState": "Accepted" }] });
    let (graph, transport, _) = scripted(vec![Step::json(200, &guest)]);
    let found = graph.guests().find_known(&address(GUEST)).await.unwrap();
    assert_eq!((found.len(), found[0].guest.redemption), (1, Redemption::Accepted));
    let asked = transport.requests()[0].uri().query().unwrap().to_owned();
    assert!(asked.contains("startswith%28userPrincipalName%2C%27grace_fabrikam.example%23EXT%23%40%27%29"), "{asked}");

    let sandbox = sandbox().await;
    let guests = crate::support::graph(&sandbox).guests();
    let made = guests.invite_with(&invitation(GUEST), options()).await.unwrap().into_guest();
    let moved = invitation("new@fabrikam.example");
    guests.reset_redemption(&made.id, &moved, options()).await.unwrap();
    let found = guests.find_known(&address(GUEST)).await.unwrap();
    assert_eq!(found.iter().map(|known| known.guest.id.clone()).collect::<Vec<_>>(), [made.id]);
}

#[tokio::test]
async fn an_account_that_cannot_be_seen_is_a_conflict_with_a_remedy() {
    let refusal = json!({ "error": { "code": "BadRequest", "message": "The invited user already exists in the directory as objectID: 1" } });
    let (graph, transport, _) = scripted(vec![nobody(), Step::json(400, &refusal), nobody()]);
    let error = graph.guests().invite_with(&invitation(GUEST), options()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry(), transport.remaining()), (ErrorKind::Conflict, RetryClass::Never, 0));
    assert!(error.remedy().unwrap().action.contains("as it is"));
}

#[tokio::test]
async fn an_invitation_is_mailed_again_and_redeemed_anew() {
    let sandbox = sandbox().await;
    let guests = graph(&sandbox).guests();
    let id = guests.invite(&draft(GUEST), options()).await.unwrap().id;
    let before = guests.redemption(&id).await.unwrap();
    assert_eq!(before.guest.redemption, Redemption::Pending);
    let again = guests.resend(&id, &invitation(GUEST), options()).await.unwrap();
    assert!(again.redeem_url.is_some());
    assert_eq!((again.id, sandbox.mails().len()), (id.clone(), 2));
    let other = guests.resend(&id, &invitation("eve@fabrikam.example"), options()).await.unwrap_err();
    assert_eq!(other.kind(), ErrorKind::InvalidInput);

    sandbox.advance(Duration::from_secs(60));
    assert!(sandbox.redeem_guest(GUEST));
    let accepted = guests.redemption(&id).await.unwrap();
    assert_eq!(accepted.guest.redemption, Redemption::Accepted);
    assert!(accepted.redemption_changed > before.redemption_changed);
    assert_eq!(guests.resend(&id, &invitation(GUEST), options()).await.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(sandbox.mails().len(), 2);

    let reset = guests.reset_redemption(&id, &invitation(GUEST), options()).await.unwrap();
    assert_eq!((reset.id, reset.redemption, sandbox.mails().len()), (id, Redemption::Pending, 3));
}

#[tokio::test]
async fn another_guest_than_the_one_named_is_unreadable() {
    let other = || {
        Step::json(
            201,
            &json!({ "id": "i-1", "status": "PendingAcceptance", "inviteRedeemUrl": "https://login.example/r", "invitedUser": { "id": "g-2" } }),
        )
    };
    let id = GuestId::parse("g-1").unwrap();
    let (graph, _, _) = scripted(vec![there(), other(), there(), other()]);
    let guests = graph.guests();
    for error in [
        guests.resend(&id, &invitation(GUEST), once()).await.unwrap_err(),
        guests.reset_redemption(&id, &invitation(GUEST), once()).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Protocol);
        assert!(matches!(error.retry(), RetryClass::Unclear { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_guest_who_goes_while_being_removed_is_removed() {
    let (graph, transport, _) = scripted(vec![there(), missing()]);
    graph.guests().remove(&GuestId::parse("g-1").unwrap(), once()).await.unwrap();
    assert_eq!(transport.remaining(), 0);
}

#[tokio::test]
async fn a_look_up_goes_through_its_pages_and_neither_in_circles_nor_elsewhere() {
    let page = |next: Option<&str>| {
        let guest = json!({ "id": "g-1", "mail": GUEST, "userType": "Guest" });
        match next {
            None => Step::json(200, &json!({ "value": [guest] })),
            Some(link) => Step::json(200, &json!({ "value": [], "@odata.nextLink": link })),
        }
    };
    let link = "http://127.0.0.1:2/v1.0/users?$skiptoken=a";
    let (graph, transport, _) = scripted(vec![page(Some(link)), page(None)]);
    assert_eq!(graph.guests().find_known(&address(GUEST)).await.unwrap().len(), 1);
    assert!(transport.requests()[1].uri().to_string().ends_with("/v1.0/users?$skiptoken=a"));
    for (links, sent) in [(vec![link; 9], 9), (vec!["http://evil.example/v1.0/users?$skiptoken=a"], 1)] {
        let (graph, transport, _) = scripted(links.into_iter().map(|link| page(Some(link))).collect());
        let error = graph.guests().find_known(&address(GUEST)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol);
        assert!(transport.requests().len() <= sent && !format!("{error:?}").contains("evil.example"), "{error:?}");
    }
}

#[tokio::test]
async fn a_guest_stands_before_a_member_of_the_same_address() {
    let users = json!({ "value": [
        { "id": "m-1", "mail": GUEST, "userType": "Member" },
        { "id": "g-1", "mail": GUEST, "userType": "Guest", "externalUserState": "Accepted" },
    ] });
    let (graph, transport, _) = scripted(vec![Step::json(200, &users), Step::json(200, &users)]);
    let guests = graph.guests();
    let found = guests.find_known(&address(GUEST)).await.unwrap();
    assert_eq!(found.iter().map(|known| known.guest.id.as_str()).collect::<Vec<_>>(), ["g-1", "m-1"]);
    let known = guests.invite_with(&invitation(GUEST), once()).await.unwrap();
    assert!(matches!(known, InviteOutcome::GuestAlready(ref known) if known.guest.id.as_str() == "g-1"), "{known:?}");
    assert_eq!(transport.remaining(), 0);
}

#[tokio::test]
async fn a_member_has_nothing_to_redeem() {
    let sandbox = sandbox().await;
    let guests = graph(&sandbox).guests();
    let ada = guests.find_known(&address(ADA)).await.unwrap().remove(0).guest.id;
    for refused in [
        guests.resend(&ada, &invitation(ADA), options()).await,
        guests.reset_redemption(&ada, &invitation(ADA), options()).await,
    ] {
        let error = refused.unwrap_err();
        assert_eq!((error.kind(), error.remedy().is_some()), (ErrorKind::Conflict, true));
    }
    assert_eq!(seen(&sandbox, "graph.invitations.create"), 0);
}

#[tokio::test]
async fn blocked_disabled_and_unreachable_are_told_apart() {
    let sandbox = sandbox().await;
    let guests = graph(&sandbox).guests();
    let id = guests.invite(&draft(GUEST), options()).await.unwrap().id;
    control(&sandbox, "guests/block", json!({ "email": GUEST, "blocked": true })).await;
    let blocked = guests.resend(&id, &invitation(GUEST), options()).await.unwrap_err();
    assert_eq!((blocked.kind(), blocked.status()), (ErrorKind::PermissionDenied, Some(412)));
    assert!(blocked.remedy().unwrap().action.contains("Unblock"));
    let sent = seen(&sandbox, "graph.invitations.create");
    let lost = guests.invite(&draft("grace@no-mail.example"), options()).await.unwrap_err();
    assert_eq!((lost.kind(), lost.retry()), (ErrorKind::InvalidInput, RetryClass::Never));
    assert_eq!(seen(&sandbox, "graph.invitations.create"), sent + 1);
    control(&sandbox, "graph", json!({ "guest_invitations_disabled": true })).await;
    let disabled = guests.invite(&draft("new@fabrikam.example"), options()).await.unwrap_err();
    assert_eq!(disabled.kind(), ErrorKind::PermissionDenied);
    assert!(disabled.remedy().unwrap().action.contains("external collaboration"));
    let reset = guests.reset_redemption(&id, &invitation(GUEST), options()).await.unwrap_err();
    assert!(reset.remedy().unwrap().action.contains("User.ReadWrite.All"));
}

fn made() -> Step {
    let link = "https://login.example/redeem?ticket=planted";
    Step::json(
        201,
        &json!({ "id": "i-1", "inviteRedeemUrl": link, "status": "PendingAcceptance", "invitedUser": { "id": "g-1" } }),
    )
}

fn missing() -> Step {
    Step::json(404, &json!({ "error": { "code": "Request_ResourceNotFound", "message": "" } }))
}

fn there() -> Step {
    Step::json(
        200,
        &json!({ "id": "g-1", "mail": GUEST, "userType": "Guest", "externalUserState": "PendingAcceptance" }),
    )
}

#[tokio::test]
async fn a_new_guest_is_waited_for() {
    let (graph, transport, clock) = scripted(vec![nobody(), made(), missing(), missing(), missing(), there()]);
    let start = clock.instant();
    let guests = graph.guests();
    let (draft, call) = (draft(GUEST), options());
    let guest = driven(&clock, guests.invite(&draft, call)).await.unwrap();
    assert_eq!((guest.id.as_str(), guest.redeem_url.is_some(), transport.remaining()), ("g-1", true, 0));
    assert_eq!(clock.instant() - start, Duration::from_millis(250 + 500 + 1000));
}

#[tokio::test]
async fn a_new_guest_who_does_not_appear_is_unclear() {
    for (limit, longest) in [(Some(Duration::from_secs(2)), 2), (None, 30), (Some(Duration::from_secs(3600)), 30)] {
        let steps = [nobody(), made()].into_iter().chain(std::iter::repeat_with(missing).take(40)).collect();
        let (graph, _, clock) = scripted(steps);
        let start = clock.instant();
        let mut call = once();
        call.timeout = limit;
        let guests = graph.guests();
        let draft = draft(GUEST);
        let error = driven(&clock, guests.invite(&draft, call)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(matches!(error.retry(), RetryClass::Unclear { .. }));
        assert!(error.source().is_some());
        assert!((clock.instant() - start).as_secs() <= longest);
        assert!(!format!("{error} {error:?}").contains("planted"));
    }
}

#[tokio::test]
async fn whatever_hides_a_new_guest_is_unclear_for_the_guest_is_made() {
    let (graph, _, _) = scripted(vec![nobody(), made(), Step::reply(403)]);
    let error = graph.guests().invite(&draft(GUEST), once()).await.unwrap_err();
    assert_eq!((error.kind(), error.source().is_some()), (ErrorKind::Timeout, true));
    assert!(matches!(error.retry(), RetryClass::Unclear { .. }));
    assert!(error.remedy().unwrap().action.contains("do not invite again"));
}

/// Lets time pass while it answers an invitation.
#[derive(Debug)]
struct Slow(ScriptedTransport, ManualClock);

#[async_trait]
impl Transport for Slow {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        timeout: Duration,
    ) -> Result<http::Response<Body>, TransportError> {
        if request.method() == http::Method::POST {
            self.1.advance(Duration::from_secs(2));
        }
        self.0.send(request, timeout).await
    }
}

#[tokio::test]
async fn a_guest_who_was_made_in_the_last_moment_is_unclear_and_not_unsent() {
    let clock = ManualClock::new(utc("2026-07-01T00:00:00Z"));
    let transport = Slow(ScriptedTransport::new(vec![nobody(), made()]), clock.clone());
    let graph = Graph::builder(app(&Url::parse("http://127.0.0.1:2/").unwrap()))
        .dangerous_loopback_http()
        .transport(Arc::new(transport))
        .tokens(Arc::new(StaticTokens::new("token-1")))
        .clock(Arc::new(clock))
        .build()
        .unwrap();
    let call = once().with_timeout(Duration::from_secs(2));
    let error = graph.guests().invite(&draft(GUEST), call).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(matches!(error.retry(), RetryClass::Unclear { .. }), "{error:?}");
}

#[tokio::test]
async fn a_guest_comes_to_an_event_and_to_a_meeting() {
    let sandbox = sandbox().await;
    control(&sandbox, "graph", json!({ "guest_hidden_reads": 2 })).await;
    let graph = graph(&sandbox);
    let guests = graph.guests();
    let stranger = guests.attendee(&address(GUEST), AttendeeRole::Presenter).await.unwrap_err();
    assert!(stranger.remedy().unwrap().action.contains("Invite"));
    assert!(guests.attendee(&address(GUEST), AttendeeRole::Attendee).await.unwrap().guest.is_none());
    let guest = guests.invite(&draft(GUEST), options()).await.unwrap();
    let presenter = guests.attendee(&address(GUEST), AttendeeRole::Presenter).await.unwrap();
    assert_eq!(presenter, guest_attendee(&guest).with_role(AttendeeRole::Presenter));

    let meetings = graph.meetings_of(&user(ADA));
    let draft = lesson().with_attendee(presenter.clone());
    let meeting = meetings.create(&key("k-1"), &draft, options()).await.unwrap();
    let id: &MeetingId = &meeting.id;
    let stored = listed(&sandbox, "meetings").into_iter().find(|one| one["id"] == id.as_str()).unwrap();
    assert!(stored["attendees"].to_string().contains(guest.id.as_str()), "{stored}");

    let made =
        graph.calendars_of(&user(ADA)).create_event(&primary(), &marker("m-1"), event(), options()).await.unwrap();
    let at = Gathering::Event { calendar: primary(), event: made.id };
    let attendees = graph.attendees_of(&user(ADA));
    assert_eq!(attendees.add(&at, &guest_attendee(&guest), options()).await.unwrap(), AttendeeChange::Added);
    let there = attendees.attendees(&at).await.unwrap();
    assert!(there.iter().any(|one| one.email == guest.email));
}
