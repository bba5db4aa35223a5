//! The days on which a Webex series takes place: `FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10`.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, TimeDelta, TimeZone as _, Utc, Weekday};
use chrono_tz::Tz;

use super::WebexMeeting;

/// A series without an end is followed for twenty years.
const MOST_DAYS: u64 = 20 * 366;

/// The parts of a rule that Webex repeats by.
const PARTS: [&str; 9] = ["FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"];
/// How many occurrences a series that ends may have.
const MOST: [(&str, usize); 4] = [("DAILY", 1826), ("WEEKLY", 261), ("MONTHLY", 60), ("YEARLY", 5)];

/// A part that cannot be read.
struct Unfit;

fn numbers(list: &str, allowed: fn(i32) -> bool) -> Result<Vec<i32>, Unfit> {
    list.split(',').map(|text| text.parse().ok().filter(|number| allowed(*number)).ok_or(Unfit)).collect()
}

/// A rule as far as Webex understands it: of several days of a month or a year it takes the first and says nothing.
struct Rule {
    frequency: String,
    interval: i64,
    count: Option<usize>,
    until: Option<DateTime<Utc>>,
    /// With their place in the month: 2 is the second, -1 the last, 0 every one.
    days: Vec<(i32, Weekday)>,
    month_day: Option<i32>,
    month: Option<u32>,
}

impl Rule {
    /// `None` for what RFC 5545 (3.3.10) does not allow, and for what Webex does not repeat by.
    fn read(text: &str, zone: Tz) -> Option<Self> {
        let parts: Vec<(&str, &str)> = text.split(';').map(|part| part.split_once('=')).collect::<Option<_>>()?;
        let is_once = |(at, (name, _)): (usize, &(&str, &str))| {
            PARTS.contains(name) && parts[..at].iter().all(|(before, _)| before != name)
        };
        if !parts.iter().enumerate().all(is_once) {
            return None;
        }
        let value = |name: &str| parts.iter().find(|(n, _)| *n == name).map(|(_, value)| *value);
        let read = |name: &str, allowed: fn(i32) -> bool| value(name).map(|text| numbers(text, allowed)).transpose();
        let one = |name: &str, allowed: fn(i32) -> bool| match read(name, allowed) {
            Ok(Some(numbers)) if numbers.len() != 1 => Err(Unfit),
            Ok(numbers) => Ok(numbers.map(|numbers| numbers[0])),
            Err(unfit) => Err(unfit),
        };
        let frequency = value("FREQ").filter(|frequency| MOST.iter().any(|(known, _)| known == frequency))?.to_owned();
        let count = one("COUNT", |count| count > 0).ok()?;
        let until = value("UNTIL").map(|text| until(text, zone).ok_or(Unfit)).transpose().ok()?;
        if (count.is_some() && until.is_some()) || value("WKST").is_some_and(|text| !matches!(day(text), Some((0, _))))
        {
            return None;
        }
        let position = one("BYSETPOS", |at| at != 0 && at.abs() <= 366).ok()?.unwrap_or(0);
        let days = value("BYDAY").map_or(Some(Vec::new()), |list| list.split(',').map(day).collect());
        let mut days: Vec<(i32, Weekday)> = days?;
        for (nth, _) in &mut days {
            *nth = if *nth == 0 { position } else { *nth };
        }
        if matches!(frequency.as_str(), "MONTHLY" | "YEARLY") {
            days.truncate(1);
        }
        // of several Webex takes the first
        let first = |numbers: Option<Vec<i32>>| numbers.and_then(|numbers| numbers.first().copied());
        Some(Self {
            interval: i64::from(one("INTERVAL", |interval| interval > 0).ok()?.unwrap_or(1)),
            count: count.and_then(|count| usize::try_from(count).ok()),
            until,
            days,
            month_day: first(read("BYMONTHDAY", |day| day != 0 && (-31..=31).contains(&day)).ok()?),
            month: first(read("BYMONTH", |month| (1..=12).contains(&month)).ok()?)
                .and_then(|month| month.try_into().ok()),
            frequency,
        })
    }

    /// An end lies within five years: so many occurrences, or so late.
    fn ends_in_time(&self, start: DateTime<Utc>) -> bool {
        let most = MOST.iter().find(|(frequency, _)| *frequency == self.frequency).map_or(0, |(_, most)| *most);
        let latest = start.checked_add_months(chrono::Months::new(60)).unwrap_or(start) + TimeDelta::days(1);
        self.count.is_none_or(|count| count <= most) && self.until.is_none_or(|until| until <= latest)
    }

    fn takes_place_on(&self, date: NaiveDate, first: NaiveDate) -> bool {
        let months = i64::from(date.year() - first.year()) * 12 + i64::from(date.month()) - i64::from(first.month());
        let in_turn = |passed: i64| passed % self.interval == 0;
        let is_named = self.days.iter().any(|(_, day)| *day == date.weekday());
        match self.frequency.as_str() {
            "DAILY" => in_turn((date - first).num_days()) && (self.days.is_empty() || is_named),
            "WEEKLY" => {
                let monday = |date: NaiveDate| date - Days::new(u64::from(date.weekday().num_days_from_monday()));
                in_turn((monday(date) - monday(first)).num_weeks())
                    && if self.days.is_empty() { date.weekday() == first.weekday() } else { is_named }
            }
            "MONTHLY" => in_turn(months) && self.is_day_of_month(date, first),
            "YEARLY" => {
                date.month() == self.month.unwrap_or(first.month())
                    && in_turn(i64::from(date.year() - first.year()))
                    && self.is_day_of_month(date, first)
            }
            _ => false,
        }
    }

    fn is_day_of_month(&self, date: NaiveDate, first: NaiveDate) -> bool {
        let left = date.with_day(1).and_then(|day| day.checked_add_months(chrono::Months::new(1)));
        let left = left.map_or(0, |next| (next - date).num_days());
        if let Some((nth, weekday)) = self.days.first() {
            let from_start = i32::try_from(date.day0() / 7 + 1).unwrap_or_default();
            let from_end = -i32::try_from((left - 1) / 7 + 1).unwrap_or_default();
            return date.weekday() == *weekday && (*nth == 0 || *nth == from_start || *nth == from_end);
        }
        match self.month_day {
            Some(day) if day < 0 => i64::from(day) == -left,
            Some(day) => i64::from(day) == i64::from(date.day()),
            None => date.day() == first.day(),
        }
    }
}

/// `MO`, `2TU`, `-1FR`.
fn day(text: &str) -> Option<(i32, Weekday)> {
    let (nth, name) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let weekday = match name {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    };
    let nth =
        if nth.is_empty() { Some(0) } else { nth.parse().ok().filter(|nth| *nth != 0 && (-53..=53).contains(nth)) };
    Some((nth?, weekday))
}

/// A date counts to its end, a time without `Z` on the wall.
fn until(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    if let Ok(instant) = chrono::NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ") {
        return Some(instant.and_utc());
    }
    let local = chrono::NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").ok();
    let local = local.or_else(|| NaiveDate::parse_from_str(text, "%Y%m%d").ok()?.and_hms_opt(23, 59, 59))?;
    zone.from_local_datetime(&local).latest().map(|instant| instant.to_utc())
}

/// Why no series that begins then can be made of it.
pub(crate) fn rule_fault(text: &str, start: DateTime<Utc>, zone: Tz) -> Option<&'static str> {
    match Rule::read(text, zone) {
        None => Some("'recurrence' is invalid."),
        Some(rule) if !rule.ends_in_time(start) => Some("The recurrence ends more than 5 years after its start."),
        Some(_) => None,
    }
}

/// As Webex shows it: how often, until when, and then the rest.
pub(crate) fn rule_shown(text: &str) -> String {
    let place = |part: &&str| ["FREQ=", "COUNT=", "UNTIL="].iter().position(|name| part.starts_with(name)).unwrap_or(3);
    let mut parts: Vec<&str> = text.split(';').collect();
    parts.sort_by_key(place);
    parts.join(";")
}

impl WebexMeeting {
    /// When its occurrences start by the rule, changed or not.
    pub(crate) fn starts(&self) -> Box<dyn Iterator<Item = DateTime<Utc>> + '_> {
        let zone: Tz = self.timezone.parse().unwrap_or(Tz::UTC);
        let Some(rule) = self.rule().and_then(|text| Rule::read(text, zone)) else {
            return Box::new(std::iter::once(self.start));
        };
        let wall = self.start.with_timezone(&zone).naive_local();
        let (first, time, until) = (wall.date(), wall.time(), rule.until);
        let count = rule.count.unwrap_or(usize::MAX);
        let dates = (0..MOST_DAYS).map_while(move |passed| first.checked_add_days(Days::new(passed)));
        let starts = dates.filter(move |date| rule.takes_place_on(*date, first)).filter_map(move |date| {
            let local = date.and_time(time);
            // what the clocks skip is an hour later
            let there = zone.from_local_datetime(&local).earliest();
            there.or_else(|| zone.from_local_datetime(&(local + TimeDelta::hours(1))).earliest())
        });
        let starts = starts.map(|start| start.to_utc()).take(count);
        Box::new(starts.take_while(move |start| until.is_none_or(|until| *start <= until)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(first: &str, rule: &str) -> Vec<String> {
        let first: NaiveDate = first.parse().unwrap_or_default();
        let Some(rule) = Rule::read(rule, Tz::UTC) else { return Vec::new() };
        let dates = (0..800).map(|passed| first + Days::new(passed)).filter(|date| rule.takes_place_on(*date, first));
        dates.take(4).map(|date| date.to_string()).collect()
    }

    #[test]
    fn rules_name_their_days() {
        for (first, rule, expected) in [
            ("2027-03-01", "FREQ=DAILY;INTERVAL=2", ["2027-03-01", "2027-03-03", "2027-03-05", "2027-03-07"]),
            ("2027-03-01", "FREQ=WEEKLY;BYDAY=MO,TH", ["2027-03-01", "2027-03-04", "2027-03-08", "2027-03-11"]),
            ("2027-03-01", "FREQ=WEEKLY;INTERVAL=2", ["2027-03-01", "2027-03-15", "2027-03-29", "2027-04-12"]),
            ("2027-03-31", "FREQ=MONTHLY", ["2027-03-31", "2027-05-31", "2027-07-31", "2027-08-31"]),
            ("2027-03-31", "FREQ=MONTHLY;BYMONTHDAY=-1", ["2027-03-31", "2027-04-30", "2027-05-31", "2027-06-30"]),
            ("2027-03-09", "FREQ=MONTHLY;BYDAY=2TU", ["2027-03-09", "2027-04-13", "2027-05-11", "2027-06-08"]),
            (
                "2027-03-29",
                "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1",
                ["2027-03-29", "2027-04-26", "2027-05-31", "2027-06-28"],
            ),
            ("2027-03-01", "FREQ=MONTHLY;BYMONTHDAY=1,15", ["2027-03-01", "2027-04-01", "2027-05-01", "2027-06-01"]),
        ] {
            assert_eq!(dates(first, rule), expected, "{rule}");
        }
        assert_eq!(dates("2027-03-01", "FREQ=YEARLY"), ["2027-03-01", "2028-03-01", "2029-03-01"]);
    }

    #[test]
    fn what_cannot_be_read_is_no_rule() {
        let start: DateTime<Utc> = "2027-03-01T09:00:00Z".parse().unwrap_or_default();
        for good in [
            "FREQ=WEEKLY",
            "FREQ=DAILY;COUNT=1826",
            "FREQ=YEARLY;UNTIL=20320301T090000Z",
            "FREQ=MONTHLY;BYMONTHDAY=-31;WKST=MO",
            "FREQ=YEARLY;BYMONTH=12;BYDAY=-1FR;INTERVAL=2;COUNT=5",
        ] {
            assert_eq!(rule_fault(good, start, Tz::UTC), None, "{good}");
        }
        for bad in [
            "",
            "FREQ",
            "FREQ=HOURLY",
            "COUNT=3",
            "FREQ=DAILY;COUNT=0",
            "FREQ=DAILY;COUNT=-3",
            "FREQ=DAILY;COUNT=x",
            "FREQ=DAILY;COUNT=1827",
            "FREQ=WEEKLY;COUNT=262",
            "FREQ=MONTHLY;COUNT=61",
            "FREQ=YEARLY;COUNT=6",
            "FREQ=DAILY;UNTIL=tomorrow",
            "FREQ=DAILY;UNTIL=20320401",
            "FREQ=DAILY;COUNT=3;UNTIL=20270401",
            "FREQ=DAILY;INTERVAL=0",
            "FREQ=DAILY;INTERVAL=x",
            "FREQ=DAILY;FREQ=DAILY",
            "FREQ=DAILY;BYHOUR=9",
            "FREQ=WEEKLY;BYDAY=XX",
            "FREQ=WEEKLY;BYDAY=",
            "FREQ=MONTHLY;BYDAY=54MO",
            "FREQ=MONTHLY;BYMONTHDAY=32",
            "FREQ=MONTHLY;BYMONTHDAY=-2147483648",
            "FREQ=YEARLY;BYMONTH=13",
            "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0",
            "FREQ=WEEKLY;WKST=1MO",
            "RRULE:FREQ=DAILY",
            "freq=daily",
        ] {
            assert!(rule_fault(bad, start, Tz::UTC).is_some(), "{bad}");
        }
    }

    #[test]
    fn a_rule_is_shown_with_its_end_in_front() {
        assert_eq!(rule_shown("FREQ=DAILY;INTERVAL=1;COUNT=10"), "FREQ=DAILY;COUNT=10;INTERVAL=1");
        assert_eq!(rule_shown("FREQ=WEEKLY;BYDAY=MO"), "FREQ=WEEKLY;BYDAY=MO");
    }
}
