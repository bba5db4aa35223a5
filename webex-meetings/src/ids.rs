//! Ids of things that only Webex has.

use std::{fmt, sync::Arc};

use invitations_core::{Result, ids::MeetingId};

macro_rules! ids { ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
    $(#[$doc])*
    ///
    /// Opaque; 1 to 1024 bytes, no control characters, not `.` or `..`.
    #[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    pub struct $name(Arc<str>);

    impl $name {
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

    impl fmt::Display for $name {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.as_str())
        }
    }
)+}}

ids! {
    /// Somebody in one instance of a meeting.
    ParticipantId,
    /// A recording.
    RecordingId,
    /// A transcript.
    TranscriptId,
}
