use url::Url;

use crate::{
    ids::{CalendarId, EventId, MeetingKey, ResourceId, Role},
    provider::{Account, MeetingDraft},
};

/// What is offered.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Offer {
    /// A meeting, made when it is accepted.
    Meeting {
        /// What is made.
        draft: Box<MeetingDraft>,
        /// Who makes it.
        organizer: Account,
    },
    /// A role in the organisation.
    Membership {
        /// Which one.
        role: Role,
    },
    /// A place at something that exists.
    Access {
        /// At what.
        resource: ResourceId,
        /// What letting in means.
        access: Box<EventAccess>,
    },
    /// A meeting that is paid for.
    Booking {
        /// The embedder's booking.
        booking: MeetingKey,
        /// What is made.
        draft: Box<MeetingDraft>,
        /// Who makes it.
        organizer: Account,
    },
}

impl Offer {
    /// A title for people.
    pub fn title(&self) -> &str {
        match self {
            Self::Meeting { draft, .. } | Self::Booking { draft, .. } => &draft.subject,
            Self::Membership { role } => role.as_str(),
            Self::Access { resource, .. } => resource.as_str(),
        }
    }
}

/// Letting somebody into a calendar event: a guest in the directory, then an attendee on the event.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[non_exhaustive]
pub struct EventAccess {
    /// Whose calendar and which directory.
    pub account: Account,
    /// In which calendar.
    pub calendar: CalendarId,
    /// Which event.
    pub event: EventId,
    /// Where a guest lands after accepting the directory's invitation.
    pub redirect: Url,
    /// Whether the directory sends its own invitation mail.
    pub send_mail: bool,
    /// Who says yes.
    pub approval: Approval,
    /// Whether taking the access back also removes the guest from the directory, if letting in is what put them there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub remove_guest: bool,
}

impl EventAccess {
    /// Access that one member must approve.
    pub fn new(account: Account, calendar: CalendarId, event: EventId, redirect: Url) -> Self {
        Self {
            account,
            calendar,
            event,
            redirect,
            send_mail: true,
            approval: Approval::Members(1),
            remove_guest: false,
        }
    }

    /// Says who must approve.
    #[must_use]
    pub fn with_approval(mut self, approval: Approval) -> Self {
        self.approval = approval;
        self
    }

    /// Taking the access back also removes the guest from the directory, if letting in is what put them there. Without it the
    /// directory keeps its guests: they may be needed elsewhere.
    #[must_use]
    pub fn with_guest_removal(mut self) -> Self {
        self.remove_guest = true;
        self
    }

    /// Says whether the directory sends its own mail.
    #[must_use]
    pub fn with_mail(mut self, send: bool) -> Self {
        self.send_mail = send;
        self
    }
}

/// Who says yes to a request for access.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Approval {
    /// So many different members (0 counts as 1).
    Members(u8),
    /// Nobody needs to, once the address is proven and its domain is one of these (lower case; empty: any domain).
    Automatic {
        /// The domains.
        domains: Vec<String>,
    },
}
