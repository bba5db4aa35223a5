//! The pure rules: what may be sent again, when, and how often in all.

use std::time::Duration;

use chrono::{DateTime, TimeZone as _, Utc};
use http::{HeaderMap, HeaderValue, StatusCode, header::RETRY_AFTER};
use invitations_core::runtime::{Clock as _, ManualClock};
use meetings_http::{Attempt, Decision, Outcome, Protection, RetryBudget, RetryPolicy, parse_retry_after};
use proptest::prelude::*;

use crate::support::seconds;

fn status(code: u16) -> Outcome {
    Outcome::Status { code: StatusCode::from_u16(code).unwrap(), retry_after: None }
}

fn asking(code: u16, wait: u64) -> Outcome {
    Outcome::Status { code: StatusCode::from_u16(code).unwrap(), retry_after: Some(seconds(wait)) }
}

fn attempt(protection: Protection, outcome: Outcome) -> Attempt {
    Attempt { protection, number: 1, left: seconds(60), outcome, jitter: 0.0 }
}

#[test]
fn what_may_be_sent_again() {
    // the columns: does sending again need a request that is harmless twice?
    let (any, harmless, never) = ((true, true), (false, true), (false, false));
    for (outcome, (create, twice_is_once)) in [
        (Outcome::NotSent, any),
        (Outcome::Lost, harmless),
        (status(429), any),
        (asking(429, 2), any),
        (asking(503, 2), any),
        (status(503), harmless),
        (status(502), harmless),
        (status(504), harmless),
        (status(408), harmless),
        (asking(504, 2), harmless),
        (status(500), never),
        (status(501), never),
        (status(200), never),
        (status(302), never),
        (status(400), never),
        (status(401), never),
        (status(409), never),
        (status(412), never),
    ] {
        for (protection, expected) in [
            (Protection::Unprotected, create),
            (Protection::Findable, create),
            (Protection::Keyed, twice_is_once),
            (Protection::Idempotent, twice_is_once),
        ] {
            let decision = RetryPolicy::new().decide(&attempt(protection, outcome));
            assert_eq!(decision != Decision::Stop, expected, "{protection:?} {outcome:?}");
        }
    }
}

#[test]
fn waits_double_and_a_larger_wish_of_the_server_wins() {
    let policy = RetryPolicy::new();
    let decide = |number, outcome, jitter| {
        policy.decide(&Attempt { number, jitter, ..attempt(Protection::Idempotent, outcome) })
    };
    let after = |wait: f64| Decision::SendAgain { after: Duration::from_secs_f64(wait) };
    assert_eq!(decide(1, status(503), 0.0), after(1.0));
    assert_eq!(decide(2, status(503), 0.0), after(2.0));
    assert_eq!(decide(3, status(503), 0.0), after(4.0));
    assert_eq!(decide(4, status(503), 0.0), Decision::Stop);
    assert_eq!(decide(3, status(503), 1.0), after(4.8));
    assert_eq!(decide(1, asking(429, 0), 0.0), after(1.0), "bad_021: never at once");
    assert_eq!(decide(1, asking(429, 7), 1.0), after(7.0), "not a moment later than asked");
    assert_eq!(decide(3, asking(429, 2), 0.0), after(4.0));
    assert_eq!(decide(1, asking(429, 999_999_999), 0.0), Decision::Stop, "bad_025: the caller's to wait");
    assert_eq!(decide(1, asking(429, 60), 0.0), Decision::Stop, "no time would be left");
}

proptest! {
    #[test]
    fn no_decision_panics_or_waits_longer_than_is_left(
        number in any::<u32>(), left in any::<u64>(), wait in any::<u64>(), jitter in any::<f64>(), first in any::<u64>(),
    ) {
        let policy = RetryPolicy::new().with_tries(u32::MAX).with_first_wait(seconds(first)).with_total(Duration::MAX);
        let outcome = asking(429, wait);
        let attempt = Attempt { number, jitter, left: seconds(left), ..attempt(Protection::Keyed, outcome) };
        if let Decision::SendAgain { after } = policy.decide(&attempt) {
            prop_assert!(after < attempt.left && after >= seconds(wait));
        }
    }

    #[test]
    fn no_header_makes_the_parser_panic(text in "\\PC{0,40}") {
        if let Ok(value) = HeaderValue::from_str(&text) {
            let _ = parse_retry_after(&HeaderMap::from_iter([(RETRY_AFTER, value)]), reply_time());
        }
    }
}

fn reply_time() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 10, 21, 7, 28, 0).unwrap()
}

#[test]
fn every_form_of_retry_after() {
    for (values, expected) in [
        (&["120"][..], Some(120)),
        (&[" 7 "], Some(7)),
        (&["0"], Some(0)),
        (&["999999999"], Some(999_999_999)),
        (&["18446744073709551616"], None),
        (&["-5"], None),
        (&["+5"], None),
        (&["1.5"], None),
        (&["soon"], None),
        (&[""], None),
        (&["Wed, 21 Oct 2026 07:28:30 GMT"], Some(30)),
        (&["Wednesday, 21-Oct-26 07:28:30 GMT"], Some(30)),
        (&["Wed, 21 Oct 2026 07:27:00 GMT"], Some(0)),
        (&["Wed, 21 Oct 2026"], None),
        (&["3", "9", "5"], Some(9)),
        (&["soon", "5"], Some(5)),
        (&[], None),
    ] {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(RETRY_AFTER, HeaderValue::from_str(value).unwrap());
        }
        assert_eq!(parse_retry_after(&headers, reply_time()), expected.map(seconds), "{values:?}");
    }
}

#[test]
fn retries_are_a_tenth_of_the_calls_and_a_small_floor() {
    let clock = ManualClock::new(DateTime::UNIX_EPOCH);
    let budget = RetryBudget::new(0.1);
    let mut spent = 0;
    for _ in 0..1000 {
        budget.earn(clock.instant());
        spent += u32::from(budget.spend(clock.instant()));
    }
    assert_eq!(spent, 103);
    assert!(!budget.spend(clock.instant()));
    clock.advance(seconds(9));
    assert!(!budget.spend(clock.instant()));
    clock.advance(seconds(1));
    assert!(budget.spend(clock.instant()), "whoever calls rarely gets one back");
    clock.advance(seconds(3600));
    let after_a_break = (0..10).filter(|_| budget.spend(clock.instant())).count();
    assert_eq!(after_a_break, 3, "not more than the floor");
}

#[test]
fn calls_save_up_to_a_limit() {
    let clock = ManualClock::new(DateTime::UNIX_EPOCH);
    let budget = RetryBudget::new(1.0);
    (0..10_000).for_each(|_| budget.earn(clock.instant()));
    assert_eq!((0..10_000).filter(|_| budget.spend(clock.instant())).count(), 100);
}

#[test]
fn a_scaled_policy_keeps_its_counts() {
    let policy = RetryPolicy::new().scaled_down(10);
    assert_eq!((policy.per_try(), policy.total()), (seconds(2), seconds(6)));
    assert_eq!(policy.budget(), RetryPolicy::new().budget());
    assert_eq!(RetryPolicy::new().scaled_down(0), RetryPolicy::new());
}
