//! Webex meetings and their invitees.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::World;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct WebexMeeting {
    pub(crate) id: String,
    pub(crate) number: String,
    /// Person id of the host.
    pub(crate) host: String,
    pub(crate) host_email: String,
    /// The OAuth client that made it: integration tags are its own.
    pub(crate) client: String,
    pub(crate) tags: Vec<String>,
    pub(crate) title: String,
    pub(crate) start: DateTime<Utc>,
    pub(crate) end: DateTime<Utc>,
    /// IANA name.
    pub(crate) timezone: String,
    pub(crate) password: String,
    pub(crate) host_key: String,
    pub(crate) web_link: String,
    pub(crate) created: DateTime<Utc>,
    /// All other properties a client may set.
    pub(crate) fields: Map<String, Value>,
    pub(crate) invitees: Vec<Invitee>,
    pub(crate) deleted: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Invitee {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) display_name: String,
    pub(crate) co_host: bool,
    pub(crate) panelist: bool,
}

impl WebexMeeting {
    pub(crate) fn invitee(&self, email: &str) -> Option<&Invitee> {
        self.invitees.iter().find(|i| i.email.eq_ignore_ascii_case(email))
    }
}

impl World {
    /// A meeting that is not deleted.
    pub(crate) fn webex_meeting(&self, id: &str) -> Option<&WebexMeeting> {
        self.webex_meetings.iter().find(|m| m.id == id && !m.deleted)
    }

    pub(crate) fn webex_meeting_mut(&mut self, id: &str) -> Option<&mut WebexMeeting> {
        self.webex_meetings.iter_mut().find(|m| m.id == id && !m.deleted)
    }
}
