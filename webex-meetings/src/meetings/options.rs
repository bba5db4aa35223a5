//! What creates and changes both take.

use super::words::{AudioConnectionType, EntryAndExitTone, JoinSecurity, NoteType};
use crate::wire::{Members, value::members};

members! {
    /// The settings of a meeting in Webex's own words: what both a create and a change take
    /// (<https://developer.webex.com/docs/api/v1/meetings/create-a-meeting>).
    ///
    /// The host's site decides what is there: recording, breakout sessions, watermarks, audio and more need a licence or a setting of the
    /// site. Some sites refuse what they do not have, others leave it out and say nothing but a header
    /// ([`WebexMeeting::left_out`](super::WebexMeeting::left_out) compares).
    MeetingOptions {
        /// Whether recording starts by itself (`enabledAutoRecordMeeting`).
        auto_record / with_auto_record: bool = "enabledAutoRecordMeeting";
        /// Whether any attendee with an account of the site may become a cohost (`allowAnyUserToBeCoHost`).
        anybody_as_co_host / with_anybody_as_co_host: bool = "allowAnyUserToBeCoHost";
        /// Whether the first attendee of the site becomes a cohost (`allowFirstUserToBeCoHost`).
        first_as_co_host / with_first_as_co_host: bool = "allowFirstUserToBeCoHost";
        /// Whether video devices of the site may come in without waiting (`allowAuthenticatedDevices`).
        authenticated_devices / with_authenticated_devices: bool = "allowAuthenticatedDevices";
        /// Whether attendees may come in before the host (`enabledJoinBeforeHost`).
        join_before_host / with_join_before_host: bool = "enabledJoinBeforeHost";
        /// How many minutes before the start, where they may: 0, 5, 10 or 15; of a webinar 0, 15, 30, 45 or 60
        /// (`joinBeforeHostMinutes`). Of a new meeting 0 unless set, or 15 where the draft's settings let attendees in before the host.
        join_before_host_minutes / with_join_before_host_minutes: u32 = "joinBeforeHostMinutes";
        /// Whether they can hear each other then (`enableConnectAudioBeforeHost`).
        audio_before_host / with_audio_before_host: bool = "enableConnectAudioBeforeHost";
        /// Whether mails about the meeting leave the password out (`excludePassword`).
        exclude_password / with_excluded_password: bool = "excludePassword";
        /// Whether the site lists the meeting for everybody (`publicMeeting`).
        public / with_public: bool = "publicMeeting";
        /// How many minutes before the start the host is reminded (`reminderTime`).
        reminder_minutes / with_reminder_minutes: u32 = "reminderTime";
        /// What happens to people who are not invited (`unlockedMeetingJoinSecurity`).
        join_security / with_join_security: JoinSecurity = "unlockedMeetingJoinSecurity";
        /// The kind of session, a number of the site (`sessionTypeId`); a webinar has to name it.
        session_type / with_session_type: u32 = "sessionTypeId";
        /// Whether a webinar is a webcast (`enabledWebcastView`).
        webcast / with_webcast: bool = "enabledWebcastView";
        /// Whether the meeting locks itself (`enableAutomaticLock`).
        automatic_lock / with_automatic_lock: bool = "enableAutomaticLock";
        /// How many minutes after its start (`automaticLockMinutes`).
        automatic_lock_minutes / with_automatic_lock_minutes: u32 = "automaticLockMinutes";
        /// Whether people can be sent into breakout sessions (`enabledBreakoutSessions`).
        breakout_sessions / with_breakout_sessions: bool = "enabledBreakoutSessions";
        /// Whether sound carries a watermark (`enabledAudioWatermark`).
        audio_watermark / with_audio_watermark: bool = "enabledAudioWatermark";
        /// Whether pictures carry a watermark (`enabledVisualWatermark`).
        visual_watermark / with_visual_watermark: bool = "enabledVisualWatermark";
        /// How strongly, in percent (`visualWatermarkOpacity`).
        visual_watermark_opacity / with_visual_watermark_opacity: u32 = "visualWatermarkOpacity";
        /// Whether attendees have to sign in (`requireAttendeeLogin`).
        require_login / with_required_login: bool = "requireAttendeeLogin";
        /// Whether only invited people come in (`restrictToInvitees`); they have to sign in then.
        only_invitees / with_only_invitees: bool = "restrictToInvitees";
        /// What there is in the meeting (`meetingOptions`).
        features / with_features: MeetingFeatures = "meetingOptions";
        /// What attendees may do (`attendeePrivileges`).
        privileges / with_privileges: AttendeePrivileges = "attendeePrivileges";
        /// How people hear and speak (`audioConnectionOptions`).
        audio / with_audio: AudioOptions = "audioConnectionOptions";
    }

    /// What there is in a meeting (`meetingOptions`).
    MeetingFeatures {
        /// A chat (`enabledChat`).
        chat / with_chat: bool = "enabledChat";
        /// Video (`enabledVideo`).
        video / with_video: bool = "enabledVideo";
        /// Polls (`enabledPolling`).
        polling / with_polling: bool = "enabledPolling";
        /// Notes (`enabledNote`).
        notes / with_notes: bool = "enabledNote";
        /// Who takes them (`noteType`).
        note_type / with_note_type: NoteType = "noteType";
        /// Files to be handed over (`enabledFileTransfer`).
        file_transfer / with_file_transfer: bool = "enabledFileTransfer";
        /// Films and flash (`enabledUCFRichMedia`).
        rich_media / with_rich_media: bool = "enabledUCFRichMedia";
    }

    /// What attendees may do (`attendeePrivileges`).
    AttendeePrivileges {
        /// Show their screen (`enabledShareContent`).
        share_content / with_share_content: bool = "enabledShareContent";
        /// Save documents (`enabledSaveDocument`).
        save_document / with_save_document: bool = "enabledSaveDocument";
        /// Print documents (`enabledPrintDocument`).
        print_document / with_print_document: bool = "enabledPrintDocument";
        /// Draw on what is shown (`enabledAnnotate`).
        annotate / with_annotate: bool = "enabledAnnotate";
        /// See who is there (`enabledViewParticipantList`).
        view_participants / with_view_participants: bool = "enabledViewParticipantList";
        /// See small pictures of pages (`enabledViewThumbnails`).
        view_thumbnails / with_view_thumbnails: bool = "enabledViewThumbnails";
        /// Take over another's screen (`enabledRemoteControl`).
        remote_control / with_remote_control: bool = "enabledRemoteControl";
        /// See any document (`enabledViewAnyDocument`).
        view_any_document / with_view_any_document: bool = "enabledViewAnyDocument";
        /// See any page (`enabledViewAnyPage`).
        view_any_page / with_view_any_page: bool = "enabledViewAnyPage";
        /// Talk to the operator alone (`enabledContactOperatorPrivately`).
        contact_operator / with_contact_operator: bool = "enabledContactOperatorPrivately";
        /// Write to the host (`enabledChatHost`).
        chat_host / with_chat_host: bool = "enabledChatHost";
        /// Write to the presenter (`enabledChatPresenter`).
        chat_presenter / with_chat_presenter: bool = "enabledChatPresenter";
        /// Write to other attendees (`enabledChatOtherParticipants`).
        chat_others / with_chat_others: bool = "enabledChatOtherParticipants";
    }

    /// How people hear and speak (`audioConnectionOptions`).
    AudioOptions {
        /// Through what (`audioConnectionType`).
        connection / with_connection: AudioConnectionType = "audioConnectionType";
        /// Whether there are free numbers to call (`enabledTollFreeCallIn`).
        toll_free_call_in / with_toll_free_call_in: bool = "enabledTollFreeCallIn";
        /// Whether there are numbers in other countries (`enabledGlobalCallIn`).
        global_call_in / with_global_call_in: bool = "enabledGlobalCallIn";
        /// Whether people can be called back (`enabledAudienceCallBack`).
        call_back / with_call_back: bool = "enabledAudienceCallBack";
        /// What is heard when somebody comes or goes (`entryAndExitTone`).
        entry_and_exit_tone / with_entry_and_exit_tone: EntryAndExitTone = "entryAndExitTone";
        /// Whether the host may switch others' microphones on (`allowHostToUnmuteParticipants`).
        host_unmutes / with_host_unmutes: bool = "allowHostToUnmuteParticipants";
        /// Whether attendees may switch their own on (`allowAttendeeToUnmuteSelf`).
        attendee_unmutes_self / with_attendee_unmutes_self: bool = "allowAttendeeToUnmuteSelf";
        /// Whether who comes in is muted (`muteAttendeeUponEntry`).
        muted_upon_entry / with_muted_upon_entry: bool = "muteAttendeeUponEntry";
    }
}

impl MeetingOptions {
    /// What is said here, and below it what `below` says; objects member by member.
    #[must_use]
    pub fn over(&self, below: &Self) -> Self {
        let mut members = below.members();
        for (name, value) in self.members() {
            match (members.get_mut(&name), value) {
                (Some(serde_json::Value::Object(known)), serde_json::Value::Object(new)) => known.extend(new),
                (_, value) => drop(members.insert(name, value)),
            }
        }
        Self::taken(&mut Members::new(members))
    }

    /// What Webex would refuse or bend, before it costs one of the day's creates.
    pub(super) fn check(&self, webinar: bool) -> Result<(), &'static str> {
        let early: &[u32] = if webinar { &[0, 15, 30, 45, 60] } else { &[0, 5, 10, 15] };
        if self.join_before_host_minutes.is_some_and(|minutes| !early.contains(&minutes)) {
            return Err(if webinar {
                "attendees of a webinar come in 0, 15, 30, 45 or 60 minutes before the host"
            } else {
                "attendees come in 0, 5, 10 or 15 minutes before the host"
            });
        }
        // "only applicable if the enabledJoinBeforeHost attribute is set to true" (both attributes' description)
        let early =
            self.join_before_host_minutes.is_some_and(|minutes| minutes > 0) || self.audio_before_host == Some(true);
        if early && self.join_before_host == Some(false) {
            return Err(
                "attendees who may not come in before the host neither do so some minutes early nor hear each other",
            );
        }
        if self.visual_watermark_opacity.is_some_and(|percent| percent > 100) {
            return Err("the opacity of a watermark is at most 100 percent");
        }
        Ok(())
    }

    /// Webex's names of what is said here and is otherwise, or not told, in `given`; dotted for members of objects.
    pub(super) fn differing(&self, given: &Self) -> Vec<String> {
        let (wanted, given) = (self.members(), given.members());
        let mut names = Vec::new();
        for (name, value) in &wanted {
            match (value, given.get(name)) {
                (serde_json::Value::Object(wanted), there) => {
                    let same = |inner: &str, value| there.and_then(|there| there.get(inner)) == Some(value);
                    let differing = wanted.iter().filter(|(inner, value)| !same(inner, value));
                    names.extend(differing.map(|(inner, _)| format!("{name}.{inner}")));
                }
                (value, there) if there != Some(value) => names.push(name.clone()),
                _ => {}
            }
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_lie_over_others_member_by_member() {
        let below = MeetingOptions::new()
            .with_auto_record(false)
            .with_features(MeetingFeatures::new().with_chat(true).with_video(false));
        let above = MeetingOptions::new().with_auto_record(true).with_features(MeetingFeatures::new().with_video(true));
        let both = above.over(&below);
        assert_eq!(both.auto_record, Some(true));
        assert_eq!(both.features, Some(MeetingFeatures::new().with_chat(true).with_video(true)));
        assert_eq!(MeetingOptions::new().over(&below), below);
    }

    #[test]
    fn what_a_site_left_out_is_named() {
        let wanted = MeetingOptions::new()
            .with_public(true)
            .with_auto_record(true)
            .with_features(MeetingFeatures::new().with_chat(true).with_polling(true));
        let given = MeetingOptions::new()
            .with_public(false)
            .with_auto_record(true)
            .with_features(MeetingFeatures::new().with_chat(true));
        assert_eq!(wanted.differing(&given), ["meetingOptions.enabledPolling", "publicMeeting"]);
        assert!(wanted.differing(&wanted).is_empty());
    }

    #[test]
    fn minutes_before_the_host_are_those_of_the_kind() {
        for (minutes, meeting, webinar) in
            [(0, true, true), (5, true, false), (15, true, true), (60, false, true), (7, false, false)]
        {
            let options = MeetingOptions::new().with_join_before_host_minutes(minutes);
            assert_eq!((options.check(false).is_ok(), options.check(true).is_ok()), (meeting, webinar), "{minutes}");
        }
        let closed = MeetingOptions::new().with_join_before_host(false);
        assert!(closed.clone().with_join_before_host_minutes(0).check(false).is_ok());
        assert!(closed.clone().with_join_before_host_minutes(15).check(false).is_err());
        assert!(closed.with_audio_before_host(true).check(false).is_err());
        assert!(MeetingOptions::new().with_visual_watermark_opacity(101).check(false).is_err());
    }
}
