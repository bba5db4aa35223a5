use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::TZ_VARIANTS;
use invitations_core::{ErrorKind, time::WallTime};

use super::*;

/// Antarctica/Troll moves its clocks by two hours, which no Windows zone does.
const WITHOUT_WINDOWS_NAME: [&str; 1] = ["Antarctica/Troll"];

fn all() -> impl Iterator<Item = TimeZone> {
    TZ_VARIANTS.iter().map(|zone| TimeZone::parse(zone.name()).unwrap())
}

fn source(error: &Error) -> UnknownTimeZone {
    let source = std::error::Error::source(error).unwrap();
    *source.downcast_ref::<UnknownTimeZone>().unwrap()
}

#[test]
fn trap_19_every_iana_name_has_a_windows_name_or_is_known_to_have_none() {
    let without: Vec<&str> = all().filter(|zone| windows_time_zone(*zone).is_err()).map(|zone| zone.name()).collect();
    assert_eq!(without, WITHOUT_WINDOWS_NAME);
    for name in WITHOUT_WINDOWS_NAME {
        let error = windows_time_zone(TimeZone::parse(name).unwrap()).unwrap_err();
        assert_eq!((error.kind(), source(&error)), (ErrorKind::InvalidInput, UnknownTimeZone::NoWindowsName));
        assert!(error.remedy().is_some() && error.detail().unwrap().starts_with(name));
    }
}

#[test]
fn every_windows_name_comes_back_and_so_does_every_iana_name_up_to_its_windows_zone() {
    let mut names = BTreeSet::new();
    for zone in all().filter(|zone| !WITHOUT_WINDOWS_NAME.contains(&zone.name())) {
        let windows = windows_time_zone(zone).unwrap();
        let back = time_zone(windows).unwrap();
        assert_eq!(windows_time_zone(back).unwrap(), windows, "{} -> {windows} -> {}", zone.name(), back.name());
        assert_eq!(time_zone(zone.name()).unwrap(), zone, "an IANA name stays what it is");
        names.insert(windows);
    }
    // all of the CLDR's table
    assert_eq!(names.len(), 139, "{names:?}");
}

#[test]
fn a_windows_zone_has_the_clock_of_every_zone_it_stands_for() {
    let start = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    let hours = |zone: TimeZone| -> Vec<DateTime<Utc>> {
        let days = start.iter_days().take(2 * 365);
        days.map(|day| WallTime::new(day.and_hms_opt(12, 0, 0).unwrap(), zone).instant()).collect()
    };
    let mut differing = Vec::new();
    for zone in all().filter(|zone| !WITHOUT_WINDOWS_NAME.contains(&zone.name())) {
        let windows = time_zone(windows_time_zone(zone).unwrap()).unwrap();
        if hours(zone) != hours(windows) {
            differing.push((zone.name(), windows.name()));
        }
    }
    assert_eq!(differing, []);
}

#[test]
fn bad_113_names_are_mapped_or_refused_and_never_utc_by_silence() {
    for (name, iana) in [
        ("UTC", "UTC"),
        ("tzone://Microsoft/Utc", "UTC"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("Pacific Standard Time", "America/Los_Angeles"),
        ("Europe/Paris", "Europe/Paris"),
        ("UTC-11", "Etc/GMT+11"),
    ] {
        assert_eq!(time_zone(name).unwrap().name(), iana, "{name}");
    }
    for (name, why) in [
        ("tzone://Microsoft/Custom", UnknownTimeZone::Custom),
        ("Customized Time Zone", UnknownTimeZone::Custom),
        ("", UnknownTimeZone::Unnamed),
        (" ", UnknownTimeZone::Unnamed),
        ("UTC+01:00", UnknownTimeZone::NoSuchName),
        ("+01:00", UnknownTimeZone::NoSuchName),
        ("Mars Standard Time", UnknownTimeZone::NoSuchName),
        // the CLDR gives these two of Windows no place on earth
        ("Kamchatka Standard Time", UnknownTimeZone::NoSuchName),
        ("Mid-Atlantic Standard Time", UnknownTimeZone::NoSuchName),
        ("W. Europe Standard Time\0", UnknownTimeZone::NoSuchName),
    ] {
        let error = time_zone(name).unwrap_err();
        assert_eq!((error.kind(), source(&error)), (ErrorKind::InvalidInput, why), "{name:?}");
        assert!(error.remedy().is_some(), "{name:?}");
    }
}

#[test]
fn other_names_of_a_zone_have_its_windows_name() {
    for (iana, windows) in [
        ("Asia/Kolkata", "India Standard Time"),
        ("Asia/Calcutta", "India Standard Time"),
        ("Europe/Kyiv", "FLE Standard Time"),
        ("US/Eastern", "Eastern Standard Time"),
        ("EST5EDT", "Eastern Standard Time"),
        ("America/Nuuk", "Greenland Standard Time"),
        ("UTC", "UTC"),
        ("Zulu", "UTC"),
    ] {
        assert_eq!(windows_time_zone(TimeZone::parse(iana).unwrap()).unwrap(), windows, "{iana}");
    }
}
