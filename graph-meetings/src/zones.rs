//! Zone names of Graph. It is always asked for UTC; this is for servers that answer in another zone all the same.

use chrono_tz::Tz;
use invitations_core::time::TimeZone;
use windows_timezones::WindowsTimezone;

/// A Windows name ("Pacific Standard Time") or an IANA one.
pub(crate) fn zone(name: &str) -> Option<TimeZone> {
    match name {
        "UTC" | "tzone://Microsoft/Utc" => Some(TimeZone::UTC),
        name => match name.parse::<WindowsTimezone>() {
            Ok(windows) => TimeZone::parse(Tz::from(windows).name()).ok(),
            Err(_) => TimeZone::parse(name).ok(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_names_are_known() {
        for (name, iana) in [
            ("UTC", "UTC"),
            ("tzone://Microsoft/Utc", "UTC"),
            ("Pacific Standard Time", "America/Los_Angeles"),
            ("W. Europe Standard Time", "Europe/Berlin"),
            ("India Standard Time", "Asia/Kolkata"),
            ("Europe/Paris", "Europe/Paris"),
        ] {
            let found = zone(name).map(|zone| zone.name());
            assert!(
                found == Some(iana) || (iana == "Asia/Kolkata" && found == Some("Asia/Calcutta")),
                "{name}: {found:?}"
            );
        }
        for unknown in ["", "tzone://Microsoft/Custom", "Mars Standard Time"] {
            assert_eq!(zone(unknown), None, "{unknown}");
        }
    }
}
