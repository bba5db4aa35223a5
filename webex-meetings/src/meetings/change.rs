//! A change of a meeting. Webex merges what is sent (`PATCH`); its `PUT` is never used, because it is not said what becomes of members
//! that are left out.

use invitations_core::{
    secret::Passcode,
    time::{Recurrence, Slot},
};
use serde_json::{Map, Value};

use super::{
    create::{OtherMembers, checked_agenda, checked_tags},
    options::MeetingOptions,
    parts::{TrackingCode, other, passwords},
    recurrence,
    request::write_times,
};

/// Whether Webex mails the people concerned (`sendEmail`). Left alone Webex does, so every write of this crate says it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a flag with names")]
pub enum SendEmail {
    /// The host and the invitees get a mail.
    Yes,
    /// Nobody does.
    No,
}

impl SendEmail {
    pub(crate) fn flag(self) -> bool {
        self == Self::Yes
    }

    pub(crate) fn of(flag: bool) -> Self {
        if flag { Self::Yes } else { Self::No }
    }
}

/// A member of a change: kept, taken away, or set.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "absent, null and a value are all that a member can be")]
pub enum Patch<T> {
    /// Stays as it is: the member is not sent.
    #[default]
    Keep,
    /// Taken away: the member is sent as `null`.
    Clear,
    /// Set to this.
    Set(T),
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}

impl<T> Patch<T> {
    fn write(&self, write: impl FnOnce(&T) -> Result<Value, &'static str>) -> Result<Option<Value>, &'static str> {
        match self {
            Self::Keep => Ok(None),
            Self::Clear => Ok(Some(Value::Null)),
            Self::Set(value) => write(value).map(Some),
        }
    }
}

/// When a meeting takes place after a change, and how it repeats.
///
/// A rule goes with the first slot only: Webex reads one that comes without times in UTC, and the series would leave its zone.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a time and a rule, and which of them can be said alone")]
pub enum TimeChange {
    /// As it was.
    #[default]
    Keep,
    /// At this time. Of an occurrence, within its own place in the series; of a series the first occurrence, and the rule stays.
    Slot(Slot),
    /// A series: its first occurrence, and how it repeats.
    Series(Slot, Recurrence),
    /// One meeting that does not repeat: at this time, or where the series began.
    Single(Option<Slot>),
}

impl TimeChange {
    /// The time that is said.
    pub fn slot(&self) -> Option<&Slot> {
        match self {
            Self::Keep | Self::Single(None) => None,
            Self::Slot(slot) | Self::Series(slot, _) | Self::Single(Some(slot)) => Some(slot),
        }
    }
}

/// A change of a meeting; what is not said stays.
///
/// Of a series all occurrences change, of an occurrence that one. Instances, meetings in progress, past times and meetings that a
/// calendar connector made are refused by Webex. What can only be said when a meeting is made is no member: invitees, breakout sessions,
/// registration, the site, what it is made for. The host is changed with
/// [`reassign_host`](super::WebexMeetings::reassign_host).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MeetingChange {
    /// Whether Webex mails the host and the invitees.
    pub send_email: SendEmail,
    /// The title.
    pub title: Option<String>,
    /// When, and how it repeats.
    pub when: TimeChange,
    /// Whether a new time or recurrence of a series may cancel those of its occurrences that were changed on their own.
    /// Webex always does; unless it is allowed here, a series that has such occurrences is left alone.
    pub cancels_modified: bool,
    /// What it is about.
    pub agenda: Patch<String>,
    /// The password.
    pub password: Option<Passcode>,
    /// The panelists' password.
    pub panelist_password: Option<Passcode>,
    /// All tags of a series; the first one is the key. Cleared or set otherwise, this library no longer finds the meeting.
    pub tags: Patch<Vec<String>>,
    /// All tracking codes.
    pub tracking_codes: Patch<Vec<TrackingCode>>,
    /// Settings.
    pub options: MeetingOptions,
    /// Other members, as Webex takes them.
    pub other: OtherMembers,
}

impl MeetingChange {
    /// Changes nothing yet.
    pub fn new(send_email: SendEmail) -> Self {
        Self {
            send_email,
            title: None,
            when: TimeChange::Keep,
            cancels_modified: false,
            agenda: Patch::Keep,
            password: None,
            panelist_password: None,
            tags: Patch::Keep,
            tracking_codes: Patch::Keep,
            options: MeetingOptions::new(),
            other: OtherMembers::default(),
        }
    }

    /// Sets the title.
    #[must_use]
    pub fn with_title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Sets when. A series repeats as before, or as said here.
    ///
    /// The slot of a series says its zone, too. One that was read is in no zone of the series (see
    /// [`WebexMeeting::slot`](super::WebexMeeting::slot)) and is refused for a series.
    #[must_use]
    pub fn with_slot(mut self, slot: impl Into<Slot>) -> Self {
        let slot = slot.into();
        self.when = match self.when {
            TimeChange::Keep | TimeChange::Slot(_) => TimeChange::Slot(slot),
            TimeChange::Series(_, rule) => TimeChange::Series(slot, rule),
            TimeChange::Single(_) => TimeChange::Single(Some(slot)),
        };
        self
    }

    /// Makes it a series, or another one: its first occurrence, and how it repeats.
    #[must_use]
    pub fn with_series(mut self, first: impl Into<Slot>, rule: Recurrence) -> Self {
        self.when = TimeChange::Series(first.into(), rule);
        self
    }

    /// Makes one meeting of a series.
    #[must_use]
    pub fn without_recurrence(mut self) -> Self {
        self.when = TimeChange::Single(self.when.slot().cloned());
        self
    }

    /// Lets a new time or recurrence cancel occurrences that were changed on their own.
    #[must_use]
    pub fn cancelling_modified_occurrences(mut self) -> Self {
        self.cancels_modified = true;
        self
    }

    /// Sets or clears what it is about.
    #[must_use]
    pub fn with_agenda(mut self, agenda: impl Into<Patch<String>>) -> Self {
        self.agenda = agenda.into();
        self
    }

    /// Sets the password.
    #[must_use]
    pub fn with_password(mut self, password: Passcode) -> Self {
        self.password = Some(password);
        self
    }

    /// Sets the panelists' password.
    #[must_use]
    pub fn with_panelist_password(mut self, password: Passcode) -> Self {
        self.panelist_password = Some(password);
        self
    }

    /// Sets or clears all tags.
    #[must_use]
    pub fn with_tags(mut self, tags: impl Into<Patch<Vec<String>>>) -> Self {
        self.tags = tags.into();
        self
    }

    /// Sets or clears all tracking codes.
    #[must_use]
    pub fn with_tracking_codes(mut self, codes: impl Into<Patch<Vec<TrackingCode>>>) -> Self {
        self.tracking_codes = codes.into();
        self
    }

    /// Sets settings.
    #[must_use]
    pub fn with_options(mut self, options: MeetingOptions) -> Self {
        self.options = options;
        self
    }

    /// Sets another member, as Webex takes it.
    #[must_use]
    pub fn with_other(mut self, name: impl Into<String>, value: Value) -> Self {
        self.other.0.insert(name.into(), value);
        self
    }

    /// Whether it moves the meeting, after which Webex cancels occurrences that were changed on their own.
    pub(super) fn moves(&self) -> bool {
        self.when != TimeChange::Keep
    }

    /// The members, without mails and host; empty when nothing is said.
    pub(super) fn members(&self) -> Result<Map<String, Value>, &'static str> {
        let mut members = self.options.members();
        // whether it is a webinar is not known here
        if self.options.check(false).is_err() && self.options.check(true).is_err() {
            self.options.check(false)?;
        }
        if let Some(title) = &self.title {
            members.insert("title".to_owned(), super::request::checked_title(title)?.into());
        }
        if let Some(slot) = self.when.slot() {
            write_times(slot, &mut members)?;
        }
        match &self.when {
            TimeChange::Keep | TimeChange::Slot(_) => {}
            TimeChange::Series(first, rule) => {
                members.insert("recurrence".to_owned(), recurrence::write(rule, first)?.into());
            }
            TimeChange::Single(_) => drop(members.insert("recurrence".to_owned(), Value::Null)),
        }
        passwords(&mut members, self.password.as_ref(), self.panelist_password.as_ref());
        let tags = |tags: &Vec<String>| checked_tags(&tags.iter().map(String::as_str).collect::<Vec<_>>());
        for (name, value) in [
            ("agenda", self.agenda.write(|agenda| checked_agenda(agenda).map(Value::from))?),
            ("trackingCodes", self.tracking_codes.write(|codes| TrackingCode::write(codes))?),
            ("integrationTags", self.tags.write(tags)?),
        ] {
            if let Some(value) = value {
                members.insert(name.to_owned(), value);
            }
        }
        other(&mut members, &self.other.0)?;
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use invitations_core::time::{TimeZone, WallTime};
    use serde_json::json;

    use super::*;

    fn silent() -> MeetingChange {
        MeetingChange::new(SendEmail::No)
    }

    #[test]
    fn a_member_is_kept_cleared_or_set() {
        let said = |change: MeetingChange| Value::Object(change.members().unwrap());
        assert_eq!(said(silent()), json!({}));
        let cleared = silent()
            .with_agenda(Patch::Clear)
            .without_recurrence()
            .with_tracking_codes(Patch::Clear)
            .with_tags(Patch::Clear);
        let nothing = json!({ "agenda": null, "recurrence": null, "trackingCodes": null, "integrationTags": null });
        assert_eq!(said(cleared), nothing);
        let set = silent()
            .with_agenda("Fractions".to_owned())
            .with_tracking_codes(vec![TrackingCode::new("Department", "Maths")])
            .with_tags(vec!["key".to_owned()]);
        assert_eq!(
            said(set),
            json!({
                "agenda": "Fractions",
                "trackingCodes": [{ "name": "Department", "value": "Maths" }],
                "integrationTags": ["key"],
            })
        );
    }

    fn nine(zone: &str) -> Slot {
        let start = WallTime::new("2026-07-15T09:00:00".parse().unwrap(), TimeZone::parse(zone).unwrap());
        Slot { start, duration: std::time::Duration::from_secs(1800) }
    }

    fn daily() -> Recurrence {
        Recurrence::parse("FREQ=DAILY;COUNT=3").unwrap()
    }

    #[test]
    fn only_a_new_time_or_rule_moves_a_meeting() {
        assert!(!silent().with_title("x").moves());
        assert!(silent().without_recurrence().moves());
        assert!(silent().with_slot(nine("UTC")).moves());
    }

    #[test]
    fn a_rule_never_goes_without_a_time_and_its_zone() {
        let times = json!({
            "start": "2026-07-15T09:00:00+02:00",
            "end": "2026-07-15T09:30:00+02:00",
            "timezone": "Europe/Paris",
        });
        let with = |rule: Value| {
            let mut members = times.clone();
            members["recurrence"] = rule;
            members
        };
        let paris = || nine("Europe/Paris");
        for (change, expected) in [
            (silent().with_slot(paris()), times.clone()),
            (silent().with_series(paris(), daily()), with("FREQ=DAILY;COUNT=3".into())),
            (silent().with_series(nine("UTC"), daily()).with_slot(paris()), with("FREQ=DAILY;COUNT=3".into())),
            (silent().with_slot(paris()).without_recurrence(), with(Value::Null)),
            (silent().without_recurrence().with_slot(paris()), with(Value::Null)),
            (silent().with_series(paris(), daily()).without_recurrence(), with(Value::Null)),
            (silent().without_recurrence(), json!({ "recurrence": null })),
        ] {
            assert_eq!(Value::Object(change.members().unwrap()), expected);
        }
    }

    #[test]
    fn what_cannot_be_changed_is_refused() {
        for name in
            ["hostEmail", "invitees", "breakoutSessions", "siteUrl", "title", "recurrence", "timezone", "webLink"]
        {
            assert!(silent().with_other(name, Value::Null).members().is_err(), "{name}");
        }
        assert!(silent().with_title(" ").members().is_err());
        assert!(silent().with_tags(vec!["x".repeat(65)]).members().is_err());
        assert!(silent().with_options(MeetingOptions::new().with_join_before_host_minutes(7)).members().is_err());
    }
}
