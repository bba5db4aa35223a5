use chrono::{Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use invitations_core::time::{EventTime, Recurrence, WallTime};

use super::{
    UnsupportedRecurrence as Refusal,
    rule::{Frequency, Parts, parts},
    series::{Days, End, Index, Nth, Pattern, Series, days_in},
};

/// Longer intervals are a slip of the pen; Outlook's own dialogs end here, too.
const LONGEST_INTERVAL: u32 = 999;

pub(super) fn series(rule: &Recurrence, time: &EventTime) -> Result<Series, Refusal> {
    let parts = parts(rule);
    for (found, refusal) in [
        (parts.has_time, Refusal::TimeOfDay),
        (parts.has_week_number, Refusal::WeekNumber),
        (parts.has_year_day, Refusal::YearDay),
        (parts.months.len() > 1, Refusal::SeveralMonths),
        (parts.frequency != Frequency::Yearly && !parts.months.is_empty(), Refusal::MonthHere),
    ] {
        if found {
            return Err(refusal);
        }
    }
    let interval = parts.interval.unwrap_or(1);
    if interval > LONGEST_INTERVAL {
        return Err(Refusal::Interval);
    }
    let start = first_date(time);
    let pattern = match parts.frequency {
        Frequency::Daily => daily(&parts, interval)?,
        Frequency::Weekly => weekly(&parts, interval, start)?,
        Frequency::Monthly => monthly(&parts, start)?,
        Frequency::Yearly => yearly(&parts, start)?,
    };
    Series { pattern, interval, start, end: end(&parts, time)? }.checked()
}

/// The date of the first event, on the wall of its zone.
pub(super) fn first_date(time: &EventTime) -> NaiveDate {
    match time {
        EventTime::Timed(slot) => slot.start.local().date(),
        EventTime::AllDay { from, .. } => *from,
        _ => time.range().from.date_naive(),
    }
}

fn daily(parts: &Parts, interval: u32) -> Result<Pattern, Refusal> {
    if !parts.month_days.is_empty() {
        return Err(Refusal::MonthDayHere);
    }
    if parts.days.is_empty() {
        return if parts.positions.is_empty() { Ok(Pattern::Daily) } else { Err(Refusal::SetPosition) };
    }
    if interval > 1 {
        return Err(Refusal::DaysOfDailyInterval);
    }
    // every day that is one of these: the same as every week on these
    Ok(Pattern::Weekly { days: plain_days(parts)?, first: Weekday::Mon })
}

fn weekly(parts: &Parts, interval: u32, start: NaiveDate) -> Result<Pattern, Refusal> {
    if !parts.month_days.is_empty() {
        return Err(Refusal::MonthDayHere);
    }
    if !parts.positions.is_empty() && parts.days.is_empty() {
        return Err(Refusal::SetPosition);
    }
    let days = if parts.days.is_empty() { Days::one(start.weekday()) } else { plain_days(parts)? };
    // RFC 5545: the week begins on Monday unless WKST says otherwise; Graph: on Sunday unless said. Of no account for every week
    let first = if interval == 1 { Weekday::Mon } else { parts.first.unwrap_or(Weekday::Mon) };
    Ok(Pattern::Weekly { days, first })
}

fn monthly(parts: &Parts, start: NaiveDate) -> Result<Pattern, Refusal> {
    if !parts.days.is_empty() {
        return nth(parts).map(Pattern::RelativeMonthly);
    }
    let day = match month_day(parts)? {
        None => start.day(),
        Some(MonthDay::Last(day)) => return Ok(Pattern::AbsoluteMonthly { day }),
        Some(MonthDay::Day(day)) => day,
    };
    if day > 28 { Err(Refusal::MonthDayNotInEveryMonth) } else { Ok(Pattern::AbsoluteMonthly { day }) }
}

fn yearly(parts: &Parts, start: NaiveDate) -> Result<Pattern, Refusal> {
    let named = parts.months.first().copied();
    if !parts.days.is_empty() {
        let month = named.ok_or(Refusal::DayOfYear)?;
        return Ok(Pattern::RelativeYearly { month, nth: nth(parts)? });
    }
    let said = month_day(parts)?;
    if said.is_some() && named.is_none() {
        // RFC 5545: that day of all months
        return Err(Refusal::MonthDayHere);
    }
    let month = named.unwrap_or(start.month());
    if said.is_none() && month != start.month() {
        return Err(Refusal::StartNotInRule);
    }
    let longest = days_in(month);
    let day = match said {
        None => start.day(),
        // what is last in a leap year is last in the others
        Some(MonthDay::Last(day)) => return Ok(Pattern::AbsoluteYearly { month, day: day.min(longest) }),
        Some(MonthDay::Day(day)) => day,
    };
    if day > longest {
        return Err(Refusal::NeverOccurs);
    }
    if (month, day) == (2, 29) {
        Err(Refusal::MonthDayNotInEveryMonth)
    } else {
        Ok(Pattern::AbsoluteYearly { month, day })
    }
}

enum MonthDay {
    Day(u32),
    /// This day, or the last one of a month that does not have it.
    Last(u32),
}

/// `BYMONTHDAY=15`; `BYMONTHDAY=-1`, or `28,29,30;BYSETPOS=-1`, for Outlook's days that give way to the last of the month.
fn month_day(parts: &Parts) -> Result<Option<MonthDay>, Refusal> {
    let position = match parts.positions.as_slice() {
        [] => None,
        [one] => Some(*one),
        _ => return Err(Refusal::SetPosition),
    };
    match (parts.month_days.as_slice(), position) {
        ([], None) => Ok(None),
        ([-1], None) => Ok(Some(MonthDay::Last(31))),
        ([28, 29], Some(-1)) => Ok(Some(MonthDay::Last(29))),
        ([28, 29, 30], Some(-1)) => Ok(Some(MonthDay::Last(30))),
        ([28, 29, 30, 31], Some(-1)) => Ok(Some(MonthDay::Last(31))),
        (_, Some(_)) => Err(Refusal::SetPosition),
        ([day], None) => u32::try_from(*day).map(|day| Some(MonthDay::Day(day))).map_err(|_| Refusal::NegativeMonthDay),
        (_, None) => Err(Refusal::SeveralMonthDays),
    }
}

/// Days without numbers and without a position.
fn plain_days(parts: &Parts) -> Result<Days, Refusal> {
    if !parts.positions.is_empty() {
        return Err(Refusal::SetPosition);
    }
    if parts.days.iter().any(|(number, _)| number.is_some()) {
        return Err(Refusal::NumberedDay);
    }
    Days::new(parts.days.iter().map(|(_, day)| *day)).ok_or(Refusal::NumberedDay)
}

/// `BYDAY=2MO`, or `BYDAY=MO,TU;BYSETPOS=2`.
fn nth(parts: &Parts) -> Result<Nth, Refusal> {
    if !parts.month_days.is_empty() {
        return Err(Refusal::MonthDayHere);
    }
    let numbered = parts.days.iter().any(|(number, _)| number.is_some());
    match (parts.days.as_slice(), parts.positions.as_slice()) {
        ([(Some(number), day)], []) => {
            let index = Index::of_position(*number).ok_or(Refusal::NumberedDay)?;
            Ok(Nth { days: Days::one(*day), index })
        }
        (_, []) => Err(if numbered { Refusal::NumberedDay } else { Refusal::EveryDayOfMonth }),
        (days, [position]) if !numbered => {
            let index = Index::of_position(*position).ok_or(Refusal::SetPosition)?;
            let days = Days::new(days.iter().map(|(_, day)| *day)).ok_or(Refusal::NumberedDay)?;
            Ok(Nth { days, index })
        }
        _ => Err(Refusal::SetPosition),
    }
}

fn end(parts: &Parts, time: &EventTime) -> Result<End, Refusal> {
    if let Some(count) = parts.count {
        return if i32::try_from(count).is_ok() { Ok(End::After(count)) } else { Err(Refusal::Count) };
    }
    let Some(until) = &parts.until else { return Ok(End::Never) };
    Ok(End::On(last_date(until, time)))
}

/// The last date on which the event may begin at its time of day. `UNTIL` is an instant in UTC, a time on the event's wall, or a
/// date (RFC 5545, 3.3.10), and the event may begin right then.
fn last_date(until: &str, time: &EventTime) -> NaiveDate {
    let date = until.get(..8).and_then(|date| NaiveDate::parse_from_str(date, "%Y%m%d").ok());
    let moment = NaiveDateTime::parse_from_str(until.trim_end_matches('Z'), "%Y%m%dT%H%M%S").ok();
    let (Some(date), EventTime::Timed(slot), Some(moment)) = (date, time, moment) else {
        // a date, or whole days, which float
        return date.unwrap_or(NaiveDate::MAX);
    };
    let (zone, at): (_, NaiveTime) = (slot.start.zone(), slot.start.local().time());
    if !until.ends_with('Z') {
        return if at <= moment.time() { date } else { before(date) };
    }
    // the wall may show a day earlier or later than UTC
    let candidates = [date.succ_opt(), Some(date), date.pred_opt()];
    let begins = |date: &NaiveDate| WallTime::new(date.and_time(at), zone).instant() <= moment.and_utc();
    candidates.into_iter().flatten().find(begins).unwrap_or_else(|| before(before(date)))
}

fn before(date: NaiveDate) -> NaiveDate {
    date.pred_opt().unwrap_or(date)
}
