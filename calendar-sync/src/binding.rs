use invitations_core::{
    ids::{BindingId, CalendarId},
    provider::Account,
};

/// One calendar kept true from one source.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Binding {
    /// Its id; part of every event's key, so it must not change.
    pub id: BindingId,
    /// Whose calendar, and who writes to it.
    pub account: Account,
    /// Which calendar.
    pub calendar: CalendarId,
}

impl Binding {
    /// A binding.
    pub fn new(id: BindingId, account: Account, calendar: CalendarId) -> Self {
        Self { id, account, calendar }
    }
}

/// What becomes of the events when a binding ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Disconnect {
    /// They stay in the calendar, as the user's.
    Keep,
    /// They are deleted.
    Purge,
}
