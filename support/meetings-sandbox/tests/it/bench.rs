//! A sandbox with short words for requests.

use bytes::Bytes;
use chrono::{DateTime, TimeZone as _, Utc};
use http::{HeaderMap, Request, Response};
use meetings_sandbox::{AuthorizationSide, Handled, MicrosoftUser, Sandbox, SandboxConfig, defaults};
use serde_json::{Value, json};

pub(crate) struct Bench {
    pub(crate) sandbox: Sandbox,
    /// Application token for Graph.
    pub(crate) application: String,
    /// The organizer's Webex token.
    pub(crate) webex: String,
    /// The organizer's object id.
    pub(crate) organizer: String,
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Reply {
    pub(crate) fn of(response: &Response<Bytes>) -> Self {
        let body = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
        Self { status: response.status().as_u16(), headers: response.headers().clone(), body }
    }

    pub(crate) fn text(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer} in {}", self.body))
    }

    pub(crate) fn code(&self) -> &str {
        self.text("/error/code")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }
}

/// 2027-03-01 09:00 UTC, a Monday: where all tests begin.
pub(crate) fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2027, 3, 1, 9, 0, 0).single().expect("a date")
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::with(SandboxConfig::new().frozen_at(start())).await
    }

    pub(crate) async fn with(config: SandboxConfig) -> Self {
        let sandbox = Sandbox::start(config).await.expect("starts");
        let application = sandbox.access_token(AuthorizationSide::Microsoft, None).expect("token");
        let webex = sandbox.access_token(AuthorizationSide::Webex, Some(defaults::ORGANIZER)).expect("token");
        let organizer = sandbox.add_microsoft_user(&MicrosoftUser::new(defaults::ORGANIZER));
        Self { sandbox, application, webex, organizer }
    }

    pub(crate) async fn granted() -> Self {
        let bench = Self::new().await;
        assert!(bench.sandbox.grant_access_policy(defaults::ORGANIZER));
        bench
    }

    pub(crate) fn user_token(&self, address: &str) -> String {
        self.sandbox.access_token(AuthorizationSide::Microsoft, Some(address)).expect("token")
    }

    /// One request with a bearer and headers; the raw outcome.
    pub(crate) async fn send(&self, token: &str, call: &str, headers: &[(&str, &str)], body: Option<Value>) -> Handled {
        let (method, path) = call.split_once(' ').expect("METHOD path");
        let mut request = Request::builder().method(method).uri(path.replace(' ', "%20"));
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        self.sandbox.handle(request.body(body).expect("a request")).await
    }

    pub(crate) async fn call(&self, token: &str, call: &str, headers: &[(&str, &str)], body: Option<Value>) -> Reply {
        match self.send(token, call, headers, body).await {
            Handled::Reply(response) => Reply::of(&response),
            other => panic!("no reply: {other:?}"),
        }
    }

    /// A Graph call of the application; `{me}` stands for the organizer's path.
    pub(crate) async fn graph(&self, call: &str, body: Option<Value>) -> Reply {
        self.call(&self.application, &self.place(call), &[], body).await
    }

    pub(crate) async fn graph_with(&self, call: &str, headers: &[(&str, &str)], body: Option<Value>) -> Reply {
        self.call(&self.application, &self.place(call), headers, body).await
    }

    pub(crate) fn place(&self, call: &str) -> String {
        call.replace("{me}", &format!("/v1.0/users/{}", self.organizer))
    }

    /// A Webex call of the organizer.
    pub(crate) async fn webex(&self, call: &str, body: Option<Value>) -> Reply {
        self.call(&self.webex, call, &[], body).await
    }

    pub(crate) async fn control(&self, call: &str, body: Option<Value>) -> Reply {
        self.call("", call, &[], body).await
    }

    /// A form post.
    pub(crate) async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::builder().method("POST").uri(path).body(Bytes::from(body)).expect("a request");
        match self.sandbox.handle(request).await {
            Handled::Reply(response) => Reply::of(&response),
            other => panic!("no reply: {other:?}"),
        }
    }
}

/// An event on the start day, from and to the given hours, UTC.
pub(crate) fn event(subject: &str, from: u32, until: u32) -> Value {
    json!({
        "subject": subject,
        "start": { "dateTime": format!("2027-03-01T{from:02}:00:00"), "timeZone": "UTC" },
        "end": { "dateTime": format!("2027-03-01T{until:02}:00:00"), "timeZone": "UTC" },
    })
}

/// A Graph attendee.
pub(crate) fn attendee(address: &str) -> Value {
    json!({ "emailAddress": { "address": address } })
}
