//! What a create says beyond the draft.

use invitations_core::secret::Passcode;
use serde_json::{Map, Value};

use super::{
    options::MeetingOptions,
    parts::{BreakoutRoom, Registration, TrackingCode, other, passwords},
    words::ScheduledType,
};
use crate::wire::value::Wire as _;

/// The most tags of a meeting, the key included, and the longest, in characters.
pub(super) const MOST_TAGS: usize = 3;
const LONGEST_TAG: usize = 64;
/// The longest agenda, in characters.
const LONGEST_AGENDA: usize = 1300;

/// What a create says in Webex's own words, beyond the [`MeetingDraft`](invitations_core::provider::MeetingDraft), which says title, time,
/// recurrence, attendees and whether Webex mails them (`sendEmail`).
///
/// Templates are left out, and so are meetings without a time (`adhoc`).
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CreateOptions {
    /// Settings, over the draft's.
    pub options: MeetingOptions,
    /// What it is about; at most 1300 characters.
    pub agenda: Option<String>,
    /// What people type who have no link. It has to follow the site's rules; the site makes one unless it is set.
    pub password: Option<Passcode>,
    /// What panelists of a webinar type.
    pub panelist_password: Option<Passcode>,
    /// Up to two tags beside the key, at most 64 characters each. They are told to this OAuth client only.
    pub tags: Vec<String>,
    /// Tracking codes; the site may ask for some.
    pub tracking_codes: Vec<TrackingCode>,
    /// Breakout sessions that are there from the beginning.
    pub breakout_rooms: Vec<BreakoutRoom>,
    /// Who has to register. Not together with a recurrence, and not without a password in the mails.
    pub registration: Option<Registration>,
    /// What the meeting is made for; a meeting unless set.
    pub scheduled_type: Option<ScheduledType>,
    /// On which site; the host's preferred one unless set. Cannot be changed later.
    pub site: Option<String>,
    /// Other members, as Webex takes them (`simultaneousInterpretation`, `liveStream`).
    pub other: OtherMembers,
}

/// Members by Webex's names. `Debug` shows the names only.
#[derive(Clone, Default)]
pub struct OtherMembers(pub(super) Map<String, Value>);

impl std::fmt::Debug for OtherMembers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

impl CreateOptions {
    /// Says nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the settings.
    #[must_use]
    pub fn with_options(mut self, options: MeetingOptions) -> Self {
        self.options = options;
        self
    }

    /// Sets what it is about.
    #[must_use]
    pub fn with_agenda(mut self, agenda: impl Into<String>) -> Self {
        self.agenda = Some(agenda.into());
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

    /// Adds a tag beside the key. It must not be another meeting's key: a look-up for that key would find this meeting, too.
    #[must_use]
    pub fn with_tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// Adds a tracking code.
    #[must_use]
    pub fn with_tracking_code(mut self, code: TrackingCode) -> Self {
        self.tracking_codes.push(code);
        self
    }

    /// Adds a breakout session, and switches them on.
    #[must_use]
    pub fn with_breakout_room(mut self, room: BreakoutRoom) -> Self {
        self.breakout_rooms.push(room);
        self.options.breakout_sessions.get_or_insert(true);
        self
    }

    /// Asks for registration.
    #[must_use]
    pub fn with_registration(mut self, registration: Registration) -> Self {
        self.registration = Some(registration);
        self
    }

    /// Sets what it is made for.
    #[must_use]
    pub fn with_scheduled_type(mut self, kind: ScheduledType) -> Self {
        self.scheduled_type = Some(kind);
        self
    }

    /// Sets the site.
    #[must_use]
    pub fn with_site(mut self, site: impl Into<String>) -> Self {
        self.site = Some(site.into());
        self
    }

    /// Sets another member, as Webex takes it.
    #[must_use]
    pub fn with_other(mut self, name: impl Into<String>, value: Value) -> Self {
        self.other.0.insert(name.into(), value);
        self
    }

    /// The members beside those of the draft, or why Webex would refuse or bend them.
    pub(super) fn members(&self, key: &str, repeats: bool) -> Result<Map<String, Value>, &'static str> {
        self.check(repeats)?;
        let mut members = Map::new();
        passwords(&mut members, self.password.as_ref(), self.panelist_password.as_ref());
        let mut say = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
        if let Some(agenda) = &self.agenda {
            say("agenda", checked_agenda(agenda)?.into());
        }
        let tags: Vec<&str> = std::iter::once(key).chain(self.tags.iter().map(String::as_str)).collect();
        say("integrationTags", checked_tags(&tags)?);
        if !self.tracking_codes.is_empty() {
            say("trackingCodes", TrackingCode::write(&self.tracking_codes)?);
        }
        if !self.breakout_rooms.is_empty() {
            say("breakoutSessions", self.breakout_rooms.iter().map(BreakoutRoom::write).collect());
        }
        if let Some(registration) = &self.registration {
            say("registration", registration.to_wire());
        }
        if let Some(kind) = &self.scheduled_type {
            say("scheduledType", kind.as_str().into());
        }
        if let Some(site) = &self.site {
            say("siteUrl", site.as_str().into());
        }
        other(&mut members, &self.other.0)?;
        Ok(members)
    }

    pub(super) fn is_webinar(&self) -> bool {
        self.scheduled_type == Some(ScheduledType::Webinar)
    }

    /// What the options themselves cannot be is asked of what they become over the draft's.
    fn check(&self, repeats: bool) -> Result<(), &'static str> {
        let webinar = self.is_webinar();
        if self.scheduled_type == Some(ScheduledType::PersonalRoomMeeting) {
            return Err("a meeting in a personal room takes no tags, so it cannot be made under a key");
        }
        if webinar && self.options.session_type.is_none() {
            return Err("a webinar has to name its session type");
        }
        if self.panelist_password.is_some() && !webinar {
            return Err("only a webinar has panelists");
        }
        if self.registration.is_some() && repeats {
            return Err("people cannot register for a series");
        }
        if self.registration.is_some() && self.options.exclude_password == Some(true) {
            return Err("people cannot register where mails leave the password out");
        }
        if !self.breakout_rooms.is_empty() && self.options.breakout_sessions == Some(false) {
            return Err("there are breakout sessions, and they are switched off");
        }
        if self.breakout_rooms.iter().any(|room| room.name.trim().is_empty()) {
            return Err("a breakout session has no name");
        }
        Ok(())
    }
}

pub(super) fn checked_agenda(agenda: &str) -> Result<&str, &'static str> {
    if agenda.chars().count() > LONGEST_AGENDA { Err("the agenda has more than 1300 characters") } else { Ok(agenda) }
}

pub(super) fn checked_tags(tags: &[&str]) -> Result<Value, &'static str> {
    if tags.len() > MOST_TAGS {
        return Err("a meeting has at most three tags, its key included");
    }
    if tags.iter().any(|tag| tag.is_empty() || tag.chars().count() > LONGEST_TAG) {
        return Err("a tag has 1 to 64 characters");
    }
    let mut sorted = tags.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    if sorted.len() < tags.len() {
        return Err("a tag is given twice");
    }
    Ok(tags.to_vec().into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(options: &CreateOptions) -> Value {
        Value::Object(options.members("key", false).unwrap())
    }

    #[test]
    fn the_key_is_the_first_tag() {
        assert_eq!(said(&CreateOptions::new()), json!({ "integrationTags": ["key"] }));
        let tagged = CreateOptions::new().with_tag("class-7").with_tag("school");
        assert_eq!(said(&tagged), json!({ "integrationTags": ["key", "class-7", "school"] }));
        for bad in [
            tagged.with_tag("x"),
            CreateOptions::new().with_tag("key"),
            CreateOptions::new().with_tag(""),
            CreateOptions::new().with_tag("x".repeat(65)),
        ] {
            assert!(bad.members("key", false).is_err(), "{:?}", bad.tags);
        }
    }

    #[test]
    fn everything_is_said_in_webexs_words() {
        let options = CreateOptions::new()
            .with_agenda("Fractions")
            .with_password(Passcode::new("BgJep@43"))
            .with_tracking_code(TrackingCode::new("Department", "Maths"))
            .with_breakout_room(BreakoutRoom::new("Group 1").with_invitee("ada@contoso.example"))
            .with_site("contoso.webex.example")
            .with_other("enabledLiveStream", true.into());
        assert_eq!(options.options.breakout_sessions, Some(true));
        assert_eq!(
            said(&options),
            json!({
                "agenda": "Fractions",
                "password": "BgJep@43",
                "integrationTags": ["key"],
                "trackingCodes": [{ "name": "Department", "value": "Maths" }],
                "breakoutSessions": [{ "name": "Group 1", "invitees": ["ada@contoso.example"] }],
                "siteUrl": "contoso.webex.example",
                "enabledLiveStream": true,
            })
        );
        assert!(!format!("{options:?}").contains("BgJep"));
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        let new = CreateOptions::new;
        let registered = || new().with_registration(Registration::new().with_email(true));
        assert!(registered().members("key", false).is_ok());
        assert!(registered().members("key", true).is_err(), "a series");
        for (bad, why) in [
            (registered().with_options(MeetingOptions::new().with_excluded_password(true)), "without a password"),
            (new().with_scheduled_type(ScheduledType::PersonalRoomMeeting), "no tags"),
            (new().with_scheduled_type(ScheduledType::Webinar), "no session type"),
            (new().with_panelist_password(Passcode::new("x")), "no webinar"),
            (new().with_agenda("é".repeat(1301)), "long agenda"),
            (new().with_breakout_room(BreakoutRoom::new(" ")), "no name"),
            (new().with_other("sendEmail", true.into()), "a place of its own"),
            (new().with_other("enabledAutoRecordMeeting", true.into()), "a place of its own"),
        ] {
            assert!(bad.members("key", false).is_err(), "{why}");
        }
    }
}
