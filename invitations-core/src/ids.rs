//! Checked ids. Each kind of id is a type of its own, so that one cannot be passed for another.

use std::{fmt, sync::Arc};

use crate::{Error, Result};

/// 1 to `max` bytes, no control characters, not a dot segment: safe to store, to log and to put in a path segment.
fn check(name: &'static str, text: &str, max: usize) -> Result<()> {
    let problem = match text {
        "" => "is empty",
        "." | ".." => "is a dot segment",
        _ if text.len() > max => "is too long",
        _ if text.chars().any(char::is_control) => "has a control character",
        _ => return Ok(()),
    };
    Err(Error::invalid("parse id", format!("{name} {problem}")))
}

/// The longest id.
const LONGEST: usize = 1024;

macro_rules! ids { ($most:expr, $rules:literal; $($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
    $(#[$doc])*
    ///
    #[doc = $rules]
    #[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Deserialize, serde::Serialize)]
    #[serde(try_from = "String", into = "String")]
    pub struct $name(Arc<str>);

    impl $name {
        /// Checks `text` and keeps it unchanged.
        ///
        /// # Errors
        /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when it is empty, too long, a dot segment or has control characters.
        pub fn parse(text: impl AsRef<str>) -> Result<Self> {
            check(stringify!($name), text.as_ref(), $most)?;
            Ok(Self(text.as_ref().into()))
        }

        /// The id as it was given.
        pub fn as_str(&self) -> &str {
            &self.0
        }
    }

    common!($name);
)+}}

macro_rules! common {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl TryFrom<String> for $name {
            type Error = Error;
            fn try_from(text: String) -> Result<Self> {
                Self::parse(text)
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.as_str().to_owned()
            }
        }
        impl std::str::FromStr for $name {
            type Err = Error;
            fn from_str(text: &str) -> Result<Self> {
                Self::parse(text)
            }
        }
    };
}

ids! {
    LONGEST, "1 to 1024 bytes, no control characters, not `.` or `..`.";
    /// The embedder's organisation. Never Entra's directory.
    TenantId,
    /// A person or service account of the embedder.
    PrincipalId,
    /// A provider: `microsoft`, `webex`, or a third party's own name.
    ProviderId,
    /// A user at a provider: an object id, or an address where the provider resolves it.
    UserId,
    /// An OAuth client (application) id.
    ClientId,
    /// One user's consent to one provider account.
    ConnectionId,
    /// One calendar kept true from one source.
    BindingId,
    /// One invitation.
    InvitationId,
    /// One effect of one invitation; unique within it.
    EffectId,
    /// The name of an embedder's own effect.
    EffectName,
    /// A provider's meeting.
    MeetingId,
    /// A provider's calendar.
    CalendarId,
    /// A provider's calendar event.
    EventId,
    /// A guest in a provider's directory.
    GuestId,
    /// A version of a provider object, for conditional writes.
    Etag,
    /// A worker process.
    WorkerId,
    /// A provider's id of one request.
    RequestId,
    /// Something of the embedder's that access is asked to, such as a webinar.
    ResourceId,
    /// A role in the embedder's organisation.
    Role,
    /// The caller's own stable name for an invitation: the same reference is the same invitation.
    Reference,
}

ids! {
    PageToken::MAX, "1 byte to 32 KiB, no control characters, not `.` or `..`.";
    /// An opaque place in a listing. Many providers' are the whole link to the next page.
    PageToken,
    /// An opaque place in a stream of changes. Many providers' are the whole link to what has changed since.
    SyncCursor,
}

impl PageToken {
    /// The most bytes of a place in a listing, of a [`SyncCursor`], and of a link that a provider gives: delta links run to some kilobytes.
    pub const MAX: usize = 32 * 1024;
}

/// The caller's own stable name for a meeting ("lesson-42"). Same key, same meeting.
///
/// 1 to 64 printable ASCII characters (no space at the ends): valid as `externalId` and `transactionId` at Microsoft Graph and as an
/// integration tag at Webex (at most 64 characters, `POST /meetings`).
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct MeetingKey(Arc<str>);

impl MeetingKey {
    /// The most characters a key may have.
    pub const MAX: usize = 64;

    /// Checks `text` and keeps it unchanged.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when it is not 1 to 64 printable ASCII characters or has a space at an end.
    pub fn parse(text: impl AsRef<str>) -> Result<Self> {
        let text = text.as_ref();
        check("MeetingKey", text, Self::MAX)?;
        if !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) || text.trim() != text {
            return Err(Error::invalid("parse id", "MeetingKey is not printable ASCII"));
        }
        Ok(Self(text.into()))
    }

    /// The key as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

common!(MeetingKey);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dot_segments_and_control_characters_are_refused() {
        for bad in ["", ".", "..", "a\nb", "a\0", "\u{7f}"] {
            assert!(MeetingId::parse(bad).is_err(), "{bad:?}");
        }
        assert!(MeetingId::parse("x".repeat(1025)).is_err());
        assert!(MeetingId::parse("x".repeat(1024)).is_ok());
        assert_eq!(MeetingId::parse("a/b?c").unwrap().as_str(), "a/b?c");
    }

    /// What is followed is also handed out.
    #[test]
    fn a_place_in_a_listing_is_as_long_as_a_link() {
        for (length, fits) in [(1, true), (1025, true), (PageToken::MAX, true), (PageToken::MAX + 1, false)] {
            let text = "x".repeat(length);
            assert_eq!(PageToken::parse(&text).is_ok(), fits, "{length}");
            assert_eq!(SyncCursor::parse(&text).is_ok(), fits, "{length}");
        }
        assert!(PageToken::parse("a\nb").is_err());
    }

    #[test]
    fn keys_fit_every_provider() {
        for bad in ["", "é", " a", "a ", &"k".repeat(65)] {
            assert!(MeetingKey::parse(bad).is_err(), "{bad:?}");
        }
        assert!(MeetingKey::parse("k".repeat(64)).is_ok());
    }

    #[test]
    fn a_bad_id_in_stored_json_is_refused() {
        assert!(serde_json::from_str::<TenantId>("\"..\"").is_err());
        assert_eq!(serde_json::from_str::<TenantId>("\"a\"").unwrap().as_str(), "a");
    }
}
