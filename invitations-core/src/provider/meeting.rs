use std::{fmt::Debug, sync::Arc, time::Duration};

use async_trait::async_trait;

use super::{Page, WriteOptions};
use crate::{
    Result,
    ids::{Etag, MeetingId, MeetingKey, PageToken, ProviderId, UserId},
    people::Attendee,
    secret::{JoinUrl, Passcode},
    time::{Recurrence, Slot, TimeRange},
};

/// A meeting to be made.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[non_exhaustive]
pub struct MeetingDraft {
    /// The title.
    pub subject: String,
    /// When.
    pub slot: Slot,
    /// Who is listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attendees: Vec<Attendee>,
    /// Whether it repeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence: Option<Recurrence>,
    /// Who gets in and what they may do.
    #[serde(default)]
    pub settings: MeetingSettings,
    /// Whether the provider sends its own mails.
    #[serde(default)]
    pub notify: bool,
}

/// Who gets in and what they may do. `None` leaves the provider's (or the organizer's policy's) default.
#[derive(Clone, Debug, Default, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(default)]
#[non_exhaustive]
pub struct MeetingSettings {
    /// Who comes in without waiting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lobby: Option<Lobby>,
    /// Whether callers by phone come in without waiting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dial_in_bypasses_lobby: Option<bool>,
    /// Who may present.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presenters: Option<Presenters>,
    /// Whether there is a chat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat: Option<bool>,
    /// Whether coming and going makes a sound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry_sound: Option<bool>,
    /// Whether recording starts by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<bool>,
    /// Whether the host may divide the meeting into breakout sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breakout_sessions: Option<bool>,
    /// Whether attendees may come in before the host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub join_before_host: Option<bool>,
}

impl MeetingSettings {
    /// A room that works without the organizer: nobody waits in the lobby, callers by phone neither, everyone may present, chat is on,
    /// coming and going is silent, joining before the host is allowed.
    pub fn open_room() -> Self {
        Self {
            lobby: Some(Lobby::Open),
            dial_in_bypasses_lobby: Some(true),
            presenters: Some(Presenters::Everyone),
            chat: Some(true),
            entry_sound: Some(false),
            record: None,
            breakout_sessions: None,
            join_before_host: Some(true),
        }
    }
}

/// Who comes in without waiting in the lobby.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Lobby {
    /// Everyone.
    Open,
    /// People of the organizer's directory, guests included.
    Organization,
    /// People who were invited.
    Invited,
    /// The organizer only.
    OrganizerOnly,
}

/// Who may present.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Presenters {
    /// Everyone.
    Everyone,
    /// People of the organizer's directory.
    Organization,
    /// Attendees with the presenter role.
    Named,
    /// The organizer only.
    OrganizerOnly,
}

impl MeetingDraft {
    /// A meeting with default settings, without attendees and without provider mails.
    pub fn new(subject: impl Into<String>, slot: impl Into<Slot>) -> Self {
        Self {
            subject: subject.into(),
            slot: slot.into(),
            attendees: Vec::new(),
            recurrence: None,
            settings: MeetingSettings::default(),
            notify: false,
        }
    }

    /// Sets who comes in without waiting.
    #[must_use]
    pub fn with_lobby(mut self, lobby: Lobby) -> Self {
        self.settings.lobby = Some(lobby);
        self
    }

    /// Sets all settings.
    #[must_use]
    pub fn with_settings(mut self, settings: MeetingSettings) -> Self {
        self.settings = settings;
        self
    }

    /// Lists one more attendee.
    #[must_use]
    pub fn with_attendee(mut self, attendee: Attendee) -> Self {
        self.attendees.push(attendee);
        self
    }

    /// Makes it repeat.
    #[must_use]
    pub fn with_recurrence(mut self, recurrence: Recurrence) -> Self {
        self.recurrence = Some(recurrence);
        self
    }

    /// Lets the provider send its own mails.
    #[must_use]
    pub fn with_provider_mails(mut self) -> Self {
        self.notify = true;
        self
    }
}

/// A meeting as the provider has it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Meeting {
    /// The provider's id.
    pub id: MeetingId,
    /// Its version, where the provider has versions.
    pub etag: Option<Etag>,
    /// The title.
    pub subject: String,
    /// When, where the provider says so.
    pub slot: Option<Slot>,
    /// Whose meeting it is, as the provider names the person.
    pub organizer: Option<UserId>,
    /// Where to join. Admits whoever holds it.
    pub join_url: JoinUrl,
    /// The passcode, where there is one.
    pub passcode: Option<Passcode>,
    /// The key it was made under, as the provider tells it; never guessed from what was asked. Where
    /// [`MeetingCapabilities::keys`] is declared, it is there.
    pub key: Option<MeetingKey>,
}

impl Meeting {
    /// A meeting with what every provider knows.
    pub fn new(id: MeetingId, subject: impl Into<String>, join_url: JoinUrl) -> Self {
        Self {
            id,
            etag: None,
            subject: subject.into(),
            slot: None,
            organizer: None,
            join_url,
            passcode: None,
            key: None,
        }
    }

    /// Sets when.
    #[must_use]
    pub fn with_slot(mut self, slot: Slot) -> Self {
        self.slot = Some(slot);
        self
    }

    /// Sets whose.
    #[must_use]
    pub fn with_organizer(mut self, organizer: UserId) -> Self {
        self.organizer = Some(organizer);
        self
    }

    /// Sets the version.
    #[must_use]
    pub fn with_etag(mut self, etag: Etag) -> Self {
        self.etag = Some(etag);
        self
    }

    /// Sets the key it was made under.
    #[must_use]
    pub fn with_key(mut self, key: MeetingKey) -> Self {
        self.key = Some(key);
        self
    }

    /// Sets the passcode.
    #[must_use]
    pub fn with_passcode(mut self, passcode: Passcode) -> Self {
        self.passcode = Some(passcode);
        self
    }
}

/// What to change; `None` leaves it alone.
#[derive(Clone, Debug, Default, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(default)]
#[non_exhaustive]
pub struct MeetingPatch {
    /// A new title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// A new time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slot: Option<Slot>,
    /// New settings, each on its own.
    pub settings: MeetingSettings,
    /// Whether the provider sends its own mails about it.
    pub notify: bool,
}

impl MeetingPatch {
    /// Changes nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a new title.
    #[must_use]
    pub fn with_subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Sets a new time.
    #[must_use]
    pub fn with_slot(mut self, slot: impl Into<Slot>) -> Self {
        self.slot = Some(slot.into());
        self
    }

    /// Sets new settings.
    #[must_use]
    pub fn with_settings(mut self, settings: MeetingSettings) -> Self {
        self.settings = settings;
        self
    }
}

/// What the provider offers when the outcome of a create is unknown.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Idempotency {
    /// The same key again answers the same object.
    NativeKey,
    /// A look-up by key that never misses.
    ExactLookup,
    /// A look-up by key that may miss a fresh object.
    InexactLookup {
        /// How long a copy may stay invisible.
        lag: Duration,
    },
    /// Nothing; a person has to look.
    None,
}

/// What a provider can do with meetings. What is not declared answers [`Unsupported`](crate::ErrorKind::Unsupported).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct MeetingCapabilities {
    /// What helps when the outcome of a create is unknown.
    pub idempotency: Idempotency,
    /// Whether [`MeetingProvider::list`] works.
    pub list: bool,
    /// Whether a meeting that is read or listed tells the key it was made under. Without it nobody can tell our meetings from those of
    /// others.
    pub keys: bool,
    /// Whether a draft may repeat.
    pub recurrence: bool,
    /// Whether a series that is read tells the time zone it repeats in. Without it its slot comes back in
    /// [`TimeZone::UNTOLD`](crate::time::TimeZone::UNTOLD), and an update refuses to move a series with such a slot: take the zone from your
    /// own record.
    pub series_zones: bool,
    /// Whether people can be made to wait: any [`Lobby`] but [`Open`](Lobby::Open).
    pub lobby: bool,
    /// Whether recording can start by itself: [`MeetingSettings::record`].
    pub auto_record: bool,
    /// Whether a meeting can be divided: [`MeetingSettings::breakout_sessions`].
    pub breakout_sessions: bool,
    /// How many attendees a draft may list.
    pub max_attendees: Option<u32>,
}

impl MeetingCapabilities {
    /// Nothing but single meetings.
    pub fn new(idempotency: Idempotency) -> Self {
        Self {
            idempotency,
            list: false,
            keys: false,
            recurrence: false,
            series_zones: false,
            lobby: false,
            auto_record: false,
            breakout_sessions: false,
            max_attendees: None,
        }
    }

    /// Says that [`MeetingProvider::list`] works.
    #[must_use]
    pub fn with_list(mut self) -> Self {
        self.list = true;
        self
    }

    /// Says that a meeting that is read or listed tells its key.
    #[must_use]
    pub fn with_keys(mut self) -> Self {
        self.keys = true;
        self
    }

    /// Says that drafts may repeat.
    #[must_use]
    pub fn with_recurrence(mut self) -> Self {
        self.recurrence = true;
        self
    }

    /// Says that a series that is read tells its time zone.
    #[must_use]
    pub fn with_series_zones(mut self) -> Self {
        self.series_zones = true;
        self
    }

    /// Says that people can be made to wait in a lobby.
    #[must_use]
    pub fn with_lobby(mut self) -> Self {
        self.lobby = true;
        self
    }

    /// Says that recording can start by itself.
    #[must_use]
    pub fn with_auto_record(mut self) -> Self {
        self.auto_record = true;
        self
    }

    /// Says that a meeting can be divided into breakout sessions.
    #[must_use]
    pub fn with_breakout_sessions(mut self) -> Self {
        self.breakout_sessions = true;
        self
    }

    /// Says how many attendees a draft may list.
    #[must_use]
    pub fn with_max_attendees(mut self, most: u32) -> Self {
        self.max_attendees = Some(most);
        self
    }

    /// The first of these settings that is not declared, in words for an error. To leave something out that cannot be had is no wish
    /// for it: not to record, not to divide, and to let everybody in are declared always.
    pub fn undeclared(&self, settings: &MeetingSettings) -> Option<&'static str> {
        let waits = settings.lobby.is_some_and(|lobby| lobby != Lobby::Open);
        [
            (waits && !self.lobby, "it has no lobby"),
            (settings.record == Some(true) && !self.auto_record, "it does not start recording by itself"),
            (settings.breakout_sessions == Some(true) && !self.breakout_sessions, "it has no breakout sessions"),
        ]
        .into_iter()
        .find_map(|(undeclared, why)| undeclared.then_some(why))
    }
}

/// Meetings of one account. New abilities arrive as new traits, never as new methods.
#[async_trait]
pub trait MeetingProvider: Debug + Send + Sync + 'static {
    /// Which provider this is.
    fn provider(&self) -> &ProviderId;

    /// What it can do.
    fn capabilities(&self) -> MeetingCapabilities;

    /// Makes a meeting. A create without a key does not exist: the key is what a lost answer is found again by.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) before any I/O for a draft the provider cannot take. An error whose
    /// [`retry`](crate::Error::retry) is `Unclear` means that the meeting may exist.
    async fn create(&self, key: &MeetingKey, draft: &MeetingDraft, options: WriteOptions) -> Result<Meeting>;

    /// Reads a meeting.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) when there is none.
    async fn read(&self, id: &MeetingId) -> Result<Meeting>;

    /// Every live meeting that carries the key and touches `around`. More than one is a finding, not an error.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported) unless the capabilities name a look-up.
    async fn find_by_key(&self, key: &MeetingKey, around: TimeRange) -> Result<Vec<Meeting>>;

    /// Changes a meeting.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) when there is none; [`Conflict`](crate::ErrorKind::Conflict) when `if_match` does not.
    async fn update(&self, id: &MeetingId, patch: &MeetingPatch, options: WriteOptions) -> Result<Meeting>;

    /// Takes a meeting away. One that is not there is [`NotFound`](crate::ErrorKind::NotFound).
    ///
    /// # Errors
    /// The provider's refusal.
    async fn cancel(&self, id: &MeetingId, options: WriteOptions) -> Result<()>;

    /// Meetings that touch `within`, page by page.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported) unless the capabilities say so.
    async fn list(&self, within: TimeRange, page: Option<&PageToken>) -> Result<Page<Meeting>>;
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<T: MeetingProvider + ?Sized> MeetingProvider for Arc<T> {
    fn provider(&self) -> &ProviderId {
        (**self).provider()
    }
    fn capabilities(&self) -> MeetingCapabilities {
        (**self).capabilities()
    }
    async fn create(&self, key: &MeetingKey, draft: &MeetingDraft, options: WriteOptions) -> Result<Meeting> {
        (**self).create(key, draft, options).await
    }
    async fn read(&self, id: &MeetingId) -> Result<Meeting> {
        (**self).read(id).await
    }
    async fn find_by_key(&self, key: &MeetingKey, around: TimeRange) -> Result<Vec<Meeting>> {
        (**self).find_by_key(key, around).await
    }
    async fn update(&self, id: &MeetingId, patch: &MeetingPatch, options: WriteOptions) -> Result<Meeting> {
        (**self).update(id, patch, options).await
    }
    async fn cancel(&self, id: &MeetingId, options: WriteOptions) -> Result<()> {
        (**self).cancel(id, options).await
    }
    async fn list(&self, within: TimeRange, page: Option<&PageToken>) -> Result<Page<Meeting>> {
        (**self).list(within, page).await
    }
}
