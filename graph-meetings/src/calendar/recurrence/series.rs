use chrono::{Datelike as _, NaiveDate, Weekday};

use super::UnsupportedRecurrence as Refusal;

/// How an event repeats: Graph's six patterns and three ranges, without the members that do not count.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Series {
    pub(super) pattern: Pattern,
    /// Every how many days, weeks, months or years.
    pub(super) interval: u32,
    /// The date of the first event, in the event's zone.
    pub(super) start: NaiveDate,
    pub(super) end: End,
}

/// On which days.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Pattern {
    Daily,
    Weekly {
        days: Days,
        /// Counts only for intervals over one week.
        first: Weekday,
    },
    /// A day that a month does not have is its last one: 31 is the last of every month.
    AbsoluteMonthly {
        day: u32,
    },
    RelativeMonthly(Nth),
    AbsoluteYearly {
        month: u32,
        day: u32,
    },
    RelativeYearly {
        month: u32,
        nth: Nth,
    },
}

/// The first, second, third, fourth or last day of a month that is one of these.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Nth {
    pub(super) days: Days,
    pub(super) index: Index,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Index {
    First,
    Second,
    Third,
    Fourth,
    Last,
}

impl Index {
    pub(super) const ALL: [(Self, &str, i32); 5] = [
        (Self::First, "first", 1),
        (Self::Second, "second", 2),
        (Self::Third, "third", 3),
        (Self::Fourth, "fourth", 4),
        (Self::Last, "last", -1),
    ];

    pub(super) fn of_position(position: i32) -> Option<Self> {
        Self::ALL.iter().find(|(_, _, known)| *known == position).map(|(index, _, _)| *index)
    }

    pub(super) fn position(self) -> i32 {
        Self::ALL.iter().find(|(index, _, _)| *index == self).map_or(1, |(_, _, position)| *position)
    }
}

/// When it ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum End {
    Never,
    /// The last date it may take place on, in the event's zone.
    On(NaiveDate),
    After(u32),
}

/// Days of a week, each once, from Monday on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Days(Vec<Weekday>);

impl Days {
    /// `None` for no days at all.
    pub(super) fn new(days: impl IntoIterator<Item = Weekday>) -> Option<Self> {
        let mut days: Vec<Weekday> = days.into_iter().collect();
        days.sort_by_key(Weekday::num_days_from_monday);
        days.dedup();
        (!days.is_empty()).then_some(Self(days))
    }

    pub(super) fn one(day: Weekday) -> Self {
        Self(vec![day])
    }

    pub(super) fn has(&self, day: Weekday) -> bool {
        self.0.contains(&day)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Weekday> + '_ {
        self.0.iter().copied()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Series {
    /// The date of the first event, in the event's zone.
    pub(crate) fn start(&self) -> NaiveDate {
        self.start
    }

    /// The same series from another date on. Where it is on one day of the week, of the month or of the year, that day goes along.
    pub(super) fn moved(&self, start: NaiveDate) -> Result<Self, Refusal> {
        let in_every_month = |day: u32| day <= 28 && start.day() <= 28;
        let pattern = match &self.pattern {
            Pattern::Weekly { days, first } if days.len() == 1 => {
                Pattern::Weekly { days: Days::one(start.weekday()), first: *first }
            }
            Pattern::AbsoluteMonthly { day } if in_every_month(*day) => Pattern::AbsoluteMonthly { day: start.day() },
            Pattern::AbsoluteYearly { day, .. } if in_every_month(*day) => {
                Pattern::AbsoluteYearly { month: start.month(), day: start.day() }
            }
            other => other.clone(),
        };
        Self { pattern, start, ..self.clone() }.checked()
    }

    /// Refuses a series whose dates do not fit each other.
    pub(super) fn checked(self) -> Result<Self, Refusal> {
        if matches!(self.end, End::On(last) if last < self.start) {
            return Err(Refusal::EndsBeforeItBegins);
        }
        if self.begins_on_its_pattern() { Ok(self) } else { Err(Refusal::StartNotInRule) }
    }

    /// Whether the pattern has the date of the first event, which both RFC 5545 (3.8.5.3) and Graph count on.
    fn begins_on_its_pattern(&self) -> bool {
        let date = self.start;
        match &self.pattern {
            Pattern::Daily => true,
            Pattern::Weekly { days, .. } => days.has(date.weekday()),
            Pattern::AbsoluteMonthly { day } => is_day(date, *day),
            Pattern::RelativeMonthly(nth) => nth.is(date),
            Pattern::AbsoluteYearly { month, day } => date.month() == *month && is_day(date, *day),
            Pattern::RelativeYearly { month, nth } => date.month() == *month && nth.is(date),
        }
    }
}

impl Nth {
    fn is(&self, date: NaiveDate) -> bool {
        let of_these = |date: &NaiveDate| self.days.has(date.weekday());
        if !of_these(&date) {
            return false;
        }
        let month = date.iter_days().skip(1).take_while(|day| day.month() == date.month());
        if self.index == Index::Last {
            return !month.into_iter().any(|day| of_these(&day));
        }
        let before = (1..date.day()).filter_map(|day| date.with_day(day)).filter(of_these).count();
        i32::try_from(before + 1).is_ok_and(|nth| nth == self.index.position())
    }
}

/// Outlook takes the last day of a month for one that the month does not have
/// (<https://learn.microsoft.com/previous-versions/exchange-server/exchange-10/ms528295(v=exchg.10)>).
fn is_day(date: NaiveDate, day: u32) -> bool {
    date.day() == day.min(u32::from(date.num_days_in_month()))
}

/// How many days a month has at most.
pub(super) fn days_in(month: u32) -> u32 {
    // a leap year
    NaiveDate::from_ymd_opt(2024, month, 1).map_or(31, |first| u32::from(first.num_days_in_month()))
}
