use invitations_core::{
    Error, Remedy, Result,
    provider::Marker,
    time::{EventTime, Recurrence, Slot, WallTime},
};
use serde_json::{Map, Value, json};

use super::{
    Body, EventCategory, Importance, Location, OutlookAttendee, Sensitivity, ShowAs, ZonedTime, words::checked,
};
use crate::calendar::{check_attendees, recurrence};

/// Members that are said through fields of their own, by the key, or not at all.
const NOT_OTHER: [&str; 38] = [
    "subject",
    "body",
    "start",
    "end",
    "isAllDay",
    "location",
    "locations",
    "attendees",
    "showAs",
    "sensitivity",
    "importance",
    "categories",
    "isReminderOn",
    "reminderMinutesBeforeStart",
    "responseRequested",
    "hideAttendees",
    "isOnlineMeeting",
    "onlineMeetingProvider",
    "recurrence",
    "transactionId",
    "singleValueExtendedProperties",
    "id",
    "iCalUId",
    "changeKey",
    "createdDateTime",
    "lastModifiedDateTime",
    "type",
    "seriesMasterId",
    "originalStart",
    "originalStartTimeZone",
    "originalEndTimeZone",
    "isOrganizer",
    "isCancelled",
    "isDraft",
    "responseStatus",
    "onlineMeeting",
    "onlineMeetingUrl",
    "webLink",
];

/// An event to make. What is not said is as Outlook does it: busy, required attendees, an answer asked for, a reminder 15 minutes
/// before.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NewEvent {
    /// The title.
    pub subject: String,
    /// From.
    pub start: ZonedTime,
    /// Until.
    pub end: ZonedTime,
    /// Whether it takes whole days: from midnight to midnight in one zone, the end not included (trap 18).
    pub is_all_day: bool,
    /// The text.
    pub body: Option<Body>,
    /// Where; what is shown when it is at several places.
    pub location: Option<Location>,
    /// Where, when it is at several places.
    pub locations: Vec<Location>,
    /// Who is invited, at most 500. Outlook mails them at once. An address counts once.
    pub attendees: Vec<OutlookAttendee>,
    /// How the time is shown to others.
    pub show_as: Option<ShowAs>,
    /// Who may read what it says.
    pub sensitivity: Option<Sensitivity>,
    /// How important it is.
    pub importance: Option<Importance>,
    /// Categories, with the colours they should have.
    pub categories: Vec<EventCategory>,
    /// When Outlook reminds of it.
    pub reminder: Option<Reminder>,
    /// Whether attendees are asked to answer.
    pub response_requested: Option<bool>,
    /// Whether attendees may propose another time. Said at the creation only.
    pub allow_new_time_proposals: Option<bool>,
    /// Whether attendees see only themselves.
    pub hide_attendees: Option<bool>,
    /// Whether Outlook makes a Teams meeting for it. It stays one: see [`EventPatch`](super::EventPatch).
    pub online_meeting: bool,
    /// How it repeats.
    pub recurrence: Option<Recurrence>,
    /// Other members, as Graph takes them: extensions, and what this version does not model.
    pub other: Map<String, Value>,
}

/// When Outlook reminds of an event.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Reminder {
    /// Never.
    Off,
    /// So many minutes before the start.
    MinutesBefore(u16),
}

impl NewEvent {
    /// An event from one time to another.
    pub fn new(subject: impl Into<String>, start: impl Into<ZonedTime>, end: impl Into<ZonedTime>) -> Self {
        Self {
            subject: subject.into(),
            start: start.into(),
            end: end.into(),
            is_all_day: false,
            body: None,
            location: None,
            locations: Vec::new(),
            attendees: Vec::new(),
            show_as: None,
            sensitivity: None,
            importance: None,
            categories: Vec::new(),
            reminder: None,
            response_requested: None,
            allow_new_time_proposals: None,
            hide_attendees: None,
            online_meeting: false,
            recurrence: None,
            other: Map::new(),
        }
    }

    /// Takes whole days.
    #[must_use]
    pub fn all_day(mut self) -> Self {
        self.is_all_day = true;
        self
    }

    /// Sets the text.
    #[must_use]
    pub fn with_body(mut self, body: Body) -> Self {
        self.body = Some(body);
        self
    }

    /// Sets the place.
    #[must_use]
    pub fn with_location(mut self, place: Location) -> Self {
        self.location = Some(place);
        self
    }

    /// Lists one more attendee.
    #[must_use]
    pub fn with_attendee(mut self, attendee: OutlookAttendee) -> Self {
        self.attendees.push(attendee);
        self
    }

    /// Adds a category.
    #[must_use]
    pub fn with_category(mut self, category: impl Into<EventCategory>) -> Self {
        self.categories.push(category.into());
        self
    }

    /// Asks for a Teams meeting.
    #[must_use]
    pub fn with_online_meeting(mut self) -> Self {
        self.online_meeting = true;
        self
    }

    /// Lets it repeat.
    #[must_use]
    pub fn with_recurrence(mut self, rule: Recurrence) -> Self {
        self.recurrence = Some(rule);
        self
    }

    /// The body of the call without key and categories, or why it is not sent.
    pub(crate) fn members(&self, operation: &'static str) -> Result<Map<String, Value>> {
        let mut members = others(operation, &self.other)?;
        let mut say = |name: &str, value: Value| members.insert(name.to_owned(), value);
        say("subject", self.subject.as_str().into());
        let (start, end) = span(operation, &self.start, &self.end, self.is_all_day)?;
        say("start", start);
        say("end", end);
        say("isAllDay", self.is_all_day.into());
        if let Some(body) = &self.body {
            say("body", body.written());
        }
        if let Some(place) = &self.location {
            say("location", place.written());
        }
        if !self.locations.is_empty() {
            say("locations", self.locations.iter().map(Location::written).collect());
        }
        if !self.attendees.is_empty() {
            say("attendees", attendees(operation, &self.attendees)?);
        }
        if let Some(rule) = &self.recurrence {
            say("recurrence", series(operation, rule, &self.start, &self.end, self.is_all_day)?);
        }
        if self.online_meeting {
            say("isOnlineMeeting", true.into());
            say("onlineMeetingProvider", "teamsForBusiness".into());
        }
        if let Some(allowed) = self.allow_new_time_proposals {
            say("allowNewTimeProposals", allowed.into());
        }
        let said = Said {
            show_as: self.show_as.as_ref(),
            sensitivity: self.sensitivity.as_ref(),
            importance: self.importance.as_ref(),
            reminder: self.reminder,
            response_requested: self.response_requested,
            hide_attendees: self.hide_attendees,
        };
        said.into_members(operation, &mut members)?;
        self.categories.iter().try_for_each(|category| category.check(operation))?;
        Ok(members)
    }
}

/// What creates and changes say alike.
pub(super) struct Said<'a> {
    pub(super) show_as: Option<&'a ShowAs>,
    pub(super) sensitivity: Option<&'a Sensitivity>,
    pub(super) importance: Option<&'a Importance>,
    pub(super) reminder: Option<Reminder>,
    pub(super) response_requested: Option<bool>,
    pub(super) hide_attendees: Option<bool>,
}

impl Said<'_> {
    pub(super) fn into_members(self, operation: &'static str, members: &mut Map<String, Value>) -> Result<()> {
        for (name, word) in [
            ("showAs", self.show_as.map(ShowAs::as_str)),
            ("sensitivity", self.sensitivity.map(Sensitivity::as_str)),
            ("importance", self.importance.map(Importance::as_str)),
        ] {
            if let Some(word) = word {
                members.insert(name.to_owned(), checked(operation, name, word)?.into());
            }
        }
        for (name, flag) in [("responseRequested", self.response_requested), ("hideAttendees", self.hide_attendees)] {
            if let Some(flag) = flag {
                members.insert(name.to_owned(), flag.into());
            }
        }
        if let Some(reminder) = self.reminder {
            members.insert("isReminderOn".to_owned(), (reminder != Reminder::Off).into());
            if let Reminder::MinutesBefore(minutes) = reminder {
                members.insert("reminderMinutesBeforeStart".to_owned(), minutes.into());
            }
        }
        Ok(())
    }
}

/// Start and end as they are written, once they are a time an event can have.
pub(super) fn span(
    operation: &'static str,
    start: &ZonedTime,
    end: &ZonedTime,
    all_day: bool,
) -> Result<(Value, Value)> {
    let refused = |detail, remedy| Err(Error::invalid(operation, detail).with_remedy(Remedy::new(remedy)));
    if all_day {
        // https://learn.microsoft.com/graph/api/resources/event, isAllDay (trap 18)
        if !start.is_midnight() || !end.is_midnight() || !start.zone.trim().eq_ignore_ascii_case(end.zone.trim()) {
            return refused(
                "an all-day event is not from midnight to midnight in one time zone",
                "Begin and end at midnight of the same time zone.",
            );
        }
        if end.local <= start.local {
            return refused("an all-day event lasts no day", "Say the day after the last one as the end.");
        }
        // the dates float: another zone's name for them would be another day somewhere
        let floating = |time: &ZonedTime| json!(crate::wire::DateTimeTimeZone::local(time.local));
        start.known_zone()?;
        return Ok((floating(start), floating(end)));
    }
    if end.instant()? <= start.instant()? {
        return refused("the event ends before it begins, or when it begins", "Say an end after the start.");
    }
    Ok((start.written()?, end.written()?))
}

pub(super) fn series(
    operation: &'static str,
    rule: &Recurrence,
    start: &ZonedTime,
    end: &ZonedTime,
    all_day: bool,
) -> Result<Value> {
    let time = if all_day {
        let days = u16::try_from((end.local - start.local).num_days()).unwrap_or(u16::MAX);
        EventTime::AllDay { from: start.local.date(), days }
    } else {
        let zone = start.known_zone()?;
        // the zone has to have a Windows name, or the series would move when clocks change
        crate::zones::windows_time_zone(zone)?;
        recurrence::wall::shown(operation, [start.local, end.local], zone)?;
        let duration = (end.instant()? - start.instant()?).to_std().unwrap_or_default();
        EventTime::Timed(Slot { start: WallTime::new(start.local, zone), duration })
    };
    Ok(recurrence::written(&recurrence::series(operation, rule, &time)?))
}

/// The whole list, each address once.
pub(super) fn attendees(operation: &'static str, list: &[OutlookAttendee]) -> Result<Value> {
    let refused = |detail, remedy| Err(Error::invalid(operation, detail).with_remedy(Remedy::new(remedy)));
    let (mut seen, mut written) = (std::collections::HashSet::new(), Vec::with_capacity(list.len()));
    for attendee in list {
        let Some(key) = attendee.key() else {
            return refused("an attendee has no address", "Give each attendee an address.");
        };
        checked(operation, "type", attendee.kind.as_str())?;
        if seen.insert(key) {
            written.push(attendee.written());
        }
    }
    check_attendees(operation, written.len())?;
    Ok(written.into())
}

pub(super) fn others(operation: &'static str, other: &Map<String, Value>) -> Result<Map<String, Value>> {
    let taken = other
        .keys()
        .find(|name| name.contains("@odata") || NOT_OTHER.iter().any(|known| known.eq_ignore_ascii_case(name)));
    match taken {
        None => Ok(other.clone()),
        Some(name) if name.eq_ignore_ascii_case("transactionId") => {
            // https://learn.microsoft.com/graph/api/resources/event: set once, when the event is made (trap 8)
            Err(Error::invalid(operation, "transactionId is said by the key of a create, and never changed")
                .with_remedy(Remedy::new("Leave transactionId out; the key of the create is its value.")))
        }
        Some(name) => Err(Error::invalid(operation, format!("{name} is not one of the other members")).with_remedy(
            Remedy::new("Say the member through its own field; what Outlook keeps itself cannot be said."),
        )),
    }
}

/// The key for making an event anew. Outlook remembers the key of an event that was deleted, so a new event needs another
/// incarnation of it: `number` 0 is `key` itself. Count one up with each new event, and store the number with your record.
///
/// # Errors
/// [`InvalidInput`](invitations_core::ErrorKind::InvalidInput) when the key becomes too long for a [`Marker`].
pub fn incarnation(key: &Marker, number: u32) -> Result<Marker> {
    if number == 0 { Ok(key.clone()) } else { Marker::parse(format!("{key}:{number}")) }
}

#[cfg(test)]
mod tests;
