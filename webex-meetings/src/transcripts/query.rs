use invitations_core::{ids::MeetingId, time::TimeRange};

/// Which transcripts. The window is said always: left alone, Webex looks at the last seven days.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct TranscriptQuery {
    /// When their meetings took place.
    pub held: TimeRange,
    /// Of which instance (`…_I_…`) of a meeting, one that has ended. Webex takes no other id here.
    pub instance: Option<MeetingId>,
    /// On which site; the account's preferred one unless set.
    pub site: Option<String>,
}

impl TranscriptQuery {
    /// All transcripts of meetings in this window.
    pub fn new(held: impl Into<TimeRange>) -> Self {
        Self { held: held.into(), instance: None, site: None }
    }

    /// Sets the instance.
    #[must_use]
    pub fn with_instance(mut self, instance: MeetingId) -> Self {
        self.instance = Some(instance);
        self
    }

    /// Sets the site.
    #[must_use]
    pub fn with_site(mut self, site: impl Into<String>) -> Self {
        self.site = Some(site.into());
        self
    }
}
