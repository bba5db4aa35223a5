//! `getSchedule`: <https://learn.microsoft.com/graph/api/calendar-getschedule>.

use std::collections::BTreeMap;

use bytes::Bytes;
use chrono::{DateTime, Duration, DurationRound as _, Utc};
use http::{Request, Response};
use invitations_core::{
    Error, Remedy, Result,
    people::EmailAddress,
    provider::{Availability, Busy},
    time::TimeRange,
};
use serde::Deserialize;
use serde_json::json;

use super::digits;
use crate::{
    owner::Owner,
    wire::{self, DateTimeTimeZone, or_default},
};

/// The shortest `availabilityViewInterval`.
pub(super) const STEP: Duration = Duration::minutes(5);
/// Addresses of one request as documented; 100 were seen to pass.
const MOST_PEOPLE: usize = 20;
/// The window of one request as documented; 62 days were seen to pass.
const LONGEST_WINDOW: Duration = Duration::days(42);
/// Longer questions are a mistake: five years are 44 requests for each twenty people.
const LONGEST_QUESTION: Duration = Duration::days(1825);

/// Whole steps that cover the window, in parts that one request takes.
pub(super) fn windows(operation: &'static str, within: TimeRange) -> Result<Vec<TimeRange>> {
    if within.is_empty() {
        return Err(Error::invalid(operation, "the window is empty"));
    }
    if within.until - within.from > LONGEST_QUESTION {
        return Err(Error::invalid(operation, "the window is longer than 1825 days")
            .with_remedy(Remedy::new("Ask for a shorter time.")));
    }
    let ends = || Error::invalid(operation, "the window reaches an end of the calendar");
    let mut from = within.from.duration_trunc(STEP).map_err(|_| ends())?;
    let mut windows = Vec::new();
    while from < within.until {
        let until = from.checked_add_signed(LONGEST_WINDOW).ok_or_else(ends)?;
        let until = if until < within.until { until } else { whole_steps(within.until).ok_or_else(ends)? };
        windows.push(TimeRange::new(from, until));
        from = until;
    }
    Ok(windows)
}

fn whole_steps(until: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let whole = until.duration_trunc(STEP).ok()?;
    if whole == until { Some(whole) } else { whole.checked_add_signed(STEP) }
}

pub(super) fn request(owner: &Owner, people: &[String], window: TimeRange) -> Result<Request<Bytes>> {
    let body = json!({
        "schedules": people,
        "startTime": DateTimeTimeZone::utc(window.from),
        "endTime": DateTimeTimeZone::utc(window.until),
        "availabilityViewInterval": STEP.num_minutes(),
    });
    let request = wire::post(&format!("{}/calendar/getSchedule", owner.path()), &body)?;
    Ok(wire::prefer(request, r#"outlook.timezone="UTC""#))
}

/// `scheduleInformation`, one for each address.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct WireSchedule {
    #[serde(deserialize_with = "or_default")]
    schedule_id: String,
    #[serde(deserialize_with = "or_default")]
    availability_view: String,
    #[serde(deserialize_with = "or_default")]
    schedule_items: Vec<WireItem>,
    error: Option<serde::de::IgnoredAny>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireItem {
    #[serde(deserialize_with = "or_default")]
    status: String,
    start: Option<DateTimeTimeZone>,
    end: Option<DateTimeTimeZone>,
}

#[derive(Deserialize)]
struct WireSchedules {
    value: Vec<WireSchedule>,
}

pub(super) fn read(operation: &'static str, reply: &Response<Bytes>) -> Result<Vec<WireSchedule>> {
    wire::read::<WireSchedules>(operation, reply).map(|schedules| schedules.value)
}

impl WireSchedule {
    /// What it says about a window: what the digits say and what the items say, both, for each alone may be left out.
    fn pieces(&self, window: TimeRange) -> Vec<(TimeRange, Busy)> {
        if self.error.is_some() {
            return vec![(window, Busy::Unknown)];
        }
        let items = self.schedule_items.iter().filter_map(|item| match item.range() {
            // an item without a time that can be read may be at any time
            None => Some((window, Busy::Unknown)),
            // digits alone tell of free time: an item that is free says nothing about what else there is
            Some(range) => Some((range, digits::status(&item.status))).filter(|(_, busy)| *busy != Busy::Free),
        });
        items.chain(digits::pieces(&self.availability_view, window)).collect()
    }
}

impl WireItem {
    fn range(&self) -> Option<TimeRange> {
        let (start, end) = (self.start.as_ref()?.instant()?, self.end.as_ref()?.instant()?);
        (start <= end).then(|| TimeRange::new(start, end))
    }
}

/// What all replies said, by canonical address.
#[derive(Debug)]
pub(super) struct Gathered(BTreeMap<String, Vec<(TimeRange, Busy)>>);

impl Gathered {
    pub(super) fn new(who: &[EmailAddress]) -> Self {
        Self(who.iter().map(|who| (who.canonical().to_owned(), Vec::new())).collect())
    }

    /// As many addresses as one request takes, each once.
    pub(super) fn batches(&self) -> Vec<Vec<String>> {
        let everybody: Vec<String> = self.0.keys().cloned().collect();
        everybody.chunks(MOST_PEOPLE).map(<[String]>::to_vec).collect()
    }

    /// Adds the answer to one request. Whom it leaves out stays unknown, and whom nobody asked for is passed over.
    pub(super) fn add(&mut self, window: TimeRange, schedules: Vec<WireSchedule>) {
        for schedule in schedules {
            let Ok(address) = EmailAddress::parse(&schedule.schedule_id) else { continue };
            if let Some(known) = self.0.get_mut(address.canonical()) {
                known.extend(schedule.pieces(window));
            }
        }
    }

    pub(super) fn finish(self, who: &[EmailAddress], within: TimeRange) -> Vec<Availability> {
        let known = |who: &EmailAddress| self.0.get(who.canonical()).into_iter().flatten().copied();
        who.iter().map(|who| Availability::of_pieces(who.clone(), within, known(who))).collect()
    }
}

#[cfg(test)]
mod tests;
