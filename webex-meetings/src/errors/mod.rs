//! From Webex's answers to errors, by the one table of `table`. The status decides, a known text where it says more; no text of Webex's
//! reaches an error, because texts repeat titles and addresses.

mod table;

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use invitations_core::{Error, Remedy, RetryClass, ids::RequestId};

use self::table::{OTHER_CLIENT, OTHER_PROTOCOL, OTHER_SERVER, Retry, Row, TABLE};
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
    /// Which part of Webex.
    pub(crate) area: Area,
}

/// The parts of Webex whose failures differ.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Area {
    Meetings,
    Webhooks,
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
        Self { operation, effect, for_other, area: Area::Meetings }
    }

    /// In another part of Webex than meetings.
    pub(crate) fn about(self, area: Area) -> Self {
        Self { area, ..self }
    }

    /// The class of a failure after which a write may have happened.
    pub(crate) fn unclear(&self, after: Option<Duration>) -> RetryClass {
        match self.effect {
            Effect::Read => RetryClass::Safe { after },
            Effect::CreateMeeting | Effect::Write => RetryClass::Unclear { after },
        }
    }
}

/// The error of an answer that is no success. `after` is its `Retry-After`. Pure.
pub(crate) fn failure(asked: &Asked, reply: &Response<Bytes>, after: Option<Duration>) -> Error {
    let status = reply.status().as_u16();
    let body = ErrorBody::read(reply.body());
    let row = chosen(asked, status, &body);
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

/// The first row that fits.
fn chosen(asked: &Asked, status: u16, body: &ErrorBody) -> &'static Row {
    let fits = |row: &&Row| {
        row.status == status
            && row.of.is_none_or(|effect| effect == asked.effect)
            && row.area.is_none_or(|area| area == asked.area)
            && row.for_other.is_none_or(|for_other| for_other == asked.for_other)
            && (row.words.is_empty() || body.says(row.words))
    };
    TABLE.iter().find(fits).unwrap_or(match status {
        400..500 => &OTHER_CLIENT,
        500.. => &OTHER_SERVER,
        _ => &OTHER_PROTOCOL,
    })
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
    use invitations_core::ErrorKind;

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

    /// The first row that fits counts, so a row behind a broader one would never be used. Each is reached by an answer, and becomes what
    /// it says, for each thing that can be asked.
    #[test]
    fn every_row_is_reached_and_becomes_what_it_says() {
        for (place, row) in TABLE.iter().enumerate() {
            let text = if row.words.is_empty() { "Something else".to_owned() } else { row.words.join(" x ") };
            let effect = row.of.unwrap_or(Effect::Write);
            let asked = Asked::new("test", effect, row.for_other.unwrap_or_default());
            let asked = asked.about(row.area.unwrap_or(Area::Meetings));
            let found = chosen(&asked, row.status, &ErrorBody::read(described(&text).as_bytes()));
            assert!(std::ptr::eq(found, row), "row {place}: {row:?} is hidden by {found:?}");
            // in either text, and in any letter case
            let upper = serde_json::json!({ "message": text.to_uppercase() }).to_string();
            for (after, body) in [(None, described(&text)), (Some(Duration::from_secs(3600)), upper)] {
                let error = failure(&asked, &reply(row.status, &body), after);
                assert_eq!((error.kind(), error.status()), (row.kind, Some(row.status)), "row {place}");
                let retry = match row.retry {
                    Retry::Never => RetryClass::Never,
                    Retry::Safe => RetryClass::Safe { after },
                    Retry::SafeIfTimed if after.is_some() => RetryClass::Safe { after },
                    Retry::SafeIfTimed | Retry::Unclear => RetryClass::Unclear { after },
                };
                assert_eq!(error.retry(), retry, "row {place}");
                assert_eq!(error.remedy().is_some(), !row.action.is_empty(), "row {place}");
                assert!(error.detail().unwrap().contains(row.detail), "row {place}");
            }
        }
    }

    /// What Webex declares on every operation, and what it does not.
    #[test]
    fn every_declared_status_has_a_row() {
        for status in [400, 401, 403, 404, 405, 409, 410, 415, 423, 428, 429, 503, 504] {
            assert!(TABLE.iter().any(|row| row.status == status), "{status}");
        }
    }

    #[test]
    fn webhooks_have_scopes_of_their_own() {
        let asked = Asked::new("test", Effect::Write, false).about(Area::Webhooks);
        let remedy = failure(&asked, &reply(403, ""), None).remedy().unwrap().action.clone();
        assert!(
            remedy.contains("meeting:participants_read") && remedy.contains("meeting:admin_schedule_read"),
            "{remedy}"
        );
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
    fn an_hour_of_waiting_is_handed_on_with_both_limits_as_possible_reasons() {
        let hour = Some(Duration::from_secs(3600));
        let error =
            failure(&asked(Effect::CreateMeeting), &reply(429, "<html><h1>Too Many Requests</h1></html>"), hour);
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Throttled, RetryClass::Safe { after: hour }));
        let action = &error.remedy().unwrap().action;
        assert!(action.contains("100 meetings in 24 hours") && action.contains("300 requests a minute"), "{action}");
        let read = failure(&asked(Effect::Read), &reply(429, ""), None);
        assert!(read.remedy().unwrap().action.contains("300 a minute"));
    }

    #[test]
    fn a_time_to_come_back_is_kept_and_proves_nothing_of_a_create() {
        let after = Some(Duration::from_secs(7));
        let retry = |effect| failure(&asked(effect), &reply(503, ""), after).retry();
        assert_eq!(retry(Effect::Write), RetryClass::Safe { after });
        assert_eq!(retry(Effect::CreateMeeting), RetryClass::Unclear { after });
    }

    #[test]
    fn known_texts_say_more() {
        for (status, text, kind, detail) in [
            (400, "Parameter 'start' or 'end' is before current time.", ErrorKind::InvalidInput, "in the past"),
            (400, "Meeting is in progress", ErrorKind::Conflict, "in progress"),
            (400, "Meeting password validation failed. A mix of", ErrorKind::InvalidInput, "password"),
            (400, "Something else", ErrorKind::InvalidInput, "Webex answered 400"),
            // other passwords than the meeting's, and no rule of the site's
            (400, "A password is required to read this recording.", ErrorKind::InvalidInput, "Webex answered 400"),
            (400, "registration is not supported without password", ErrorKind::InvalidInput, "Webex answered 400"),
        ] {
            let error = failure(&asked(Effect::Write), &reply(status, &described(text)), None);
            assert_eq!(error.kind(), kind, "{text}");
            let said = error.detail().unwrap();
            let known = detail != "Webex answered 400";
            assert!(if known { said.contains(detail) } else { said == detail }, "{text}: {said}");
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
