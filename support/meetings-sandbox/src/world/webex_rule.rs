//! The days on which a Webex series takes place: `FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10`.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, TimeDelta, TimeZone as _, Utc, Weekday};
use chrono_tz::Tz;

use super::WebexMeeting;

/// A series without an end is followed for twenty years.
const MOST_DAYS: u64 = 20 * 366;

/// A rule as far as Webex understands it: of several days of a month or a year it takes the first and says nothing.
struct Rule {
    frequency: String,
    interval: i64,
    count: usize,
    until: Option<DateTime<Utc>>,
    /// With their place in the month: 2 is the second, -1 the last, 0 every one.
    days: Vec<(i32, Weekday)>,
    month_day: Option<i32>,
    month: Option<u32>,
}

impl Rule {
    fn read(text: &str, zone: Tz) -> Option<Self> {
        let value = |name: &str| {
            text.split(';').filter_map(|part| part.split_once('=')).find(|(n, _)| *n == name).map(|(_, value)| value)
        };
        let number = |name: &str| value(name).and_then(|text| text.split(',').next()?.parse::<i32>().ok());
        let position = number("BYSETPOS").unwrap_or(0);
        let mut days: Vec<(i32, Weekday)> =
            value("BYDAY").into_iter().flat_map(|list| list.split(',')).filter_map(day).collect();
        for (nth, _) in &mut days {
            *nth = if *nth == 0 { position } else { *nth };
        }
        let frequency = value("FREQ")?.to_owned();
        if matches!(frequency.as_str(), "MONTHLY" | "YEARLY") {
            days.truncate(1);
        }
        let until = value("UNTIL").map(|text| until(text, zone));
        Some(Self {
            frequency,
            interval: i64::from(number("INTERVAL").unwrap_or(1).max(1)),
            count: number("COUNT").and_then(|count| usize::try_from(count).ok()).unwrap_or(usize::MAX),
            until: until.flatten(),
            days,
            month_day: number("BYMONTHDAY"),
            month: number("BYMONTH").and_then(|month| u32::try_from(month).ok()),
        })
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
            Some(day) if day < 0 => i64::from(-day) == left,
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
    Some((if nth.is_empty() { 0 } else { nth.parse().ok()? }, weekday))
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

/// Whether a series can be made of it.
pub(crate) fn is_rule(text: &str) -> bool {
    Rule::read(text, Tz::UTC).is_some_and(|rule| {
        matches!(rule.frequency.as_str(), "DAILY" | "WEEKLY" | "MONTHLY" | "YEARLY") && rule.count > 0
    })
}

impl WebexMeeting {
    /// When its occurrences start by the rule, changed or not.
    pub(crate) fn starts(&self) -> Box<dyn Iterator<Item = DateTime<Utc>> + '_> {
        let zone: Tz = self.timezone.parse().unwrap_or(Tz::UTC);
        let Some(rule) = self.rule().and_then(|text| Rule::read(text, zone)) else {
            return Box::new(std::iter::once(self.start));
        };
        let wall = self.start.with_timezone(&zone).naive_local();
        let (first, time, count, until) = (wall.date(), wall.time(), rule.count, rule.until);
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
        for (text, is) in
            [("FREQ=WEEKLY", true), ("FREQ=HOURLY", false), ("COUNT=3", false), ("FREQ=DAILY;COUNT=0", false)]
        {
            assert_eq!(is_rule(text), is, "{text}");
        }
    }
}
