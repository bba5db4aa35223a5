use async_trait::async_trait;
use bytes::Bytes;
use http::Response;
use invitations_core::{
    Error, ErrorKind, Remedy, Result, RetryClass,
    people::EmailAddress,
    provider::{Availability, AvailabilityProvider},
    time::TimeRange,
};

use super::{FindMeetingTimes, MeetingTimes, schedule, suggestions};
use crate::{client::Session, errors::Resource};

/// Free and busy times of people in the directory, asked for by one mailbox; and times that suit them.
///
/// Graph tells times in steps of five minutes: a meeting takes the whole of each step that it touches. Who works elsewhere is
/// [`Tentative`](invitations_core::provider::Busy::Tentative), who is out of office is
/// [`Busy`](invitations_core::provider::Busy::Busy). Somebody Graph cannot tell about, for whatever reason, is
/// [`Unknown`](invitations_core::provider::Busy::Unknown).
///
/// A long window and many people are several requests, one after the other. Personal Microsoft accounts are not supported by Graph.
#[derive(Clone, Debug)]
pub struct OutlookAvailability {
    session: Session,
}

impl OutlookAvailability {
    pub(crate) fn new(session: Session) -> Self {
        Self { session }
    }

    /// Times that suit the organizer (the user whose tokens these are) and the others, best first. Graph looks at working hours,
    /// too, unless [any hour](FindMeetingTimes::at_any_hour) is asked for.
    ///
    /// No time is no error: [`MeetingTimes::none_because`] says why.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported) for an application's own tokens and for personal accounts,
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a question without sense; both before any I/O.
    pub async fn find_meeting_times(&self, question: &FindMeetingTimes) -> Result<MeetingTimes> {
        let operation = "find meeting times";
        self.check_account(operation)?;
        if !self.session.is_delegated() {
            return Err(Error::new(ErrorKind::Unsupported, operation)
                .with_provider(crate::provider_id())
                .with_detail("Graph suggests times to signed-in users only")
                .with_remedy(Remedy::new("Use a user's own consent, or compare free and busy times (availability).")));
        }
        let request = suggestions::request(operation, &self.session.owner, question)?;
        let reply = self.ask(operation, request).await?;
        suggestions::read(operation, &reply)
    }

    fn check_account(&self, operation: &'static str) -> Result<()> {
        if !self.session.is_personal {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Unsupported, operation)
            .with_provider(crate::provider_id())
            .with_detail("personal Microsoft accounts have no free and busy times of others")
            .with_remedy(Remedy::new("Connect a work or school account.")))
    }

    /// A question that Graph wants posted. It changes nothing, so it may always be sent again.
    async fn ask(&self, operation: &'static str, request: http::Request<Bytes>) -> Result<Response<Bytes>> {
        self.session.read(operation, Resource::Events, request).await.map_err(|error| match error.retry() {
            RetryClass::Unclear { after } => error.with_retry(RetryClass::Safe { after }),
            _ => error,
        })
    }
}

#[async_trait]
impl AvailabilityProvider for OutlookAvailability {
    async fn availability(&self, who: &[EmailAddress], within: TimeRange) -> Result<Vec<Availability>> {
        let operation = "read availability";
        self.check_account(operation)?;
        let windows = schedule::windows(operation, within)?;
        let mut gathered = schedule::Gathered::new(who);
        for people in gathered.batches() {
            for window in &windows {
                let request = schedule::request(&self.session.owner, &people, *window)?;
                let reply = self.ask(operation, request).await?;
                gathered.add(*window, schedule::read(operation, &reply)?);
            }
        }
        Ok(gathered.finish(who, within))
    }
}
