//! Whose tokens they are.

use data_encoding::BASE64URL_NOPAD;
use futures_util::FutureExt as _;
use invitations_core::{
    ErrorKind,
    secret::{IdToken, TokenText},
    token::{AuthorizationServer as _, GrantFailure, GrantFailureClass, Identity, TokenReply},
};
use meetings_http::{OAuthClient, Sent, Step, SubjectFrom};
use serde_json::{Value, json};

use crate::oauth_url::{client, client_with, endpoints, style};

fn reply(id_token: Option<String>) -> TokenReply {
    let mut reply = TokenReply::new(TokenText::new("at"));
    reply.id_token = id_token.map(IdToken::new);
    reply
}

fn id_token(claims: &Value) -> String {
    format!("e30.{}.c2ln", BASE64URL_NOPAD.encode(claims.to_string().as_bytes()))
}

fn identity(client: &OAuthClient, reply: &TokenReply) -> Result<Identity, GrantFailure> {
    client.identity(reply).now_or_never().expect("the script does not wait")
}

#[test]
fn an_id_token_counts_only_when_it_is_meant_for_us() {
    let (client, transport) = client(Vec::new());
    for (claims, fine) in [
        (json!({"aud": "client-1", "oid": "o"}), true),
        (json!({"aud": ["client-1"], "oid": "o"}), true),
        (json!({"aud": ["x", "client-1"], "azp": "client-1", "oid": "o"}), true),
        (json!({"aud": ["x", "client-1"], "oid": "o"}), false),
        (json!({"aud": ["x", "client-1"], "azp": "x", "oid": "o"}), false),
        (json!({"aud": "client-2", "oid": "o"}), false),
        (json!({"aud": 7, "oid": "o"}), false),
        (json!({"oid": "o"}), false),
        (json!({"aud": "client-1"}), false),
        (json!({"aud": "client-1", "oid": ""}), false),
        (json!("client-1"), false),
    ] {
        let result = identity(&client, &reply(Some(id_token(&claims))));
        assert_eq!(result.as_ref().is_ok_and(|identity| identity.subject.as_str() == "o"), fine, "{claims}");
        if let Err(failure) = result {
            assert_eq!((failure.class, failure.error.kind()), (GrantFailureClass::Config, ErrorKind::Protocol));
        }
    }
    for text in ["", "a.b", "a.b.c.d", "a.!!.c", "a.e30=.c", "..."] {
        assert!(identity(&client, &reply(Some(text.to_owned()))).is_err(), "{text}");
    }
    assert!(identity(&client, &reply(None)).is_err());
    assert!(transport.requests().is_empty());
}

fn asking(steps: Vec<Step>, url: &str) -> (OAuthClient, std::sync::Arc<meetings_http::ScriptedTransport>) {
    let mut style = style();
    style.subject = SubjectFrom::Get {
        url: url.parse().unwrap(),
        subject: |body| body.get("id")?.as_str().map(str::to_owned),
        address: |body| body.get("emails")?.get(0)?.as_str().map(str::to_owned),
    };
    client_with(steps, endpoints(), style)
}

const ME: &str = "https://api.example/v1/people/me";

#[test]
fn the_api_is_asked_with_the_new_token() {
    let person = json!({"id": "person-1", "emails": ["Ada@school.example", "second@school.example"]});
    let (client, transport) = asking(vec![Step::json(200, &person)], ME);
    let person = identity(&client, &reply(None)).unwrap();
    assert_eq!((person.subject.as_str(), person.address.unwrap().original()), ("person-1", "Ada@school.example"));
    let request = &transport.requests()[0];
    assert_eq!((request.method().as_str(), request.uri().to_string().as_str()), ("GET", ME));
    assert_eq!(request.headers()["authorization"], "Bearer at");
}

#[test]
fn an_address_is_only_for_show() {
    let (client, _) = client(Vec::new());
    for (email, address) in [
        (json!("ada@school.example"), Some("ada@school.example")),
        (json!("ada"), None),
        (json!("ada@school.example\r\nBcc: x@y.example"), None),
        (json!(7), None),
    ] {
        let claims = json!({"aud": "client-1", "oid": "o", "email": email});
        let identity = identity(&client, &reply(Some(id_token(&claims)))).unwrap();
        assert_eq!(identity.address.as_ref().map(|address| address.canonical()), address, "{claims}");
    }
}

#[test]
fn a_failed_question_never_costs_the_grant() {
    let passing = GrantFailureClass::Transient { acted: false, after: None };
    for (step, class) in [
        (Step::fails(Sent::No), passing.clone()),
        (Step::fails(Sent::Maybe), passing.clone()),
        (Step::times_out(), passing.clone()),
        (Step::reply(503), passing.clone()),
        (Step::reply(302), passing),
        (Step::json(401, &json!({"error": "invalid_grant"})), GrantFailureClass::Config),
        (Step::reply(403), GrantFailureClass::Config),
        (Step::reply(200).with_body("<html>"), GrantFailureClass::Config),
        (Step::json(200, &json!({"id": 7})), GrantFailureClass::Config),
    ] {
        let shown = format!("{step:?}");
        let (client, _) = asking(vec![step], ME);
        assert_eq!(identity(&client, &reply(None)).unwrap_err().class, class, "{shown}");
    }
    let (client, transport) = asking(vec![Step::reply(200)], "http://api.example/me");
    assert_eq!(identity(&client, &reply(None)).unwrap_err().class, GrantFailureClass::Config);
    assert!(transport.requests().is_empty());
}
