//! Values into requests. Caller mistakes are found here, before any I/O.

use bytes::Bytes;
use http::{HeaderValue, Request};
use invitations_core::{Error, Result, ids::MeetingId};
use serde_json::{Map, Value};

use super::{DeleteReason, RecordingFormat, RecordingQuery, RecordingService, RecordingStatus};
use crate::{
    RecordingId,
    wire::{delete_because, get, path, write_instant},
};

pub(super) const LIST: &str = "list recordings";
pub(super) const READ: &str = "read recording";
pub(super) const DELETE: &str = "delete recording";

/// The longest comment (`DELETE /recordings/{recordingId}`), in characters.
const LONGEST_COMMENT: usize = 255;

/// `GET /recordings`, the first page.
pub(super) fn list(query: &RecordingQuery, host: Option<&str>) -> Result<Request<Bytes>> {
    if query.made.is_empty() {
        return Err(Error::invalid(LIST, "the window is empty"));
    }
    let (from, to) = (write_instant(query.made.from), write_instant(query.made.until));
    get(&path(
        &["recordings"],
        &[
            ("max", Some("100")),
            ("from", Some(&from)),
            ("to", Some(&to)),
            ("meetingId", query.meeting.as_ref().map(MeetingId::as_str)),
            ("hostEmail", host),
            ("siteUrl", query.site.as_deref()),
            ("integrationTag", query.integration_tag.as_deref()),
            ("topic", query.topic.as_deref()),
            ("format", query.format.as_ref().map(RecordingFormat::as_str)),
            ("serviceType", query.service.as_ref().map(RecordingService::as_str)),
            ("status", query.status.as_ref().map(RecordingStatus::as_str)),
        ],
    ))
}

/// `GET /recordings/{recordingId}`. The site goes into a header here.
pub(super) fn read(id: &RecordingId, site: Option<&str>, host: Option<&str>) -> Result<Request<Bytes>> {
    let mut request = get(&path(&["recordings", id.as_str()], &[("hostEmail", host)]))?;
    if let Some(site) = site {
        let site = HeaderValue::from_str(site).map_err(|_| Error::invalid(READ, "the site is no host name"))?;
        request.headers_mut().insert("siteurl", site);
    }
    Ok(request)
}

/// `DELETE /recordings/{recordingId}`, with a body where something is said.
pub(super) fn delete(id: &RecordingId, why: &DeleteReason, host: Option<&str>) -> Result<Request<Bytes>> {
    if why.comment.as_ref().is_some_and(|comment| comment.chars().count() > LONGEST_COMMENT) {
        return Err(Error::invalid(DELETE, "the comment is longer than 255 characters"));
    }
    let target = path(&["recordings", id.as_str()], &[("hostEmail", host)]);
    let said = [("reason", &why.reason), ("comment", &why.comment)];
    let body: Map<String, Value> =
        said.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::from(value.clone()?)))).collect();
    if body.is_empty() { crate::wire::delete(&target) } else { delete_because(&target, &body) }
}

#[cfg(test)]
mod tests {
    use invitations_core::{ErrorKind, time::TimeRange};
    use serde_json::json;

    use super::*;

    fn made() -> TimeRange {
        TimeRange::new("2026-07-01T00:00:00Z".parse().unwrap(), "2026-08-01T00:00:00Z".parse().unwrap())
    }

    #[test]
    fn a_list_says_its_window_and_every_filter() {
        let all = list(&RecordingQuery::new(made()), None).unwrap();
        assert_eq!(
            all.uri().to_string(),
            "/v1/recordings?max=100&from=2026-07-01T00%3A00%3A00Z&to=2026-08-01T00%3A00%3A00Z"
        );
        let query = RecordingQuery::new(made())
            .with_meeting(MeetingId::parse("m_I_1").unwrap())
            .with_site("contoso.webex.example")
            .with_integration_tag("lesson-42")
            .with_topic("Maths & more")
            .with_format(RecordingFormat::Mp4)
            .with_service(RecordingService::Meeting)
            .with_status(RecordingStatus::Deleted);
        assert_eq!(
            list(&query, Some("h@x.example")).unwrap().uri().to_string(),
            "/v1/recordings?max=100&from=2026-07-01T00%3A00%3A00Z&to=2026-08-01T00%3A00%3A00Z&meetingId=m_I_1\
             &hostEmail=h%40x.example&siteUrl=contoso.webex.example&integrationTag=lesson-42&topic=Maths%20%26%20more\
             &format=MP4&serviceType=MeetingCenter&status=deleted"
        );
        let backwards = RecordingQuery::new(TimeRange::new(made().until, made().from));
        assert_eq!(list(&backwards, None).unwrap_err().kind(), ErrorKind::InvalidInput);
    }

    #[test]
    fn a_read_names_the_site_in_a_header() {
        let id = RecordingId::parse("r/1").unwrap();
        let sent = read(&id, Some("contoso.webex.example"), Some("h@x.example")).unwrap();
        assert_eq!(sent.uri().to_string(), "/v1/recordings/r%2F1?hostEmail=h%40x.example");
        assert_eq!(sent.headers()["siteUrl"], "contoso.webex.example");
        assert!(!read(&id, None, None).unwrap().headers().contains_key("siteurl"));
        assert_eq!(read(&id, Some("a\r\nb: c"), None).unwrap_err().kind(), ErrorKind::InvalidInput);
    }

    #[test]
    fn a_delete_has_a_body_where_something_is_said() {
        let id = RecordingId::parse("r1").unwrap();
        let silent = delete(&id, &DeleteReason::none(), None).unwrap();
        assert_eq!((silent.method().as_str(), silent.body().len()), ("DELETE", 0));
        assert!(!silent.headers().contains_key("content-type"));
        let said = delete(&id, &DeleteReason::new("audit").with_comment("é".repeat(255)), None).unwrap();
        assert_eq!(said.headers()["content-type"], "application/json");
        let body: Value = serde_json::from_slice(said.body()).unwrap();
        assert_eq!(body, json!({ "reason": "audit", "comment": "é".repeat(255) }));
        assert!(delete(&id, &DeleteReason::new("audit").with_comment("é".repeat(256)), None).is_err());
    }
}
