//! Where the browser is sent, and the proof key that goes with it.

use std::sync::Arc;

use chrono::DateTime;
use invitations_core::{
    ErrorKind,
    ids::{ClientId, ProviderId},
    runtime::{ManualClock, SeededEntropy},
    secret::{ClientSecret, OAuthState, PkceVerifier},
    token::{AuthorizationRequest, AuthorizationServer as _, ServerProfile},
};
use meetings_http::{
    OAuthClient, OAuthEndpoints, OAuthStyle, Pkce, ScriptedTransport, Step, SubjectFrom, classify_rfc6749,
};

pub(crate) fn profile() -> ServerProfile {
    ServerProfile::new(ProviderId::parse("acme").unwrap(), ClientId::parse("client-1").unwrap())
}

pub(crate) fn endpoints() -> OAuthEndpoints {
    OAuthEndpoints {
        authorize: "https://login.example/authorize?tenant=x".parse().unwrap(),
        token: "https://login.example/token".parse().unwrap(),
        revoke: Some("https://login.example/revoke".parse().unwrap()),
    }
}

pub(crate) fn style() -> OAuthStyle {
    OAuthStyle {
        scopes: vec!["openid".into(), "Calendars.ReadWrite".into()],
        extra_authorize: vec![("prompt".into(), "select_account".into())],
        classify: classify_rfc6749,
        subject: SubjectFrom::IdToken {
            subject: |claims| claims.get("oid")?.as_str().map(str::to_owned),
            address: |claims| claims.get("email")?.as_str().map(str::to_owned),
        },
        issuers: Vec::new(),
    }
}

pub(crate) fn client(steps: Vec<Step>) -> (OAuthClient, Arc<ScriptedTransport>) {
    client_with(steps, endpoints(), style())
}

pub(crate) fn client_with(
    steps: Vec<Step>,
    endpoints: OAuthEndpoints,
    style: OAuthStyle,
) -> (OAuthClient, Arc<ScriptedTransport>) {
    let transport = Arc::new(ScriptedTransport::new(steps));
    let secret = ClientSecret::new("planted&secret");
    let clock = Arc::new(ManualClock::new(DateTime::UNIX_EPOCH));
    (OAuthClient::new(profile(), Arc::clone(&transport) as _, clock, endpoints, secret, style), transport)
}

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn asked() -> AuthorizationRequest {
    let redirect = "https://app.example/callback?p=1".parse().unwrap();
    AuthorizationRequest::new(OAuthState::new("state 1"), CHALLENGE, redirect)
}

#[test]
fn the_url_says_everything_the_standard_wants() {
    let (client, _) = client(Vec::new());
    assert_eq!(
        client.authorization_url(&asked()).unwrap().as_str(),
        "https://login.example/authorize?tenant=x&response_type=code&client_id=client-1\
         &redirect_uri=https%3A%2F%2Fapp.example%2Fcallback%3Fp%3D1&state=state+1\
         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256\
         &scope=openid+Calendars.ReadWrite&prompt=select_account"
    );
    let mut request = asked();
    request.scopes = vec!["spark:all".into()];
    request.claims = Some(r#"{"a":1}"#.into());
    request.login_hint = Some("ada@x.example".into());
    let url = client.authorization_url(&request).unwrap();
    assert!(
        url.as_str()
            .ends_with("&scope=spark%3Aall&claims=%7B%22a%22%3A1%7D&login_hint=ada%40x.example&prompt=select_account")
    );
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let (oauth, _) = client(Vec::new());
    let mut requests = vec![asked(), asked(), asked()];
    requests[0].challenge = "plain".into();
    requests[1].redirect = "https://app.example/#x".parse().unwrap();
    requests[2].state = OAuthState::new("");
    for request in requests {
        assert_eq!(oauth.authorization_url(&request).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    let mut replaced = style();
    replaced.extra_authorize = vec![("redirect_uri".into(), "https://evil.example".into())];
    let (oauth, _) = client_with(Vec::new(), endpoints(), replaced);
    assert_eq!(oauth.authorization_url(&asked()).unwrap_err().kind(), ErrorKind::Misconfigured);
    let mut plain = endpoints();
    plain.authorize = "http://login.example/authorize".parse().unwrap();
    let (oauth, _) = client_with(Vec::new(), plain, style());
    assert_eq!(oauth.authorization_url(&asked()).unwrap_err().kind(), ErrorKind::Misconfigured);
}

#[test]
fn the_proof_key_is_the_one_of_rfc_7636_appendix_b() {
    let pair = Pkce::of(PkceVerifier::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
    assert_eq!(pair.challenge, CHALLENGE);
    let (one, other) =
        (Pkce::generate(&SeededEntropy::new(1)).unwrap(), Pkce::generate(&SeededEntropy::new(2)).unwrap());
    assert_eq!((one.verifier.expose().len(), one.challenge.len()), (43, 43));
    assert_ne!(one.verifier.expose(), other.verifier.expose());
    assert!(!format!("{one:?}").contains(one.verifier.expose()));
}
