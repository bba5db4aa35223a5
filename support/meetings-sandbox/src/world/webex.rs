//! Webex meetings and their invitees.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::World;

/// In the ids of occurrences, in UTC.
const ORIGINAL_START: &str = "%Y%m%dT%H%M%SZ";

/// How long a meeting is there after its last end.
const KEPT: TimeDelta = TimeDelta::days(180);

/// A single meeting, a series, or one occurrence of a series.
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
    /// Of other clients. Missing in older state files.
    #[serde(default)]
    pub(crate) tags_of_others: BTreeMap<String, Vec<String>>,
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
    /// Of an occurrence: its series, and when it was to start at first. Missing in older state files, as the next one.
    #[serde(default)]
    pub(crate) occurrence_of: Option<(String, DateTime<Utc>)>,
    /// Occurrences that were changed or deleted on their own, by their original start.
    #[serde(default)]
    pub(crate) changed: BTreeMap<DateTime<Utc>, Self>,
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

    /// The id of the series, also of an occurrence.
    pub(crate) fn series_id(&self) -> &str {
        self.occurrence_of.as_ref().map_or(&self.id, |(series, _)| series)
    }

    pub(crate) fn repeats(&self) -> bool {
        self.rule().is_some()
    }

    pub(crate) fn rule(&self) -> Option<&str> {
        self.fields.get("recurrence").and_then(Value::as_str)
    }

    /// All occurrences that are not deleted, in the order of their original start. A single meeting has one.
    pub(crate) fn occurrences(&self) -> impl Iterator<Item = Self> + '_ {
        self.starts().map(|start| self.on(start)).filter(|occurrence| !occurrence.deleted)
    }

    /// The occurrence with this original start, which is one of the series'.
    fn on(&self, original: DateTime<Utc>) -> Self {
        if let Some(changed) = self.changed.get(&original) {
            return changed.clone();
        }
        let mut occurrence = self.clone();
        occurrence.id = format!("{}_{}", self.id, original.format(ORIGINAL_START));
        occurrence.occurrence_of = Some((self.id.clone(), original));
        occurrence.changed.clear();
        occurrence.fields.remove("recurrence");
        (occurrence.start, occurrence.end) = (original, original + (self.end - self.start));
        for invitee in &mut occurrence.invitees {
            // its people have places of their own on it
            let number = invitee.id.rsplit('_').next().unwrap_or_default();
            invitee.id = format!("{}_{number}", occurrence.id);
        }
        occurrence
    }

    /// The one that comes next or is under way, else the last one of the first thousands.
    pub(crate) fn current(&self, now: DateTime<Utc>) -> Option<Self> {
        self.occurrences().find(|one| one.end > now).or_else(|| self.occurrences().last())
    }

    /// Whether Webex has removed it by itself: so long after its last end.
    pub(crate) fn is_removed(&self, now: DateTime<Utc>) -> bool {
        let Some(limit) = now.checked_sub_signed(KEPT) else { return false };
        // most are young: their rule need not be followed
        self.start < limit
            && self.changed.values().all(|one| one.deleted || one.end <= limit)
            && self.starts().filter(|at| !self.changed.contains_key(at)).all(|at| at + (self.end - self.start) <= limit)
    }

    /// What a client has tagged it with: nobody else sees that.
    pub(crate) fn tags_of(&self, client: &str) -> &[String] {
        if client == self.client {
            return &self.tags;
        }
        self.tags_of_others.get(client).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn set_tags(&mut self, client: &str, tags: Vec<String>) {
        if client == self.client {
            self.tags = tags;
        } else {
            self.tags_of_others.insert(client.to_owned(), tags);
        }
    }

    /// Whether some occurrence lies, at least in part, in the window.
    pub(crate) fn is_within(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> bool {
        let inside = |one: &Self| one.start < until && one.end > from;
        self.changed.values().any(|one| !one.deleted && inside(one))
            || self.occurrences().take_while(|one| one.start < until).any(|one| inside(&one))
    }
}

impl World {
    /// A series or a single meeting that is neither deleted nor removed for its age.
    pub(crate) fn webex_meeting(&self, id: &str) -> Option<&WebexMeeting> {
        let now = self.now();
        self.webex_meetings.iter().find(|m| m.id == id && !m.deleted && !m.is_removed(now))
    }

    pub(crate) fn webex_meeting_mut(&mut self, id: &str) -> Option<&mut WebexMeeting> {
        let now = self.now();
        self.webex_meetings.iter_mut().find(|m| m.id == id && !m.deleted && !m.is_removed(now))
    }

    /// A copy of a series or an occurrence that is not deleted. The id of an instance stands for its series.
    pub(crate) fn webex_place(&self, id: &str) -> Option<WebexMeeting> {
        let Some((series, rest)) = id.split_once('_') else { return self.webex_meeting(id).cloned() };
        let series = self.webex_meeting(series)?;
        if rest.starts_with("I_") {
            return self.webex_instance(id).map(|_| series.clone());
        }
        let original = NaiveDateTime::parse_from_str(rest, ORIGINAL_START).ok()?.and_utc();
        let known = series.starts().take_while(|start| *start <= original).last() == Some(original);
        known.then(|| series.on(original)).filter(|occurrence| !occurrence.deleted)
    }

    /// Puts a copy back, changed. An occurrence stands on its own from then on.
    pub(crate) fn webex_store(&mut self, meeting: WebexMeeting) {
        match meeting.occurrence_of.clone() {
            None => {
                if let Some(slot) = self.webex_meeting_mut(&meeting.id) {
                    *slot = meeting;
                }
            }
            Some((series, original)) => {
                if let Some(series) = self.webex_meeting_mut(&series) {
                    series.changed.insert(original, meeting);
                }
            }
        }
    }
}
