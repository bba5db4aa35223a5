use chrono::{Datelike as _, Months, NaiveDate, NaiveDateTime};
use invitations_core::time::{Recurrence, Slot, TimeZone};

use super::meeting::is_skipped;

/// A series that ends does so within five years (`POST /meetings`).
const MOST_MONTHS: Months = Months::new(60);

/// The value for `recurrence` of a series that begins with `first`, or why Webex would make another series of it than was asked for.
pub(super) fn write(rule: &Recurrence, first: &Slot) -> Result<String, &'static str> {
    // names and values are not case-sensitive (RFC 5545, 2), but Webex's examples are upper case
    let rule = rule.as_rrule().to_ascii_uppercase();
    let part = |name: &str| rule.split(';').filter_map(|part| part.split_once('=')).find(|(n, _)| *n == name);
    let value = |name: &str| part(name).map(|(_, value)| value);
    let frequency = value("FREQ").unwrap_or_default();
    let listed = |name| value(name).is_some_and(|value| value.contains(','));
    if matches!(frequency, "MONTHLY" | "YEARLY") && (listed("BYDAY") || listed("BYMONTHDAY") || listed("BYMONTH")) {
        return Err("Webex takes only the first of several days of a monthly or yearly series");
    }
    if ["BYHOUR", "BYMINUTE", "BYSECOND", "BYWEEKNO", "BYYEARDAY"].iter().any(|name| part(name).is_some()) {
        return Err("Webex repeats by day, week, month and year only");
    }
    // documented for series that end; an endless one is allowed
    let most = match frequency {
        "DAILY" => 1826,
        "WEEKLY" => 261,
        "MONTHLY" => 60,
        _ => 5,
    };
    if value("COUNT").and_then(|count| count.parse::<u32>().ok()).is_some_and(|count| count > most) {
        return Err("the series has more occurrences than Webex takes in five years");
    }
    if never(value("BYMONTH"), value("BYMONTHDAY")) {
        return Err("no month of the series has that day");
    }
    begins(first, value("UNTIL"))?;
    Ok(rule)
}

/// Why a series cannot begin at a time that would do for a single meeting.
pub(super) fn unfit(first: &Slot) -> Result<(), &'static str> {
    if is_skipped(&first.start) {
        // moved forward as a single meeting is, the whole series would be at the later hour
        return Err("the series begins at a time that the clocks of its zone skip on that day");
    }
    if first.start.zone() == TimeZone::UNTOLD {
        return Err(
            "the slot was read, and Webex does not tell a series' own zone: in UTC it would not follow its clocks",
        );
    }
    Ok(())
}

/// What depends on the first occurrence.
fn begins(first: &Slot, until: Option<&str>) -> Result<(), &'static str> {
    unfit(first)?;
    let day = first.start.local().date();
    let Some(last) = until.and_then(|until| NaiveDate::parse_from_str(until.get(..8)?, "%Y%m%d").ok()) else {
        return Ok(());
    };
    // the date of an instant in UTC may lie beside the wall's; the instant itself counts then
    let is_instant = until.is_some_and(|until| until.ends_with('Z'));
    if (!is_instant && last < day) || is_before(until, first) {
        return Err("the series ends before it begins");
    }
    if day.checked_add_months(MOST_MONTHS).and_then(|end| end.succ_opt()).is_some_and(|end| last > end) {
        return Err("a series that ends does so within five years");
    }
    Ok(())
}

/// Whether the instant of an `UNTIL` in UTC is before the first start.
fn is_before(until: Option<&str>, first: &Slot) -> bool {
    let instant = until.and_then(|until| NaiveDateTime::parse_from_str(until, "%Y%m%dT%H%M%SZ").ok());
    instant.is_some_and(|instant| instant.and_utc() < first.start_instant())
}

/// Whether no year has that day: the 30th of February.
fn never(month: Option<&str>, day: Option<&str>) -> bool {
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<i32>().ok());
    let (Some(month), Some(day)) = (number(month), number(day)) else { return false };
    // 2028 is a leap year
    let (Ok(month), days) = (u32::try_from(month), day.unsigned_abs()) else { return false };
    let next =
        if month == 12 { NaiveDate::from_ymd_opt(2029, 1, 1) } else { NaiveDate::from_ymd_opt(2028, month + 1, 1) };
    next.and_then(|next| next.pred_opt()).is_some_and(|last| days > last.day())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use invitations_core::time::WallTime;

    use super::*;

    fn written(rule: &str) -> Result<String, &'static str> {
        from("2026-07-15T09:00:00", rule)
    }

    fn from(local: &str, rule: &str) -> Result<String, &'static str> {
        let zone = TimeZone::parse("Europe/Berlin").unwrap();
        let start = WallTime::new(local.parse().unwrap(), zone);
        write(&Recurrence::parse(rule).unwrap(), &Slot { start, duration: Duration::from_secs(1800) })
    }

    #[test]
    fn rules_go_out_as_they_are() {
        for rule in [
            "FREQ=DAILY;INTERVAL=1;COUNT=10",
            "FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20301231T000000Z",
            "FREQ=MONTHLY;BYDAY=2TU",
            "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1;COUNT=5",
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
            "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1",
            "FREQ=MONTHLY;BYMONTHDAY=-1",
            "FREQ=WEEKLY",
        ] {
            assert_eq!(written(rule).unwrap(), rule);
        }
        assert_eq!(written("freq=weekly;byday=mo").unwrap(), "FREQ=WEEKLY;BYDAY=MO");
    }

    #[test]
    fn what_webex_would_change_silently_is_refused() {
        for rule in [
            "FREQ=MONTHLY;BYDAY=1MO,3MO",
            "FREQ=MONTHLY;BYMONTHDAY=1,15",
            "FREQ=YEARLY;BYMONTH=1,7;BYMONTHDAY=1",
            "FREQ=DAILY;BYHOUR=9,15",
            "FREQ=DAILY;COUNT=1827",
            "FREQ=WEEKLY;COUNT=262",
            "FREQ=MONTHLY;COUNT=61",
            "FREQ=YEARLY;COUNT=6",
        ] {
            assert!(written(rule).is_err(), "{rule}");
        }
    }

    #[test]
    fn bad_108_a_day_that_no_month_has_is_refused() {
        for rule in [
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=31",
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-30",
        ] {
            assert!(written(rule).is_err(), "{rule}");
        }
    }

    #[test]
    fn a_series_ends_after_it_begins_and_within_five_years() {
        for (until, fits) in [
            ("20260714", false),
            ("20260715T065959Z", false),
            ("20260715T070000Z", true),
            ("20310715T070000Z", true),
            ("20310801", false),
            ("99991231", false),
        ] {
            assert_eq!(from("2026-07-15T09:00:00", &format!("FREQ=WEEKLY;UNTIL={until}")).is_ok(), fits, "{until}");
        }
    }

    #[test]
    fn bad_112_a_series_does_not_begin_in_a_gap_of_the_clocks() {
        assert!(from("2026-03-29T02:30:00", "FREQ=DAILY;COUNT=3").is_err());
        assert!(
            from("2026-03-28T02:30:00", "FREQ=DAILY;COUNT=3").is_ok(),
            "a later occurrence in the gap is Webex's business"
        );
        assert!(from("2026-10-25T02:30:00", "FREQ=DAILY;COUNT=3").is_ok(), "the first of the two");
    }
}
