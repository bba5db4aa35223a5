use invitations_core::{
    ErrorKind,
    ids::GuestId,
    people::{EmailAddress, GuestDirectory as _, GuestDraft, Redemption},
};
use meetings_http::Step;
use meetings_sandbox::Fault;
use serde_json::json;
use url::Url;

use crate::support::{ADA, fault, graph, listed, once, options, sandbox, scripted, seen};

const GUEST: &str = "grace@fabrikam.example";

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn draft(text: &str) -> GuestDraft {
    GuestDraft::new(address(text), Url::parse("https://app.contoso.example/in").unwrap())
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
async fn trap_28_an_address_that_cannot_be_invited_costs_no_request() {
    let sandbox = sandbox().await;
    let error = graph(&sandbox).guests().invite(&draft("ada+test@fabrikam.example"), options()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
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
    let (graph, transport, _) = scripted(vec![nobody(), Step::json(400, &refusal), Step::json(200, &member)]);
    let found = graph.guests().invite(&draft(GUEST), once()).await.unwrap();
    assert_eq!((found.id, found.redemption), (GuestId::parse("m-1").unwrap(), Redemption::NotNeeded));
    assert_eq!(transport.remaining(), 0);
}

#[tokio::test]
async fn trap_28_a_permanent_500_is_permanent() {
    let refusal = json!({ "error": { "code": "InternalServerError", "message": "Unable to find target address" } });
    let (graph, transport, _) = scripted(vec![nobody(), Step::json(500, &refusal), nobody()]);
    let error = graph.guests().invite(&draft(GUEST), options()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::InvalidInput, invitations_core::RetryClass::Never));
    assert_eq!(transport.remaining(), 0);
}
