use std::time::Duration;

use invitations_core::{people::EmailAddress, provider::Busy, time::TimeRange};

/// A question for times that suit everybody.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FindMeetingTimes {
    /// Everybody but the organizer.
    pub attendees: Vec<EmailAddress>,
    /// Only within this time, UTC.
    pub within: TimeRange,
    /// How long the meeting lasts, in whole minutes.
    pub duration: Duration,
    /// At most so many suggestions; Graph decides without.
    pub most: Option<u16>,
    /// Of how many attendees Graph must expect that they come, in percent (`minimumAttendeePercentage`, 50 without).
    pub least_attendance: Option<u8>,
    /// Whether the organizer need not have time.
    pub organizer_optional: bool,
    /// Whether times outside of working hours are suggested, too.
    pub any_hour: bool,
}

impl FindMeetingTimes {
    /// Times within working hours at which the organizer has time, and at least half of the attendees.
    pub fn new(
        attendees: impl IntoIterator<Item = EmailAddress>,
        within: impl Into<TimeRange>,
        duration: Duration,
    ) -> Self {
        Self {
            attendees: attendees.into_iter().collect(),
            within: within.into(),
            duration,
            most: None,
            least_attendance: None,
            organizer_optional: false,
            any_hour: false,
        }
    }

    /// At most so many suggestions.
    #[must_use]
    pub fn at_most(mut self, suggestions: u16) -> Self {
        self.most = Some(suggestions);
        self
    }

    /// So many percent of the attendees must be expected to come.
    #[must_use]
    pub fn with_least_attendance(mut self, percent: u8) -> Self {
        self.least_attendance = Some(percent);
        self
    }

    /// The organizer need not have time.
    #[must_use]
    pub fn without_organizer(mut self) -> Self {
        self.organizer_optional = true;
        self
    }

    /// Outside of working hours, too.
    #[must_use]
    pub fn at_any_hour(mut self) -> Self {
        self.any_hour = true;
        self
    }
}

/// What Graph suggests.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MeetingTimes {
    /// The suggestions, best first.
    pub suggestions: Vec<MeetingTime>,
    /// Why there is none; `None` when there is one.
    pub none_because: Option<NoMeetingTime>,
}

/// One suggested time.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MeetingTime {
    /// From when to when, UTC.
    pub time: TimeRange,
    /// How likely everybody comes, in percent; `None` when Graph does not tell.
    pub confidence: Option<f64>,
    /// How the organizer stands.
    pub organizer: Busy,
    /// How the others stand, those with a usable address.
    pub attendees: Vec<(EmailAddress, Busy)>,
}

/// Why there is no suggestion (`emptySuggestionsReason`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum NoMeetingTime {
    /// Not enough attendees have time, and the times of all are known.
    AttendeesUnavailable,
    /// Not enough attendees are known to have time; some have unknown times.
    AttendeesUnavailableOrUnknown,
    /// No room that is needed is free.
    LocationsUnavailable,
    /// The organizer has no time.
    OrganizerUnavailable,
    /// Graph does not say, or says something new.
    Unknown,
}
