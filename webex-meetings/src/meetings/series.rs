//! The occurrences and instances of a series.

use bytes::Bytes;
use chrono::Months;
use http::Response;
use invitations_core::{Error, ErrorKind, Remedy, Result, ids::MeetingId, provider::WriteOptions, time::TimeRange};

use meetings_http::Protection;

use super::{
    change::TimeChange, decode, filter::MeetingFilter, handle::WebexMeetings, meeting::WebexMeeting, recurrence,
    request, words::MeetingType,
};
use crate::errors::Effect;

/// Stands in the ids of occurrences and instances (`<series>_20191101T120000Z`), never in those of series.
const OF_A_SERIES: char = '_';

impl WebexMeetings {
    /// The occurrences of a series in a window, all pages of them. Each can be read, changed and deleted by its own id.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) when there is no such series.
    pub async fn occurrences(&self, series: &MeetingId, within: TimeRange) -> Result<Vec<WebexMeeting>> {
        self.all(&MeetingFilter::of_series(series.clone(), within), &WriteOptions::new()).await
    }

    /// The instances of a series in a window: each time that it took or takes place. One that has ended shows its details about 15
    /// minutes later.
    ///
    /// # Errors
    /// As [`occurrences`](Self::occurrences).
    pub async fn instances(&self, series: &MeetingId, within: TimeRange) -> Result<Vec<WebexMeeting>> {
        let filter = MeetingFilter::of_series(series.clone(), within).with_meeting_type(MeetingType::Meeting);
        self.all(&filter, &WriteOptions::new()).await
    }

    async fn all(&self, filter: &MeetingFilter, options: &WriteOptions) -> Result<Vec<WebexMeeting>> {
        let asked = self.caller.asked("list occurrences", Effect::Read);
        let first = request::filtered(filter, self.caller.host())?;
        let mut found: Vec<WebexMeeting> = Vec::new();
        let read = |reply: &Response<Bytes>| {
            for meeting in decode::listed(&asked, reply)? {
                if found.iter().all(|known| known.id != meeting.id) {
                    found.push(meeting);
                }
            }
            Ok(())
        };
        self.caller.pages(&asked, first, options, read).await?;
        Ok(found)
    }

    /// A series is not moved to a time that does for single meetings only. Which of both it is, is asked only where it makes a difference.
    pub(super) async fn refuse_unfit(&self, id: &MeetingId, when: &TimeChange, options: &WriteOptions) -> Result<()> {
        let TimeChange::Slot(slot) = when else { return Ok(()) };
        let Err(why) = recurrence::unfit(slot) else { return Ok(()) };
        if id.as_str().contains(OF_A_SERIES) {
            return Ok(());
        }
        let asked = self.caller.asked(request::UPDATE, Effect::Read);
        let request = request::read(id, Some(false), self.caller.host())?;
        let reply = self.caller.success(&asked, request, Protection::Idempotent, options).await?;
        match decode::whole(&asked, &reply)?.recurrence {
            Some(_) => Err(request::unfit(request::UPDATE, why)),
            None => Ok(()),
        }
    }

    /// Nothing is moved while occurrences stand apart that Webex would cancel with it. Somebody may change one meanwhile; Webex has
    /// nothing to close that gap with.
    pub(super) async fn refuse_modified(&self, id: &MeetingId, options: &WriteOptions) -> Result<()> {
        if id.as_str().contains(OF_A_SERIES) {
            return Ok(());
        }
        let now = self.caller.now();
        let farthest = now.checked_add_months(Months::new(240)).unwrap_or(now);
        let filter = MeetingFilter::of_series(id.clone(), TimeRange::new(now, farthest)).with_modified(true);
        let modified = self.all(&filter, options).await?;
        if modified.iter().all(|occurrence| occurrence.is_modified == Some(false)) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Conflict, request::UPDATE)
            .with_provider(crate::provider_id())
            .with_detail("the series has occurrences that were changed on their own, and Webex would cancel them")
            .with_remedy(Remedy::new(
                "Say MeetingChange::cancelling_modified_occurrences if they may go, or change the other occurrences one by one.",
            )))
    }
}
