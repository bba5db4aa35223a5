//! What Graph is told is what the rule says, whatever the rule, the zone and the clocks.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::{UnsupportedRecurrence as Refusal, *};

const ZONES: [Tz; 8] = [
    Tz::UTC,
    Tz::Europe__Berlin,
    Tz::America__New_York,
    Tz::America__Los_Angeles,
    Tz::Pacific__Kiritimati,
    Tz::Pacific__Pago_Pago,
    Tz::Australia__Lord_Howe,
    Tz::Asia__Kathmandu,
];

/// As many dates of a series are compared, within the years that the walk over the calendar has.
const MOST: u16 = 40;

const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

fn day_list() -> impl Strategy<Value = String> {
    proptest::sample::subsequence(DAYS.to_vec(), 1..=7).prop_shuffle().prop_map(|days| days.join(","))
}

fn weekday() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(DAYS.to_vec())
}

fn position() -> impl Strategy<Value = i32> {
    proptest::sample::select(vec![1, 2, 3, 4, -1])
}

fn day_of_month() -> impl Strategy<Value = String> {
    prop_oneof![
        (1..=28_u32).prop_map(|day| day.to_string()),
        Just("-1".to_owned()),
        Just("28,29;BYSETPOS=-1".to_owned()),
        Just("30,28,29;BYSETPOS=-1".to_owned()),
        Just("28,29,30,31;BYSETPOS=-1".to_owned()),
    ]
}

/// Everything but interval and end.
fn body() -> impl Strategy<Value = String> {
    let month = 1..=12_u32;
    prop_oneof![
        Just("FREQ=DAILY".to_owned()),
        day_list().prop_map(|days| format!("FREQ=DAILY;BYDAY={days}")),
        Just("FREQ=WEEKLY".to_owned()),
        (day_list(), weekday()).prop_map(|(days, first)| format!("FREQ=WEEKLY;BYDAY={days};WKST={first}")),
        day_list().prop_map(|days| format!("FREQ=WEEKLY;BYDAY={days}")),
        Just("FREQ=MONTHLY".to_owned()),
        day_of_month().prop_map(|day| format!("FREQ=MONTHLY;BYMONTHDAY={day}")),
        (position(), weekday()).prop_map(|(nth, day)| format!("FREQ=MONTHLY;BYDAY={nth}{day}")),
        (position(), day_list()).prop_map(|(nth, days)| format!("FREQ=MONTHLY;BYDAY={days};BYSETPOS={nth}")),
        Just("FREQ=YEARLY".to_owned()),
        month.clone().prop_map(|month| format!("FREQ=YEARLY;BYMONTH={month}")),
        (month.clone(), day_of_month())
            .prop_map(|(month, day)| format!("FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={day}")),
        (month.clone(), position(), weekday())
            .prop_map(|(month, nth, day)| format!("FREQ=YEARLY;BYMONTH={month};BYDAY={nth}{day}")),
        (month, position(), day_list())
            .prop_map(|(month, nth, days)| format!("FREQ=YEARLY;BYMONTH={month};BYDAY={days};BYSETPOS={nth}")),
    ]
}

fn end() -> impl Strategy<Value = Option<Result<u32, i64>>> {
    prop_oneof![
        Just(None),
        (1..=30_u32).prop_map(|count| Some(Ok(count))),
        (0..=400 * 24 * 60_i64).prop_map(|minutes| Some(Err(minutes))),
    ]
}

/// The first day from `from` on that is one of the rule's.
fn aligned(rule: &Recurrence, from: NaiveDateTime, zone: Tz) -> Option<EventTime> {
    let zone = TimeZone::parse(zone.name()).unwrap();
    for ahead in 0..800 {
        let start = WallTime::new(from.checked_add_days(Days::new(ahead))?, zone);
        let time = EventTime::from(Slot { start, duration: Duration::from_secs(1800) });
        match from_rule::series(rule, &time) {
            Ok(_) => return Some(time),
            Err(Refusal::StartNotInRule | Refusal::MonthDayNotInEveryMonth | Refusal::EndsBeforeItBegins) => {}
            Err(_) => return None,
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_rule_and_its_pattern_are_the_same_days(
        body in body(),
        interval in 1..=4_u32,
        end in end(),
        zone in proptest::sample::select(ZONES.to_vec()),
        ahead in 0..3000_u64,
        minute in 0..24 * 60_u32,
    ) {
        let time_of_day = NaiveTime::from_num_seconds_from_midnight_opt(minute * 60, 0).unwrap();
        let from = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().checked_add_days(Days::new(ahead)).unwrap();
        let interval = if interval == 1 { String::new() } else { format!(";INTERVAL={interval}") };
        let endless = format!("{body}{interval}");
        let Some(time) = aligned(&parsed(&endless), from.and_time(time_of_day), zone) else {
            // only every second day that is one of several cannot be said
            prop_assert!(endless.starts_with("FREQ=DAILY;BYDAY=") && !interval.is_empty()
                // and days that are not in the month
                || endless.contains("BYMONTHDAY=") || endless == "FREQ=YEARLY", "{endless} from {from}");
            return Ok(());
        };
        let EventTime::Timed(slot) = &time else { unreachable!() };
        let text = match end {
            None => endless,
            Some(Ok(count)) => format!("{endless};COUNT={count}"),
            Some(Err(minutes)) => {
                let until = slot.start_instant() + chrono::Duration::minutes(minutes);
                format!("{endless};UNTIL={}", until.format("%Y%m%dT%H%M%SZ"))
            }
        };
        let there = from_rule::series(&parsed(&text), &time).unwrap();
        let sent = written(&there);
        let Some(expected) = expand::rule(&text, slot.start.local(), zone, MOST) else {
            // `rrule` takes no start that clocks skip
            return Ok(());
        };
        let days = expand::graph(&sent, MOST.into());
        prop_assert_eq!(&days, &expected, "{} from {} is {}", text, slot.start.local(), sent);
        prop_assert_eq!(sent["range"]["startDate"].as_str().unwrap(), slot.start.local().date().to_string());

        // and back: through the JSON that Graph answers
        let read = from_graph(sent).unwrap();
        prop_assert_eq!(&read, &there);
        let back = rule(&read, &time).unwrap();
        prop_assert_eq!(&from_rule::series(&back, &time).unwrap(), &there, "{} -> {}", text, back);
        let again = expand::rule(back.as_rrule(), slot.start.local(), zone, MOST).unwrap();
        prop_assert_eq!(&again, &expected, "{} -> {}", text, back);
    }

    #[test]
    fn no_text_of_a_rule_panics_and_every_refusal_has_a_name(
        text in "FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;(INTERVAL=[0-9]{1,4}|COUNT=[0-9]{1,10}|UNTIL=2026[01][0-9][0-3][0-9](T[0-2][0-9]0000Z?)?|BYDAY=[+-]?[0-9]{0,2}(MO|WE|SU)(,(TU|2FR))?|BYMONTHDAY=-?[0-9]{1,2}(,[0-9])?|BYMONTH=[0-9]{1,2}|BYSETPOS=-?[0-9]|WKST=(MO|SU)|BYHOUR=9|BYWEEKNO=2|BYYEARDAY=-1)){0,4}",
    ) {
        let Ok(rule) = Recurrence::parse(&text) else { return Ok(()) };
        for time in [at("2026-07-15T09:00:00", "Europe/Berlin"), EventTime::AllDay { from: NaiveDate::MAX, days: 1 }] {
            if let Err(error) = series("write event", &rule, &time) {
                prop_assert!(error.remedy().is_some(), "{}", text);
            }
        }
    }
}
