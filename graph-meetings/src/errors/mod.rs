//! From Graph's answers to errors, by the one table of `table`. Status and resource decide, a code where it says more; a message only where two
//! refusals of invitations have nothing else to tell them by.

mod table;

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Method, StatusCode};
use invitations_core::{Error, Remedy, RetryClass, ids::RequestId};

use crate::wire::ErrorBody;
use table::{MEMBER, OTHER_CLIENT, OTHER_PROTOCOL, OTHER_SERVER, PERMANENT, Retry, Row, TABLE};

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
    MailboxSettings,
    Other,
}

/// The error of a reply that is no success. Pure.
pub(crate) fn failure(asked: Asked, method: &Method, reply: &http::Response<Bytes>, now: DateTime<Utc>) -> Error {
    let status = reply.status();
    let body = ErrorBody::read(reply.body());
    let after = meetings_http::parse_retry_after(reply.headers(), now);
    if status == StatusCode::INTERNAL_SERVER_ERROR && asked.resource == Resource::Invitations && has_no_target(&body) {
        // answered 500 for good; the code is a general one, so the message has to tell
        return build(asked, method, reply, &body, &PERMANENT, after);
    }
    if status == StatusCode::BAD_REQUEST && asked.resource == Resource::Invitations && is_there(&body) {
        return build(asked, method, reply, &body, &MEMBER, after);
    }
    let row = chosen(asked, status.as_u16(), &body.codes);
    build(asked, method, reply, &body, row, after)
}

/// The first row that fits.
fn chosen(asked: Asked, status: u16, codes: &[String]) -> &'static Row {
    let fits = |row: &&Row| {
        row.status == status
            && row.resource.is_none_or(|resource| resource == asked.resource)
            && row.delegated.is_none_or(|delegated| delegated == asked.delegated)
            && (row.codes.is_empty() || row.codes.iter().any(|code| codes.iter().any(|c| c.eq_ignore_ascii_case(code))))
    };
    TABLE.iter().find(fits).unwrap_or(match status {
        400..500 => &OTHER_CLIENT,
        500.. => &OTHER_SERVER,
        _ => &OTHER_PROTOCOL,
    })
}

/// Has the general code BadRequest too: msgraph-beta-sdk-dotnet issue 798.
fn is_there(body: &ErrorBody) -> bool {
    body.message.to_ascii_lowercase().contains("already exists in the directory")
}

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
    use invitations_core::ErrorKind;

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

    /// What the page says is what the table says. `UPDATE_PAGES=1 cargo test page` writes it.
    #[test]
    fn the_page_is_what_the_table_says() {
        let path = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/errors/table.md");
        let page = table::markdown();
        if std::env::var_os("UPDATE_PAGES").is_some() {
            std::fs::write(&path, &page).unwrap();
        }
        let there = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(there == page, "write {} anew: UPDATE_PAGES=1 cargo test page", path.display());
    }

    /// The first row that fits counts, so a row behind a broader one would never be used.
    #[test]
    fn every_row_is_reached() {
        for (place, row) in TABLE.iter().enumerate() {
            let code = row.codes.first().copied().unwrap_or("SomethingElse");
            let asked = asked(row.resource.unwrap_or(Resource::Other), row.delegated.unwrap_or_default());
            let found = chosen(asked, row.status, &[code.to_owned()]);
            assert!(std::ptr::eq(found, row), "row {place}: {row:?} is hidden by {found:?}");
        }
    }

    /// Every code that was seen or is documented, `facts`' whole table.
    #[test]
    fn every_known_code_has_its_meaning() {
        use ErrorKind::*;
        let (never, safe, unclear) =
            (RetryClass::Never, RetryClass::Safe { after: None }, RetryClass::Unclear { after: None });
        for (resource, status, code, kind, retry, remedy) in [
            (Resource::Events, 400, "ErrorInvalidRequest", InvalidInput, never, ""),
            (Resource::Meetings, 400, "BadRequest", InvalidInput, never, "access policy"),
            (Resource::Users, 400, "Request_BadRequest", InvalidInput, never, ""),
            (Resource::Other, 400, "InvalidRequest", InvalidInput, never, ""),
            (Resource::Other, 400, "ValidationError", InvalidInput, never, "10 seconds"),
            (Resource::Events, 400, "ErrorOccurrenceCrossingBoundary", InvalidInput, never, "neighbours"),
            (Resource::Events, 400, "ErrorMailboxDataArrayTooBig", InvalidInput, never, "fewer addresses"),
            (Resource::Events, 400, "ErrorTimeIntervalTooBig", InvalidInput, never, "shorter"),
            (Resource::Events, 400, "TimeZoneNotSupportedException", InvalidInput, never, "UTC"),
            (Resource::Other, 401, "InvalidAuthenticationToken", Unauthenticated, never, "cloud"),
            (Resource::Other, 401, "unauthenticated", Unauthenticated, never, "cloud"),
            (Resource::Meetings, 402, "PaymentRequired", Misconfigured, never, "billing"),
            (Resource::Events, 403, "ErrorAccessDenied", PermissionDenied, never, "Calendars.ReadWrite"),
            (Resource::Other, 403, "ExtensionError", PermissionDenied, never, "Calendars.Read"),
            (Resource::Users, 403, "Authorization_RequestDenied", PermissionDenied, never, "User.ReadBasic.All"),
            (Resource::Invitations, 403, "Authorization_RequestDenied", PermissionDenied, never, "User.Invite.All"),
            (Resource::Other, 403, "accessDenied", PermissionDenied, never, "permission"),
            (Resource::Events, 404, "ErrorItemNotFound", NotFound, never, ""),
            (Resource::Other, 404, "itemNotFound", NotFound, never, ""),
            (Resource::Events, 404, "ErrorNonExistentMailbox", NotFound, never, "mailbox"),
            (Resource::Users, 404, "ResourceNotFound", NotFound, never, ""),
            (Resource::Events, 404, "MailboxNotEnabledForRESTAPI", NotFound, never, "mailbox"),
            (Resource::Events, 409, "ConcurrentItemSave", Conflict, safe, ""),
            (Resource::Users, 409, "Directory_ConcurrencyViolation", Conflict, safe, ""),
            (Resource::Events, 410, "SyncStateNotFound", ResyncRequired, never, "full"),
            (Resource::Events, 410, "resyncRequired", ResyncRequired, never, "full"),
            (Resource::Events, 412, "ErrorIrresolvableConflict", Conflict, never, "again"),
            (Resource::Invitations, 412, "", PermissionDenied, never, "Unblock"),
            (Resource::Events, 423, "", Unavailable, safe, ""),
            (Resource::Events, 424, "", Unavailable, safe, ""),
            (Resource::Events, 429, "ApplicationThrottled", Throttled, safe, "four"),
            (Resource::Events, 429, "TooManyRequests", Throttled, safe, "fewer"),
            (Resource::Other, 429, "activityLimitReached", Throttled, safe, "fewer"),
            (Resource::Invitations, 500, "InternalServerError", Unavailable, unclear, ""),
            (Resource::Events, 501, "NotImplemented", Unsupported, never, ""),
            (Resource::Other, 503, "serviceNotAvailable", Unavailable, unclear, ""),
            (Resource::Events, 507, "", Unavailable, safe, "space"),
            (Resource::Events, 509, "", Throttled, safe, "fewer"),
        ] {
            let error = post(resource, status, &coded(code, "words that nobody reads"));
            assert_eq!((error.kind(), error.retry()), (kind, retry), "{status} {code}");
            let said = error.remedy().map_or("", |remedy| &*remedy.action);
            assert_eq!((said.contains(remedy), said.is_empty()), (true, remedy.is_empty()), "{status} {code}: {said}");
        }
    }

    #[test]
    fn trap_17_any_410_asks_for_a_full_synchronization_whatever_its_code() {
        for code in
            ["SyncStateNotFound", "syncStateNotFound", "SYNCSTATENOTFOUND", "resyncRequired", "", "UnknownError"]
        {
            let error = post(Resource::Events, 410, &coded(code, ""));
            assert_eq!((error.kind(), error.retry()), (ErrorKind::ResyncRequired, RetryClass::Never), "{code}");
            assert!(error.remedy().unwrap().action.contains("full synchronization"), "{code}");
        }
    }

    /// A 403 on online meetings cannot be told apart: what it may be, the likeliest first, and who tells.
    #[test]
    fn a_refused_meeting_lists_its_reasons_in_order() {
        let error = post(Resource::Meetings, 403, &coded("Forbidden", ""));
        let said = &*error.remedy().unwrap().action;
        let words =
            ["doctor", "application access policy", "fresh grant", "licence", "directory", "meeting's organizer"];
        let places: Vec<_> = words.iter().map(|word| said.find(word)).collect();
        assert!(places.is_sorted() && places[0].is_some(), "{places:?} in {said}");
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
    fn an_address_of_the_directory_is_no_bad_input() {
        let message = "The invited user already exists in the directory as objectID: planted";
        let error = post(Resource::Invitations, 400, &coded("BadRequest", message));
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Conflict, RetryClass::Never));
        assert!(error.remedy().unwrap().action.contains("as it is"));
        assert!(!format!("{error:?}").contains("planted"));
        assert_eq!(post(Resource::Users, 400, &coded("BadRequest", message)).kind(), ErrorKind::InvalidInput);
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
