//! The one table from Webex's answers to errors. The status decides, a known text where it says more; no text of Webex's
//! reaches an error, because texts repeat titles and addresses.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use invitations_core::{Error, ErrorKind, Remedy, RetryClass, ids::RequestId};

use crate::wire::ErrorBody;

/// What was asked, as far as it changes what a failure means.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    /// A short verb phrase: "create meeting".
    pub(crate) operation: &'static str,
    /// A read has no effect, so it may always be sent again.
    pub(crate) effect: Effect,
    /// Whether it acts for another user (`hostEmail`), which needs an administrator's scopes.
    pub(crate) for_other: bool,
}

/// What a request does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Effect {
    Read,
    CreateMeeting,
    Write,
}

impl Asked {
    pub(crate) fn new(operation: &'static str, effect: Effect, for_other: bool) -> Self {
        Self { operation, effect, for_other }
    }

    /// The class of a failure after which a write may have happened.
    pub(crate) fn unclear(&self, after: Option<Duration>) -> RetryClass {
        match self.effect {
            Effect::Read => RetryClass::Safe { after },
            Effect::CreateMeeting | Effect::Write => RetryClass::Unclear { after },
        }
    }
}

/// One row. No words: any body. `of: None`: any request.
struct Row {
    status: u16,
    words: &'static [&'static str],
    of: Option<Effect>,
    for_other: Option<bool>,
    kind: ErrorKind,
    retry: Retry,
    detail: &'static str,
    action: &'static str,
    page: &'static str,
}

#[derive(Clone, Copy)]
enum Retry {
    Never,
    /// Nothing happened; after what the server says.
    Safe,
    /// A write may have happened.
    Unclear,
    /// Nothing happened when the server names a time to come back, else it may have.
    SafeIfTimed,
}

const MEETINGS_PAGE: &str = "https://developer.webex.com/docs/meetings";
const LIMITS_PAGE: &str = "https://developer.webex.com/docs/basics";
const LOGIN_PAGE: &str = "https://developer.webex.com/docs/login-with-webex";
const ZONE_DETAIL: &str = "the times do not carry the offset of their time zone";

const fn row(status: u16, kind: ErrorKind, retry: Retry) -> Row {
    Row { status, words: &[], of: None, for_other: None, kind, retry, detail: "", action: "", page: "" }
}

impl Row {
    const fn of(mut self, effect: Effect) -> Self {
        self.of = Some(effect);
        self
    }
    const fn for_other(mut self, for_other: bool) -> Self {
        self.for_other = Some(for_other);
        self
    }
    const fn saying(mut self, words: &'static [&'static str], detail: &'static str) -> Self {
        (self.words, self.detail) = (words, detail);
        self
    }
    const fn remedied(mut self, action: &'static str, page: &'static str) -> Self {
        (self.action, self.page) = (action, page);
        self
    }
}

/// The first row that fits counts.
const TABLE: &[Row] = &[
    row(400, ErrorKind::InvalidInput, Retry::Never)
        .saying(&["before current time"], "the start or the end is in the past"),
    row(400, ErrorKind::InvalidInput, Retry::Never).saying(&["timezone", "do not match"], ZONE_DETAIL),
    // the same refusal was seen with this status
    row(404, ErrorKind::InvalidInput, Retry::Never).saying(&["timezone", "do not match"], ZONE_DETAIL),
    row(400, ErrorKind::Conflict, Retry::Never)
        .saying(&["in progress"], "the meeting is in progress")
        .remedied("End the meeting, or wait for its end.", MEETINGS_PAGE),
    row(400, ErrorKind::InvalidInput, Retry::Never)
        .saying(&["password"], "the password breaks the site's rules")
        .remedied("Let the site choose the password, or follow its rules.", MEETINGS_PAGE),
    row(400, ErrorKind::Misconfigured, Retry::Never)
        .saying(&["tracking code"], "the site asks for a tracking code")
        .remedied("Make tracking codes optional in the site's settings.", MEETINGS_PAGE),
    row(400, ErrorKind::InvalidInput, Retry::Never),
    row(401, ErrorKind::Unauthenticated, Retry::Never)
        .remedied("Connect the Webex account again, or give a fresh access token.", LOGIN_PAGE),
    // a missing scope, role and licence look alike
    row(403, ErrorKind::PermissionDenied, Retry::Never).for_other(true).remedied(
        "Give the integration the scopes meeting:admin_schedule_read and meeting:admin_schedule_write, let a full \
         administrator who also administers the host's site grant them, and give the host a Webex Meetings licence.",
        MEETINGS_PAGE,
    ),
    row(403, ErrorKind::PermissionDenied, Retry::Never).remedied(
        "Give the integration the scopes meeting:schedules_read and meeting:schedules_write, connect the account again, \
         and give the user a Webex Meetings host licence.",
        MEETINGS_PAGE,
    ),
    row(404, ErrorKind::NotFound, Retry::Never),
    row(405, ErrorKind::Unsupported, Retry::Never),
    row(408, ErrorKind::Timeout, Retry::Unclear),
    row(409, ErrorKind::Conflict, Retry::Never),
    row(410, ErrorKind::NotFound, Retry::Never),
    row(415, ErrorKind::Protocol, Retry::Never),
    row(423, ErrorKind::Unavailable, Retry::Safe).saying(&[], "locked by another change"),
    row(428, ErrorKind::Protocol, Retry::Never),
    row(429, ErrorKind::Throttled, Retry::Safe).of(Effect::CreateMeeting).remedied(
        "Wait as long as said: a user may create 100 meetings in 24 hours (an administrator 800 for one user), and \
         refused requests count.",
        LIMITS_PAGE,
    ),
    row(429, ErrorKind::Throttled, Retry::Safe)
        .remedied("Send fewer requests: about 300 a minute are allowed for each user.", LIMITS_PAGE),
    row(501, ErrorKind::Unsupported, Retry::Never),
    row(503, ErrorKind::Unavailable, Retry::SafeIfTimed),
    row(504, ErrorKind::Timeout, Retry::Unclear),
];

const OTHER_CLIENT: Row = row(400, ErrorKind::InvalidInput, Retry::Never);
const OTHER_SERVER: Row = row(500, ErrorKind::Unavailable, Retry::Unclear);
/// 1xx and 3xx: redirects are never followed.
const OTHER_PROTOCOL: Row = row(300, ErrorKind::Protocol, Retry::Never);

/// The error of an answer that is no success. `after` is its `Retry-After`. Pure.
pub(crate) fn failure(asked: &Asked, reply: &Response<Bytes>, after: Option<Duration>) -> Error {
    let status = reply.status().as_u16();
    let body = ErrorBody::read(reply.body());
    let fits = |row: &&Row| {
        row.status == status
            && row.of.is_none_or(|effect| effect == asked.effect)
            && row.for_other.is_none_or(|for_other| for_other == asked.for_other)
            && (row.words.is_empty() || body.says(row.words))
    };
    let row = TABLE.iter().find(fits).unwrap_or(match status {
        400..500 => &OTHER_CLIENT,
        500.. => &OTHER_SERVER,
        _ => &OTHER_PROTOCOL,
    });
    let retry = match row.retry {
        Retry::Never => RetryClass::Never,
        Retry::Safe => RetryClass::Safe { after },
        Retry::SafeIfTimed if after.is_some() => RetryClass::Safe { after },
        Retry::Unclear | Retry::SafeIfTimed => asked.unclear(after),
    };
    let error = Error::new(row.kind, asked.operation).with_provider(crate::provider_id()).with_status(status);
    let mut error = error.with_retry(retry).with_detail(match row.detail {
        "" => format!("Webex answered {status}"),
        detail => format!("Webex answered {status}: {detail}"),
    });
    if !row.action.is_empty() {
        error = error.with_remedy(Remedy::new(row.action).with_docs(row.page));
    }
    tracked(error, reply, body.tracking_id.as_deref())
}

/// Adds Webex's id of the request: the header's, else the body's.
pub(crate) fn tracked(error: Error, reply: &Response<Bytes>, in_body: Option<&str>) -> Error {
    let header = reply.headers().get("trackingid").and_then(|id| id.to_str().ok());
    match header.or(in_body).and_then(|id| RequestId::parse(id).ok()) {
        Some(id) => error.with_request_id(id),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Response<Bytes> {
        Response::builder().status(status).body(Bytes::from(body.to_owned())).unwrap()
    }

    fn described(text: &str) -> String {
        serde_json::json!({ "message": "General.", "errors": [{ "description": text }], "trackingId": "T-1" })
            .to_string()
    }

    fn asked(effect: Effect) -> Asked {
        Asked::new("test", effect, false)
    }

    #[test]
    fn statuses_say_what_may_be_sent_again() {
        let safe = RetryClass::Safe { after: None };
        let unclear = RetryClass::Unclear { after: None };
        for (status, kind, on_write, on_read) in [
            (302, ErrorKind::Protocol, RetryClass::Never, RetryClass::Never),
            (400, ErrorKind::InvalidInput, RetryClass::Never, RetryClass::Never),
            (401, ErrorKind::Unauthenticated, RetryClass::Never, RetryClass::Never),
            (403, ErrorKind::PermissionDenied, RetryClass::Never, RetryClass::Never),
            (404, ErrorKind::NotFound, RetryClass::Never, RetryClass::Never),
            (408, ErrorKind::Timeout, unclear, safe),
            (409, ErrorKind::Conflict, RetryClass::Never, RetryClass::Never),
            (410, ErrorKind::NotFound, RetryClass::Never, RetryClass::Never),
            (418, ErrorKind::InvalidInput, RetryClass::Never, RetryClass::Never),
            (423, ErrorKind::Unavailable, safe, safe),
            (429, ErrorKind::Throttled, safe, safe),
            (500, ErrorKind::Unavailable, unclear, safe),
            (501, ErrorKind::Unsupported, RetryClass::Never, RetryClass::Never),
            (502, ErrorKind::Unavailable, unclear, safe),
            (503, ErrorKind::Unavailable, unclear, safe),
            (504, ErrorKind::Timeout, unclear, safe),
        ] {
            for (effect, retry) in
                [(Effect::CreateMeeting, on_write), (Effect::Write, on_write), (Effect::Read, on_read)]
            {
                let error = failure(&asked(effect), &reply(status, ""), None);
                assert_eq!((error.kind(), error.retry()), (kind, retry), "{status} {effect:?}");
                assert_eq!(error.status(), Some(status));
            }
        }
    }

    #[test]
    fn an_hour_of_waiting_is_handed_on_with_the_quota_as_reason() {
        let hour = Some(Duration::from_secs(3600));
        let error =
            failure(&asked(Effect::CreateMeeting), &reply(429, "<html><h1>Too Many Requests</h1></html>"), hour);
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Throttled, RetryClass::Safe { after: hour }));
        assert!(error.remedy().unwrap().action.contains("100 meetings in 24 hours"));
        let read = failure(&asked(Effect::Read), &reply(429, ""), None);
        assert!(read.remedy().unwrap().action.contains("300 a minute"));
    }

    #[test]
    fn a_time_to_come_back_proves_that_nothing_happened() {
        let after = Some(Duration::from_secs(7));
        let error = failure(&asked(Effect::CreateMeeting), &reply(503, ""), after);
        assert_eq!(error.retry(), RetryClass::Safe { after });
    }

    #[test]
    fn known_texts_say_more() {
        for (status, text, kind, detail) in [
            (400, "Parameter 'start' or 'end' is before current time.", ErrorKind::InvalidInput, "in the past"),
            (400, "Meeting is in progress", ErrorKind::Conflict, "in progress"),
            (400, "Meeting password validation failed. A mix of", ErrorKind::InvalidInput, "password"),
            (400, "Something else", ErrorKind::InvalidInput, "Webex answered 400"),
        ] {
            let error = failure(&asked(Effect::Write), &reply(status, &described(text)), None);
            assert_eq!(error.kind(), kind, "{text}");
            assert!(error.detail().unwrap().contains(detail), "{text}: {error}");
            assert_eq!(error.request_id().unwrap().as_str(), "T-1");
        }
        // a body without `errors`, and a status that says something else
        let body =
            r#"{"message":"timezone 'Asia/Calcutta' and timezone offset in '2023-03-21T05:00:00Z' do not match"}"#;
        let error = failure(&asked(Effect::CreateMeeting), &reply(404, body), None);
        assert_eq!((error.kind(), error.retry()), (ErrorKind::InvalidInput, RetryClass::Never));
    }

    #[test]
    fn refusals_name_the_scopes() {
        for (for_other, scope) in [(true, "meeting:admin_schedule_write"), (false, "meeting:schedules_write")] {
            let error = failure(&Asked::new("test", Effect::Write, for_other), &reply(403, ""), None);
            let remedy = error.remedy().unwrap();
            assert!(remedy.action.contains(scope) && remedy.action.contains("licence"), "{remedy}");
            assert!(remedy.docs.is_some());
        }
    }

    #[test]
    fn the_tracking_id_of_the_header_comes_first_and_no_text_reaches_the_error() {
        let mut reply = reply(400, &described("planted ada@contoso.example"));
        reply.headers_mut().insert("trackingid", http::HeaderValue::from_static("H-1"));
        let error = failure(&asked(Effect::Write), &reply, None);
        assert_eq!(error.request_id().unwrap().as_str(), "H-1");
        assert!(!format!("{error} {error:?}").contains("planted"));
    }
}
