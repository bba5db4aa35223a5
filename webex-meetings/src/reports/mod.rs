//! Webex's report of who attended.

mod entry;
mod request;

use invitations_core::{
    Result,
    ids::{MeetingId, PageToken},
    provider::Page,
    time::TimeRange,
};

pub use entry::{AttendeeReportEntry, ParticipantType};

use crate::{
    WebexMeetings,
    resource::{Resource, Scopes},
};

const SCOPES: Scopes =
    Scopes { user: "meeting:participants_read and meeting:schedules_read", administrator: "meeting:admin_config_read" };

/// Which meeting a report is about.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ReportedMeeting {
    /// A series, or an instance that has ended.
    Id(MeetingId),
    /// All meetings with this number, digits only.
    Number(String),
    /// All meetings with this title.
    Title(String),
}

/// Which report.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct AttendeeReportQuery {
    /// The site that had the meetings. Required by Webex: [`WebexMeetings::sites`] lists those of the account.
    pub site: String,
    /// When the meetings took place: 30 days at most, of the last 90.
    pub held: TimeRange,
    /// Which meetings; all of the account's unless set.
    pub meeting: Option<ReportedMeeting>,
}

impl AttendeeReportQuery {
    /// All meetings of this window.
    pub fn new(site: impl Into<String>, held: impl Into<TimeRange>) -> Self {
        Self { site: site.into(), held: held.into(), meeting: None }
    }

    /// Sets which meetings.
    #[must_use]
    pub fn with_meeting(mut self, meeting: ReportedMeeting) -> Self {
        self.meeting = Some(meeting);
        self
    }
}

impl WebexMeetings {
    /// One page of the report of who attended: one entry per person and stay, of meetings that are over.
    ///
    /// # Errors
    /// [`InvalidInput`](invitations_core::ErrorKind::InvalidInput) for a window that is empty, longer than 30 days or begins more than 90
    /// days ago, before anything is sent; [`PermissionDenied`](invitations_core::ErrorKind::PermissionDenied) without its scopes;
    /// [`Unsupported`](invitations_core::ErrorKind::Unsupported) for an account that acts for its host: the report names no host.
    pub async fn attendee_report_page(
        &self,
        query: &AttendeeReportQuery,
        place: Option<&PageToken>,
    ) -> Result<Page<AttendeeReportEntry>> {
        let first = request::attendees(query, self.caller.now())?;
        self.reports()?.page(request::REPORT, first, place, AttendeeReportEntry::read).await
    }

    /// The whole report, over all pages.
    ///
    /// # Errors
    /// As [`attendee_report_page`](Self::attendee_report_page).
    pub async fn attendee_report(&self, query: &AttendeeReportQuery) -> Result<Vec<AttendeeReportEntry>> {
        let first = request::attendees(query, self.caller.now())?;
        self.reports()?.all(request::REPORT, first, AttendeeReportEntry::read).await
    }

    fn reports(&self) -> Result<Resource> {
        let resource = Resource::new(self.caller.clone(), SCOPES);
        // an administrator's report would be the organisation's, not the host's
        resource.refuse_for_other(request::REPORT)?;
        Ok(resource)
    }
}
