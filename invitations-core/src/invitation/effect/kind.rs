use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::{
    Error, ErrorKind,
    ids::{CalendarId, EffectId, EffectName, EventId, MeetingKey},
    people::{Attendee, GuestDraft},
    provider::{Account, Gathering, MeetingDraft, MeetingPatch},
    secret::Sealed,
};

/// What is to be made. Holds no secret: it sits in rows.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EffectKind {
    /// A meeting under the effect's key.
    CreateMeeting(Box<MeetingDraft>),
    /// A guest in the account's directory.
    InviteGuest(Box<GuestDraft>),
    /// One attendee more on an event.
    AddToEvent {
        /// In which calendar.
        calendar: CalendarId,
        /// To which event.
        event: EventId,
        /// Whom.
        attendee: Attendee,
    },
    /// One attendee more on the meeting that an earlier effect of the same plan made.
    AddToMeeting {
        /// Whom.
        attendee: Attendee,
    },
    /// One attendee fewer on that meeting. There is nothing to undo.
    RemoveFromMeeting {
        /// Whom.
        attendee: Attendee,
    },
    /// A change of that meeting, such as its time. There is nothing to undo: the meeting is.
    UpdateMeeting(Box<MeetingPatch>),
    /// The embedder's own effect.
    Custom {
        /// Under which name it was registered.
        name: EffectName,
        /// Its own data.
        payload: serde_json::Value,
    },
}

impl EffectKind {
    /// Names that no embedder's effect may have.
    pub(crate) const BUILT_IN: [&str; 6] =
        ["create_meeting", "invite_guest", "add_to_event", "add_to_meeting", "remove_from_meeting", "update_meeting"];

    /// The name that stands in the effect's id and key.
    pub fn name(&self) -> &str {
        match self {
            Self::CreateMeeting(_) => "create_meeting",
            Self::InviteGuest(_) => "invite_guest",
            Self::AddToEvent { .. } => "add_to_event",
            Self::AddToMeeting { .. } => "add_to_meeting",
            Self::RemoveFromMeeting { .. } => "remove_from_meeting",
            Self::UpdateMeeting(_) => "update_meeting",
            Self::Custom { name, .. } => name.as_str(),
        }
    }

    /// Whether taking back what it did is a request of its own.
    pub fn leaves_something(&self) -> bool {
        !matches!(self, Self::RemoveFromMeeting { .. } | Self::UpdateMeeting(_))
    }
}

/// Where an effect stands. Being leased is no status: the store's row says who holds it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EffectStatus {
    /// To be done.
    Planned,
    /// The intent is written; the request may be on its way, or its outcome is unknown.
    InFlight,
    /// To be done again.
    Retry,
    /// Done.
    Done,
    /// To be undone.
    UndoPlanned,
    /// The undo's intent is written.
    Undoing,
    /// Undone, or never done.
    Undone,
}

/// One effect of one invitation.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[non_exhaustive]
pub struct Effect {
    /// `name.epoch`, or `name.epoch.n` for several of a kind; unique within the invitation.
    pub id: EffectId,
    /// What is to be made.
    pub kind: EffectKind,
    /// By which account.
    pub account: Account,
    /// Under which key.
    pub key: MeetingKey,
    /// Where it stands.
    pub status: EffectStatus,
    /// Counts the intents; a report for another attempt is stale.
    pub attempt: u32,
    /// Counts refusals since the last progress.
    pub refusals: u32,
    /// Whether an earlier try may have acted: then "nothing to undo" needs a look.
    pub tainted: bool,
    /// What helps when the outcome is unknown; fixed with the intent.
    pub reconciliation: Option<Reconciliation>,
    /// When the request in flight is over at the latest, UTC.
    pub request_deadline: Option<DateTime<Utc>>,
    /// When a worker should look at it, UTC; `None`: nothing to do. At rest: when it is swept.
    pub due_at: Option<DateTime<Utc>>,
    /// How many look-ups in a row found nothing.
    pub absent_answers: u32,
    /// What exists outside.
    pub found: Option<ExternalRef>,
    /// Why the last try did not succeed.
    pub problem: Option<Problem>,
    /// How often it was swept since it came to rest.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub swept: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Effect {
    /// Whether it is done or undone.
    pub fn is_at_rest(&self) -> bool {
        matches!(self.status, EffectStatus::Done | EffectStatus::Undone)
    }

    /// An effect to be done from `due_at` on.
    pub fn planned(id: EffectId, kind: EffectKind, account: Account, key: MeetingKey, due_at: DateTime<Utc>) -> Self {
        Self {
            id,
            kind,
            account,
            key,
            status: EffectStatus::Planned,
            attempt: 0,
            refusals: 0,
            tainted: false,
            reconciliation: None,
            request_deadline: None,
            due_at: Some(due_at),
            absent_answers: 0,
            found: None,
            problem: None,
            swept: 0,
        }
    }
}

/// What exists outside; enough to undo it years later, with the right account.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[non_exhaustive]
pub struct ExternalRef {
    /// By which account.
    pub account: Account,
    /// The provider's id.
    pub id: String,
    /// On which event or meeting, for an attendee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gathering: Option<Gathering>,
    /// The join link, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub join: Option<Sealed>,
    /// Whether it surely was not there before: only what we made may be taken away for good.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub created: bool,
}

impl ExternalRef {
    /// An object without a link.
    pub fn new(account: Account, id: impl Into<String>) -> Self {
        Self { account, id: id.into(), gathering: None, join: None, created: false }
    }

    /// Adds the sealed join link.
    #[must_use]
    pub fn with_join(mut self, sealed: Sealed) -> Self {
        self.join = Some(sealed);
        self
    }

    /// Says on which event or meeting it is.
    #[must_use]
    pub fn with_gathering(mut self, gathering: Gathering) -> Self {
        self.gathering = Some(gathering);
        self
    }
}

/// Why a try did not succeed, as stored: no secrets, no reply bodies.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// What failed.
    pub summary: String,
    /// What a person should do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// Whether the account's owner must connect again.
    #[serde(default)]
    pub reconnect: bool,
}

impl Problem {
    /// A problem in words.
    pub fn new(summary: impl Into<String>) -> Self {
        Self { summary: summary.into(), remedy: None, reconnect: false }
    }
}

impl From<&Error> for Problem {
    fn from(error: &Error) -> Self {
        Self {
            summary: error.to_string(),
            remedy: error.remedy().map(ToString::to_string),
            reconnect: error.kind() == ErrorKind::NeedsReconsent,
        }
    }
}

/// What helps when the outcome of an effect is unknown.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reconciliation {
    /// Send the same again: the key (or the address) makes it the same object.
    Reissue,
    /// Look it up.
    LookUp {
        /// Whether "absent" is proof.
        exact: bool,
        /// How long a copy may stay invisible.
        lag: Duration,
    },
    /// A person has to look.
    Quarantine,
}

/// What a worker learnt about an effect. Join links are sealed before they get here.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum EffectReport {
    /// Done (or, while undoing: undone).
    Succeeded(Option<Box<ExternalRef>>),
    /// The provider surely did nothing; try again at this time at the earliest.
    Retryable {
        /// How long the provider asked to wait.
        after: Option<Duration>,
        /// Why.
        problem: Problem,
    },
    /// Nobody knows.
    Unknown(Problem),
    /// A person has to do something first: consent, permission, licence.
    NeedsAction(Problem),
    /// The provider refuses for good.
    Permanent(Problem),
    /// Looked up: there it is. `extra` are further copies.
    Found {
        /// The object.
        object: Box<ExternalRef>,
        /// How many more carry the same key.
        extra: usize,
    },
    /// Looked up: nothing there.
    Absent,
    /// Looked up: no answer; look again.
    StillUnknown(Problem),
    /// Looked at long after: what was too much is gone.
    Swept {
        /// How many objects were taken away that should not have been there.
        removed: usize,
        /// Whether the object that should be there is not.
        missing: bool,
    },
}
