use invitations_core::{
    Error, ErrorKind, Result,
    provider::{Lobby, MeetingSettings, Presenters},
};

use super::{
    options::MeetingOptions,
    words::{AllowedPresenters, ChatMode, LobbyScope},
};

impl TryFrom<&MeetingSettings> for MeetingOptions {
    type Error = Error;

    /// What every provider knows, in Teams' words; what the settings do not name is not said.
    ///
    /// `join_before_host` has no member of its own: Teams lets in whom the lobby lets in.
    fn try_from(settings: &MeetingSettings) -> Result<Self> {
        let mut options = Self::new();
        options.lobby = settings.lobby.map(scope).transpose()?;
        options.dial_in_bypasses_lobby = settings.dial_in_bypasses_lobby;
        options.presenters = settings.presenters.map(presenters).transpose()?;
        options.chat = settings.chat.map(|chat| if chat { ChatMode::Enabled } else { ChatMode::Disabled });
        options.announce_entry_and_exit = settings.entry_sound;
        options.record_automatically = settings.record;
        options.breakout_rooms = settings.breakout_sessions;
        Ok(options)
    }
}

fn scope(lobby: Lobby) -> Result<LobbyScope> {
    Ok(match lobby {
        Lobby::Open => LobbyScope::Everyone,
        Lobby::Organization => LobbyScope::Organization,
        Lobby::Invited => LobbyScope::Invited,
        Lobby::OrganizerOnly => LobbyScope::Organizer,
        _ => return Err(unknown("Teams has no such lobby")),
    })
}

fn presenters(presenters: Presenters) -> Result<AllowedPresenters> {
    Ok(match presenters {
        Presenters::Everyone => AllowedPresenters::Everyone,
        Presenters::Organization => AllowedPresenters::Organization,
        Presenters::Named => AllowedPresenters::RoleIsPresenter,
        Presenters::OrganizerOnly => AllowedPresenters::Organizer,
        _ => return Err(unknown("Teams has no such choice of presenters")),
    })
}

fn unknown(detail: &'static str) -> Error {
    Error::new(ErrorKind::Unsupported, "write meeting settings").with_detail(detail)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn members(settings: &MeetingSettings) -> Value {
        Value::Object(MeetingOptions::try_from(settings).unwrap().members().unwrap())
    }

    #[test]
    fn an_open_room_lets_everybody_in_without_the_organizer() {
        let expected = json!({
            "lobbyBypassSettings": { "scope": "everyone", "isDialInBypassEnabled": true },
            "allowedPresenters": "everyone",
            "allowMeetingChat": "enabled",
            "isEntryExitAnnounced": false,
        });
        assert_eq!(members(&MeetingSettings::open_room()), expected);
    }

    #[test]
    fn what_is_not_set_is_not_sent() {
        assert_eq!(members(&MeetingSettings::default()), json!({}));
        let mut settings = MeetingSettings::default();
        settings.dial_in_bypasses_lobby = Some(false);
        assert_eq!(members(&settings), json!({ "lobbyBypassSettings": { "isDialInBypassEnabled": false } }));
        let mut settings = MeetingSettings::default();
        (settings.record, settings.breakout_sessions) = (Some(true), Some(false));
        assert_eq!(members(&settings), json!({ "recordAutomatically": true, "allowBreakoutRooms": false }));
    }
}
