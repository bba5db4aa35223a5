//! The online meeting behind an event: found by its join link, as the organizer. Options are set there and nowhere else.

use std::time::{Duration, Instant};

use invitations_core::{
    Error, ErrorKind, Remedy, Result, RetryClass,
    people::Attendee,
    provider::{Resend, WriteOptions},
    secret::JoinUrl,
};
use meetings_http::Protection;

use super::{decode, meeting::TeamsMeeting, options::MeetingOptions, request};
use crate::{
    client::{Budget, Session},
    errors::Resource,
};

/// The first wait for what is not readable yet; it doubles, up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(8);

/// Waits that grow, until patience or the caller's budget ends.
pub(super) struct Patience<'a> {
    session: &'a Session,
    budget: &'a Budget,
    until: Option<Instant>,
    next: Duration,
}

impl<'a> Patience<'a> {
    pub(super) fn new(session: &'a Session, budget: &'a Budget, patience: Duration) -> Self {
        let until = session.graph.clock().instant().checked_add(patience);
        Self { session, budget, until, next: FIRST_WAIT }
    }

    /// Waits once; false when there is no time left for it.
    pub(super) async fn wait(&mut self) -> bool {
        let clock = self.session.graph.clock();
        let after = clock.instant().checked_add(self.next);
        let past = |end: Option<Instant>| end.is_some_and(|end| after.is_none_or(|after| after > end));
        if past(self.until) || past(self.budget.until()) {
            return false;
        }
        clock.sleep(self.next).await;
        self.next = self.next.saturating_mul(2).min(LONGEST_WAIT);
        true
    }

    pub(super) fn options(&self, operation: &'static str) -> Result<WriteOptions> {
        self.budget.options(&self.session.graph, operation)
    }
}

/// What was not there when there was no time left. It may be there the next moment.
pub(super) fn not_yet(operation: &'static str, detail: &'static str) -> Error {
    Error::new(ErrorKind::Unavailable, operation)
        .with_provider(crate::provider_id())
        .with_detail(detail)
        .with_retry(RetryClass::Unclear { after: Some(LONGEST_WAIT) })
        .with_remedy(Remedy::new("Ask again with the same key in a minute; it goes on where it stopped."))
}

/// The meeting behind a link. It may take moments until it can be read, and right after the access policy was granted Teams answers
/// 400 for a while (trap 3).
pub(super) async fn find(
    operation: &'static str,
    session: &Session,
    url: &JoinUrl,
    patience: &mut Patience<'_>,
) -> Result<TeamsMeeting> {
    loop {
        let options = patience.options(operation)?.with_resend(Resend::Pipeline);
        let ask = request::find_by_join_url(&session.owner, url)?;
        let sent = session.read_within(operation, Resource::Meetings, ask, &options).await;
        let refused = match sent.and_then(|reply| decode::found(operation, &reply)) {
            Ok(Some(meeting)) => return Ok(meeting),
            Ok(None) => None,
            Err(error) if matches!(error.status(), Some(400 | 404)) => Some(error),
            Err(error) => return Err(error),
        };
        if !patience.wait().await {
            let late = || not_yet(operation, "the meeting behind the event cannot be read yet");
            return Err(refused.filter(|error| error.status() == Some(400)).unwrap_or_else(late));
        }
    }
}

/// Sets options, and lists the attendees for their roles, on the meeting behind a link.
pub(super) async fn apply(
    operation: &'static str,
    session: &Session,
    url: &JoinUrl,
    options: &MeetingOptions,
    listed: Option<&[Attendee]>,
    patience: &mut Patience<'_>,
) -> Result<()> {
    let session = session.graph.organizers().resolved(session, &patience.options(operation)?).await?;
    loop {
        let meeting = find(operation, &session, url, patience).await?;
        let (people, lists) = (listed.unwrap_or_default(), listed.is_some());
        let Some(settle) = request::settle(&session.owner, &meeting.id, options, people, lists)? else { return Ok(()) };
        let write = patience.options(operation)?;
        let sent = session.send(operation, Resource::Meetings, settle, Protection::Idempotent, &write).await;
        match sent {
            Ok(_) => return Ok(()),
            // found by one server and not there yet for the next
            Err(error) if error.status() == Some(404) => {
                if !patience.wait().await {
                    return Err(not_yet(operation, "the meeting behind the event cannot be changed yet"));
                }
            }
            Err(error) => return Err(error),
        }
    }
}
