//! A meeting as Webex tells it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use invitations_core::{
    ids::{MeetingId, MeetingKey, UserId},
    provider::Meeting,
    secret::{JoinUrl, Passcode},
    time::{Slot, TimeZone, WallTime},
};
use serde_json::Value;

use super::{
    options::MeetingOptions,
    parts::{Registration, Telephony, TrackingCode},
    words::{MeetingState, MeetingType, ScheduledType},
};
use crate::{
    extra::ExtraMembers,
    wire::{Members, read_instant, whole_minute},
};

/// Everything Webex tells about a meeting: a series, an occurrence of one, or an instance.
///
/// Nothing but the id is certain. What is there depends on the type, the state, the site and who asks: an ended instance has no
/// password, a running one no end, and whoever is not the host gets no host key, whatever the schema calls required.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WebexMeeting {
    /// Of a series 32 hexadecimal digits, of an occurrence and an instance longer. Opaque.
    pub id: MeetingId,
    /// The series that it belongs to; lists and changes say it.
    pub series: Option<MeetingId>,
    /// The occurrence that an instance belongs to.
    pub occurrence: Option<MeetingId>,
    /// What the id stands for.
    pub meeting_type: Option<MeetingType>,
    /// Where it stands.
    pub state: Option<MeetingState>,
    /// What it is made for.
    pub scheduled_type: Option<ScheduledType>,
    /// The number that people type to join.
    pub number: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// What it is about.
    pub agenda: Option<String>,
    /// When it begins. Of a series that was read with `current`, when its next occurrence does.
    pub start: Option<DateTime<Utc>>,
    /// When it ends; not told while it is under way.
    pub end: Option<DateTime<Utc>>,
    /// The zone of the answer's times. After a create or a change it is the meeting's own; after a read it is the zone that was asked
    /// for, UTC unless something else was.
    pub time_zone: Option<String>,
    /// How it repeats, as Webex writes it: the parts may stand in another order than they were sent. `None`: it does not.
    pub recurrence: Option<String>,
    /// Whether an occurrence was changed on its own.
    pub is_modified: Option<bool>,
    /// Whose meeting it is.
    pub host: Option<UserId>,
    /// The host's name.
    pub host_name: Option<String>,
    /// The host's address.
    pub host_email: Option<String>,
    /// Makes whoever types it the host.
    pub host_key: Option<Passcode>,
    /// Where to join. Admits whoever holds it.
    pub web_link: Option<JoinUrl>,
    /// Where to register.
    pub register_link: Option<JoinUrl>,
    /// What people type who have no link.
    pub password: Option<Passcode>,
    /// The same for phones and video devices.
    pub phone_password: Option<Passcode>,
    /// What panelists of a webinar type.
    pub panelist_password: Option<Passcode>,
    /// The same for phones and video devices.
    pub phone_panelist_password: Option<Passcode>,
    /// The address for video devices.
    pub sip_address: Option<String>,
    /// The address for video devices without names.
    pub dial_in_ip_address: Option<String>,
    /// How to join by phone.
    pub telephony: Option<Telephony>,
    /// The site it takes place on.
    pub site: Option<String>,
    /// The space it belongs to.
    pub room: Option<String>,
    /// Tags; told to the OAuth client that set them. The first one is the [key](Self::key).
    pub tags: Vec<String>,
    /// Tracking codes.
    pub tracking_codes: Vec<TrackingCode>,
    /// Who has to register, and with what.
    pub registration: Option<Registration>,
    /// Its settings.
    pub options: MeetingOptions,
    /// Whether the host was there; ended instances.
    pub host_did_join: Option<bool>,
    /// Whether an attendee was there; ended instances.
    pub attendee_did_join: Option<bool>,
    /// What an ended instance has left behind, by Webex's names: `hasRecording`, `hasTranscription`, `hasChat` and so on.
    pub has: Vec<String>,
    /// All else that Webex told.
    pub extra: ExtraMembers,
    /// Whether `time_zone` is the meeting's own, as in the answer to a create or a change.
    is_own_zone: bool,
}

impl WebexMeeting {
    /// What is missing or odd is left out; without an id nothing can be done with it.
    pub(crate) fn read(value: &Value) -> Result<Self, &'static str> {
        let mut members = Members::of(value);
        let meeting = |id| MeetingId::parse(id).ok();
        let instant = |text: String, zone| read_instant(&text, zone);
        let zone = members.text("timezone");
        let known = zone.as_deref().and_then(|zone| TimeZone::parse(zone).ok()).unwrap_or_default();
        Ok(Self {
            id: members.parsed("id", meeting).ok_or("a meeting has no id")?,
            series: members.parsed("meetingSeriesId", meeting),
            occurrence: members.parsed("scheduledMeetingId", meeting),
            meeting_type: members.take("meetingType"),
            state: members.take("state"),
            scheduled_type: members.take("scheduledType"),
            number: members.text("meetingNumber"),
            title: members.text("title"),
            agenda: members.text("agenda"),
            start: members.parsed("start", |text| instant(text, known)),
            end: members.parsed("end", |text| instant(text, known)),
            time_zone: zone,
            recurrence: members.text("recurrence"),
            is_modified: members.take("isModified"),
            host: members.parsed("hostUserId", |host| UserId::parse(host).ok()),
            host_name: members.text("hostDisplayName"),
            host_email: members.text("hostEmail"),
            host_key: members.text("hostKey").map(Passcode::new),
            web_link: members.web_page("webLink").map(JoinUrl::new),
            register_link: members.web_page("registerLink").map(JoinUrl::new),
            password: members.text("password").map(Passcode::new),
            phone_password: members.text("phoneAndVideoSystemPassword").map(Passcode::new),
            panelist_password: members.text("panelistPassword").map(Passcode::new),
            phone_panelist_password: members.text("phoneAndVideoSystemPanelistPassword").map(Passcode::new),
            sip_address: members.text("sipAddress"),
            dial_in_ip_address: members.text("dialInIpAddress"),
            telephony: members.object("telephony", Telephony::read),
            site: members.text("siteUrl"),
            room: members.text("roomId"),
            tags: members.texts("integrationTags"),
            tracking_codes: members.objects("trackingCodes", TrackingCode::read),
            registration: members.take("registration"),
            options: MeetingOptions::taken(&mut members),
            host_did_join: members.take("hostDidJoin"),
            attendee_did_join: members.take("attendeeDidJoin"),
            has: left_behind(&mut members),
            extra: members.left(),
            is_own_zone: false,
        })
    }

    /// The answer to a create or a change, whose times are in the meeting's own zone.
    pub(super) fn echoed(self) -> Self {
        Self { is_own_zone: true, ..self }
    }

    /// The key it was made under: its first tag. `None` for a meeting of another OAuth client, and where somebody put another tag first.
    pub fn key(&self) -> Option<MeetingKey> {
        self.tags.first().and_then(|tag| MeetingKey::parse(tag).ok())
    }

    /// When, where Webex says so, in the zone of the answer: after a create or a change the meeting's own, after a read the one that was
    /// asked for. A read that asked for none is in UTC, which is not known to be the meeting's own, and the slot is in [`TimeZone::UNTOLD`]: it
    /// does for a single meeting, and is refused for a series, which would follow the clocks of UTC from then on. To move a series, take its
    /// zone from your own record; to put it in UTC, say [`TimeZone::UTC`].
    pub fn slot(&self) -> Option<Slot> {
        let zone = self.time_zone.as_deref().and_then(|zone| TimeZone::parse(zone).ok()).unwrap_or_default();
        let zone = if zone == TimeZone::UTC && !self.is_own_zone { TimeZone::UNTOLD } else { zone };
        let (start, end) = (self.start?, self.end?);
        let length = end.signed_duration_since(start).to_std().unwrap_or(Duration::ZERO);
        let slot = Slot::at(start, length, zone).ok()?;
        if slot.start.zone() == zone {
            return Some(slot);
        }
        // the second of the hours that are shown twice has no name in the zone
        Slot::at(start, length, TimeZone::UNTOLD).ok()
    }

    /// Whether it takes place when `slot` says, as far as Webex keeps that: seconds are dropped, and what was to start in the minute of
    /// its create starts a minute later.
    pub fn takes_place_at(&self, slot: &Slot) -> bool {
        let (wanted_start, wanted_end) = (whole_minute(slot.start_instant()), whole_minute(slot.end_instant()));
        let minute = TimeDelta::minutes(1);
        self.start.is_some_and(|start| start == wanted_start || start == wanted_start + minute)
            && self.end.is_none_or(|end| end == wanted_end || end == wanted_end + minute)
    }

    /// What was asked for and is otherwise here, by Webex's names ("enabledAutoRecordMeeting", "meetingOptions.enabledPolling"). Sites
    /// without a feature may leave it out without refusing the rest.
    pub fn left_out(&self, wanted: &MeetingOptions) -> Vec<String> {
        wanted.differing(&self.options)
    }

    /// Whether it is a series, or a single meeting, which Webex calls a series as well.
    pub(crate) fn is_series(&self) -> bool {
        self.meeting_type.as_ref().is_none_or(|kind| *kind == MeetingType::MeetingSeries)
    }

    /// Whether it was made under this key: a series with it as the first tag, as this library writes it.
    pub(super) fn is_made_under(&self, key: &MeetingKey) -> bool {
        self.is_series() && self.tags.first().is_some_and(|tag| tag == key.as_str())
    }

    /// Whether both have one host. What nobody tells is not the same.
    pub(super) fn is_same_host(&self, other: &Self) -> bool {
        match (&self.host, &other.host) {
            (Some(one), Some(other)) => one == other,
            _ => match (&self.host_email, &other.host_email) {
                (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
                _ => false,
            },
        }
    }

    /// The provider-neutral view, which needs a link.
    pub(crate) fn into_meeting(self) -> Result<Meeting, &'static str> {
        let (slot, key) = (self.slot(), self.key());
        let link = self.web_link.ok_or("a meeting has no link to a web page")?;
        let mut meeting = Meeting::new(self.id, self.title.unwrap_or_default(), link);
        (meeting.slot, meeting.key, meeting.passcode) = (slot, key, self.password);
        meeting.organizer = self.host.or_else(|| UserId::parse(self.host_email?).ok());
        Ok(meeting)
    }
}

/// The flags that say what there is afterwards: `hasRecording` and its like.
fn left_behind(members: &mut Members) -> Vec<String> {
    let flag = |name: &str, value: &Value| value.as_bool().filter(|_| name.starts_with("has"));
    members.take_all(flag).into_iter().filter_map(|(name, there)| there.then_some(name)).collect()
}

/// Where a wall time of a series is skipped by its zone's clocks, all its occurrences would move with the first.
pub(super) fn is_skipped(wall: &WallTime) -> bool {
    use chrono::{LocalResult, TimeZone as _};
    let Ok(zone) = wall.zone().name().parse::<chrono_tz::Tz>() else { return false };
    matches!(zone.offset_from_local_datetime(&wall.local()), LocalResult::None)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_id_is_needed() {
        let bare = WebexMeeting::read(&json!({ "id": "m" })).unwrap();
        assert_eq!((bare.id.as_str(), bare.options.is_empty()), ("m", true));
        for none in [json!([]), json!({}), json!({ "id": "" }), json!({ "id": null }), json!({ "id": ".." })] {
            assert!(WebexMeeting::read(&none).is_err(), "{none}");
        }
        assert!(bare.into_meeting().is_err(), "a meeting nobody can join");
    }

    #[test]
    fn what_has_another_form_than_expected_is_kept_beside() {
        let odd = json!({ "id": 42, "state": "onTheMoon", "title": null, "enabledAutoRecordMeeting": "yes", "telephony": 7,
            "hasRecording": true, "hasChat": false, "new": { "a": 1 } });
        let read = WebexMeeting::read(&odd).unwrap();
        assert_eq!(read.state, Some(MeetingState::Unknown("onTheMoon".to_owned())));
        assert_eq!(read.options.auto_record, None);
        assert_eq!(read.has, ["hasRecording"]);
        let beside: Vec<&String> = read.extra.expose().keys().collect();
        assert_eq!(beside, ["enabledAutoRecordMeeting", "new", "telephony", "title"]);
        assert_eq!(format!("{:?}", read.extra), r#"["enabledAutoRecordMeeting", "new", "telephony", "title"]"#);
    }

    #[test]
    fn an_echo_is_compared_by_the_minute() {
        let echo =
            |start: &str, end: &str| WebexMeeting::read(&json!({ "id": "m", "start": start, "end": end })).unwrap();
        let start: DateTime<Utc> = "2026-07-15T09:00:31Z".parse().unwrap();
        let slot = Slot::from(start..start + TimeDelta::minutes(30));
        for (from, until, same) in [
            ("2026-07-15T09:00:00Z", "2026-07-15T09:30:00Z", true),
            ("2026-07-15T11:01:00+02:00", "2026-07-15T11:30:00+02:00", true),
            ("2026-07-15T09:02:00Z", "2026-07-15T09:30:00Z", false),
            ("2026-07-15T09:00:00Z", "2026-07-15T09:35:00Z", false),
        ] {
            assert_eq!(echo(from, until).takes_place_at(&slot), same, "{from}");
        }
    }

    #[test]
    fn an_unreadable_slot_is_none() {
        let slot = |start: &str, end: &str, zone: Option<&str>| {
            WebexMeeting::read(&json!({ "id": "m", "start": start, "end": end, "timezone": zone })).unwrap().slot()
        };
        let read = slot("2019-11-01T20:00:00+08:00", "2019-11-01T21:00:00+08:00", Some("Asia/Shanghai")).unwrap();
        assert_eq!(read.start.zone().name(), "Asia/Shanghai");
        assert_eq!(read.start_instant(), "2019-11-01T12:00:00Z".parse::<DateTime<Utc>>().unwrap());
        assert_eq!(read.duration, Duration::from_secs(3600));
        assert!(slot("2019-11-01T20:00:00Z", "2019-11-01T19:00:00Z", None).is_none());
        assert!(slot("x", "2019-11-01T19:00:00Z", None).is_none());
        let unknown = slot("2019-11-01T20:00:00Z", "2019-11-01T21:00:00Z", Some("Mars/Base")).unwrap();
        assert_eq!(unknown.start.zone().name(), "Etc/Universal");
    }

    #[test]
    fn a_slot_tells_whether_its_zone_is_the_meetings_own() {
        let told = |start: &str, end: &str, zone: &str| {
            WebexMeeting::read(&json!({ "id": "m", "start": start, "end": end, "timezone": zone })).unwrap()
        };
        let zone = |meeting: &WebexMeeting| meeting.slot().unwrap().start.zone().name();
        let utc = told("2026-09-07T07:00:00Z", "2026-09-07T08:00:00Z", "UTC");
        assert_eq!((zone(&utc), zone(&utc.echoed())), ("Etc/Universal", "UTC"));
        let paris = told("2026-09-07T09:00:00+02:00", "2026-09-07T10:00:00+02:00", "Europe/Paris");
        assert_eq!((zone(&paris), zone(&paris.echoed())), ("Europe/Paris", "Europe/Paris"));
        let nameless = told("2026-10-25T02:30:00+01:00", "2026-10-25T03:30:00+01:00", "Europe/Paris").echoed();
        assert_eq!(zone(&nameless), "Etc/Universal", "no claim that the series is in UTC");
        assert_eq!(nameless.slot().unwrap().start_instant(), "2026-10-25T01:30:00Z".parse::<DateTime<Utc>>().unwrap());
    }
}
