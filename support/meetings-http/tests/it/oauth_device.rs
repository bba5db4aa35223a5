//! Sign-ins on another device: what is posted, what comes back, what refusals mean.

use std::sync::Arc;

use futures_util::FutureExt as _;
use invitations_core::{
    secret::DeviceCode,
    token::{DeviceAnswer, DeviceAuthorization, DeviceAuthorizationServer as _, GrantFailure, GrantFailureClass},
};
use meetings_http::{DeviceClient, DeviceStyle, ScriptedTransport, Sent, Step, read_rfc8628};
use serde_json::json;

use crate::{oauth_url::client, support::seconds};

fn device(steps: Vec<Step>, basic: bool) -> (DeviceClient, Arc<ScriptedTransport>) {
    let (client, transport) = client(steps);
    let style = DeviceStyle {
        authorize: "https://login.example/device".parse().unwrap(),
        token: "https://login.example/token".parse().unwrap(),
        basic,
        read: read_rfc8628,
    };
    (DeviceClient::new(Arc::new(client), style), transport)
}

fn begin(step: Step) -> Result<DeviceAuthorization, GrantFailure> {
    device(vec![step], false).0.begin_device(&[], seconds(9)).now_or_never().expect("the script does not wait")
}

fn poll(step: Step) -> Result<DeviceAnswer, GrantFailure> {
    let (device, transport) = device(vec![step, Step::reply(200)], false);
    let code = DeviceCode::new("device code");
    let answer = device.poll_device(&code, seconds(9)).now_or_never().expect("the script does not wait");
    assert_eq!(transport.requests().len(), 1, "a question is one request");
    answer
}

fn codes() -> serde_json::Value {
    json!({
        "device_code": "dc", "user_code": "WDJB-MJHT", "verification_uri": "https://login.example/d", "expires_in": 1800,
    })
}

#[test]
fn requests_are_posted_as_the_standard_says() {
    let secret = "client_id=client-1&client_secret=planted%26secret";
    let grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=device+code";
    let form = |request: &http::Request<bytes::Bytes>| String::from_utf8(request.body().to_vec()).unwrap();
    for basic in [false, true] {
        let (device, transport) =
            device(vec![Step::json(200, &codes()), Step::json(200, &json!({"access_token": "at"}))], basic);
        device.begin_device(&[], seconds(9)).now_or_never().unwrap().unwrap();
        let code = DeviceCode::new("device code");
        device.poll_device(&code, seconds(9)).now_or_never().unwrap().unwrap();
        let [begun, asked] = &transport.requests()[..] else { panic!("two requests") };
        assert_eq!(begun.uri().to_string(), "https://login.example/device");
        // the secret does not go where it is not asked for
        assert_eq!(form(begun), "client_id=client-1&scope=openid+Calendars.ReadWrite");
        assert!(!begun.headers().contains_key("authorization"));
        assert_eq!(asked.uri().to_string(), "https://login.example/token");
        let header = asked.headers().get("authorization").map(|value| value.to_str().unwrap());
        if basic {
            assert_eq!(form(asked), format!("client_id=client-1&{grant}"));
            // client-1:planted%26secret
            assert_eq!(header, Some("Basic Y2xpZW50LTE6cGxhbnRlZCUyNnNlY3JldA=="));
            assert!(asked.headers()["authorization"].is_sensitive());
        } else {
            assert_eq!((form(asked), header), (format!("{secret}&{grant}"), None));
        }
        assert!(!format!("{device:?} {:?}", transport.requests()[0].headers()).contains("planted"));
    }
}

#[test]
fn codes_are_read_whole_or_not_at_all() {
    let read = begin(Step::json(200, &codes())).unwrap();
    assert_eq!((read.device_code.expose(), read.user_code.as_str()), ("dc", "WDJB-MJHT"));
    assert_eq!((read.expires_in, read.interval), (seconds(1800), seconds(5)));
    assert!(read.verification_uri_complete.is_none());
    let mut more = codes();
    (more["interval"], more["verification_uri_complete"]) = ("2".into(), "https://login.example/d?c=1".into());
    let read = begin(Step::json(200, &more)).unwrap();
    assert_eq!((read.interval, read.verification_uri_complete.unwrap().query()), (seconds(2), Some("c=1")));

    for (member, bad) in [
        ("device_code", json!(null)),
        ("device_code", json!("d c")),
        ("user_code", json!("")),
        ("user_code", json!("a\nb")),
        ("verification_uri", json!("javascript:alert(1)")),
        ("verification_uri", json!("http://login.example/d")),
        ("expires_in", json!(null)),
        ("expires_in", json!("soon")),
    ] {
        let mut body = codes();
        body[member] = bad;
        assert_eq!(begin(Step::json(200, &body)).unwrap_err().class, GrantFailureClass::Unknown, "{body}");
    }
    let mut odd = codes();
    odd["verification_uri_complete"] = "data:text/html,x".into();
    assert!(begin(Step::json(200, &odd)).unwrap().verification_uri_complete.is_none());
    let refused = begin(Step::json(401, &json!({"error": "invalid_client"}))).unwrap_err();
    assert_eq!(refused.class, GrantFailureClass::ClientMisconfigured);
}

#[test]
fn answers_are_told_apart_and_passing_faults_are_no_answers() {
    let word = |error: &str| Step::json(400, &json!({"error": error}));
    for (step, expected) in [
        (word("authorization_pending"), "Pending"),
        (word("slow_down"), "SlowDown"),
        (word("access_denied"), "Denied"),
        (word("expired_token"), "Expired"),
    ] {
        assert_eq!(format!("{:?}", poll(step).unwrap()), expected);
    }
    let granted = poll(Step::json(200, &json!({"access_token": "at", "refresh_token": "rt"}))).unwrap();
    let DeviceAnswer::Granted(reply) = granted else { panic!("{granted:?}") };
    assert_eq!(reply.refresh.unwrap().expose(), "rt");

    let transient = |acted, after| GrantFailureClass::Transient { acted, after };
    for (step, class) in [
        (word("invalid_grant"), GrantFailureClass::GrantDead),
        (word("invalid_client"), GrantFailureClass::ClientMisconfigured),
        (word("invalid_scope"), GrantFailureClass::Config),
        // a word in a body does not outvote a status
        (Step::json(503, &json!({"error": "access_denied"})), transient(true, None)),
        (
            Step::json(429, &json!({"error": "slow_down"})).with_header("retry-after", "30"),
            transient(false, Some(seconds(30))),
        ),
        (Step::reply(200).with_body("<html>"), GrantFailureClass::Unknown),
        (Step::json(200, &json!({"error": "access_denied"})), GrantFailureClass::Unknown),
        (Step::fails(Sent::No), transient(false, None)),
        (Step::fails(Sent::Maybe), GrantFailureClass::Unknown),
        (Step::times_out(), GrantFailureClass::Unknown),
    ] {
        let name = format!("{step:?}");
        let failure = poll(step).unwrap_err();
        assert_eq!(failure.class, class, "{name}");
        assert!(!format!("{failure:?}").contains("device code"), "{name}");
    }
}
