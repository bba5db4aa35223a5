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
    parts::{TrackingCode, other},
    recurrence,
};
use crate::wire::{value::Named as _, write_slot};

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
    fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    fn write(&self, write: impl FnOnce(&T) -> Result<Value, &'static str>) -> Result<Option<Value>, &'static str> {
        match self {
            Self::Keep => Ok(None),
            Self::Clear => Ok(Some(Value::Null)),
            Self::Set(value) => write(value).map(Some),
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
    /// When. Of an occurrence, within its own place in the series.
    pub slot: Option<Slot>,
    /// How it repeats. Cleared, the series is one meeting.
    pub recurrence: Patch<Recurrence>,
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
            slot: None,
            recurrence: Patch::Keep,
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

    /// Sets when.
    #[must_use]
    pub fn with_slot(mut self, slot: impl Into<Slot>) -> Self {
        self.slot = Some(slot.into());
        self
    }

    /// Sets or clears how it repeats.
    #[must_use]
    pub fn with_recurrence(mut self, rule: impl Into<Patch<Recurrence>>) -> Self {
        self.recurrence = rule.into();
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
        self.slot.is_some() || !self.recurrence.is_keep()
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
        if let Some(slot) = &self.slot {
            // all three together: without its own zone Webex would take UTC
            let written = write_slot(slot)?;
            members.insert("start".to_owned(), written.start.into());
            members.insert("end".to_owned(), written.end.into());
            members.insert("timezone".to_owned(), written.timezone.into());
        }
        for (name, password) in [("password", &self.password), ("panelistPassword", &self.panelist_password)] {
            if let Some(password) = password {
                members.insert(name.to_owned(), password.expose().into());
            }
        }
        let tags = |tags: &Vec<String>| checked_tags(&tags.iter().map(String::as_str).collect::<Vec<_>>());
        for (name, value) in [
            ("agenda", self.agenda.write(|agenda| checked_agenda(agenda).map(Value::from))?),
            ("recurrence", self.recurrence.write(|rule| recurrence::write(rule, self.slot.as_ref()).map(Value::from))?),
            ("trackingCodes", self.tracking_codes.write(|codes| TrackingCode::write(codes))?),
            ("integrationTags", self.tags.write(tags)?),
        ] {
            if let Some(value) = value {
                members.insert(name.to_owned(), value);
            }
        }
        let own: Vec<&str> = OWN.iter().chain(MeetingOptions::NAMES).copied().collect();
        other(&mut members, &self.other.0, &own)?;
        Ok(members)
    }
}

/// What has a place of its own in a change, or cannot be changed.
const OWN: [&str; 20] = [
    "adhoc",
    "agenda",
    "breakoutSessions",
    "end",
    "hostEmail",
    "integrationTags",
    "invitees",
    "panelistPassword",
    "password",
    "recurrence",
    "registration",
    "roomId",
    "scheduledType",
    "sendEmail",
    "siteUrl",
    "start",
    "templateId",
    "timezone",
    "title",
    "trackingCodes",
];

#[cfg(test)]
mod tests {
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
            .with_recurrence(Patch::Clear)
            .with_tracking_codes(Patch::Clear)
            .with_tags(Patch::Clear);
        let nothing = json!({ "agenda": null, "recurrence": null, "trackingCodes": null, "integrationTags": null });
        assert_eq!(said(cleared), nothing);
        let set = silent()
            .with_agenda("Fractions".to_owned())
            .with_recurrence(Recurrence::parse("FREQ=DAILY;COUNT=3").unwrap())
            .with_tracking_codes(vec![TrackingCode::new("Department", "Maths")])
            .with_tags(vec!["key".to_owned()]);
        assert_eq!(
            said(set),
            json!({
                "agenda": "Fractions",
                "recurrence": "FREQ=DAILY;COUNT=3",
                "trackingCodes": [{ "name": "Department", "value": "Maths" }],
                "integrationTags": ["key"],
            })
        );
    }

    #[test]
    fn only_a_new_time_or_rule_moves_a_meeting() {
        assert!(!silent().with_title("x").moves());
        assert!(silent().with_recurrence(Patch::Clear).moves());
        let start: chrono::DateTime<chrono::Utc> = "2026-07-15T09:00:00Z".parse().unwrap();
        assert!(silent().with_slot(start..start + chrono::TimeDelta::minutes(30)).moves());
    }

    #[test]
    fn what_cannot_be_changed_is_refused() {
        for name in ["hostEmail", "invitees", "breakoutSessions", "siteUrl", "title"] {
            assert!(silent().with_other(name, Value::Null).members().is_err(), "{name}");
        }
        assert!(silent().with_title(" ").members().is_err());
        assert!(silent().with_tags(vec!["x".repeat(65)]).members().is_err());
        assert!(silent().with_options(MeetingOptions::new().with_join_before_host_minutes(7)).members().is_err());
    }
}
