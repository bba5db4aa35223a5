//! Webex's enums of a meeting.

use crate::wire::{value::wire_words, words};

words! {
    /// What an id stands for (`meetingType`).
    MeetingType {
        /// A planned meeting, whether it repeats or not.
        MeetingSeries = "meetingSeries",
        /// One occurrence of a series.
        ScheduledMeeting = "scheduledMeeting",
        /// One that takes or took place: an instance. It comes into being when it starts.
        Meeting = "meeting",
    }

    /// Where it stands (`state`). Which states there are depends on the [`MeetingType`].
    MeetingState {
        /// Series: something is still to come.
        Active = "active",
        /// Occurrence: is to come.
        Scheduled = "scheduled",
        /// Occurrence: the next one, it can be started. The first one is from the beginning.
        Ready = "ready",
        /// Instance: people wait, the host is not there.
        Lobby = "lobby",
        /// Instance: is under way.
        InProgress = "inProgress",
        /// Instance and occurrence: is over.
        Ended = "ended",
        /// Occurrence: was never started.
        Missed = "missed",
        /// Series: nothing is to come.
        Expired = "expired",
    }

    /// What the meeting is made for (`scheduledType`).
    ScheduledType {
        /// A meeting.
        Meeting = "meeting",
        /// A webinar.
        Webinar = "webinar",
        /// One in the host's personal room.
        PersonalRoomMeeting = "personalRoomMeeting",
    }

    /// What happens to people who are not invited, while the meeting is not locked (`unlockedMeetingJoinSecurity`).
    JoinSecurity {
        /// They come in.
        AllowJoin = "allowJoin",
        /// They wait in the lobby.
        AllowJoinWithLobby = "allowJoinWithLobby",
        /// They stay outside.
        BlockFromJoin = "blockFromJoin",
    }

    /// Who takes notes (`noteType`).
    NoteType {
        /// Everybody.
        AllowAll = "allowAll",
        /// One person.
        AllowOne = "allowOne",
    }

    /// How people hear and speak (`audioConnectionType`).
    AudioConnectionType {
        /// Webex's, by computer and by phone.
        WebexAudio = "webexAudio",
        /// By computer only.
        VoIp = "VoIP",
        /// Another service's.
        Other = "other",
        /// None.
        None = "none",
    }

    /// What is heard when somebody comes or goes (`entryAndExitTone`).
    EntryAndExitTone {
        /// A sound.
        Beep = "beep",
        /// The name.
        AnnounceName = "announceName",
        /// Nothing.
        NoTone = "noTone",
    }
}

wire_words!(MeetingType, MeetingState, ScheduledType, JoinSecurity, NoteType, AudioConnectionType, EntryAndExitTone,);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_in_any_case_and_unknown_ones_are_kept() {
        assert_eq!(MeetingState::from("INPROGRESS"), MeetingState::InProgress);
        let later = JoinSecurity::from("allowOnTheMoon");
        assert_eq!((later.as_str(), &later), ("allowOnTheMoon", &JoinSecurity::Unknown("allowOnTheMoon".to_owned())));
    }
}
