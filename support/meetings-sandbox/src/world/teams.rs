//! Teams meetings.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::World;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TeamsMeeting {
    pub(crate) id: String,
    pub(crate) organizer: String,
    pub(crate) external_id: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) start: DateTime<Utc>,
    pub(crate) end: DateTime<Utc>,
    pub(crate) created: DateTime<Utc>,
    pub(crate) join_url: String,
    pub(crate) thread: String,
    pub(crate) join_meeting_id: String,
    pub(crate) passcode: Option<String>,
    pub(crate) attendees: Vec<Value>,
    /// Settings as the client sent them, in canonical spelling.
    pub(crate) settings: Map<String, Value>,
    /// Whether people are in it: then only some properties can change. Missing in older state files, as the next.
    #[serde(default)]
    pub(crate) in_progress: bool,
    /// So many look-ups still miss it.
    #[serde(default)]
    pub(crate) hidden_reads: u32,
    pub(crate) deleted: bool,
}

impl World {
    /// A meeting that is not deleted.
    pub(crate) fn meeting(&self, id: &str) -> Option<&TeamsMeeting> {
        self.meetings.iter().find(|m| m.id == id && !m.deleted)
    }

    pub(crate) fn meeting_mut(&mut self, id: &str) -> Option<&mut TeamsMeeting> {
        self.meetings.iter_mut().find(|m| m.id == id && !m.deleted)
    }

    /// Begins or ends a meeting. False where there is no such meeting.
    pub(crate) fn run_meeting(&mut self, id: &str, in_progress: bool) -> bool {
        let found = self.meeting_mut(id);
        found.map(|meeting| meeting.in_progress = in_progress).is_some()
    }

    /// The meeting that `createOrGet` finds: external ids are unique per organizer.
    pub(crate) fn meeting_by_external_id(&self, organizer: &str, external_id: &str) -> Option<&TeamsMeeting> {
        self.meetings
            .iter()
            .find(|m| !m.deleted && m.organizer == organizer && m.external_id.as_deref() == Some(external_id))
    }

    /// How many meetings were ever made for this organizer and external id.
    pub(crate) fn meetings_made(&self, of: &TeamsMeeting) -> usize {
        let same = |m: &&TeamsMeeting| m.organizer == of.organizer && m.external_id == of.external_id;
        if of.external_id.is_none() { 1 } else { self.meetings.iter().filter(same).count() }
    }
}
