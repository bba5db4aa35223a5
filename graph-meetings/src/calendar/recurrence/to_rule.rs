use std::fmt::Write as _;

use chrono::{NaiveDate, Weekday};
use invitations_core::time::{EventTime, WallTime};

use super::{
    rule::DAYS,
    series::{Days, End, Nth, Pattern, Series, days_in},
};

pub(super) fn text(series: &Series, time: &EventTime) -> String {
    let (frequency, days) = match &series.pattern {
        Pattern::Daily => ("DAILY", String::new()),
        Pattern::Weekly { days, first } => {
            let week = if *first == Weekday::Mon || series.interval == 1 {
                String::new()
            } else {
                format!(";WKST={}", short(*first))
            };
            ("WEEKLY", format!(";BYDAY={}{week}", list(days)))
        }
        Pattern::AbsoluteMonthly { day } => ("MONTHLY", month_day(*day)),
        Pattern::RelativeMonthly(nth) => ("MONTHLY", nth_day(nth)),
        Pattern::AbsoluteYearly { month, day } => {
            // no year, or not every year, has it: Outlook takes the month's last day
            let last = *day > days_in(*month) || (*month, *day) == (2, 29);
            let day = if last { "-1".to_owned() } else { day.to_string() };
            ("YEARLY", format!(";BYMONTH={month};BYMONTHDAY={day}"))
        }
        Pattern::RelativeYearly { month, nth } => ("YEARLY", format!(";BYMONTH={month}{}", nth_day(nth))),
    };
    let mut text = format!("FREQ={frequency}");
    if series.interval != 1 {
        let _ = write!(text, ";INTERVAL={}", series.interval);
    }
    text.push_str(&days);
    let _ = match series.end {
        End::Never => Ok(()),
        End::After(count) => write!(text, ";COUNT={count}"),
        End::On(date) => write!(text, ";UNTIL={}", until(date, time)),
    };
    text
}

/// Outlook's 29, 30 and 31 are the last day of months that do not have them, which RFC 5545 would leave out.
fn month_day(day: u32) -> String {
    match day {
        29 => ";BYMONTHDAY=28,29;BYSETPOS=-1".to_owned(),
        30 => ";BYMONTHDAY=28,29,30;BYSETPOS=-1".to_owned(),
        31 => ";BYMONTHDAY=-1".to_owned(),
        day => format!(";BYMONTHDAY={day}"),
    }
}

fn nth_day(nth: &Nth) -> String {
    let position = nth.index.position();
    if nth.days.len() == 1 {
        return format!(";BYDAY={position}{}", list(&nth.days));
    }
    format!(";BYDAY={};BYSETPOS={position}", list(&nth.days))
}

fn list(days: &Days) -> String {
    days.iter().map(short).collect::<Vec<_>>().join(",")
}

fn short(day: Weekday) -> &'static str {
    DAYS.iter().find(|(known, _, _)| *known == day).map_or("MO", |(_, short, _)| *short)
}

/// The instant at which the event begins on its last date, in UTC as RFC 5545 wants it for times with a zone; a date for whole days.
fn until(date: NaiveDate, time: &EventTime) -> String {
    match time {
        EventTime::Timed(slot) => {
            let last = WallTime::new(date.and_time(slot.start.local().time()), slot.start.zone());
            last.instant().format("%Y%m%dT%H%M%SZ").to_string()
        }
        _ => date.format("%Y%m%d").to_string(),
    }
}
