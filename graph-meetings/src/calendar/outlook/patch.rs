use invitations_core::{Error, Remedy, Result, provider::Marker, time::Recurrence};
use serde_json::{Map, Value};

use super::{
    Body, EventCategory, Importance, Location, OutlookAttendee, Reminder, Sensitivity, ShowAs, ZonedTime,
    new_event::{Said, attendees, others, series, span},
};

/// A member of a change: kept, taken away, or set.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "absent, null and a value are all that a member can be")]
pub enum Patch<T> {
    /// Stays as it is: the member is not sent.
    #[default]
    Keep,
    /// Taken away: the member is sent as `null`, a list as empty.
    Clear,
    /// Set to this.
    Set(T),
}

impl<T> Patch<T> {
    /// Whether nothing is said.
    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// What is set.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}

/// A change of an event; what is not said stays.
///
/// What Graph does not change is no member: the organizer, the `transactionId` (said by the key of the create), whether times may be
/// proposed. An online meeting stays one: `isOnlineMeeting: false` and another provider are passed over in silence (trap 11), so
/// saying `false` is refused.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct EventPatch {
    /// The title.
    pub subject: Patch<String>,
    /// From.
    pub start: Option<ZonedTime>,
    /// Until.
    pub end: Option<ZonedTime>,
    /// Whether it takes whole days; only together with start and end.
    pub is_all_day: Option<bool>,
    /// The text. That of an online event is written around the block that makes it one (trap 10).
    pub body: Patch<Body>,
    /// Where. Wipes the event's `locations`, and is refused together with them.
    pub location: Patch<Location>,
    /// Where, when it is at several places.
    pub locations: Patch<Vec<Location>>,
    /// The **whole** list: who is not in it is removed and gets a cancellation (trap 9). Refused unless the call says the version
    /// whose list was read; [`EventAttendees`](crate::EventAttendees) adds and removes single ones.
    pub attendees: Patch<Vec<OutlookAttendee>>,
    /// How the time is shown to others.
    pub show_as: Option<ShowAs>,
    /// Who may read what it says.
    pub sensitivity: Option<Sensitivity>,
    /// How important it is.
    pub importance: Option<Importance>,
    /// All categories, with the colours they should have.
    pub categories: Patch<Vec<EventCategory>>,
    /// When Outlook reminds of it.
    pub reminder: Option<Reminder>,
    /// Whether attendees are asked to answer.
    pub response_requested: Option<bool>,
    /// Whether attendees see only themselves.
    pub hide_attendees: Option<bool>,
    /// `true` makes a Teams meeting for it.
    pub online_meeting: Option<bool>,
    /// How it repeats; set only together with start and end, from whose date it is counted. Written anew it undoes what was changed in
    /// single occurrences. Cleared, the series is one event.
    pub recurrence: Patch<Recurrence>,
    /// The key it is found by from now on.
    pub marker: Option<Marker>,
    /// Other members, as Graph takes them.
    pub other: Map<String, Value>,
}

impl EventPatch {
    /// Changes nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the title.
    #[must_use]
    pub fn with_subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Patch::Set(subject.into());
        self
    }

    /// Sets start and end.
    #[must_use]
    pub fn with_time(mut self, start: impl Into<ZonedTime>, end: impl Into<ZonedTime>) -> Self {
        (self.start, self.end) = (Some(start.into()), Some(end.into()));
        self
    }

    /// Says whether it takes whole days.
    #[must_use]
    pub fn with_all_day(mut self, all_day: bool) -> Self {
        self.is_all_day = Some(all_day);
        self
    }

    /// Sets or clears the text.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Patch<Body>>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets or clears the place.
    #[must_use]
    pub fn with_location(mut self, place: impl Into<Patch<Location>>) -> Self {
        self.location = place.into();
        self
    }

    /// Sets or clears the places.
    #[must_use]
    pub fn with_locations(mut self, places: impl Into<Patch<Vec<Location>>>) -> Self {
        self.locations = places.into();
        self
    }

    /// Sets or clears the whole list of attendees.
    #[must_use]
    pub fn with_attendees(mut self, attendees: impl Into<Patch<Vec<OutlookAttendee>>>) -> Self {
        self.attendees = attendees.into();
        self
    }

    /// Sets or clears all categories.
    #[must_use]
    pub fn with_categories(mut self, categories: impl Into<Patch<Vec<EventCategory>>>) -> Self {
        self.categories = categories.into();
        self
    }

    /// Sets or clears how it repeats.
    #[must_use]
    pub fn with_recurrence(mut self, rule: impl Into<Patch<Recurrence>>) -> Self {
        self.recurrence = rule.into();
        self
    }

    /// Asks for a Teams meeting.
    #[must_use]
    pub fn with_online_meeting(mut self) -> Self {
        self.online_meeting = Some(true);
        self
    }

    /// Sets the key it is found by.
    #[must_use]
    pub fn with_marker(mut self, marker: Marker) -> Self {
        self.marker = Some(marker);
        self
    }

    /// The body of the call without text, marker and categories, or why it is not sent. `with_version`: the call says which version it
    /// was made for.
    pub(crate) fn members(&self, operation: &'static str, with_version: bool) -> Result<Map<String, Value>> {
        if *self == Self::default() {
            return Err(refused(operation, "the change says nothing", "Say at least one member."));
        }
        let mut members = others(operation, &self.other)?;
        match &self.subject {
            Patch::Keep => {}
            Patch::Clear => drop(members.insert("subject".to_owned(), Value::Null)),
            Patch::Set(subject) => drop(members.insert("subject".to_owned(), subject.as_str().into())),
        }
        self.times(operation, &mut members)?;
        self.places(operation, &mut members)?;
        match &self.attendees {
            Patch::Keep => {}
            _ if !with_version => {
                return Err(refused(
                    operation,
                    "the list of attendees is replaced as a whole, and somebody else may have changed it",
                    "Say the version of the event whose list was read (if_match), or change single attendees with EventAttendees.",
                ));
            }
            Patch::Clear => drop(members.insert("attendees".to_owned(), Value::Array(Vec::new()))),
            Patch::Set(list) => drop(members.insert("attendees".to_owned(), attendees(operation, list)?)),
        }
        match self.online_meeting {
            None => {}
            Some(true) => {
                members.insert("isOnlineMeeting".to_owned(), true.into());
                members.insert("onlineMeetingProvider".to_owned(), "teamsForBusiness".into());
            }
            Some(false) => {
                return Err(refused(
                    operation,
                    "an online meeting cannot be taken out of its event",
                    "Make a new event without an online meeting, and cancel this one.",
                ));
            }
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
        self.categories.value().into_iter().flatten().try_for_each(|category| category.check(operation))?;
        Ok(members)
    }

    fn times(&self, operation: &'static str, members: &mut Map<String, Value>) -> Result<()> {
        let all_day = self.is_all_day.unwrap_or_default();
        match (&self.start, &self.end) {
            (Some(start), Some(end)) => {
                let (from, until) = span(operation, start, end, all_day)?;
                members.insert("start".to_owned(), from);
                members.insert("end".to_owned(), until);
                if let Some(flag) = self.is_all_day {
                    members.insert("isAllDay".to_owned(), flag.into());
                }
                if let Patch::Set(rule) = &self.recurrence {
                    members.insert("recurrence".to_owned(), series(operation, rule, start, end, all_day)?);
                }
            }
            _ if self.is_all_day.is_some() => {
                return Err(refused(
                    operation,
                    "whole days and times of day are changed only together with start and end",
                    "Say start, end and isAllDay together.",
                ));
            }
            _ if self.recurrence.value().is_some() => {
                return Err(refused(
                    operation,
                    "a series is counted from the date of its start",
                    "Say start and end together with the recurrence.",
                ));
            }
            (start, end) => {
                for (name, time) in [("start", start), ("end", end)] {
                    if let Some(time) = time {
                        members.insert(name.to_owned(), time.written()?);
                    }
                }
            }
        }
        if self.recurrence == Patch::Clear {
            members.insert("recurrence".to_owned(), Value::Null);
        }
        Ok(())
    }

    fn places(&self, operation: &'static str, members: &mut Map<String, Value>) -> Result<()> {
        if !self.location.is_keep() && !self.locations.is_keep() {
            // https://learn.microsoft.com/graph/api/event-update: location wipes locations
            return Err(refused(
                operation,
                "a location wipes the locations that are said with it",
                "Say either the location or the locations.",
            ));
        }
        match &self.location {
            Patch::Keep => {}
            Patch::Clear => drop(members.insert("location".to_owned(), Value::Null)),
            Patch::Set(place) => drop(members.insert("location".to_owned(), place.written())),
        }
        match &self.locations {
            Patch::Keep => {}
            Patch::Clear => drop(members.insert("locations".to_owned(), Value::Array(Vec::new()))),
            Patch::Set(places) => {
                drop(members.insert("locations".to_owned(), places.iter().map(Location::written).collect()));
            }
        }
        Ok(())
    }
}

fn refused(operation: &'static str, detail: &'static str, remedy: &'static str) -> Error {
    Error::invalid(operation, detail).with_remedy(Remedy::new(remedy))
}

#[cfg(test)]
mod tests;
