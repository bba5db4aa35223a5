//! Calendars and events of mailboxes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::World;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Calendar {
    pub(crate) id: String,
    pub(crate) mailbox: String,
    pub(crate) name: String,
    pub(crate) change_key: String,
    pub(crate) default: bool,
    /// In Outlook's words; missing in older state files.
    #[serde(default)]
    pub(crate) color: Option<String>,
}

/// A wall time in a named zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Moment {
    pub(crate) local: NaiveDateTime,
    /// As the client wrote it: a Windows or an IANA name.
    pub(crate) zone: String,
}

impl Moment {
    pub(crate) fn utc(&self) -> DateTime<Utc> {
        let Some(zone) = zone_of(&self.zone) else { return self.local.and_utc() };
        // a wall time inside a gap is read an hour later, as Outlook shows it
        let found = zone.from_local_datetime(&self.local).earliest();
        let found = found.or_else(|| zone.from_local_datetime(&(self.local + TimeDelta::hours(1))).earliest());
        found.map_or_else(|| self.local.and_utc(), |instant| instant.with_timezone(&Utc))
    }
}

/// A zone by its Windows or IANA name.
pub(crate) fn zone_of(name: &str) -> Option<Tz> {
    if name == "tzone://Microsoft/Utc" {
        return Some(Tz::UTC);
    }
    if let Ok(windows) = name.parse::<windows_timezones::WindowsTimezone>() {
        return Some(windows.into());
    }
    name.parse().ok()
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) mailbox: String,
    pub(crate) calendar: String,
    pub(crate) transaction_id: Option<String>,
    pub(crate) ical_uid: String,
    pub(crate) change_key: String,
    /// The value of the world's change counter at the last change.
    pub(crate) change: u64,
    pub(crate) created: DateTime<Utc>,
    pub(crate) modified: DateTime<Utc>,
    pub(crate) start: Moment,
    pub(crate) end: Moment,
    pub(crate) all_day: bool,
    pub(crate) body_type: String,
    pub(crate) body: String,
    pub(crate) attendees: Vec<Value>,
    pub(crate) join_url: Option<String>,
    /// Extended properties by their id, as sent.
    pub(crate) extended: BTreeMap<String, String>,
    /// All other properties a client may set.
    pub(crate) fields: Map<String, Value>,
    pub(crate) deleted: bool,
    /// The series that this is an occurrence of. Never stored: occurrences are made from their series.
    #[serde(default)]
    pub(crate) series: Option<String>,
    /// Dates whose occurrences were deleted.
    #[serde(default)]
    pub(crate) cancelled: BTreeSet<NaiveDate>,
    /// Exceptions of a series, by the date that the series says.
    #[serde(default)]
    pub(crate) changed: BTreeMap<NaiveDate, Self>,
    /// Whether it is an occurrence that was changed on its own.
    #[serde(default)]
    pub(crate) is_exception: bool,
    /// The organizer's event that this one in an attendee's mailbox is of.
    #[serde(default)]
    pub(crate) copy_of: Option<String>,
}

impl Event {
    pub(crate) fn subject(&self) -> &str {
        self.fields.get("subject").and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn etag(&self) -> String {
        format!("W/\"{}\"", self.change_key)
    }

    /// Whether the event lies, at least in part, between the two instants.
    pub(crate) fn overlaps(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> bool {
        let (start, end) = (self.start.utc(), self.end.utc());
        start < until && (end > from || (start == end && start >= from))
    }

    /// The addresses of all attendees but the organizer.
    pub(crate) fn receivers(&self, organizer: &str) -> Vec<String> {
        let addresses = self.attendees.iter().filter_map(|a| a["emailAddress"]["address"].as_str());
        addresses.filter(|a| !a.eq_ignore_ascii_case(organizer)).map(str::to_owned).collect()
    }
}

impl World {
    /// The mailbox's default calendar, made at first sight.
    pub(crate) fn default_calendar(&mut self, mailbox: &str) -> Calendar {
        if let Some(calendar) = self.calendars.iter().find(|c| c.mailbox == mailbox && c.default) {
            return calendar.clone();
        }
        let id = self.ids.default_calendar(mailbox);
        self.add_calendar(id, mailbox, "Calendar", true)
    }

    pub(crate) fn make_calendar(&mut self, mailbox: &str, name: &str) -> Calendar {
        let id = self.ids.item("calendar");
        self.add_calendar(id, mailbox, name, false)
    }

    fn add_calendar(&mut self, id: String, mailbox: &str, name: &str, default: bool) -> Calendar {
        let (mailbox, name) = (mailbox.to_owned(), name.to_owned());
        let calendar = Calendar { id, mailbox, name, change_key: self.ids.change_key(), default, color: None };
        self.calendars.push(calendar.clone());
        calendar
    }

    pub(crate) fn paint_calendar(&mut self, id: &str, color: &str) {
        for calendar in self.calendars.iter_mut().filter(|calendar| calendar.id == id) {
            calendar.color = Some(color.to_owned());
        }
    }

    /// An event that is not deleted.
    pub(crate) fn event(&self, mailbox: &str, id: &str) -> Option<&Event> {
        self.events.iter().find(|e| e.id == id && e.mailbox == mailbox && !e.deleted)
    }

    pub(crate) fn event_mut(&mut self, mailbox: &str, id: &str) -> Option<&mut Event> {
        self.events.iter_mut().find(|e| e.id == id && e.mailbox == mailbox && !e.deleted)
    }

    /// Notes a change of an event: new change key, new place in the order of changes.
    pub(crate) fn touch_event(&mut self, mailbox: &str, id: &str, now: DateTime<Utc>) {
        self.change += 1;
        let (key, change) = (self.ids.change_key(), self.change);
        if let Some(event) = self.event_mut(mailbox, id) {
            (event.change_key, event.change, event.modified) = (key, change, now);
        }
    }

    /// Stores a changed event with a new change key: a single one, a series, or one occurrence as an exception of its series.
    pub(crate) fn keep(&mut self, mut event: Event, now: DateTime<Utc>) {
        self.change += 1;
        (event.change_key, event.change, event.modified) = (self.ids.change_key(), self.change, now);
        let (mailbox, change) = (event.mailbox.clone(), self.change);
        let stored = self.event_mut(&mailbox, &event.series.clone().unwrap_or_else(|| event.id.clone()));
        let Some(stored) = stored else { return };
        if event.series.is_none() {
            *stored = event;
        } else if let Some(date) = stored.occurrence_date(&event.id) {
            stored.change = change;
            event.is_exception = true;
            stored.changed.insert(date, event);
        }
    }
}
