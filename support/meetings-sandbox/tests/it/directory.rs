//! Users and guests.

use serde_json::json;

use crate::bench::Bench;

const INVITE: &str = "POST /v1.0/invitations";

fn invitation(address: &str) -> serde_json::Value {
    json!({ "invitedUserEmailAddress": address, "inviteRedirectUrl": "https://app.example", "sendInvitationMessage": true })
}

fn filter(text: &str) -> String {
    let text = percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC);
    format!("GET /v1.0/users?$filter={text}")
}

#[tokio::test]
async fn a_guest_is_invited_redeemed_found_and_removed() {
    let bench = Bench::new().await;
    let first = bench.graph(INVITE, Some(invitation("eve@fabrikam.example"))).await;
    assert_eq!((first.status, first.text("/status")), (201, "PendingAcceptance"));
    let id = first.text("/invitedUser/id").to_owned();
    let mail = bench.sandbox.mails().pop().expect("a mail");
    assert_eq!((mail.kind.as_str(), mail.link.as_deref()), ("guest-invitation", Some(first.text("/inviteRedeemUrl"))));

    let again = bench.graph(INVITE, Some(invitation("Eve@fabrikam.example"))).await;
    assert_eq!((again.status, again.text("/invitedUser/id")), (201, id.as_str()));

    let plain = bench.graph(&format!("GET /v1.0/users/{id}"), None).await;
    assert!(plain.body.get("externalUserState").is_none(), "only with $select");
    bench.control("POST /_sandbox/guests/redeem", Some(json!({ "email": "eve@fabrikam.example" }))).await;
    let read = bench.graph(&format!("GET /v1.0/users/{id}?$select=id,externalUserState"), None).await;
    assert_eq!(read.text("/externalUserState"), "Accepted");

    let upn = "eve_fabrikam.example%23EXT%23@contoso.example";
    assert_eq!(bench.graph(&format!("GET /v1.0/users/{upn}"), None).await.text("/id"), id);
    assert_eq!(bench.graph(&format!("DELETE /v1.0/users/{id}"), None).await.status, 204);
    let gone = bench.graph(&format!("GET /v1.0/users/{id}"), None).await;
    assert_eq!((gone.status, gone.code()), (404, "Request_ResourceNotFound"));
    let anew = bench.graph(INVITE, Some(invitation("eve@fabrikam.example"))).await;
    assert_ne!(anew.text("/invitedUser/id"), id);
}

#[tokio::test]
async fn addresses_with_forbidden_letters_and_members_are_refused() {
    let bench = Bench::new().await;
    for address in ["eve+x@fabrikam.example", "eve", "e ve@fabrikam.example", "eve#1@fabrikam.example", "@x.example"] {
        assert_eq!(bench.graph(INVITE, Some(invitation(address))).await.status, 400, "{address}");
    }
    let member = bench.graph(INVITE, Some(invitation("ada@contoso.example"))).await;
    assert_eq!(member.status, 400);
    let message = member.text("/error/message");
    assert!(message.starts_with("The invited user already exists in the directory as objectID: "));
    assert_eq!(bench.graph(INVITE, Some(json!({ "invitedUserEmailAddress": "a@b.example" }))).await.status, 400);
}

#[tokio::test]
async fn users_are_found_by_each_address_property() {
    let bench = Bench::new().await;
    bench.graph(INVITE, Some(invitation("o'neil@fabrikam.example"))).await;
    for text in [
        "mail eq 'o''neil@fabrikam.example'",
        "mail eq 'nobody' or otherMails/any(m:m eq 'O''Neil@fabrikam.example')",
        "proxyAddresses/any(p:p eq 'smtp:o''neil@fabrikam.example') and userType eq 'Guest'",
        "externalUserState eq 'PendingAcceptance'",
    ] {
        let found = bench.graph(&filter(text), None).await;
        assert_eq!(found.body["value"].as_array().map(Vec::len), Some(1), "{text}: {}", found.body);
        assert_eq!(found.text("/value/0/mail"), "o'neil@fabrikam.example");
    }
    assert_eq!(bench.graph(&filter("mail eq 'x'"), None).await.body["value"], json!([]));
    assert_eq!(bench.graph(&filter("endswith(mail,'x')"), None).await.status, 501);
}

#[tokio::test]
async fn a_new_guest_may_take_some_reads_to_appear() {
    let bench = Bench::new().await;
    bench.control("POST /_sandbox/graph", Some(json!({ "guest_hidden_reads": 2 }))).await;
    let made = bench.graph(INVITE, Some(invitation("eve@fabrikam.example"))).await;
    let read = format!("GET /v1.0/users/{}", made.text("/invitedUser/id"));
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(bench.graph(&read, None).await.status);
    }
    assert_eq!(statuses, [404, 404, 200]);
}

#[tokio::test]
async fn members_cannot_be_deleted_and_guests_have_no_mailbox() {
    let bench = Bench::new().await;
    assert_eq!(bench.graph("DELETE /v1.0/users/ada@contoso.example", None).await.status, 403);
    let made = bench.graph(INVITE, Some(invitation("eve@fabrikam.example"))).await;
    let events = bench.graph(&format!("GET /v1.0/users/{}/events", made.text("/invitedUser/id")), None).await;
    assert_eq!((events.status, events.code()), (404, "MailboxNotEnabledForRESTAPI"));
}
