use std::fmt;

use chrono::{DateTime, Utc};

use super::Status;
use crate::ids::InvitationId;

/// Why the machine said no. Has no effect and is safe to show.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// Unknown id, another organisation's, or a bad, dead or wrong-purpose link: one answer for all.
    NotFound,
    /// It is over.
    Closed(Status),
    /// Somebody else has claimed it; it is being made or taken back.
    InProgress,
    /// The same person has accepted already.
    AlreadyYours,
    /// The answer is to an older revision.
    Stale {
        /// The revision that counts.
        current: u32,
    },
    /// Its time is over.
    Expired,
    /// It is for somebody else.
    WrongRecipient,
    /// The actor may not do this.
    Forbidden,
    /// A quota or a number of seats is used up.
    LimitReached,
    /// Too soon after the last one.
    Cooldown {
        /// When it may be done again, UTC.
        until: DateTime<Utc>,
    },
    /// This kind of invitation does not know this command, or not now.
    NotApplicable,
    /// One meeting of a series cannot be changed here, only the whole series. Change it in the organizer's calendar.
    WholeSeriesOnly,
    /// Another invitation of the same kind is open for the same person.
    Duplicate {
        /// Which one.
        of: InvitationId,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("no such invitation"),
            Self::Closed(status) => write!(f, "it is {status}"),
            Self::InProgress => f.write_str("it is in progress"),
            Self::AlreadyYours => f.write_str("already accepted by you"),
            Self::Stale { current } => write!(f, "it changed meanwhile, revision {current} counts"),
            Self::Expired => f.write_str("it has expired"),
            Self::WrongRecipient => f.write_str("it is for somebody else"),
            Self::Forbidden => f.write_str("not allowed"),
            Self::LimitReached => f.write_str("the limit is reached"),
            Self::Cooldown { until } => write!(f, "not before {until}"),
            Self::NotApplicable => f.write_str("not possible in this state"),
            Self::WholeSeriesOnly => f.write_str("only the whole series can be changed here"),
            Self::Duplicate { of } => write!(f, "there is one already: {of}"),
        }
    }
}
