use std::fmt;

use invitations_core::{ErrorKind, Remedy};

/// Why Outlook cannot repeat an event as a rule says. Stands as the source of an error; nothing was sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum UnsupportedRecurrence {
    /// `BYHOUR`, `BYMINUTE` or `BYSECOND`.
    TimeOfDay,
    /// `BYWEEKNO`.
    WeekNumber,
    /// `BYYEARDAY`.
    YearDay,
    /// Several days of a month in `BYMONTHDAY`.
    SeveralMonthDays,
    /// A day counted from the end of the month, other than the last one.
    NegativeMonthDay,
    /// A day that RFC 5545 leaves out in months without it, where Outlook takes the month's last day.
    MonthDayNotInEveryMonth,
    /// A month that never has this day.
    NeverOccurs,
    /// `BYMONTHDAY` in a daily, weekly or whole yearly rule, or together with `BYDAY`.
    MonthDayHere,
    /// `BYSETPOS` other than 1, 2, 3, 4 or -1, several of them, or one of other days than those of `BYDAY`.
    SetPosition,
    /// A number in `BYDAY` other than 1, 2, 3, 4 or -1, numbers of several days, or a number in a daily, weekly or whole yearly rule.
    NumberedDay,
    /// `BYDAY` in a monthly or yearly rule without saying which of these days in the month.
    EveryDayOfMonth,
    /// `BYDAY` in a rule of every second day, or more.
    DaysOfDailyInterval,
    /// `BYDAY` in a yearly rule without `BYMONTH`.
    DayOfYear,
    /// Several months in `BYMONTH`.
    SeveralMonths,
    /// `BYMONTH` in a rule that is not yearly.
    MonthHere,
    /// An `INTERVAL` over 999.
    Interval,
    /// A `COUNT` over 2147483647.
    Count,
    /// The first event begins or ends in an hour that clocks skip, while the others do not.
    SkippedHour,
    /// The first event's time was read where the series' own zone is not told ([`TimeZone::UNTOLD`](invitations_core::time::TimeZone::UNTOLD)).
    ZoneNotTold,
    /// `UNTIL` is before the first event.
    EndsBeforeItBegins,
    /// The first event is not on a day of the rule.
    StartNotInRule,
}

/// What it is, and what to do instead.
type Words = (&'static str, &'static str);

impl UnsupportedRecurrence {
    /// Mistakes that no provider could carry out are the caller's; the others are Outlook's limits.
    pub(super) fn kind(self) -> ErrorKind {
        match self {
            Self::NeverOccurs | Self::EndsBeforeItBegins | Self::StartNotInRule | Self::ZoneNotTold => {
                ErrorKind::InvalidInput
            }
            _ => ErrorKind::Unsupported,
        }
    }

    pub(super) fn remedy(self) -> Remedy {
        Remedy::new(self.words().1)
    }

    fn words(self) -> Words {
        match self {
            Self::TimeOfDay => (
                "BYHOUR, BYMINUTE and BYSECOND cannot be said in Outlook",
                "Leave them out: the first event's start says the time of day. Write one series for each time.",
            ),
            Self::WeekNumber => {
                ("BYWEEKNO cannot be said in Outlook", "Use BYMONTH with BYDAY, or write single events.")
            }
            Self::YearDay => {
                ("BYYEARDAY cannot be said in Outlook", "Use BYMONTH with BYMONTHDAY, or write single events.")
            }
            Self::SeveralMonthDays => {
                ("several days in BYMONTHDAY cannot be said in Outlook", "Write one series for each day of the month.")
            }
            Self::NegativeMonthDay => (
                "a BYMONTHDAY counted from the end cannot be said in Outlook",
                "Use a day from the first on, or BYMONTHDAY=-1 for the last.",
            ),
            Self::MonthDayNotInEveryMonth => (
                "a month without this BYMONTHDAY is left out by the rule, and Outlook takes its last day",
                "Use a day up to 28, or BYMONTHDAY=-1 for the last.",
            ),
            Self::NeverOccurs => ("no year has this day in this month", "Correct BYMONTH or BYMONTHDAY."),
            Self::MonthDayHere => (
                "BYMONTHDAY cannot be said in Outlook in this kind of rule",
                "Use it alone with FREQ=MONTHLY, or with BYMONTH and FREQ=YEARLY.",
            ),
            Self::SetPosition => (
                "Outlook has the first, second, third, fourth and last of the days in BYDAY",
                "Use one BYSETPOS of 1, 2, 3, 4 or -1, together with BYDAY without numbers.",
            ),
            Self::NumberedDay => (
                "Outlook has the first, second, third, fourth and last of a weekday in a month",
                "Use one BYDAY with 1, 2, 3, 4 or -1, and BYMONTH where the rule is yearly; write one series for each day.",
            ),
            Self::EveryDayOfMonth => (
                "Outlook repeats on one day of a month, and BYDAY names all of its kind",
                "Use FREQ=WEEKLY, or say which one: BYDAY=1MO, or BYSETPOS=1.",
            ),
            Self::DaysOfDailyInterval => {
                ("BYDAY with every so many days cannot be said in Outlook", "Use FREQ=WEEKLY, or leave INTERVAL out.")
            }
            Self::DayOfYear => ("BYDAY of a whole year cannot be said in Outlook", "Name the month in BYMONTH."),
            Self::SeveralMonths => {
                ("several months in BYMONTH cannot be said in Outlook", "Write one yearly series for each month.")
            }
            Self::MonthHere => {
                ("BYMONTH can be said in Outlook for yearly rules only", "Use FREQ=YEARLY for each month.")
            }
            Self::Interval => ("the INTERVAL is over 999", "Write single events."),
            Self::Count => ("the COUNT is over 2147483647", "Leave COUNT out, or use UNTIL."),
            Self::SkippedHour => (
                "clocks skip the hour in which the first event begins or ends",
                "Start the series on another day, and write a single event for this one.",
            ),
            Self::ZoneNotTold => (
                "the time was read where the series' own zone is not told: in UTC it would not follow its clocks",
                "Take the zone from your own record; to repeat in UTC, say TimeZone::UTC.",
            ),
            Self::EndsBeforeItBegins => ("UNTIL is before the first event", "Correct UNTIL or the start."),
            Self::StartNotInRule => {
                ("the first event is not on a day of the rule", "Start the series on the first day that the rule has.")
            }
        }
    }
}

impl fmt::Display for UnsupportedRecurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words().0)
    }
}

impl std::error::Error for UnsupportedRecurrence {}
