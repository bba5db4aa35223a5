//! Values into requests. Caller mistakes are found here, before any I/O.

use bytes::Bytes;
use http::Request;
use invitations_core::{Error, Result, ids::MeetingId};

use super::{TranscriptFormat, TranscriptQuery};
use crate::{
    TranscriptId,
    wire::{get, get_file, path, write_instant},
};

pub(super) const LIST: &str = "list transcripts";
pub(super) const SNIPPETS: &str = "list snippets";

/// `GET /meetingTranscripts`, the first page.
pub(super) fn list(query: &TranscriptQuery, host: Option<&str>) -> Result<Request<Bytes>> {
    if query.held.is_empty() {
        return Err(Error::invalid(LIST, "the window is empty"));
    }
    let (from, to) = (write_instant(query.held.from), write_instant(query.held.until));
    get(&path(
        &["meetingTranscripts"],
        &[
            ("max", Some("100")),
            ("from", Some(&from)),
            ("to", Some(&to)),
            ("meetingId", query.instance.as_ref().map(MeetingId::as_str)),
            ("hostEmail", host),
            ("siteUrl", query.site.as_deref()),
        ],
    ))
}

/// `GET /meetingTranscripts/{transcriptId}/download`, written out of the id alone.
pub(super) fn download(id: &TranscriptId, format: TranscriptFormat, host: Option<&str>) -> Result<Request<Bytes>> {
    let (format, media_type) = match format {
        TranscriptFormat::WebVtt => ("vtt", "text/vtt"),
        // the one documented answer is `text/vtt`
        TranscriptFormat::Text => ("txt", "text/plain, text/vtt;q=0.5"),
    };
    let query = [("format", Some(format)), ("hostEmail", host)];
    get_file(&path(&["meetingTranscripts", id.as_str(), "download"], &query), media_type)
}

/// `GET /meetingTranscripts/{transcriptId}/snippets`, the first page.
pub(super) fn snippets(id: &TranscriptId) -> Result<Request<Bytes>> {
    get(&path(&["meetingTranscripts", id.as_str(), "snippets"], &[("max", Some("100"))]))
}

#[cfg(test)]
mod tests {
    use invitations_core::{ErrorKind, time::TimeRange};

    use super::*;

    #[test]
    fn requests_of_transcripts() {
        let held = TimeRange::new("2026-07-01T00:00:00Z".parse().unwrap(), "2026-08-01T00:00:00Z".parse().unwrap());
        let query = TranscriptQuery::new(held).with_instance(MeetingId::parse("m_I_1").unwrap()).with_site("s.example");
        assert_eq!(
            list(&query, Some("h@x.example")).unwrap().uri().to_string(),
            "/v1/meetingTranscripts?max=100&from=2026-07-01T00%3A00%3A00Z&to=2026-08-01T00%3A00%3A00Z&meetingId=m_I_1\
             &hostEmail=h%40x.example&siteUrl=s.example"
        );
        let empty = TranscriptQuery::new(TimeRange::new(held.from, held.from));
        assert_eq!(list(&empty, None).unwrap_err().kind(), ErrorKind::InvalidInput);
        let id = TranscriptId::parse("t/1").unwrap();
        for (format, uri, accept) in [
            (TranscriptFormat::WebVtt, "/v1/meetingTranscripts/t%2F1/download?format=vtt", "text/vtt"),
            (TranscriptFormat::Text, "/v1/meetingTranscripts/t%2F1/download?format=txt", "text/plain, text/vtt;q=0.5"),
        ] {
            let sent = download(&id, format, None).unwrap();
            assert_eq!(sent.uri().to_string(), uri);
            assert_eq!(sent.headers()["accept"], accept);
        }
        assert_eq!(snippets(&id).unwrap().uri().to_string(), "/v1/meetingTranscripts/t%2F1/snippets?max=100");
    }
}
