use invitations_core::provider::{Lobby, MeetingSettings, Presenters};

use super::{
    options::{AttendeePrivileges, AudioOptions, MeetingFeatures, MeetingOptions},
    words::{EntryAndExitTone, JoinSecurity},
};

/// The settings that were chosen, in Webex's words; the others stay the site's or the meeting's.
///
/// Webex's lobby is about people who are not on the invitation, and phone callers share it, so
/// `dial_in_bypasses_lobby` has no effect of its own. How many minutes before the start attendees come in is no setting: a change leaves to
/// the host what the host has chosen.
pub(super) fn options(settings: &MeetingSettings) -> Result<MeetingOptions, &'static str> {
    let mut options = MeetingOptions::new();
    options.join_security = match settings.lobby {
        None => None,
        Some(Lobby::Open) => Some(JoinSecurity::AllowJoin),
        // Webex does not tell the organisation's people from others: who is not invited waits
        Some(Lobby::Organization | Lobby::Invited) => Some(JoinSecurity::AllowJoinWithLobby),
        Some(_) => return Err("Webex cannot make invited people wait in the lobby"),
    };
    options.join_before_host = settings.join_before_host;
    options.auto_record = settings.record;
    options.breakout_sessions = settings.breakout_sessions;
    options.features = settings.chat.map(|chat| MeetingFeatures::new().with_chat(chat));
    options.audio = settings.entry_sound.map(|sound| {
        AudioOptions::new().with_entry_and_exit_tone(if sound {
            EntryAndExitTone::Beep
        } else {
            EntryAndExitTone::NoTone
        })
    });
    let share = match settings.presenters {
        None => None,
        Some(Presenters::Everyone) => Some(true),
        Some(Presenters::Named | Presenters::OrganizerOnly) => Some(false),
        Some(_) => return Err("Webex cannot let only the organisation's people present"),
    };
    let mut privileges = AttendeePrivileges::new();
    privileges.share_content = share;
    (privileges.chat_host, privileges.chat_presenter, privileges.chat_others) =
        (settings.chat, settings.chat, settings.chat);
    options.privileges = Some(privileges).filter(|privileges| !privileges.is_empty());
    Ok(options)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn written(settings: &MeetingSettings) -> Value {
        Value::Object(options(settings).unwrap().members())
    }

    #[test]
    fn an_open_room_needs_no_host() {
        assert_eq!(
            written(&MeetingSettings::open_room()),
            json!({
                "unlockedMeetingJoinSecurity": "allowJoin",
                "enabledJoinBeforeHost": true,
                "meetingOptions": { "enabledChat": true },
                "attendeePrivileges": {
                    "enabledChatHost": true,
                    "enabledChatPresenter": true,
                    "enabledChatOtherParticipants": true,
                    "enabledShareContent": true,
                },
                "audioConnectionOptions": { "entryAndExitTone": "noTone" },
            })
        );
        assert_eq!(written(&MeetingSettings::default()), json!({}));
    }

    #[test]
    fn each_choice_is_written_on_its_own() {
        let none = MeetingSettings::default;
        for (change, expected) in [
            (
                (|s| s.lobby = Some(Lobby::Invited)) as fn(&mut MeetingSettings),
                json!({ "unlockedMeetingJoinSecurity": "allowJoinWithLobby" }),
            ),
            (|s| s.join_before_host = Some(true), json!({ "enabledJoinBeforeHost": true })),
            (|s| s.join_before_host = Some(false), json!({ "enabledJoinBeforeHost": false })),
            (|s| s.record = Some(true), json!({ "enabledAutoRecordMeeting": true })),
            (|s| s.breakout_sessions = Some(true), json!({ "enabledBreakoutSessions": true })),
            (
                |s| s.presenters = Some(Presenters::Named),
                json!({ "attendeePrivileges": { "enabledShareContent": false } }),
            ),
        ] {
            let mut settings = none();
            change(&mut settings);
            assert_eq!(written(&settings), expected);
        }
    }

    #[test]
    fn what_webex_cannot_do_is_refused() {
        for change in [(|s| s.lobby = Some(Lobby::OrganizerOnly)) as fn(&mut MeetingSettings), |s| {
            s.presenters = Some(Presenters::Organization)
        }] {
            let mut settings = MeetingSettings::default();
            change(&mut settings);
            assert!(options(&settings).is_err());
        }
    }
}
