use invitations_core::{ids::MeetingId, time::TimeRange};

use super::{RecordingFormat, RecordingService, RecordingStatus};

/// Which recordings. The window is said always: left alone, Webex looks at the last seven days.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct RecordingQuery {
    /// When they were made.
    pub made: TimeRange,
    /// Of which meeting: a series, an occurrence or an instance.
    pub meeting: Option<MeetingId>,
    /// On which site; all of the account's unless set.
    pub site: Option<String>,
    /// Of meetings that this client has given this tag: a meeting's key.
    pub integration_tag: Option<String>,
    /// With this in their topic.
    pub topic: Option<String>,
    /// In this format; [`RecordingFormat::Mp4`] or [`RecordingFormat::Arf`].
    pub format: Option<RecordingFormat>,
    /// Of this service.
    pub service: Option<RecordingService>,
    /// In this state; available ones unless set.
    pub status: Option<RecordingStatus>,
}

impl RecordingQuery {
    /// All available recordings made in this window.
    pub fn new(made: impl Into<TimeRange>) -> Self {
        Self {
            made: made.into(),
            meeting: None,
            site: None,
            integration_tag: None,
            topic: None,
            format: None,
            service: None,
            status: None,
        }
    }

    /// Sets the meeting.
    #[must_use]
    pub fn with_meeting(mut self, meeting: MeetingId) -> Self {
        self.meeting = Some(meeting);
        self
    }

    /// Sets the site.
    #[must_use]
    pub fn with_site(mut self, site: impl Into<String>) -> Self {
        self.site = Some(site.into());
        self
    }

    /// Sets the tag.
    #[must_use]
    pub fn with_integration_tag(mut self, tag: impl Into<String>) -> Self {
        self.integration_tag = Some(tag.into());
        self
    }

    /// Sets what the topic holds.
    #[must_use]
    pub fn with_topic(mut self, topic: impl Into<String>) -> Self {
        self.topic = Some(topic.into());
        self
    }

    /// Sets the format.
    #[must_use]
    pub fn with_format(mut self, format: RecordingFormat) -> Self {
        self.format = Some(format);
        self
    }

    /// Sets the service.
    #[must_use]
    pub fn with_service(mut self, service: RecordingService) -> Self {
        self.service = Some(service);
        self
    }

    /// Sets the state.
    #[must_use]
    pub fn with_status(mut self, status: RecordingStatus) -> Self {
        self.status = Some(status);
        self
    }
}

/// Why a recording is removed. Compliance officers have to say it; hosts need not.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct DeleteReason {
    /// In a word: `audit`.
    pub reason: Option<String>,
    /// In a sentence, 255 characters at most.
    pub comment: Option<String>,
}

impl DeleteReason {
    /// Nothing is said.
    pub fn none() -> Self {
        Self::default()
    }

    /// For this reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), comment: None }
    }

    /// Sets the comment.
    #[must_use]
    pub fn with_comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }
}
