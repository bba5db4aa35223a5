//! Durations of ISO 8601, as `Edm.Duration` has them.

use std::time::Duration;

/// `PT1H30M`. Whole minutes; `None` for less than one and for parts of one.
pub(super) fn text(duration: Duration) -> Option<String> {
    let minutes = duration.as_secs() / 60;
    if minutes == 0 || duration != Duration::from_secs(minutes * 60) {
        return None;
    }
    Some(match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("PT{minutes}M"),
        (hours, 0) => format!("PT{hours}H"),
        (hours, minutes) => format!("PT{hours}H{minutes}M"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_hours_and_minutes() {
        for (seconds, expected) in [
            (60, Some("PT1M")),
            (1800, Some("PT30M")),
            (3600, Some("PT1H")),
            (5400, Some("PT1H30M")),
            (86_400, Some("PT24H")),
            (0, None),
            (59, None),
            (61, None),
        ] {
            assert_eq!(text(Duration::from_secs(seconds)).as_deref(), expected, "{seconds}");
        }
        assert_eq!(text(Duration::from_millis(60_001)), None);
    }
}
