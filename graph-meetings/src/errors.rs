//! The one table from Graph's answers to errors. Status and resource decide, a code where it says more; never a message.

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Method, StatusCode};
use invitations_core::{Error, ErrorKind, Remedy, RetryClass, ids::RequestId};

use crate::wire::ErrorBody;

/// What was asked, as far as it changes what a failure means.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    /// A short verb phrase: "create meeting".
    pub(crate) operation: &'static str,
    /// Which part of Graph.
    pub(crate) resource: Resource,
    /// Whether a user's own consent was used.
    pub(crate) delegated: bool,
}

/// The parts of Graph whose failures differ.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Resource {
    Meetings,
    Events,
    Users,
    Invitations,
    Other,
}

/// One row. Empty `codes`: any code. `resource: None`: any.
struct Row {
    status: u16,
    codes: &'static [&'static str],
    resource: Option<Resource>,
    delegated: Option<bool>,
    kind: ErrorKind,
    retry: Retry,
    action: &'static str,
    page: &'static str,
}

#[derive(Clone, Copy)]
enum Retry {
    Never,
    /// Nothing happened; after what the server says.
    Safe,
    /// A write may have happened; a read is always safe.
    Unclear,
    /// Nothing happened when the server names a time to come back, else it may have.
    SafeIfTimed,
}

const POLICY: &str = "Grant the Teams application access policy to the organizer (New-CsApplicationAccessPolicy, \
    Grant-CsApplicationAccessPolicy) and wait up to 30 minutes.";
const POLICY_PAGE: &str =
    "https://learn.microsoft.com/graph/cloud-communication-online-meeting-application-access-policy";
const PERMISSIONS_PAGE: &str = "https://learn.microsoft.com/graph/permissions-reference";
const THROTTLING_PAGE: &str = "https://learn.microsoft.com/graph/throttling";
const SCOPING_PAGE: &str = "https://learn.microsoft.com/exchange/permissions-exo/application-rbac";
const INVITATION_PAGE: &str = "https://learn.microsoft.com/graph/api/invitation-post";
const METERED_PAGE: &str = "https://learn.microsoft.com/graph/metered-api-overview";

const fn row(status: u16, kind: ErrorKind, retry: Retry) -> Row {
    Row { status, codes: &[], resource: None, delegated: None, kind, retry, action: "", page: "" }
}

impl Row {
    const fn of(mut self, resource: Resource) -> Self {
        self.resource = Some(resource);
        self
    }
    const fn by(mut self, delegated: bool) -> Self {
        self.delegated = Some(delegated);
        self
    }
    const fn coded(mut self, codes: &'static [&'static str]) -> Self {
        self.codes = codes;
        self
    }
    const fn says(mut self, action: &'static str, page: &'static str) -> Self {
        (self.action, self.page) = (action, page);
        self
    }
}

/// The first row that fits counts.
const TABLE: &[Row] = &[
    row(400, ErrorKind::InvalidInput, Retry::Never).of(Resource::Meetings).by(false).coded(&["BadRequest"]).says(
        "Check the times and the participants; right after the application access policy was granted this passes by itself.",
        POLICY_PAGE,
    ),
    row(400, ErrorKind::InvalidInput, Retry::Never).of(Resource::Events).coded(&["ErrorInvalidRecipients"]).says(
        "Check the attendees' addresses.",
        "",
    ),
    row(401, ErrorKind::Unauthenticated, Retry::Never).says(
        "Check that the token is for this cloud and that the account still exists.",
        "https://learn.microsoft.com/graph/resolve-auth-errors",
    ),
    row(402, ErrorKind::Misconfigured, Retry::Never).says("Set up billing for this metered interface.", METERED_PAGE),
    // three bodies are known (Forbidden, General, Unauthorized): the status and the resource tell, not the code
    row(403, ErrorKind::Misconfigured, Retry::Never).of(Resource::Meetings).by(false).says(POLICY, POLICY_PAGE),
    row(403, ErrorKind::PermissionDenied, Retry::Never).of(Resource::Meetings).by(true).says(
        "Ask the user to connect again with OnlineMeetings.ReadWrite; only the organizer may change a meeting.",
        PERMISSIONS_PAGE,
    ),
    row(403, ErrorKind::PermissionDenied, Retry::Never).of(Resource::Events).by(false).says(
        "Grant Calendars.ReadWrite to the application and check that Exchange does not scope it to other mailboxes.",
        SCOPING_PAGE,
    ),
    row(403, ErrorKind::PermissionDenied, Retry::Never).of(Resource::Events).by(true).says(
        "Ask the user to connect again with Calendars.ReadWrite.",
        PERMISSIONS_PAGE,
    ),
    row(403, ErrorKind::PermissionDenied, Retry::Never).of(Resource::Invitations).says(
        "Grant User.Invite.All and allow guest invitations in the directory's external collaboration settings.",
        INVITATION_PAGE,
    ),
    row(403, ErrorKind::PermissionDenied, Retry::Never).of(Resource::Users).says(
        "Grant User.Read.All (User.ReadWrite.All to remove guests) to the application.",
        PERMISSIONS_PAGE,
    ),
    row(403, ErrorKind::PermissionDenied, Retry::Never).says("Grant the permission that the call needs.", PERMISSIONS_PAGE),
    row(404, ErrorKind::NotFound, Retry::Never).of(Resource::Events).coded(&["MailboxNotEnabledForRESTAPI", "ErrorNonExistentMailbox"]).says(
        "Give the user an Exchange Online mailbox; a new licence needs up to 15 minutes.",
        "",
    ),
    row(404, ErrorKind::NotFound, Retry::Never),
    row(408, ErrorKind::Timeout, Retry::Unclear),
    row(409, ErrorKind::Conflict, Retry::Safe),
    row(410, ErrorKind::ResyncRequired, Retry::Never),
    row(412, ErrorKind::PermissionDenied, Retry::Never).of(Resource::Invitations).says(
        "Unblock the guest's account in the directory.",
        INVITATION_PAGE,
    ),
    row(412, ErrorKind::Conflict, Retry::Never),
    row(423, ErrorKind::Unavailable, Retry::Safe),
    row(424, ErrorKind::Unavailable, Retry::Safe),
    row(429, ErrorKind::Throttled, Retry::Safe).says("Send fewer requests at a time.", THROTTLING_PAGE),
    row(501, ErrorKind::Unsupported, Retry::Never),
    row(503, ErrorKind::Unavailable, Retry::SafeIfTimed),
    row(504, ErrorKind::Timeout, Retry::Unclear),
    row(507, ErrorKind::Unavailable, Retry::Safe).says("Free space in the mailbox.", ""),
    row(509, ErrorKind::Throttled, Retry::Safe).says("Send fewer requests at a time.", THROTTLING_PAGE),
];

/// The error of a reply that is no success. Pure.
pub(crate) fn failure(asked: Asked, method: &Method, reply: &http::Response<Bytes>, now: DateTime<Utc>) -> Error {
    let status = reply.status();
    let body = ErrorBody::read(reply.body());
    let after = meetings_http::parse_retry_after(reply.headers(), now);
    if status == StatusCode::INTERNAL_SERVER_ERROR && asked.resource == Resource::Invitations && has_no_target(&body) {
        // answered 500 for good; the code is a general one, so this is the one place where the message has to tell
        let row = row(500, ErrorKind::InvalidInput, Retry::Never)
            .says("Check the invited address: its mail system cannot be found.", INVITATION_PAGE);
        return build(asked, method, reply, &body, &row, after);
    }
    let fits = |row: &&Row| {
        row.status == status.as_u16()
            && row.resource.is_none_or(|resource| resource == asked.resource)
            && row.delegated.is_none_or(|delegated| delegated == asked.delegated)
            && (row.codes.is_empty()
                || row.codes.iter().any(|code| body.codes.iter().any(|c| c.eq_ignore_ascii_case(code))))
    };
    let row = TABLE.iter().find(fits).unwrap_or(match status.as_u16() {
        400..500 => &OTHER_CLIENT,
        500.. => &OTHER_SERVER,
        _ => &OTHER_PROTOCOL,
    });
    build(asked, method, reply, &body, row, after)
}

const OTHER_CLIENT: Row = row(400, ErrorKind::InvalidInput, Retry::Never);
const OTHER_SERVER: Row = row(500, ErrorKind::Unavailable, Retry::Unclear);
/// 1xx and 3xx: redirects are never followed.
const OTHER_PROTOCOL: Row = row(300, ErrorKind::Protocol, Retry::Never);

fn has_no_target(body: &ErrorBody) -> bool {
    body.message.to_ascii_lowercase().contains("unable to find target address")
}

fn build(
    asked: Asked,
    method: &Method,
    reply: &http::Response<Bytes>,
    body: &ErrorBody,
    row: &Row,
    after: Option<Duration>,
) -> Error {
    let safe = RetryClass::Safe { after };
    let retry = match row.retry {
        Retry::Never => RetryClass::Never,
        Retry::Safe => safe,
        Retry::Unclear | Retry::SafeIfTimed if method.is_safe() => safe,
        Retry::SafeIfTimed if after.is_some() => safe,
        Retry::Unclear | Retry::SafeIfTimed => RetryClass::Unclear { after },
    };
    let status = reply.status().as_u16();
    let mut error = Error::new(row.kind, asked.operation).with_provider(crate::provider_id()).with_status(status);
    error = error.with_retry(retry);
    error = match body.codes.first() {
        Some(code) => error.with_detail(format!("Graph answered {status} {code}")),
        None => error.with_detail(format!("Graph answered {status}")),
    };
    if !row.action.is_empty() {
        error = error.with_remedy(Remedy::new(row.action).with_docs(row.page));
    }
    let id = reply.headers().get("request-id").and_then(|id| id.to_str().ok()).and_then(|id| RequestId::parse(id).ok());
    match id {
        Some(id) => error.with_request_id(id),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str, retry_after: Option<&str>) -> http::Response<Bytes> {
        let mut reply = http::Response::builder().status(status).header("request-id", "r-1");
        if let Some(value) = retry_after {
            reply = reply.header("retry-after", value);
        }
        reply.body(Bytes::from(body.to_owned())).unwrap()
    }

    fn coded(code: &str, message: &str) -> String {
        serde_json::json!({ "error": { "code": code, "message": message } }).to_string()
    }

    fn asked(resource: Resource, delegated: bool) -> Asked {
        Asked { operation: "test", resource, delegated }
    }

    fn post(resource: Resource, status: u16, body: &str) -> Error {
        failure(asked(resource, false), &Method::POST, &reply(status, body, None), DateTime::UNIX_EPOCH)
    }

    #[test]
    fn trap_03_the_access_policy_has_three_bodies_and_one_remedy() {
        for (code, message) in [
            ("Forbidden", "No application access policy found for this app"),
            ("General", "No application access policy found for this app."),
            ("Unauthorized", "App 1 is not authorized to Create meeting on behalf of user 2"),
        ] {
            let error = post(Resource::Meetings, 403, &coded(code, message));
            assert_eq!((error.kind(), error.retry()), (ErrorKind::Misconfigured, RetryClass::Never), "{code}");
            let remedy = error.remedy().unwrap();
            assert!(remedy.action.contains("application access policy"), "{remedy}");
            assert!(remedy.docs.as_ref().unwrap().path().ends_with("application-access-policy"));
        }
    }

    #[test]
    fn statuses_say_what_may_be_sent_again() {
        let safe = RetryClass::Safe { after: None };
        let unclear = RetryClass::Unclear { after: None };
        for (status, kind, on_post, on_get) in [
            (400, ErrorKind::InvalidInput, RetryClass::Never, RetryClass::Never),
            (401, ErrorKind::Unauthenticated, RetryClass::Never, RetryClass::Never),
            (404, ErrorKind::NotFound, RetryClass::Never, RetryClass::Never),
            (408, ErrorKind::Timeout, unclear, safe),
            (409, ErrorKind::Conflict, safe, safe),
            (410, ErrorKind::ResyncRequired, RetryClass::Never, RetryClass::Never),
            (412, ErrorKind::Conflict, RetryClass::Never, RetryClass::Never),
            (418, ErrorKind::InvalidInput, RetryClass::Never, RetryClass::Never),
            (429, ErrorKind::Throttled, safe, safe),
            (500, ErrorKind::Unavailable, unclear, safe),
            (501, ErrorKind::Unsupported, RetryClass::Never, RetryClass::Never),
            (502, ErrorKind::Unavailable, unclear, safe),
            (503, ErrorKind::Unavailable, unclear, safe),
            (504, ErrorKind::Timeout, unclear, safe),
            (302, ErrorKind::Protocol, RetryClass::Never, RetryClass::Never),
        ] {
            for (method, retry) in [(Method::POST, on_post), (Method::GET, on_get)] {
                let reply = reply(status, "", None);
                let error = failure(asked(Resource::Other, false), &method, &reply, DateTime::UNIX_EPOCH);
                assert_eq!((error.kind(), error.retry()), (kind, retry), "{status} {method}");
                assert_eq!(error.request_id().unwrap().as_str(), "r-1");
                assert_eq!(error.status(), Some(status));
            }
        }
    }

    #[test]
    fn a_time_to_come_back_proves_that_nothing_happened() {
        let error =
            failure(asked(Resource::Events, false), &Method::POST, &reply(503, "", Some("7")), DateTime::UNIX_EPOCH);
        assert_eq!(error.retry(), RetryClass::Safe { after: Some(Duration::from_secs(7)) });
    }

    #[test]
    fn trap_28_a_permanent_500_of_invitations_is_not_sent_again() {
        let error = post(Resource::Invitations, 500, &coded("InternalServerError", "Unable to find target address"));
        assert_eq!((error.kind(), error.retry()), (ErrorKind::InvalidInput, RetryClass::Never));
        let other = post(Resource::Invitations, 500, &coded("InternalServerError", "Sorry"));
        assert_eq!(other.retry(), RetryClass::Unclear { after: None });
    }

    #[test]
    fn no_message_reaches_an_error() {
        let error = post(Resource::Other, 400, &coded("Request_BadRequest", "planted ada@contoso.example"));
        assert_eq!(error.detail(), Some("Graph answered 400 Request_BadRequest"));
        assert!(!format!("{error} {error:?}").contains("planted"));
    }

    #[test]
    fn delegated_calls_are_told_about_consent() {
        let reply = reply(403, "", None);
        let error = failure(asked(Resource::Meetings, true), &Method::POST, &reply, DateTime::UNIX_EPOCH);
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        assert!(error.remedy().unwrap().action.contains("OnlineMeetings.ReadWrite"));
    }
}
