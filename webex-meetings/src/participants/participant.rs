use std::time::Duration;

use chrono::{DateTime, Utc};
use invitations_core::{
    ids::{MeetingId, UserId},
    people::EmailAddress,
};
use serde_json::Value;

use crate::{
    ParticipantId,
    extra::ExtraMembers,
    wire::{Members, words},
};

words! {
    /// Where somebody is.
    ParticipantState {
        /// Waits to be let in.
        Lobby = "lobby",
        /// In the meeting.
        Joined = "joined",
        /// In a breakout session of the meeting.
        BreakoutSession = "breakoutSession",
        /// Has left, or the meeting is over.
        Ended = "end",
    }

    /// Whether somebody's camera is on.
    Video {
        /// It is.
        On = "on",
        /// It is not.
        Off = "off",
    }

    /// How somebody hears and speaks.
    AudioType {
        /// By phone.
        Phone = "pstn",
        /// Through the computer.
        Computer = "voip",
        /// Not at all.
        Inactive = "inactive",
    }
}

/// Somebody in one instance of a meeting. Webex promises none of these members.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Participant {
    /// Its id, of this instance of the meeting only.
    pub id: Option<ParticipantId>,
    /// Their organisation; running meetings only.
    pub organization: Option<String>,
    /// Whether they are the host.
    pub host: Option<bool>,
    /// Whether they may do what the host may.
    pub co_host: Option<bool>,
    /// Whether they moderate the space that the meeting belongs to.
    pub space_moderator: Option<bool>,
    /// Their address; guests who did not say it and callers have none.
    pub email: Option<EmailAddress>,
    /// The name they show. Guests choose it.
    pub name: Option<String>,
    /// Whether they were invited.
    pub invitee: Option<bool>,
    /// Whether they are muted.
    pub muted: Option<bool>,
    /// Their camera.
    pub video: Option<Video>,
    /// Where they are.
    pub state: Option<ParticipantState>,
    /// In which breakout session they are now.
    pub breakout_session: Option<String>,
    /// When the meeting started.
    pub meeting_started: Option<DateTime<Utc>>,
    /// When they joined.
    pub joined: Option<DateTime<Utc>>,
    /// When they left; `None` of somebody who is still there, for whom Webex writes a time in 1970.
    pub left: Option<DateTime<Utc>>,
    /// The site of the meeting.
    pub site: Option<String>,
    /// The instance of the meeting.
    pub meeting: Option<MeetingId>,
    /// The meeting's host.
    pub host_email: Option<EmailAddress>,
    /// The devices they came with.
    pub devices: Vec<ParticipantDevice>,
    /// The breakout sessions they were in; ended meetings only.
    pub breakout_sessions: Vec<BreakoutSession>,
    /// Who sent them, as a registration knows it.
    pub source: Option<UserId>,
    /// All else that Webex told.
    pub extra: ExtraMembers,
}

/// A device of a participant.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ParticipantDevice {
    /// Webex's id of this connection.
    pub correlation: Option<String>,
    /// What it is: `webex_meeting_center_mac`, `mac`, …
    pub kind: Option<String>,
    /// How it is heard.
    pub audio: Option<AudioType>,
    /// When it joined.
    pub joined: Option<DateTime<Utc>>,
    /// When it left; `None` while it is there.
    pub left: Option<DateTime<Utc>>,
    /// How long it was there.
    pub duration: Option<Duration>,
    /// Of a phone: who called whom (`callIn`, `callBack`).
    pub call: Option<String>,
    /// Of a phone: its number.
    pub phone_number: Option<String>,
    /// All else that Webex told.
    pub extra: ExtraMembers,
}

/// A stay in a breakout session.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct BreakoutSession {
    /// Its id.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// When they joined it.
    pub joined: Option<DateTime<Utc>>,
    /// When they left it.
    pub left: Option<DateTime<Utc>>,
    /// All else that Webex told.
    pub extra: ExtraMembers,
}

impl Participant {
    pub(super) fn read(value: &Value) -> Self {
        let mut members = Members::of(value);
        Self {
            id: members.parsed("id", |id| ParticipantId::parse(id).ok()),
            organization: members.text("orgId"),
            host: members.flag("host"),
            co_host: members.flag("coHost"),
            space_moderator: members.flag("spaceModerator"),
            email: members.address("email"),
            name: members.text("displayName"),
            invitee: members.flag("invitee"),
            muted: members.flag("muted"),
            video: members.word("video"),
            state: members.word("state"),
            breakout_session: members.text("breakoutSessionId"),
            meeting_started: members.instant("meetingStartTime"),
            joined: members.instant("joinedTime"),
            left: members.instant("leftTime"),
            site: members.text("siteUrl"),
            meeting: members.parsed("meetingId", |id| MeetingId::parse(id).ok()),
            host_email: members.address("hostEmail"),
            devices: members.objects("devices", ParticipantDevice::read),
            breakout_sessions: members.objects("breakoutSessionsAttended", BreakoutSession::read),
            source: members.parsed("sourceId", |id| UserId::parse(id).ok()),
            extra: members.left(),
        }
    }
}

impl ParticipantDevice {
    fn read(members: &mut Members) -> Option<Self> {
        Some(Self {
            correlation: members.text("correlationId"),
            kind: members.text("deviceType"),
            audio: members.word("audioType"),
            joined: members.instant("joinedTime"),
            left: members.instant("leftTime"),
            duration: members.length("durationSecond", Duration::from_secs(1)),
            call: members.text("callType"),
            phone_number: members.text("phoneNumber"),
            extra: members.rest(),
        })
    }
}

impl BreakoutSession {
    fn read(members: &mut Members) -> Option<Self> {
        Some(Self {
            id: members.text("id"),
            name: members.text("name"),
            joined: members.instant("joinedTime"),
            left: members.instant("leftTime"),
            extra: members.rest(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn somebody_who_is_still_there_has_not_left() {
        let read = Participant::read(&json!({
            "id": "i_1", "displayName": "Ada", "email": "ada@contoso.example", "state": "joined", "host": "true",
            "joinedTime": "2026-09-01T08:00:00Z", "leftTime": "1970-01-01T00:00:00.000Z",
            "devices": [{ "audioType": "hologram", "joinedTime": "2026-09-01T08:00:00.500Z", "durationSecond": 60 }],
        }));
        assert_eq!((read.state, read.host), (Some(ParticipantState::Joined), Some(true)));
        assert_eq!((read.joined, read.left), (Some("2026-09-01T08:00:00Z".parse().unwrap()), None));
        assert_eq!(read.devices[0].audio, Some(AudioType::Unknown("hologram".to_owned())));
        assert_eq!(read.devices[0].duration, Some(Duration::from_secs(60)));
    }

    #[test]
    fn whatever_is_said_is_read() {
        for odd in [
            json!({}),
            json!([]),
            json!(null),
            json!({ "id": "..", "email": "nobody", "devices": {}, "breakoutSessionsAttended": [null, 7] }),
            json!({ "joinedTime": 12, "leftTime": "never", "host": "perhaps", "state": "" }),
        ] {
            let read = Participant::read(&odd);
            assert!(
                read.id.is_none() && read.email.is_none() && read.joined.is_none() && read.state.is_none(),
                "{odd}"
            );
        }
    }
}
