//! The week, as it stands in the file. Every value is checked while it is read, so that a mistake is named with its line.

use std::path::Path;

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveTime, Utc};
use invitations_core::{
    ids::{MeetingKey, PrincipalId, Reference, Role, TenantId},
    people::EmailAddress,
    time::{Slot, TimeZone, WallTime},
};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Week {
    pub(crate) organization: TenantId,
    pub(crate) timezone: TimeZone,
    /// The Monday of the week; the next one when it is not said.
    pub(crate) week_of: Option<NaiveDate>,
    #[serde(default)]
    pub(crate) webinars: Vec<Webinar>,
    #[serde(default)]
    pub(crate) lessons: Vec<Lesson>,
    #[serde(default)]
    pub(crate) calls: Vec<Call>,
    #[serde(default)]
    pub(crate) staff: Vec<Newcomer>,
    #[serde(default)]
    pub(crate) assignments: Vec<Assignment>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Webinar {
    pub(crate) key: Reference,
    pub(crate) title: String,
    pub(crate) organizer: EmailAddress,
    pub(crate) day: Day,
    pub(crate) at: TimeOfDay,
    pub(crate) minutes: Minutes,
    #[serde(default)]
    pub(crate) approval: ApprovalWord,
    pub(crate) requests: Vec<Request>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ApprovalWord {
    #[default]
    Members,
    Automatic,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    pub(crate) email: EmailAddress,
    pub(crate) decision: DecisionWord,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DecisionWord {
    Approve,
    Reject,
    None,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lesson {
    pub(crate) booking: MeetingKey,
    pub(crate) title: String,
    pub(crate) tutor: EmailAddress,
    pub(crate) day: Day,
    pub(crate) at: TimeOfDay,
    pub(crate) minutes: Minutes,
    pub(crate) status: LessonStatus,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LessonStatus {
    Paid,
    Cancelled,
    Unpaid,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    pub(crate) key: Reference,
    pub(crate) title: String,
    pub(crate) from: EmailAddress,
    pub(crate) to: PrincipalId,
    pub(crate) day: Day,
    pub(crate) at: TimeOfDay,
    pub(crate) minutes: Minutes,
    pub(crate) answer: CallAnswer,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CallAnswer {
    Accept,
    Decline,
    Revoke,
    Expire,
    None,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Newcomer {
    pub(crate) key: Reference,
    pub(crate) email: EmailAddress,
    pub(crate) role: Role,
    pub(crate) answer: StaffAnswer,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StaffAnswer {
    Accept,
    Decline,
    Revoke,
    None,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Assignment {
    pub(crate) user: EmailAddress,
    pub(crate) id: Reference,
    pub(crate) title: String,
    pub(crate) day: Day,
    pub(crate) at: TimeOfDay,
    pub(crate) minutes: Minutes,
    #[serde(default)]
    pub(crate) then: Then,
}

/// What happens to an assignment later in the week.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Then {
    #[default]
    Nothing,
    Change {
        title: String,
    },
    Remove,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// `HH:MM` on the clock of the week's time zone.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct TimeOfDay(NaiveTime);

impl TryFrom<String> for TimeOfDay {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let time = NaiveTime::parse_from_str(&text, "%H:%M");
        time.map(Self).map_err(|_| format!("{text:?} is no time of day: write HH:MM, such as 09:30"))
    }
}

/// 10 minutes to 23 hours 59, which every provider takes.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "u64")]
pub(crate) struct Minutes(u64);

impl TryFrom<u64> for Minutes {
    type Error = String;
    fn try_from(minutes: u64) -> Result<Self, String> {
        match minutes {
            10..1440 => Ok(Self(minutes)),
            _ => Err(format!("{minutes} minutes is no length of a meeting: write 10 to 1439")),
        }
    }
}

/// When the week is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Calendar {
    monday: NaiveDate,
    zone: TimeZone,
}

impl Week {
    /// The week that is meant, as of `now`.
    pub(crate) fn calendar(&self, now: DateTime<Utc>) -> Calendar {
        let today = now.date_naive();
        let ahead = Days::new(u64::from(7 - today.weekday().num_days_from_monday()));
        Calendar { monday: self.week_of.unwrap_or(today + ahead), zone: self.timezone }
    }
}

impl Calendar {
    pub(crate) fn slot(&self, day: Day, at: TimeOfDay, minutes: Minutes) -> Slot {
        let date = self.monday + Days::new(day as u64);
        let start = WallTime::new(date.and_time(at.0), self.zone);
        Slot { start, duration: std::time::Duration::from_secs(minutes.0 * 60) }
    }
}

/// Reads and checks the whole file.
pub(crate) fn read(path: &Path) -> Result<Week, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("{}: {error}. Name a file like examples/data/week.json", path.display()))?;
    parse(&text).map_err(|problem| format!("{}:{problem}", path.display()))
}

fn parse(text: &str) -> Result<Week, String> {
    let week: Week = serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let problem = error.to_string();
        let problem = problem.split(" at line ").next().unwrap_or_default().to_owned();
        format!("{line}:{column}: {problem}. Change this line; nothing was sent")
    })?;
    let keys = [
        ("webinars", week.webinars.iter().map(|one| one.key.as_str()).collect::<Vec<_>>()),
        ("lessons", week.lessons.iter().map(|one| one.booking.as_str()).collect()),
        ("calls", week.calls.iter().map(|one| one.key.as_str()).collect()),
        ("staff", week.staff.iter().map(|one| one.key.as_str()).collect()),
    ];
    for (section, mut keys) in keys {
        keys.sort_unstable();
        if let Some(twice) = keys.windows(2).find(|pair| pair[0] == pair[1]) {
            let line = text.lines().enumerate().filter(|(_, line)| line.contains(&format!("{:?}", twice[0]))).nth(1);
            let line = line.map_or(1, |(line, _)| line + 1);
            return Err(format!(
                "{line}:1: {section} has {:?} twice. Give each its own name; nothing was sent",
                twice[0]
            ));
        }
    }
    Ok(week)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEEK: &str = include_str!("../../data/week.json");

    #[test]
    fn the_default_week_reads_and_lies_in_the_future() {
        let week = parse(WEEK).unwrap();
        let now = "2026-03-04T12:00:00Z".parse().unwrap();
        let lesson = &week.lessons[0];
        let slot = week.calendar(now).slot(lesson.day, lesson.at, lesson.minutes);
        assert_eq!(slot.start_instant().to_rfc3339(), "2026-03-09T14:00:00+00:00");
    }

    #[test]
    fn every_mistake_is_named_with_its_line_and_what_to_change() {
        for (from, to, part) in [
            ("\"18:00\"", "\"six\"", "HH:MM"),
            ("\"minutes\": 45", "\"minutes\": 5", "10 to 1439"),
            ("nora@outside.example", "nora at outside", "no @"),
            ("\"paid\"", "\"payed\"", "paid"),
            ("\"title\": \"Open evening\"", "\"titel\": \"Open evening\"", "titel"),
            ("Europe/Berlin", "Europe/Bärlin", "IANA"),
            ("lesson-42", "lesson-41", "twice"),
        ] {
            let broken = WEEK.replacen(from, to, 1);
            // the last line with it: where a name stands twice, the second one is meant
            let place = broken.lines().count() - broken.lines().rev().position(|line| line.contains(to)).unwrap();
            let problem = parse(&broken).unwrap_err();
            let line: usize = problem.split(':').next().unwrap().parse().unwrap();
            assert!(line.abs_diff(place) <= 1, "{problem} ({to} stands in line {place})");
            assert!(problem.contains(part), "{problem}");
            assert!(problem.contains("nothing was sent"), "{problem}");
        }
    }
}
