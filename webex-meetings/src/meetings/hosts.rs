//! Giving meetings to another host (`POST /meetings/reassignHost`).

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use invitations_core::{Error, Result, ids::MeetingId, people::EmailAddress, provider::WriteOptions};
use meetings_http::Protection;
use serde_json::{Value, json};

use super::handle::{WebexMeetings, refuse_condition};
use crate::{
    errors::{Asked, Effect, failure},
    extra::ExtraMembers,
    wire::{Members, items, path, post, text},
};

const REASSIGN: &str = "reassign host";
const MOST: usize = 100;

/// What became of one meeting.
#[derive(Debug)]
#[non_exhaustive]
pub struct HostReassignment {
    /// Which one.
    pub meeting: MeetingId,
    /// Why it still has its old host; `Ok` where it has the new one.
    pub outcome: Result<()>,
    /// All else that Webex told of it.
    pub extra: ExtraMembers,
}

impl WebexMeetings {
    /// Makes somebody else the host of series: an administrator's call (`meeting:admin_schedule_write`). Some may fail while others
    /// succeed, so each is answered for. `site`: where they take place, unless it is the preferred one.
    ///
    /// # Errors
    /// [`InvalidInput`](invitations_core::ErrorKind::InvalidInput) before any I/O unless there are 1 to 100 meetings; an error for all where
    /// Webex refuses all, for example a host without a licence.
    pub async fn reassign_host(
        &self,
        to: &EmailAddress,
        meetings: &[MeetingId],
        site: Option<&str>,
        options: WriteOptions,
    ) -> Result<Vec<HostReassignment>> {
        refuse_condition(REASSIGN, &options)?;
        // always an administrator's
        let asked = Asked::new(REASSIGN, Effect::Write, true);
        let request = request(to, meetings, site)?;
        let reply = self.caller.success(&asked, request, Protection::Idempotent, &options).await?;
        outcomes(&asked, &reply, meetings)
    }
}

fn request(to: &EmailAddress, meetings: &[MeetingId], site: Option<&str>) -> Result<Request<Bytes>> {
    if meetings.is_empty() || meetings.len() > MOST {
        return Err(Error::invalid(REASSIGN, "1 to 100 meetings get another host at a time"));
    }
    let ids: Vec<&str> = meetings.iter().map(MeetingId::as_str).collect();
    let body = json!({ "hostEmail": to.original(), "meetingIds": ids });
    let mut request = post(&path(&["meetings", "reassignHost"], &[]), &body)?;
    if let Some(site) = site {
        let site =
            HeaderValue::from_str(site).map_err(|_| Error::invalid(REASSIGN, "the site is not fit for a header"))?;
        request.headers_mut().insert("siteUrl", site);
    }
    Ok(request)
}

/// 204: all. 207: each has a status of its own.
fn outcomes(asked: &Asked, reply: &Response<Bytes>, meetings: &[MeetingId]) -> Result<Vec<HostReassignment>> {
    if reply.status() != StatusCode::MULTI_STATUS {
        let done =
            |id: &MeetingId| HostReassignment { meeting: id.clone(), outcome: Ok(()), extra: ExtraMembers::default() };
        return Ok(meetings.iter().map(done).collect());
    }
    let items = items(asked, reply)?;
    let outcome = |id: &MeetingId| {
        let item = items.iter().find(|item| text(item, "meetingId").as_deref() == Some(id.as_str()));
        let mut members = Members::of(item.unwrap_or(&Value::Null));
        let status = members.parsed("httpStatus", |status| StatusCode::from_bytes(status.as_bytes()).ok());
        let outcome = match item.zip(status) {
            Some((_, status)) if status.is_success() => Ok(()),
            Some((item, status)) => Err(failure(asked, &alone(item, status), None)),
            None => Err(asked.unreadable(reply, "the answer does not say what became of the meeting")),
        };
        members.text("meetingId");
        HostReassignment { meeting: id.clone(), outcome, extra: members.left() }
    };
    Ok(meetings.iter().map(outcome).collect())
}

/// One item as if it were an answer: it has the same members as one.
fn alone(item: &Value, status: StatusCode) -> Response<Bytes> {
    let mut reply = Response::new(Bytes::from(item.to_string()));
    *reply.status_mut() = status;
    reply
}

#[cfg(test)]
mod tests {
    use invitations_core::{ErrorKind, RetryClass};

    use super::*;

    fn ids(names: &[&str]) -> Vec<MeetingId> {
        names.iter().map(|name| MeetingId::parse(name).unwrap()).collect()
    }

    fn grace() -> EmailAddress {
        EmailAddress::parse("grace@contoso.example").unwrap()
    }

    #[test]
    fn the_request_names_host_meetings_and_site() {
        let request = request(&grace(), &ids(&["a", "b"]), Some("contoso.webex.example")).unwrap();
        assert_eq!(request.uri().path(), "/v1/meetings/reassignHost");
        assert_eq!(request.headers()["siteUrl"], "contoso.webex.example");
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        assert_eq!(body, json!({ "hostEmail": "grace@contoso.example", "meetingIds": ["a", "b"] }));
        for bad in [Vec::new(), ids(&["a"; 101])] {
            assert!(super::request(&grace(), &bad, None).is_err());
        }
        assert!(super::request(&grace(), &ids(&["a"]), Some("a\nb")).is_err());
    }

    #[test]
    fn each_meeting_has_its_own_outcome() {
        let asked = Asked::new(REASSIGN, Effect::Write, true);
        let mut reply = Response::new(Bytes::from(
            json!({ "items": [
                { "meetingId": "a", "httpStatus": 200 },
                { "meetingId": "b", "httpStatus": 404, "message": "x", "errors": [{ "description": "The meeting is not found." }] },
                { "meetingId": "d", "httpStatus": "soon" },
            ]})
            .to_string(),
        ));
        *reply.status_mut() = StatusCode::MULTI_STATUS;
        let found = outcomes(&asked, &reply, &ids(&["b", "a", "c", "d"])).unwrap();
        let kinds: Vec<_> = found.iter().map(|one| one.outcome.as_ref().err().map(Error::kind)).collect();
        let unknown = Some(ErrorKind::Protocol);
        assert_eq!(kinds, [Some(ErrorKind::NotFound), None, unknown, unknown]);
        assert!(matches!(found[2].outcome.as_ref().unwrap_err().retry(), RetryClass::Unclear { .. }));
        let all = outcomes(&asked, &Response::builder().status(204).body(Bytes::new()).unwrap(), &ids(&["a"])).unwrap();
        assert!(all[0].outcome.is_ok());
    }
}
