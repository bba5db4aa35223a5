use crate::wire::words;

words! {
    /// What a webhook is about.
    Resource {
        /// Meetings.
        Meetings = "meetings",
        /// People in a running meeting.
        MeetingParticipants = "meetingParticipants",
        /// Recordings.
        Recordings = "recordings",
        /// Transcripts.
        MeetingTranscripts = "meetingTranscripts",
        /// A service application, in organisations that authorize it.
        ServiceApp = "serviceApp",
    }

    /// What happened to it.
    Event {
        /// It was made.
        Created = "created",
        /// It was changed.
        Updated = "updated",
        /// It was deleted; a recording for good, not into the bin.
        Deleted = "deleted",
        /// A meeting began.
        Started = "started",
        /// A meeting ended.
        Ended = "ended",
        /// Somebody came.
        Joined = "joined",
        /// Somebody left.
        Left = "left",
        /// An organisation authorized the service application.
        Authorized = "authorized",
        /// It took that back.
        Deauthorized = "deauthorized",
    }

    /// Whether Webex delivers.
    Status {
        /// It does.
        Active = "active",
        /// It was turned off, after failures or because whoever made it is gone.
        Inactive = "inactive",
    }

    /// Whose events a webhook tells.
    Owner {
        /// Those of whoever made it.
        Creator = "creator",
        /// Those of the whole organisation; needs an administrator's scopes (`meeting:admin_…_read`).
        Organization = "org",
    }
}

impl Resource {
    /// The events it has; `None` for a resource that this version does not know.
    pub(super) fn events(&self) -> Option<&'static [Event]> {
        use Event::*;
        Some(match self {
            Self::Meetings => &[Created, Updated, Deleted, Started, Ended],
            Self::MeetingParticipants => &[Joined, Left],
            Self::Recordings => &[Created, Updated, Deleted],
            Self::MeetingTranscripts => &[Created],
            Self::ServiceApp => &[Authorized, Deauthorized],
            Self::Unknown(_) => return None,
        })
    }

    /// What its events can be filtered by; `None` where that is not documented.
    pub(super) fn filters(&self) -> Option<&'static [&'static str]> {
        match self {
            Self::Meetings => {
                Some(&["id", "meetingNumber", "meetingType", "state", "hostEmail", "hostUserId", "siteUrl"])
            }
            Self::MeetingParticipants => Some(&["id", "meetingId", "state", "hostEmail", "hostPersonId", "siteUrl"]),
            _ => None,
        }
    }
}
