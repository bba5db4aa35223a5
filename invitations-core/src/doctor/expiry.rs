use chrono::{DateTime, TimeDelta, Utc};

use super::{Finding, Question};
use crate::Remedy;

/// How long before its end a credential is named: 30 days.
pub const ENDS_SOON: TimeDelta = TimeDelta::days(30);

/// A credential and its end.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a name and a moment")]
pub struct Ending {
    /// The credential, for people: "secret 0".
    pub name: String,
    /// When it ends, UTC; `None` where nobody noted it.
    pub at: Option<DateTime<Utc>>,
}

/// One finding for each of a client's credentials.
///
/// What has ended is a failure only where no other can still be good: a client uses whichever is accepted. `renew` says how a new one
/// is made.
pub fn expiry(credentials: &[Ending], now: DateTime<Utc>, renew: &Remedy) -> Vec<Finding> {
    let ended = |ending: &Ending| ending.at.is_some_and(|at| at <= now);
    let others_good = credentials.iter().any(|ending| !ended(ending));
    let soon = now.checked_add_signed(ENDS_SOON).unwrap_or(DateTime::<Utc>::MAX_UTC);
    let question = Question::CREDENTIAL_EXPIRY;
    let judge = |ending: &Ending| match ending.at {
        None => Finding::not_asked(question, "its end was not noted, so nobody is warned of it"),
        Some(at) if at <= now && others_good => {
            Finding::warn(question, format!("ended {}; another one is left", day(at))).with_remedy(renew.clone())
        }
        Some(at) if at <= now => Finding::fail(question, format!("ended {}", day(at))).with_remedy(renew.clone()),
        Some(at) if at <= soon => {
            let days = (at - now).num_days();
            let detail = format!("ends {}, in {days} {}", day(at), if days == 1 { "day" } else { "days" });
            Finding::warn(question, detail).with_remedy(renew.clone())
        }
        Some(at) => Finding::ok(question, format!("ends {}", day(at))),
    };
    credentials.iter().map(|ending| judge(ending).about(ending.name.clone())).collect()
}

fn day(at: DateTime<Utc>) -> impl std::fmt::Display {
    at.format("%Y-%m-%d")
}

#[cfg(test)]
mod tests {
    use super::{super::Verdict, *};

    fn verdicts(days: &[Option<i64>]) -> Vec<Verdict> {
        let now: DateTime<Utc> = "2026-07-01T00:00:00Z".parse().unwrap();
        let ending =
            |days: &Option<i64>| Ending { name: "c".to_owned(), at: days.map(|days| now + TimeDelta::days(days)) };
        let all: Vec<_> = days.iter().map(ending).collect();
        let findings = expiry(&all, now, &Remedy::new("Renew it."));
        for finding in &findings {
            let needs = matches!(finding.verdict, Verdict::Warn | Verdict::Fail);
            assert_eq!(finding.remedy.is_some(), needs, "{finding:?}");
        }
        findings.iter().map(|finding| finding.verdict).collect()
    }

    #[test]
    fn thirty_days_ahead_and_only_the_last_one_fails() {
        use Verdict::{Fail, NotAsked, Ok, Warn};
        for (days, expected) in [
            (vec![Some(31)], vec![Ok]),
            (vec![Some(30)], vec![Warn]),
            (vec![Some(1)], vec![Warn]),
            (vec![Some(0)], vec![Fail]),
            (vec![Some(-9)], vec![Fail]),
            (vec![Some(-9), Some(-1)], vec![Fail, Fail]),
            (vec![Some(-9), Some(40)], vec![Warn, Ok]),
            (vec![Some(-9), Some(4)], vec![Warn, Warn]),
            (vec![Some(-9), None], vec![Warn, NotAsked]),
            (vec![None], vec![NotAsked]),
            (vec![], vec![]),
        ] {
            assert_eq!(verdicts(&days), expected, "{days:?}");
        }
    }

    #[test]
    fn the_end_of_time_is_no_overflow() {
        let ending = Ending { name: "c".to_owned(), at: Some(DateTime::<Utc>::MAX_UTC) };
        assert_eq!(expiry(&[ending], DateTime::<Utc>::MAX_UTC, &Remedy::new("x"))[0].verdict, Verdict::Fail);
    }
}
