use super::OutlookEvent;
use invitations_core::{Error, Remedy};

/// An event as it was written, and what became of the rest that was asked for.
#[derive(Debug)]
#[non_exhaustive]
pub struct WrittenEvent {
    /// The event.
    pub event: OutlookEvent,
    /// The online meeting.
    pub meeting: AskedMeeting,
    /// The categories, in the order in which they were said.
    pub categories: Vec<WrittenCategory>,
}

/// What became of the wish for an online meeting.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum AskedMeeting {
    /// Nobody asked.
    NotAsked,
    /// There is a link to join.
    Made,
    /// It is being made: read the event again for its link.
    Pending,
    /// Outlook left it out in silence, because the mailbox or the calendar has no Teams (trap 12): see
    /// [`allows_teams`](super::OutlookCalendar::allows_teams).
    LeftOut,
}

impl AskedMeeting {
    pub(crate) fn of(asked: bool, event: &OutlookEvent) -> Self {
        match (asked, event.join_url().is_some(), event.is_online_meeting) {
            (false, _, _) => Self::NotAsked,
            (true, true, _) => Self::Made,
            (true, false, true) => Self::Pending,
            (true, false, false) => {
                tracing::warn!(event = %event.id, "the event was written without its online meeting: does the mailbox have Teams?");
                Self::LeftOut
            }
        }
    }
}

/// A category of a written event. The name stands in the event in any case.
#[derive(Debug)]
#[non_exhaustive]
pub struct WrittenCategory {
    /// Its name.
    pub name: String,
    /// What became of its colour.
    pub outcome: CategoryOutcome,
}

/// What became of a category's colour.
#[derive(Debug)]
#[non_exhaustive]
pub enum CategoryOutcome {
    /// No colour was asked for.
    NotAsked,
    /// The mailbox's list had the category already; its colour is what it was.
    Listed,
    /// It was added to the mailbox's list with the colour.
    Added,
    /// The name only, for this reason: mostly a missing permission (`MailboxSettings.ReadWrite`).
    NameOnly(Error),
}

impl WrittenEvent {
    /// What a person should do about what was left out; `None` when everything is there.
    pub fn remedy(&self) -> Option<Remedy> {
        if self.meeting == AskedMeeting::LeftOut {
            return Some(Remedy::new("Give the mailbox Teams, or choose a calendar that allows its meetings."));
        }
        self.categories.iter().find_map(|category| match &category.outcome {
            CategoryOutcome::NameOnly(error) => error.remedy().cloned(),
            _ => None,
        })
    }
}
