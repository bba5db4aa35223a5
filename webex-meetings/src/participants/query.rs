use chrono::{DateTime, TimeDelta, Utc};
use invitations_core::time::TimeRange;

/// The longest window of joining that Webex takes (`GET /meetingParticipants`).
const LONGEST: TimeDelta = TimeDelta::days(90);
/// What joins while the request is on its way is in the window, too; and clocks differ.
const AHEAD: TimeDelta = TimeDelta::hours(1);

/// Which participants.
///
/// Left alone, Webex looks at meetings that started within a month and at people who joined within seven days. Here it is 90 days
/// unless set: a lesson of last month had people in it, too.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ParticipantQuery {
    /// When the meeting started. Of a series, its last instance in the window counts; an instance's own id needs none.
    pub started: Option<TimeRange>,
    /// When they joined; 90 days at most.
    pub joined: Option<TimeRange>,
    /// In which breakout session; ended meetings only.
    pub breakout_session: Option<String>,
}

impl ParticipantQuery {
    /// Everybody of the last 90 days.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets when the meeting started.
    #[must_use]
    pub fn with_started(mut self, started: TimeRange) -> Self {
        self.started = Some(started);
        self
    }

    /// Sets when they joined.
    #[must_use]
    pub fn with_joined(mut self, joined: TimeRange) -> Self {
        self.joined = Some(joined);
        self
    }

    /// Sets the breakout session.
    #[must_use]
    pub fn with_breakout_session(mut self, id: impl Into<String>) -> Self {
        self.breakout_session = Some(id.into());
        self
    }

    /// Both windows, checked: when the meeting started, when they joined.
    pub(super) fn windows(&self, now: DateTime<Utc>) -> Result<(TimeRange, TimeRange), &'static str> {
        let until = now.checked_add_signed(AHEAD).unwrap_or(now);
        let usual = TimeRange::new(until.checked_sub_signed(LONGEST).unwrap_or(until), until);
        let (started, joined) = (self.started.unwrap_or(usual), self.joined.unwrap_or(usual));
        if started.is_empty() || joined.is_empty() {
            return Err("a window is empty");
        }
        if joined.until - joined.from > LONGEST {
            return Err("the window of joining is longer than 90 days");
        }
        Ok((started, joined))
    }
}
