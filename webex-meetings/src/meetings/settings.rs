use invitations_core::provider::{Lobby, MeetingSettings, Presenters};
use serde_json::{Map, Value, json};

/// The most minutes before the start that Webex lets attendees in without the host.
const EARLIEST_MINUTES: u8 = 15;

/// Writes the settings that were chosen; the others stay the site's or the meeting's.
///
/// Webex's lobby is about people who are not on the invitation, and phone callers share it, so
/// `dial_in_bypasses_lobby` has no effect of its own.
pub(super) fn write(settings: &MeetingSettings, body: &mut Map<String, Value>) -> Result<(), &'static str> {
    let mut set = |name: &str, value: Value| body.insert(name.to_owned(), value);
    match settings.lobby {
        None => {}
        Some(Lobby::Open) => drop(set("unlockedMeetingJoinSecurity", "allowJoin".into())),
        // Webex does not tell the organisation's people from others: who is not invited waits
        Some(Lobby::Organization | Lobby::Invited) => {
            drop(set("unlockedMeetingJoinSecurity", "allowJoinWithLobby".into()));
        }
        Some(_) => return Err("Webex cannot make invited people wait in the lobby"),
    }
    if let Some(early) = settings.join_before_host {
        set("enabledJoinBeforeHost", early.into());
        set("joinBeforeHostMinutes", if early { EARLIEST_MINUTES } else { 0 }.into());
    }
    if let Some(record) = settings.record {
        set("enabledAutoRecordMeeting", record.into());
    }
    if let Some(chat) = settings.chat {
        set("meetingOptions", json!({ "enabledChat": chat }));
        set(
            "attendeePrivileges",
            json!({ "enabledChatHost": chat, "enabledChatPresenter": chat, "enabledChatOtherParticipants": chat }),
        );
    }
    if let Some(sound) = settings.entry_sound {
        set("audioConnectionOptions", json!({ "entryAndExitTone": if sound { "beep" } else { "noTone" } }));
    }
    let share = match settings.presenters {
        None => return Ok(()),
        Some(Presenters::Everyone) => true,
        Some(Presenters::Named | Presenters::OrganizerOnly) => false,
        Some(_) => return Err("Webex cannot let only the organisation's people present"),
    };
    let privileges = body.entry("attendeePrivileges").or_insert_with(|| json!({}));
    privileges["enabledShareContent"] = share.into();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(settings: &MeetingSettings) -> Value {
        let mut body = Map::new();
        write(settings, &mut body).unwrap();
        Value::Object(body)
    }

    #[test]
    fn an_open_room_needs_no_host() {
        assert_eq!(
            written(&MeetingSettings::open_room()),
            json!({
                "unlockedMeetingJoinSecurity": "allowJoin",
                "enabledJoinBeforeHost": true,
                "joinBeforeHostMinutes": 15,
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
            (
                |s| s.join_before_host = Some(false),
                json!({ "enabledJoinBeforeHost": false, "joinBeforeHostMinutes": 0 }),
            ),
            (|s| s.record = Some(true), json!({ "enabledAutoRecordMeeting": true })),
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
            assert!(write(&settings, &mut Map::new()).is_err());
        }
    }
}
