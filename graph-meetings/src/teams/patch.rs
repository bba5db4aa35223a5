use invitations_core::{people::Attendee, provider::MeetingPatch, time::Slot};

use super::options::MeetingOptions;

/// A change of a Teams meeting in Teams' own words; what is not said stays. The organizer cannot be changed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct TeamsPatch {
    /// A new title.
    pub subject: Option<String>,
    /// A new time: start and end are sent together (trap 5 of Graph: one alone is refused).
    pub slot: Option<Slot>,
    /// The whole list of attendees. Who is not in it is no longer listed; online meetings have no versions, so a list that somebody
    /// else wrote meanwhile is lost.
    pub attendees: Option<Vec<Attendee>>,
    /// What is to be set.
    pub options: MeetingOptions,
}

impl TeamsPatch {
    /// Changes nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a new title.
    #[must_use]
    pub fn with_subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Sets a new time.
    #[must_use]
    pub fn with_slot(mut self, slot: impl Into<Slot>) -> Self {
        self.slot = Some(slot.into());
        self
    }

    /// Sets the whole list of attendees.
    #[must_use]
    pub fn with_attendees(mut self, attendees: impl IntoIterator<Item = Attendee>) -> Self {
        self.attendees = Some(attendees.into_iter().collect());
        self
    }

    /// Sets options.
    #[must_use]
    pub fn with_options(mut self, options: MeetingOptions) -> Self {
        self.options = options;
        self
    }

    /// Whether Graph takes all of this while the meeting is running.
    pub fn changes_while_running(&self) -> bool {
        self.subject.is_none()
            && self.slot.is_none()
            && self.attendees.is_none()
            && self.options.changes_while_running()
    }
}

impl TryFrom<&MeetingPatch> for TeamsPatch {
    type Error = invitations_core::Error;

    fn try_from(patch: &MeetingPatch) -> Result<Self, Self::Error> {
        let (subject, slot) = (patch.subject.clone(), patch.slot.clone());
        Ok(Self { subject, slot, attendees: None, options: MeetingOptions::try_from(&patch.settings)? })
    }
}
