use chrono::{DateTime, Utc};
use invitations_core::Result;
use serde_json::{Map, Value};

use super::words::{AllowedPresenters, ChatHistory, ChatMode, LiveShare, LobbyAdmitters, LobbyScope, Wire};
use crate::wire::{instant, utc_text};

/// A setting that can be left alone, taken away, or given: for members where writing `null` has a meaning of its own.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Setting<T> {
    /// Leave it as it is. Nothing is sent.
    #[default]
    Keep,
    /// Take it away. `null` is sent.
    Clear,
    /// Set it.
    Set(T),
}

/// A field of the options.
trait Field: Default + Clone {
    type Item;
    fn set(item: Self::Item) -> Self;
    fn is_said(&self) -> bool;
    fn write(&self) -> Result<Option<Value>>;
}

impl<T: Wire + Clone> Field for Option<T> {
    type Item = T;
    fn set(item: T) -> Self {
        Some(item)
    }
    fn is_said(&self) -> bool {
        self.is_some()
    }
    fn write(&self) -> Result<Option<Value>> {
        self.as_ref().map(Wire::to_wire).transpose()
    }
}

impl<T: Wire + Clone> Field for Setting<T> {
    type Item = T;
    fn set(item: T) -> Self {
        Self::Set(item)
    }
    fn is_said(&self) -> bool {
        !matches!(self, Self::Keep)
    }
    fn write(&self) -> Result<Option<Value>> {
        match self {
            Self::Keep => Ok(None),
            Self::Clear => Ok(Some(Value::Null)),
            Self::Set(item) => item.to_wire().map(Some),
        }
    }
}

impl Wire for bool {
    fn to_wire(&self) -> Result<Value> {
        Ok((*self).into())
    }
    fn from_wire(value: &Value) -> Option<Self> {
        value.as_bool()
    }
}

impl Wire for String {
    fn to_wire(&self) -> Result<Value> {
        Ok(self.as_str().into())
    }
    fn from_wire(value: &Value) -> Option<Self> {
        value.as_str().map(str::to_owned)
    }
}

impl Wire for DateTime<Utc> {
    fn to_wire(&self) -> Result<Value> {
        Ok(utc_text(*self).into())
    }
    fn from_wire(value: &Value) -> Option<Self> {
        instant(value.as_str()?)
    }
}

macro_rules! options {($(
    $(#[$doc:meta])*
    $field:ident / $with:ident: $kind:ident<$item:ty> at [$($place:literal),+];
)+) => {
    /// Everything that can be set on a Teams meeting. What is not said is not sent: the organizer's meeting policy, or what was
    /// set before, stays.
    ///
    /// The members are those of `onlineMeeting` and `onlineMeetingBase` in Graph's schema; each field names its own. Some need a
    /// licence or a policy (Teams Premium for watermarks and end-to-end encryption, say), and Graph then refuses or ignores them.
    ///
    /// While a meeting is running only some can be changed, see [`changes_while_running`](Self::changes_while_running).
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    #[non_exhaustive]
    pub struct MeetingOptions {
        $($(#[$doc])* pub $field: $kind<$item>,)+
    }

    impl MeetingOptions {
        $(
            #[doc = concat!("Sets [`", stringify!($field), "`](Self::", stringify!($field), ").")]
            #[must_use]
            pub fn $with(mut self, value: $item) -> Self {
                self.$field = <$kind<$item> as Field>::set(value);
                self
            }
        )+

        /// What is said here, and below it what `below` says.
        #[must_use]
        pub fn over(&self, below: &Self) -> Self {
            Self { $($field: if self.$field.is_said() { self.$field.clone() } else { below.$field.clone() },)+ }
        }

        /// What is said, by its place.
        fn said(&self) -> Result<Vec<(&'static [&'static str], Value)>> {
            let mut said: Vec<(&'static [&'static str], Value)> = Vec::new();
            $(if let Some(value) = self.$field.write()? {
                said.push((&[$($place),+], value));
            })+
            Ok(said)
        }

        /// Takes the options out of a meeting's members. What has another form than expected stays where it is.
        pub(super) fn taken(members: &mut Map<String, Value>) -> Self {
            Self { $($field: take(members, &[$($place),+]).map(<$kind<$item> as Field>::set).unwrap_or_default(),)+ }
        }
    }
}}

options! {
    /// Who comes in without waiting in the lobby (`lobbyBypassSettings.scope`).
    lobby / with_lobby: Option<LobbyScope> at ["lobbyBypassSettings", "scope"];
    /// Whether callers by phone come in without waiting (`lobbyBypassSettings.isDialInBypassEnabled`).
    dial_in_bypasses_lobby / with_dial_in_bypassing_lobby: Option<bool> at ["lobbyBypassSettings", "isDialInBypassEnabled"];
    /// Who lets people in (`allowedLobbyAdmitters`).
    lobby_admitters / with_lobby_admitters: Option<LobbyAdmitters> at ["allowedLobbyAdmitters"];
    /// Who may present (`allowedPresenters`).
    presenters / with_presenters: Option<AllowedPresenters> at ["allowedPresenters"];
    /// Whether attendees may switch their camera on (`allowAttendeeToEnableCamera`).
    camera / with_camera: Option<bool> at ["allowAttendeeToEnableCamera"];
    /// Whether attendees may switch their microphone on (`allowAttendeeToEnableMic`).
    microphone / with_microphone: Option<bool> at ["allowAttendeeToEnableMic"];
    /// Whether there is a chat (`allowMeetingChat`).
    chat / with_chat: Option<ChatMode> at ["allowMeetingChat"];
    /// Whether the chat takes text only (`chatRestrictions.allowTextOnly`).
    chat_text_only / with_chat_text_only: Option<bool> at ["chatRestrictions", "allowTextOnly"];
    /// How much of the chat somebody sees who is added later (`shareMeetingChatHistoryDefault`).
    chat_history / with_chat_history: Option<ChatHistory> at ["shareMeetingChatHistoryDefault"];
    /// Whether content of the meeting may be copied and shared (`allowCopyingAndSharingMeetingContent`).
    copying / with_copying: Option<bool> at ["allowCopyingAndSharingMeetingContent"];
    /// Whether apps may be used together (`allowLiveShare`).
    live_share / with_live_share: Option<LiveShare> at ["allowLiveShare"];
    /// Whether people may change the name they are shown under (`allowParticipantsToChangeName`).
    renaming / with_renaming: Option<bool> at ["allowParticipantsToChangeName"];
    /// Whether PowerPoint files may be presented live (`allowPowerPointSharing`).
    power_point / with_power_point: Option<bool> at ["allowPowerPointSharing"];
    /// Whether reactions are shown (`allowTeamworkReactions`).
    reactions / with_reactions: Option<bool> at ["allowTeamworkReactions"];
    /// Whether there is a whiteboard (`allowWhiteboard`).
    whiteboard / with_whiteboard: Option<bool> at ["allowWhiteboard"];
    /// Whether there are breakout rooms (`allowBreakoutRooms`).
    breakout_rooms / with_breakout_rooms: Option<bool> at ["allowBreakoutRooms"];
    /// Whether recording is allowed (`allowRecording`).
    recording / with_recording: Option<bool> at ["allowRecording"];
    /// Whether transcription is allowed (`allowTranscription`).
    transcription / with_transcription: Option<bool> at ["allowTranscription"];
    /// Whether recording starts by itself (`recordAutomatically`).
    record_automatically / with_record_automatically: Option<bool> at ["recordAutomatically"];
    /// Whether callers by phone are announced when they come and go (`isEntryExitAnnounced`).
    announce_entry_and_exit / with_announced_entry_and_exit: Option<bool> at ["isEntryExitAnnounced"];
    /// Whether the meeting is encrypted from end to end (`isEndToEndEncryptionEnabled`).
    end_to_end_encryption / with_end_to_end_encryption: Option<bool> at ["isEndToEndEncryptionEnabled"];
    /// Whether shared content carries a watermark (`watermarkProtection.isEnabledForContentSharing`).
    watermark_on_content / with_watermark_on_content: Option<bool> at ["watermarkProtection", "isEnabledForContentSharing"];
    /// Whether video carries a watermark (`watermarkProtection.isEnabledForVideo`).
    watermark_on_video / with_watermark_on_video: Option<bool> at ["watermarkProtection", "isEnabledForVideo"];
    /// When the meeting's link stops working (`expiryDateTime`).
    expires / with_expiry: Setting<DateTime<Utc>> at ["expiryDateTime"];
    /// What is spoken, as a language tag such as `en-US` (`meetingSpokenLanguageTag`).
    spoken_language / with_spoken_language: Setting<String> at ["meetingSpokenLanguageTag"];
    /// The sensitivity label's id (`sensitivityLabelAssignment.sensitivityLabelId`).
    sensitivity_label / with_sensitivity_label: Setting<String> at ["sensitivityLabelAssignment", "sensitivityLabelId"];
    /// Whether whoever joins by meeting id has to type a passcode (`joinMeetingIdSettings.isPasscodeRequired`). Graph makes the
    /// passcode. Only a create can say it: see [`only_at_create`](Self::only_at_create).
    passcode_required / with_passcode_required: Option<bool> at ["joinMeetingIdSettings", "isPasscodeRequired"];
    /// The id of the meeting template (`meetingTemplateId`). Only a create can say it.
    template / with_template: Option<String> at ["meetingTemplateId"];
}

/// What only a create can say.
const AT_CREATE: [&str; 2] = ["joinMeetingIdSettings", "meetingTemplateId"];
/// What Graph takes while the meeting is running
/// (<https://learn.microsoft.com/graph/api/onlinemeeting-update#request-body>).
const WHILE_RUNNING: [&str; 8] = [
    "allowAttendeeToEnableCamera",
    "allowAttendeeToEnableMic",
    "allowMeetingChat",
    "allowRecording",
    "allowTranscription",
    "allowedLobbyAdmitters",
    "allowedPresenters",
    "lobbyBypassSettings",
];

impl MeetingOptions {
    /// Says nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether something is said that cannot be changed once the meeting is there: the passcode and the template.
    ///
    /// The keyed create of Graph (`createOrGet`) is not documented to take them. They are sent with it and looked for in the answer;
    /// where Graph did not take them, the new meeting is taken back and the create is
    /// [`Unsupported`](invitations_core::ErrorKind::Unsupported).
    pub fn only_at_create(&self) -> bool {
        self.passcode_required.is_some() || self.template.is_some()
    }

    /// Whether Graph takes all of this while the meeting is running.
    pub fn changes_while_running(&self) -> bool {
        self.members().is_ok_and(|members| members.keys().all(|name| WHILE_RUNNING.contains(&name.as_str())))
    }

    /// The members of an `onlineMeeting` that are said.
    pub(super) fn members(&self) -> Result<Map<String, Value>> {
        let mut members = Map::new();
        for (place, value) in self.said()? {
            match place {
                [name] => {
                    members.insert((*name).to_owned(), value);
                }
                [outer, name] => {
                    let inner = members.entry((*outer).to_owned()).or_insert_with(|| Map::new().into());
                    if let Value::Object(inner) = inner {
                        inner.insert((*name).to_owned(), value);
                    }
                }
                _ => {}
            }
        }
        Ok(members)
    }

    /// The members for a create, and those for the update after it.
    pub(super) fn split(&self) -> Result<(Map<String, Value>, Map<String, Value>)> {
        Ok(self.members()?.into_iter().partition(|(name, _)| AT_CREATE.contains(&name.as_str())))
    }

    /// Whether `given` is what was said about things that only a create can say.
    pub(super) fn agrees_at_create(&self, given: &Self) -> bool {
        self.passcode_required.is_none_or(|wanted| given.passcode_required == Some(wanted))
            && self.template.as_ref().is_none_or(|wanted| given.template.as_ref() == Some(wanted))
    }
}

/// Takes one value out of its place.
fn take<T: Wire>(members: &mut Map<String, Value>, place: &[&str]) -> Option<T> {
    match place {
        [name] => {
            let read = T::from_wire(members.get(*name)?)?;
            members.remove(*name);
            Some(read)
        }
        [outer, name] => {
            let inner = members.get_mut(*outer)?.as_object_mut()?;
            let read = T::from_wire(inner.get(*name)?)?;
            inner.remove(*name);
            if inner.is_empty() {
                members.remove(*outer);
            }
            Some(read)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use invitations_core::ErrorKind;
    use serde_json::json;

    use super::*;

    /// Every option, each with a value of its own.
    fn all() -> Value {
        json!({
            "lobbyBypassSettings": { "scope": "organizationExcludingGuests", "isDialInBypassEnabled": true },
            "allowedLobbyAdmitters": "organizerAndCoOrganizers",
            "allowedPresenters": "roleIsPresenter",
            "allowAttendeeToEnableCamera": false,
            "allowAttendeeToEnableMic": true,
            "allowMeetingChat": "limited",
            "chatRestrictions": { "allowTextOnly": true },
            "shareMeetingChatHistoryDefault": "all",
            "allowCopyingAndSharingMeetingContent": false,
            "allowLiveShare": "disabled",
            "allowParticipantsToChangeName": true,
            "allowPowerPointSharing": false,
            "allowTeamworkReactions": true,
            "allowWhiteboard": false,
            "allowBreakoutRooms": true,
            "allowRecording": false,
            "allowTranscription": true,
            "recordAutomatically": false,
            "isEntryExitAnnounced": true,
            "isEndToEndEncryptionEnabled": false,
            "watermarkProtection": { "isEnabledForContentSharing": true, "isEnabledForVideo": false },
            "expiryDateTime": "2026-12-01T00:00:00Z",
            "meetingSpokenLanguageTag": "de-DE",
            "sensitivityLabelAssignment": { "sensitivityLabelId": "label-1" },
            "joinMeetingIdSettings": { "isPasscodeRequired": true },
            "meetingTemplateId": "template-1",
        })
    }

    fn members(value: Value) -> Map<String, Value> {
        let Value::Object(members) = value else { panic!("an object") };
        members
    }

    #[test]
    fn what_is_read_is_what_is_written() {
        let mut given = members(all());
        let options = MeetingOptions::taken(&mut given);
        assert!(given.is_empty(), "left over: {given:?}");
        assert_eq!(Value::Object(options.members().unwrap()), all());
        let (create, later) = options.split().unwrap();
        assert_eq!(create.len(), 2);
        assert_eq!(create.len() + later.len(), members(all()).len());
    }

    #[test]
    fn every_member_of_the_schema_is_here() {
        let beside = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
        let folder = std::env::var_os("SPECS_DIR").map_or(beside, std::path::PathBuf::from);
        let Ok(text) = std::fs::read(folder.join("specs/graph-subset.json")) else { return };
        let spec: Value = serde_json::from_slice(&text).unwrap();
        // what Graph says and nobody sets, and what is set by other means than options
        let others = [
            "audioConferencing",
            "chatInfo",
            "cloudVideoInteropInfo",
            "joinInformation",
            "joinWebUrl",
            "meetingOptionsWebUrl",
            "meetingType",
            "subject",
            "videoTeleconferenceId",
            "attendeeReport",
            "broadcastSettings",
            "creationDateTime",
            "endDateTime",
            "externalId",
            "isBroadcast",
            "participants",
            "startDateTime",
        ];
        let known = members(all());
        for schema in ["microsoft.graph.onlineMeetingBase", "microsoft.graph.onlineMeeting"] {
            let own = &spec["components"]["schemas"][schema]["allOf"][1]["properties"];
            for name in own.as_object().unwrap().keys() {
                assert!(known.contains_key(name) || others.contains(&name.as_str()), "{name} is not here");
            }
        }
    }

    #[test]
    fn trap_30_what_has_another_form_stays_beside() {
        let mut given = members(json!({
            "allowWhiteboard": "sometimes", "lobbyBypassSettings": "everyone", "allowMeetingChat": null,
            "watermarkProtection": { "isEnabledForVideo": true, "isEnabledForHolograms": true }, "expiryDateTime": "soon",
        }));
        let options = MeetingOptions::taken(&mut given);
        assert_eq!(options, MeetingOptions::new().with_watermark_on_video(true));
        assert_eq!(given["watermarkProtection"], json!({ "isEnabledForHolograms": true }));
        assert_eq!((given["allowWhiteboard"].as_str(), given.len()), (Some("sometimes"), 5));
    }

    #[test]
    fn null_is_sent_only_where_it_is_asked_for() {
        let mut options = MeetingOptions::new();
        assert!(options.is_empty() && options.members().unwrap().is_empty());
        options.expires = Setting::Clear;
        assert_eq!(Value::Object(options.members().unwrap()), json!({ "expiryDateTime": null }));
        assert!(!options.is_empty());
    }

    #[test]
    fn options_lie_over_one_another() {
        let below = MeetingOptions::new()
            .with_whiteboard(true)
            .with_chat(ChatMode::Disabled)
            .with_spoken_language("en-US".into());
        let mut above = MeetingOptions::new().with_whiteboard(false);
        above.spoken_language = Setting::Clear;
        let both = above.over(&below);
        assert_eq!((both.whiteboard, both.chat), (Some(false), Some(ChatMode::Disabled)));
        assert_eq!(both.spoken_language, Setting::Clear);
    }

    #[test]
    fn trap_06_hidden_values_are_not_written() {
        let mut given = members(json!({ "lobbyBypassSettings": { "scope": "unknownFutureValue" } }));
        let hidden = MeetingOptions::taken(&mut given);
        assert_eq!(hidden.members().unwrap_err().kind(), ErrorKind::InvalidInput);
    }

    #[test]
    fn some_can_be_changed_while_the_meeting_runs() {
        assert!(MeetingOptions::new().with_lobby(LobbyScope::Everyone).with_recording(false).changes_while_running());
        assert!(!MeetingOptions::new().with_whiteboard(false).changes_while_running());
    }
}
