//! Events that repeat: which days a `patternedRecurrence` has, and the occurrences on them.

use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta, Utc, Weekday};
use serde_json::Value;

use super::{Event, World};

/// A series is followed for so many days from its first event on: two hundred years.
const MOST_DAYS: usize = 200 * 366;

impl Event {
    /// How it repeats; `None` for single events and occurrences.
    pub(crate) fn recurrence(&self) -> Option<&Value> {
        self.fields.get("recurrence").filter(|recurrence| recurrence.is_object())
    }

    /// The occurrences of a series that lie, at least in part, between the two instants.
    pub(crate) fn occurrences(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Self> {
        let dates = self.dates();
        let dates = dates.take_while(|date| self.on(*date).start.utc() < until);
        let dates = dates.filter(|date| !self.cancelled.contains(date));
        dates.map(|date| self.on(date)).filter(|occurrence| occurrence.overlaps(from, until)).collect()
    }

    /// The occurrence of this id.
    pub(crate) fn occurrence(&self, id: &str) -> Option<Self> {
        let date = self.occurrence_date(id)?;
        (!self.cancelled.contains(&date) && self.dates().take_while(|day| *day <= date).last() == Some(date))
            .then(|| self.on(date))
    }

    /// The date that an occurrence's id names.
    pub(crate) fn occurrence_date(&self, id: &str) -> Option<NaiveDate> {
        self.recurrence()?;
        let date = id.strip_prefix(self.id.as_str())?.strip_prefix('.')?;
        NaiveDate::parse_from_str(date, "%Y%m%d").ok()
    }

    /// At the same time of day and as long as the first, on the wall of the series' zone.
    pub(crate) fn on(&self, date: NaiveDate) -> Self {
        if let Some(changed) = self.changed.get(&date) {
            return changed.clone();
        }
        let mut occurrence = self.clone();
        occurrence.id = format!("{}.{}", self.id, date.format("%Y%m%d"));
        occurrence.series = Some(self.id.clone());
        occurrence.cancelled.clear();
        occurrence.changed.clear();
        occurrence.fields.remove("recurrence");
        occurrence.start.local = date.and_time(self.start.local.time());
        occurrence.end.local = occurrence.start.local + (self.end.local - self.start.local);
        occurrence
    }

    /// The days of the occurrences before and behind one, as they are now.
    pub(crate) fn neighbours(&self, id: &str) -> (Option<NaiveDate>, Option<NaiveDate>) {
        let Some(date) = self.occurrence_date(id) else { return (None, None) };
        let live = || self.dates().filter(|day| !self.cancelled.contains(day));
        let day = |date: NaiveDate| self.on(date).start.local.date();
        (live().take_while(|day| *day < date).last().map(day), live().find(|day| *day > date).map(day))
    }

    fn dates(&self) -> impl Iterator<Item = NaiveDate> + '_ {
        let recurrence = self.recurrence();
        let (pattern, range) = match recurrence {
            Some(recurrence) => (&recurrence["pattern"], &recurrence["range"]),
            None => (&Value::Null, &Value::Null),
        };
        let is = |kind: &str| range["type"].as_str().is_some_and(|said| said.eq_ignore_ascii_case(kind));
        let last = is("endDate").then(|| date(&range["endDate"])).flatten();
        let most = if is("numbered") { range["numberOfOccurrences"].as_u64() } else { None };
        let most = most.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
        let start = self.start.local.date();
        let days = start.iter_days().take(if recurrence.is_some() { MOST_DAYS } else { 0 });
        let days = days.take_while(move |day| last.is_none_or(|last| *day <= last));
        days.filter(move |day| falls_on(pattern, start, *day).unwrap_or(false)).take(most)
    }
}

impl World {
    /// Live events between the two instants as views show them: a series is its occurrences.
    pub(crate) fn happening(
        &self,
        which: impl Fn(&Event) -> bool,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Vec<Event> {
        let live = self.events.iter().filter(|event| !event.deleted && which(event));
        let shown = |event: &Event| match event.recurrence() {
            Some(_) => event.occurrences(from, until),
            None if event.overlaps(from, until) => vec![event.clone()],
            None => Vec::new(),
        };
        live.flat_map(shown).collect()
    }
}

/// A date as Graph writes it.
pub(crate) fn date(value: &Value) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(value.as_str()?, "%Y-%m-%d").ok()
}

/// A day of the week by its name, in any case.
pub(crate) fn weekday(value: &Value) -> Option<Weekday> {
    let name = value.as_str()?;
    (name.len() > 3).then(|| name.parse().ok()).flatten()
}

fn falls_on(pattern: &Value, start: NaiveDate, day: NaiveDate) -> Option<bool> {
    let interval = pattern["interval"].as_i64().filter(|interval| *interval > 0)?;
    let in_turn = |passed: i64| passed % interval == 0;
    let months = |day: NaiveDate| i64::from(day.year()) * 12 + i64::from(day.month0());
    let months = in_turn(months(day) - months(start));
    let years =
        || Some(in_turn(i64::from(day.year() - start.year())) && pattern["month"].as_u64()? == u64::from(day.month()));
    Some(match pattern["type"].as_str()?.to_ascii_lowercase().as_str() {
        "daily" => in_turn((day - start).num_days()),
        "weekly" => {
            // documented: Sunday unless said
            let first = weekday(&pattern["firstDayOfWeek"]).unwrap_or(Weekday::Sun);
            let week = |day: NaiveDate| day - TimeDelta::days(i64::from(day.weekday().days_since(first)));
            is_one(pattern, day) && in_turn((week(day) - week(start)).num_days() / 7)
        }
        "absolutemonthly" => months && is_day(pattern, day)?,
        "relativemonthly" => months && is_nth(pattern, day),
        "absoluteyearly" => years()? && is_day(pattern, day)?,
        "relativeyearly" => years()? && is_nth(pattern, day),
        _ => return None,
    })
}

/// Outlook takes a month's last day for one that it does not have (documented for Outlook's own objects).
fn is_day(pattern: &Value, day: NaiveDate) -> Option<bool> {
    let wanted = pattern["dayOfMonth"].as_u64()?;
    let last = u64::from(day.num_days_in_month());
    Some(u64::from(day.day()) == wanted.min(last))
}

fn is_one(pattern: &Value, day: NaiveDate) -> bool {
    let days = pattern["daysOfWeek"].as_array();
    days.is_some_and(|days| days.iter().any(|name| weekday(name) == Some(day.weekday())))
}

/// Documented: of several days of the week it is the first, second … that satisfies the pattern.
fn is_nth(pattern: &Value, day: NaiveDate) -> bool {
    let fitting =
        |from: u32, until: u32| (from..=until).filter_map(|n| day.with_day(n)).filter(|d| is_one(pattern, *d)).count();
    let last = u32::from(day.num_days_in_month());
    let index = pattern["index"].as_str().unwrap_or("first").to_ascii_lowercase();
    is_one(pattern, day)
        && match index.as_str() {
            "last" => fitting(day.day() + 1, last) == 0,
            index => {
                let nth = ["first", "second", "third", "fourth"].iter().position(|name| *name == index);
                nth.is_some_and(|nth| fitting(1, day.day()) == nth + 1)
            }
        }
}
