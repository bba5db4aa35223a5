use invitations_core::{
    Error, ErrorKind, Result,
    provider::{Lobby, MeetingSettings, Presenters},
};
use serde_json::{Map, Value, json};

/// The members of an `onlineMeeting` that the settings name; empty when they name none.
///
/// `join_before_host` has no member of its own: Teams lets in whom the lobby lets in.
pub(crate) fn members(settings: &MeetingSettings) -> Result<Map<String, Value>> {
    let mut members = Map::new();
    let mut lobby = Map::new();
    if let Some(who) = settings.lobby {
        lobby.insert("scope".to_owned(), scope(who)?.into());
    }
    if let Some(bypass) = settings.dial_in_bypasses_lobby {
        lobby.insert("isDialInBypassEnabled".to_owned(), bypass.into());
    }
    if !lobby.is_empty() {
        members.insert("lobbyBypassSettings".to_owned(), lobby.into());
    }
    if let Some(who) = settings.presenters {
        members.insert("allowedPresenters".to_owned(), presenters(who)?.into());
    }
    if let Some(chat) = settings.chat {
        members.insert("allowMeetingChat".to_owned(), json!(if chat { "enabled" } else { "disabled" }));
    }
    if let Some(sound) = settings.entry_sound {
        members.insert("isEntryExitAnnounced".to_owned(), sound.into());
    }
    if let Some(record) = settings.record {
        members.insert("recordAutomatically".to_owned(), record.into());
    }
    Ok(members)
}

/// `lobbyBypassScope`; `organization` includes guests.
fn scope(lobby: Lobby) -> Result<&'static str> {
    Ok(match lobby {
        Lobby::Open => "everyone",
        Lobby::Organization => "organization",
        Lobby::Invited => "invited",
        Lobby::OrganizerOnly => "organizer",
        _ => return Err(unknown("Teams has no such lobby")),
    })
}

/// `onlineMeetingPresenters`.
fn presenters(presenters: Presenters) -> Result<&'static str> {
    Ok(match presenters {
        Presenters::Everyone => "everyone",
        Presenters::Organization => "organization",
        Presenters::Named => "roleIsPresenter",
        Presenters::OrganizerOnly => "organizer",
        _ => return Err(unknown("Teams has no such choice of presenters")),
    })
}

fn unknown(detail: &'static str) -> Error {
    Error::new(ErrorKind::Unsupported, "write meeting settings").with_detail(detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_room_lets_everybody_in_without_the_organizer() {
        let members = members(&MeetingSettings::open_room()).unwrap();
        let expected = json!({
            "lobbyBypassSettings": { "scope": "everyone", "isDialInBypassEnabled": true },
            "allowedPresenters": "everyone",
            "allowMeetingChat": "enabled",
            "isEntryExitAnnounced": false,
        });
        assert_eq!(Value::Object(members), expected);
    }

    #[test]
    fn what_is_not_set_is_not_sent() {
        assert!(members(&MeetingSettings::default()).unwrap().is_empty());
        let mut settings = MeetingSettings::default();
        settings.dial_in_bypasses_lobby = Some(false);
        let expected = json!({ "lobbyBypassSettings": { "isDialInBypassEnabled": false } });
        assert_eq!(Value::Object(members(&settings).unwrap()), expected);
    }
}
