use std::{fmt, sync::Arc};

use invitations_core::{Result, ids::MeetingId};

/// Somebody's place on the invitation of one series or occurrence.
///
/// Opaque; 1 to 1024 bytes, no control characters, not `.` or `..`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct InviteeId(Arc<str>);

impl InviteeId {
    /// Checks `text` and keeps it unchanged.
    ///
    /// # Errors
    /// [`InvalidInput`](invitations_core::ErrorKind::InvalidInput) when it is no id.
    pub fn parse(text: impl AsRef<str>) -> Result<Self> {
        // the same rules as for ids that all providers have
        MeetingId::parse(text).map(|id| Self(id.as_str().into()))
    }

    /// The id as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for InviteeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
