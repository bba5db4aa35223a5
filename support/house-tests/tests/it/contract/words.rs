//! Every option of a meeting, and every word of every enum that can be written.

use chrono::TimeDelta;
use graph_meetings::teams::{
    AllowedPresenters, ChatHistory, ChatMode, LiveShare, LobbyAdmitters, LobbyScope, MeetingOptions, Setting,
};

use crate::providers::then;

pub(super) fn every_option() -> MeetingOptions {
    MeetingOptions::new()
        .with_lobby(LobbyScope::Invited)
        .with_dial_in_bypassing_lobby(true)
        .with_lobby_admitters(LobbyAdmitters::OrganizerAndCoOrganizers)
        .with_presenters(AllowedPresenters::RoleIsPresenter)
        .with_camera(false)
        .with_microphone(false)
        .with_chat(ChatMode::Limited)
        .with_chat_text_only(true)
        .with_chat_history(ChatHistory::All)
        .with_copying(false)
        .with_live_share(LiveShare::Disabled)
        .with_renaming(false)
        .with_power_point(false)
        .with_reactions(false)
        .with_whiteboard(false)
        .with_breakout_rooms(false)
        .with_recording(true)
        .with_transcription(true)
        .with_record_automatically(true)
        .with_announced_entry_and_exit(false)
        .with_end_to_end_encryption(false)
        .with_watermark_on_content(true)
        .with_watermark_on_video(true)
        .with_expiry(then() + TimeDelta::days(60))
        .with_spoken_language("de-DE".to_owned())
        .with_sensitivity_label("2fe7f66d-096a-469e-835f-595532b63560".to_owned())
}

/// Each word of each of Graph's enums that can be written, and each setting taken back.
pub(super) fn every_word() -> Vec<MeetingOptions> {
    let new = MeetingOptions::new;
    let lobbies = [
        LobbyScope::Organizer,
        LobbyScope::Organization,
        LobbyScope::OrganizationAndFederated,
        LobbyScope::Everyone,
        LobbyScope::Invited,
        LobbyScope::OrganizationExcludingGuests,
    ];
    let presenters = [
        AllowedPresenters::Everyone,
        AllowedPresenters::Organization,
        AllowedPresenters::Organizer,
        AllowedPresenters::RoleIsPresenter,
    ];
    let chats = [ChatMode::Enabled, ChatMode::Disabled, ChatMode::Limited];
    let admitters = [LobbyAdmitters::OrganizerAndCoOrganizersAndPresenters, LobbyAdmitters::OrganizerAndCoOrganizers];
    let mut all: Vec<_> = lobbies.into_iter().map(|word| new().with_lobby(word)).collect();
    all.extend(presenters.into_iter().map(|word| new().with_presenters(word)));
    all.extend(chats.into_iter().map(|word| new().with_chat(word)));
    all.extend(admitters.into_iter().map(|word| new().with_lobby_admitters(word)));
    all.extend([ChatHistory::None, ChatHistory::All].into_iter().map(|word| new().with_chat_history(word)));
    all.extend([LiveShare::Enabled, LiveShare::Disabled].into_iter().map(|word| new().with_live_share(word)));
    let mut back = new();
    (back.expires, back.spoken_language, back.sensitivity_label) = (Setting::Clear, Setting::Clear, Setting::Clear);
    all.push(back);
    all
}
