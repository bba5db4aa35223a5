use chrono::Weekday;
use invitations_core::time::Recurrence;

/// The parts of a rule. Their form was checked when the rule was made.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) frequency: Frequency,
    pub(super) interval: Option<u32>,
    pub(super) count: Option<u32>,
    pub(super) until: Option<String>,
    pub(super) first: Option<Weekday>,
    pub(super) days: Vec<(Option<i32>, Weekday)>,
    pub(super) month_days: Vec<i32>,
    pub(super) months: Vec<u32>,
    pub(super) positions: Vec<i32>,
    /// Parts that stand for something Outlook has no word for.
    pub(super) has_time: bool,
    pub(super) has_week_number: bool,
    pub(super) has_year_day: bool,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Frequency {
    #[default]
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

pub(super) fn parts(rule: &Recurrence) -> Parts {
    // names and values are not case-sensitive (RFC 5545, 2)
    let text = rule.as_rrule().to_ascii_uppercase();
    let mut parts = Parts::default();
    for (name, value) in text.split(';').filter_map(|part| part.split_once('=')) {
        match name {
            "FREQ" => {
                parts.frequency = match value {
                    "WEEKLY" => Frequency::Weekly,
                    "MONTHLY" => Frequency::Monthly,
                    "YEARLY" => Frequency::Yearly,
                    _ => Frequency::Daily,
                }
            }
            "INTERVAL" => parts.interval = value.parse().ok(),
            "COUNT" => parts.count = value.parse().ok(),
            "UNTIL" => parts.until = Some(value.to_owned()),
            "WKST" => parts.first = weekday(value),
            "BYDAY" => parts.days = value.split(',').filter_map(day).collect(),
            "BYMONTHDAY" => parts.month_days = numbers(value),
            "BYMONTH" => parts.months = numbers(value),
            "BYSETPOS" => parts.positions = numbers(value),
            "BYWEEKNO" => parts.has_week_number = true,
            "BYYEARDAY" => parts.has_year_day = true,
            // BYHOUR, BYMINUTE, BYSECOND
            _ => parts.has_time = true,
        }
    }
    // the same day twice is the same day
    parts.month_days.sort_unstable();
    parts.month_days.dedup();
    parts.months.sort_unstable();
    parts.months.dedup();
    parts.positions.sort_unstable();
    parts.positions.dedup();
    parts
}

fn numbers<N: std::str::FromStr>(value: &str) -> Vec<N> {
    value.split(',').filter_map(|item| item.parse().ok()).collect()
}

/// `MO`, `2TU`, `+2TU` or `-1FR`.
fn day(text: &str) -> Option<(Option<i32>, Weekday)> {
    let (number, day) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let number = if number.is_empty() { None } else { Some(number.parse().ok()?) };
    Some((number, weekday(day)?))
}

/// The days of a week, as RFC 5545 and as Graph write them.
pub(super) const DAYS: [(Weekday, &str, &str); 7] = [
    (Weekday::Mon, "MO", "monday"),
    (Weekday::Tue, "TU", "tuesday"),
    (Weekday::Wed, "WE", "wednesday"),
    (Weekday::Thu, "TH", "thursday"),
    (Weekday::Fri, "FR", "friday"),
    (Weekday::Sat, "SA", "saturday"),
    (Weekday::Sun, "SU", "sunday"),
];

fn weekday(text: &str) -> Option<Weekday> {
    DAYS.iter().find(|(_, short, _)| *short == text).map(|(day, _, _)| *day)
}
