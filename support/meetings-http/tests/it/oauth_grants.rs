//! The token endpoint: what is posted, what comes back, what failures mean.

use std::time::Duration;

use futures_util::FutureExt as _;
use http::{HeaderMap, StatusCode};
use invitations_core::{
    ErrorKind, RetryClass,
    secret::{AuthorizationCode, PkceVerifier, RefreshToken},
    token::{AuthorizationServer as _, Grant, GrantFailure, GrantFailureClass, RevokeReply, TokenReply},
};
use meetings_http::{OAuthClient, Sent, Step, classify_rfc6749};
use serde_json::json;

use crate::{
    oauth_url::{client, client_with, endpoints, style},
    support::seconds,
};

fn refresh() -> Grant {
    Grant::RefreshToken(RefreshToken::new("refresh+1"))
}

fn ask(client: &OAuthClient, grant: &Grant) -> Result<TokenReply, GrantFailure> {
    client.token(grant, seconds(9)).now_or_never().expect("the script does not wait")
}

fn answer(step: Step) -> Result<TokenReply, GrantFailure> {
    let (client, transport) = client(vec![step, Step::reply(200)]);
    let result = ask(&client, &refresh());
    assert_eq!(transport.requests().len(), 1, "a grant is one request");
    result
}

fn good() -> Step {
    Step::json(200, &json!({"access_token": "at", "token_type": "Bearer"}))
}

#[test]
fn each_grant_is_posted_as_the_standard_says() {
    let code = Grant::AuthorizationCode {
        code: AuthorizationCode::new("code/1"),
        verifier: PkceVerifier::new("verifier"),
        redirect: "https://app.example/callback".parse().unwrap(),
    };
    let secret = "client_id=client-1&client_secret=planted%26secret";
    for (grant, form) in [
        (
            code,
            "grant_type=authorization_code&code=code%2F1&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback&code_verifier=verifier",
        ),
        (refresh(), "grant_type=refresh_token&refresh_token=refresh%2B1"),
        (Grant::ClientCredentials, "grant_type=client_credentials&scope=openid+Calendars.ReadWrite"),
    ] {
        let (client, transport) = client(vec![good()]);
        assert_eq!(ask(&client, &grant).unwrap().access.expose(), "at");
        let request = &transport.requests()[0];
        assert_eq!(
            (request.method().as_str(), request.uri().to_string().as_str()),
            ("POST", "https://login.example/token")
        );
        assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
        assert_eq!(request.headers()["accept"], "application/json");
        assert!(!request.headers().contains_key("authorization"));
        assert_eq!(std::str::from_utf8(request.body()).unwrap(), format!("{secret}&{form}"));
        assert_eq!(transport.timeouts(), [seconds(9)]);
        assert!(!format!("{client:?}").contains("planted"));
    }
}

#[test]
fn a_whole_answer_is_read() {
    let body = json!({
        "access_token": "at", "refresh_token": "rt", "id_token": "a.b.c", "token_type": "bearer", "expires_in": 3599,
        "refresh_in": "1800", "refresh_token_expires_in": 7776000, "scope": "openid  Calendars.Read",
    });
    let reply = answer(Step::json(200, &body).with_header("date", "Thu, 01 Jan 1970 00:01:00 GMT")).unwrap();
    assert_eq!(reply.refresh.unwrap().expose(), "rt");
    assert_eq!(reply.id_token.unwrap().expose(), "a.b.c");
    assert_eq!((reply.expires_in, reply.refresh_in), (Some(seconds(3599)), Some(seconds(1800))));
    assert_eq!(reply.refresh_expires_in, Some(seconds(7_776_000)));
    assert_eq!(reply.scopes.unwrap(), ["openid", "Calendars.Read"]);
    assert_eq!(reply.server_time.unwrap().timestamp(), 60);
}

#[test]
fn abuse_g10_odd_lives_are_left_out_or_clamped() {
    let ten_years = seconds(10 * 365 * 24 * 60 * 60);
    for (life, expected) in [
        (json!("3600"), Some(seconds(3600))),
        (json!(3600.5), Some(Duration::from_millis(3_600_500))),
        (json!(0), Some(seconds(0))),
        (json!(1e300), Some(ten_years)),
        (json!("inf"), Some(ten_years)),
        (json!(-1), None),
        (json!("NaN"), None),
        (json!("soon"), None),
        (json!(null), None),
        (json!([1]), None),
    ] {
        let reply = answer(Step::json(200, &json!({"access_token": "at", "expires_in": life}))).unwrap();
        assert_eq!(reply.expires_in, expected, "{life}");
        assert!(reply.refresh.is_none() && reply.scopes.is_none());
    }
}

#[test]
fn a_success_that_cannot_be_used_is_unknown() {
    for step in [
        Step::reply(200),
        Step::reply(200).with_header("content-type", "text/html").with_body("<html>"),
        Step::json(200, &json!({})),
        Step::json(200, &json!([])),
        Step::json(200, &json!({"access_token": ""})),
        Step::json(200, &json!({"access_token": 7})),
        Step::json(200, &json!({"access_token": "a b"})),
        Step::json(200, &json!({"access_token": "a\r\nb"})),
        Step::json(200, &json!({"access_token": "at", "refresh_token": "r\nt"})),
        Step::json(200, &json!({"access_token": "at", "token_type": "mac"})),
        Step::json(200, &json!({"error": "invalid_grant"})),
        Step::json(200, &json!({"access_token": "x".repeat(70_000)})),
        good().cut_off(),
    ] {
        let shown = format!("{step:?}");
        let failure = answer(step).unwrap_err();
        assert_eq!(failure.class, GrantFailureClass::Unknown, "{shown:.200}");
        assert_eq!(failure.error.retry(), RetryClass::Unclear { after: None });
    }
}

#[test]
fn a_classifier_may_be_sure_of_an_error_with_200() {
    let mut style = style();
    style.classify = |_, _, body| match body {
        br#"{"error":"bad_verification_code"}"# => GrantFailureClass::GrantDead,
        _ => GrantFailureClass::Unknown,
    };
    let (client, _) =
        client_with(vec![Step::json(200, &json!({"error": "bad_verification_code"}))], endpoints(), style);
    let failure = ask(&client, &refresh()).unwrap_err();
    assert_eq!((failure.class, failure.error.kind()), (GrantFailureClass::GrantDead, ErrorKind::NeedsReconsent));
}

fn transient(acted: bool, after: Option<u64>) -> GrantFailureClass {
    GrantFailureClass::Transient { acted, after: after.map(seconds) }
}

#[test]
fn what_no_answer_means() {
    for (step, class, kind) in [
        (Step::fails(Sent::No), transient(false, None), ErrorKind::Unavailable),
        (Step::fails(Sent::Maybe), GrantFailureClass::Unknown, ErrorKind::Unavailable),
        (Step::times_out(), GrantFailureClass::Unknown, ErrorKind::Timeout),
        (Step::reply(400).cut_off(), transient(false, None), ErrorKind::Unavailable),
        (Step::reply(500).cut_off(), transient(true, None), ErrorKind::Unavailable),
    ] {
        let failure = answer(step).unwrap_err();
        assert_eq!((failure.class, failure.error.kind()), (class, kind));
    }
}

#[test]
fn what_refusals_mean() {
    use GrantFailureClass::{ClientMisconfigured, Config, GrantDead, Interaction};
    let asks = || Interaction { claims: None };
    for (status, code, class, kind) in [
        (400, "invalid_grant", GrantDead, ErrorKind::NeedsReconsent),
        (401, "invalid_grant", GrantDead, ErrorKind::NeedsReconsent),
        (400, "interaction_required", asks(), ErrorKind::NeedsReconsent),
        (400, "login_required", asks(), ErrorKind::NeedsReconsent),
        (400, "consent_required", asks(), ErrorKind::NeedsReconsent),
        (401, "invalid_client", ClientMisconfigured, ErrorKind::Misconfigured),
        (400, "invalid_client", ClientMisconfigured, ErrorKind::Misconfigured),
        (400, "unauthorized_client", ClientMisconfigured, ErrorKind::Misconfigured),
        (401, "something_else", ClientMisconfigured, ErrorKind::Misconfigured),
        (400, "invalid_request", Config, ErrorKind::Misconfigured),
        (400, "invalid_scope", Config, ErrorKind::Misconfigured),
        (400, "unsupported_grant_type", Config, ErrorKind::Misconfigured),
        (403, "something_else", Config, ErrorKind::Misconfigured),
        (400, "temporarily_unavailable", transient(false, None), ErrorKind::Unavailable),
        (400, "server_error", transient(true, None), ErrorKind::Unavailable),
        (503, "invalid_grant", transient(true, None), ErrorKind::Unavailable),
        (500, "invalid_client", transient(true, None), ErrorKind::Unavailable),
        (408, "invalid_grant", transient(false, None), ErrorKind::Unavailable),
        (425, "", transient(false, None), ErrorKind::Unavailable),
        (429, "", transient(false, None), ErrorKind::Throttled),
        (301, "", transient(false, None), ErrorKind::Unavailable),
        (307, "", transient(false, None), ErrorKind::Unavailable),
    ] {
        let body = json!({"error": code, "error_description": "AADSTS70000: planted"});
        let step =
            Step::json(status, &body).with_header("request-id", "id-1").with_header("location", "http://10.0.0.1/");
        let GrantFailure { class: seen, error, .. } = answer(step).unwrap_err();
        assert_eq!((seen, error.kind()), (class, kind), "{status} {code}");
        assert_eq!((error.status(), error.request_id().unwrap().as_str()), (Some(status), "id-1"));
        assert!(!format!("{error} {error:?}").contains("planted"), "descriptions name people");
    }
    let body = json!({"error": "interaction_required", "claims": "{\"a\":1}"});
    assert_eq!(answer(Step::json(400, &body)).unwrap_err().class, Interaction { claims: Some("{\"a\":1}".into()) });
}

#[test]
fn waits_are_read_in_both_forms() {
    let failure = answer(Step::reply(429).with_header("retry-after", "7")).unwrap_err();
    assert_eq!(
        (failure.class, failure.error.retry()),
        (transient(false, Some(7)), RetryClass::Safe { after: Some(seconds(7)) })
    );
    let until = "Thu, 01 Jan 1970 00:00:30 GMT";
    let dated = Step::reply(503).with_header("retry-after", until).with_header("date", "Thu, 01 Jan 1970 00:00:10 GMT");
    assert_eq!(answer(dated).unwrap_err().class, transient(true, Some(20)));
    assert_eq!(answer(Step::reply(503).with_header("retry-after", until)).unwrap_err().class, transient(true, None));
}

#[test]
fn the_standard_table_stands_alone() {
    let classify =
        |status: u16, body: &[u8]| classify_rfc6749(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body);
    assert_eq!(classify(200, b"{}"), GrantFailureClass::Unknown);
    assert_eq!(classify(400, b"not json"), GrantFailureClass::Config);
    assert_eq!(classify(400, br#"{"error": {"code": "invalid_grant"}}"#), GrantFailureClass::Config);
    assert_eq!(classify(502, b""), transient(true, None));
}

#[test]
fn abuse_f06_a_redirect_of_the_token_endpoint_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        for elsewhere in ["https://10.0.0.7/metadata", "/token", "https://login.example/token"] {
            let failure = answer(Step::reply(status).with_header("location", elsewhere)).unwrap_err();
            assert_eq!(failure.class, transient(false, None), "{status}");
            assert!(!format!("{failure:?}").contains(elsewhere), "{status}");
        }
    }
}

#[test]
fn abuse_f07_credentials_go_nowhere_without_tls() {
    let mut plain = endpoints();
    plain.token = "http://login.example/token".parse().unwrap();
    let (client, transport) = client_with(vec![good()], plain, style());
    let failure = ask(&client, &refresh()).unwrap_err();
    assert_eq!((failure.class, failure.error.kind()), (GrantFailureClass::Config, ErrorKind::Misconfigured));
    assert!(transport.requests().is_empty());
}

#[test]
fn a_refresh_token_is_given_back_where_that_is_possible() {
    let no = json!({"error": "unsupported_token_type"});
    let (oauth, transport) = client(vec![Step::reply(200), Step::reply(503), Step::json(400, &no)]);
    let revoke = |oauth: &OAuthClient| oauth.revoke(&RefreshToken::new("rt"), seconds(1)).now_or_never().unwrap();
    assert_eq!(revoke(&oauth).unwrap(), RevokeReply::Done);
    let request = &transport.requests()[0];
    assert_eq!(request.uri().path(), "/revoke");
    assert!(request.body().ends_with(b"&token=rt&token_type_hint=refresh_token"));
    assert_eq!(revoke(&oauth).unwrap_err().class, transient(true, None));
    assert_eq!(revoke(&oauth).unwrap(), RevokeReply::Unsupported, "RFC 7009, 2.2.1");
    let mut without = endpoints();
    without.revoke = None;
    let (oauth, transport) = client_with(Vec::new(), without, style());
    assert_eq!(revoke(&oauth).unwrap(), RevokeReply::Unsupported);
    assert!(transport.requests().is_empty());
}
