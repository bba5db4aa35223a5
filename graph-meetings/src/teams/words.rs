//! Graph's enums of a meeting. They grow: what is not known here is kept as it was said, and written back unchanged (traps 6 and 7).

use invitations_core::{Error, Result};
use serde_json::Value;

use crate::wire::words::{Word, is_hidden, words};

/// A value that has a form on the wire.
pub(super) trait Wire: Sized {
    /// As it is written.
    fn to_wire(&self) -> Result<Value>;
    /// As it was read; `None` for what has another form.
    fn from_wire(value: &Value) -> Option<Self>;
}

impl<T: Word> Wire for T {
    fn to_wire(&self) -> Result<Value> {
        if is_hidden(self.word()) {
            return Err(Error::invalid("write meeting settings", "a value that Graph hid cannot be written back"));
        }
        Ok(self.word().into())
    }

    fn from_wire(value: &Value) -> Option<Self> {
        value.as_str().map(Self::from)
    }
}

words! {
    /// Who comes in without waiting (`lobbyBypassScope`).
    LobbyScope {
        /// The organizer only.
        Organizer = "organizer",
        /// People of the organizer's directory, guests included.
        Organization = "organization",
        /// The same, and people of trusted organisations.
        OrganizationAndFederated = "organizationAndFederated",
        /// Everyone.
        Everyone = "everyone",
        /// People who were invited.
        Invited = "invited",
        /// People of the organizer's directory without its guests.
        OrganizationExcludingGuests = "organizationExcludingGuests",
    }
    /// Who may present (`onlineMeetingPresenters`).
    AllowedPresenters {
        /// Everyone.
        Everyone = "everyone",
        /// People of the organizer's directory.
        Organization = "organization",
        /// Attendees whose role says so; the list of attendees has to be whole.
        RoleIsPresenter = "roleIsPresenter",
        /// The organizer only.
        Organizer = "organizer",
    }
    /// Whether there is a chat (`meetingChatMode`).
    ChatMode {
        /// Before, during and after the meeting.
        Enabled = "enabled",
        /// Never.
        Disabled = "disabled",
        /// During the meeting only.
        Limited = "limited",
    }
    /// How much of the chat somebody sees who is added later (`meetingChatHistoryDefaultMode`).
    ChatHistory {
        /// Nothing.
        None = "none",
        /// Everything.
        All = "all",
    }
    /// Who lets people in from the lobby (`allowedLobbyAdmitterRoles`).
    LobbyAdmitters {
        /// The organizer, co-organizers and presenters.
        OrganizerAndCoOrganizersAndPresenters = "organizerAndCoOrganizersAndPresenters",
        /// The organizer and co-organizers.
        OrganizerAndCoOrganizers = "organizerAndCoOrganizers",
    }
    /// Whether apps may be used together (`meetingLiveShareOptions`).
    LiveShare {
        /// Yes.
        Enabled = "enabled",
        /// No.
        Disabled = "disabled",
    }
    /// What somebody may do (`onlineMeetingRole`).
    MeetingRole {
        /// Takes part.
        Attendee = "attendee",
        /// May present.
        Presenter = "presenter",
        /// Produces a broadcast.
        Producer = "producer",
        /// May do what the organizer may.
        CoOrganizer = "coorganizer",
    }
    /// How a meeting came to be (`onlineMeetingType`).
    MeetingType {
        /// Without a plan.
        AdHoc = "adhoc",
        /// Planned once.
        Scheduled = "scheduled",
        /// A series.
        Recurring = "recurring",
        /// A broadcast.
        Broadcast = "broadcast",
        /// Begun at once.
        MeetNow = "meetnow",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trap_07_words_are_read_in_any_case_and_unknown_ones_are_kept() {
        for word in ["everyone", "Everyone", "EVERYONE"] {
            assert_eq!(LobbyScope::from(word), LobbyScope::Everyone);
        }
        assert_eq!(MeetingRole::from("CoOrganizer"), MeetingRole::CoOrganizer);
        let later = LobbyScope::from("peopleOnTheMoon");
        assert_eq!(later, LobbyScope::Unknown("peopleOnTheMoon".to_owned()));
        assert_eq!(later.to_wire().unwrap(), "peopleOnTheMoon");
        assert_eq!(LobbyScope::from_wire(&Value::from(7)), None);
    }

    #[test]
    fn trap_06_a_hidden_word_is_never_written_back() {
        let hidden = ChatMode::from("UnknownFutureValue");
        assert_eq!(hidden.to_wire().unwrap_err().kind(), invitations_core::ErrorKind::InvalidInput);
    }
}
