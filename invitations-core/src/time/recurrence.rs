use std::{fmt, ops::RangeInclusive, str::FromStr};

use chrono::{NaiveDate, NaiveDateTime};

use crate::{Error, Result};

/// No rule that people make is longer, in bytes.
const LONGEST: usize = 512;

/// A checked recurrence rule: the value of an `RRULE` (RFC 5545, 3.3.10), `FREQ=WEEKLY;BYDAY=MO`. The original text is kept; in
/// JSON it is that text.
///
/// The form is checked, not what a provider can do with it.
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Recurrence(String);

impl Recurrence {
    /// Checks `rule`, without `RRULE:` in front.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when it is longer than 512 bytes or not ASCII, has a part that is unknown,
    /// given twice or out of bounds, has no frequency from daily to yearly, or both `COUNT` and `UNTIL`.
    pub fn parse(rule: &str) -> Result<Self> {
        check(rule).map_err(|problem| Error::invalid("parse recurrence", problem))?;
        Ok(Self(rule.to_owned()))
    }

    /// The rule as it was given.
    pub fn as_rrule(&self) -> &str {
        &self.0
    }
}

fn check(rule: &str) -> Result<(), String> {
    if !rule.is_ascii() {
        return Err("not ASCII".to_owned());
    }
    if rule.len() > LONGEST {
        return Err("longer than 512 bytes".to_owned());
    }
    let mut seen = Vec::new();
    for part in rule.split(';') {
        let (name, value) = part.split_once('=').ok_or("a part is not NAME=VALUE; the text begins after \"RRULE:\"")?;
        // names and values are not case-sensitive (RFC 5545, 2)
        let (name, value) = (name.to_ascii_uppercase(), value.to_ascii_uppercase());
        match part_is_valid(&name, &value) {
            None => return Err("a part is not known to RFC 5545".to_owned()),
            Some(false) => return Err(format!("{name} has a value that it cannot have")),
            Some(true) if seen.contains(&name) => return Err(format!("{name} is given twice")),
            Some(true) => seen.push(name),
        }
    }
    let has = |name: &str| seen.iter().any(|known| known == name);
    if !has("FREQ") {
        return Err("FREQ is missing".to_owned());
    }
    if has("COUNT") && has("UNTIL") {
        return Err("both COUNT and UNTIL are given".to_owned());
    }
    Ok(())
}

/// `None` for an unknown part.
fn part_is_valid(name: &str, value: &str) -> Option<bool> {
    Some(match name {
        "FREQ" => matches!(value, "DAILY" | "WEEKLY" | "MONTHLY" | "YEARLY"),
        "COUNT" | "INTERVAL" => is_number(value, 1..=u32::MAX),
        "UNTIL" => is_until(value),
        "WKST" => is_weekday(value),
        "BYDAY" => value.split(',').all(is_day),
        "BYSECOND" => value.split(',').all(|item| is_number(item, 0..=60)),
        "BYMINUTE" => value.split(',').all(|item| is_number(item, 0..=59)),
        "BYHOUR" => value.split(',').all(|item| is_number(item, 0..=23)),
        "BYMONTH" => value.split(',').all(|item| is_number(item, 1..=12)),
        "BYMONTHDAY" => value.split(',').all(|item| is_number(unsigned(item), 1..=31)),
        "BYWEEKNO" => value.split(',').all(|item| is_number(unsigned(item), 1..=53)),
        "BYYEARDAY" | "BYSETPOS" => value.split(',').all(|item| is_number(unsigned(item), 1..=366)),
        _ => return None,
    })
}

/// Digits only: `parse` alone would also take a sign.
fn is_number(text: &str, allowed: RangeInclusive<u32>) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse().is_ok_and(|number| allowed.contains(&number))
}

/// Counting from the end is written with a minus.
fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

fn is_weekday(text: &str) -> bool {
    matches!(text, "MO" | "TU" | "WE" | "TH" | "FR" | "SA" | "SU")
}

/// `MO`, `2TU` or `-1FR`.
fn is_day(text: &str) -> bool {
    text.split_at_checked(text.len().saturating_sub(2))
        .is_some_and(|(nth, day)| is_weekday(day) && (nth.is_empty() || is_number(unsigned(nth), 1..=53)))
}

/// `20261231`, `20261231T235959` or the same with `Z`.
fn is_until(text: &str) -> bool {
    match text.len() {
        8 => is_number(text, 0..=u32::MAX) && NaiveDate::parse_from_str(text, "%Y%m%d").is_ok(),
        15 | 16 => {
            let shaped = text.bytes().enumerate().all(|(at, byte)| match at {
                8 => byte == b'T',
                15 => byte == b'Z',
                _ => byte.is_ascii_digit(),
            });
            shaped && NaiveDateTime::parse_from_str(text.trim_end_matches('Z'), "%Y%m%dT%H%M%S").is_ok()
        }
        _ => false,
    }
}

impl fmt::Display for Recurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Recurrence {
    type Err = Error;

    fn from_str(rule: &str) -> Result<Self> {
        Self::parse(rule)
    }
}

impl TryFrom<String> for Recurrence {
    type Error = Error;

    fn try_from(rule: String) -> Result<Self> {
        Self::parse(&rule)
    }
}

impl From<Recurrence> for String {
    fn from(recurrence: Recurrence) -> Self {
        recurrence.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn rules_are_kept_as_they_were_given() {
        for rule in [
            "FREQ=DAILY",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;WKST=SU;COUNT=10",
            "FREQ=MONTHLY;BYDAY=-1FR",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            "FREQ=MONTHLY;BYMONTHDAY=+2,-1",
            "FREQ=YEARLY;BYMONTH=1,12;BYDAY=2SU;UNTIL=20301231T235959Z",
            "UNTIL=20301231;FREQ=YEARLY;BYWEEKNO=20;BYYEARDAY=-366",
            "freq=weekly;byday=mo;byhour=9;byminute=0;bysecond=60;until=20301231t120000",
        ] {
            let recurrence = Recurrence::parse(rule).unwrap();
            assert_eq!(recurrence.as_rrule(), rule);
            let json = serde_json::to_string(&recurrence).unwrap();
            assert_eq!(json, format!("\"{rule}\""));
            assert_eq!(serde_json::from_str::<Recurrence>(&json).unwrap(), recurrence);
        }
    }

    #[test]
    fn rules_that_are_none_are_refused() {
        for bad in [
            "",
            "RRULE:FREQ=DAILY",
            "BYDAY=MO",
            "FREQ=DAILY;",
            "FREQ=DAILY;;COUNT=1",
            "FREQ=SECONDLY",
            "FREQ=HOURLY",
            "FREQ=DAILY,WEEKLY",
            "FREQ=DAILY;FREQ=DAILY",
            "FREQ=DAILY;freq=WEEKLY",
            "FREQ=DAILY;COUNT=2;UNTIL=20301231",
            "FREQ=DAILY;COUNT=0",
            "FREQ=DAILY;COUNT=+1",
            "FREQ=DAILY;COUNT=",
            "FREQ=DAILY;INTERVAL=0",
            "FREQ=DAILY;INTERVAL=-1",
            "FREQ=DAILY;INTERVAL=99999999999",
            "FREQ=DAILY;UNTIL=20300231",
            "FREQ=DAILY;UNTIL=2030-12-31",
            "FREQ=DAILY;UNTIL=20301231T250000Z",
            "FREQ=DAILY;UNTIL=20301231T1200000",
            "FREQ=DAILY;X-NAME=1",
            "FREQ=DAILY ;COUNT=1",
            "FREQ=WEEKLY;BYDAY=",
            "FREQ=WEEKLY;BYDAY=M",
            "FREQ=WEEKLY;BYDAY=MO,",
            "FREQ=WEEKLY;BYDAY=0MO",
            "FREQ=WEEKLY;BYDAY=--1MO",
            "FREQ=WEEKLY;WKST=2MO",
            "FREQ=MONTHLY;BYMONTHDAY=32",
            "FREQ=YEARLY;BYMONTH=13",
            "FREQ=YEARLY;BYMONTH=-1",
            "FREQ=YEARLY;BYSETPOS=0",
            "FREQ=DAILY\r\nATTENDEE:mailto:x@example.com",
            "FREQ=DAILY;BYDAY=\u{661}MO",
        ] {
            assert_eq!(Recurrence::parse(bad).unwrap_err().kind(), ErrorKind::InvalidInput, "{bad:?}");
        }
        let long = format!("FREQ=YEARLY;BYYEARDAY={}", vec!["1"; 246].join(","));
        assert_eq!(long.len(), 513);
        assert!(Recurrence::parse(&long).is_err());
        assert!(Recurrence::parse(&long[..511]).is_ok());
        assert!(serde_json::from_str::<Recurrence>("\"FREQ=NEVER\"").is_err());
    }
}
