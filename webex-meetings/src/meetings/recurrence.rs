use invitations_core::time::Recurrence;

/// The value for `recurrence`, or why Webex would make another series of it than was asked for.
pub(super) fn write(rule: &Recurrence) -> Result<String, &'static str> {
    // names and values are not case-sensitive (RFC 5545, 2), but Webex's examples are upper case
    let rule = rule.as_rrule().to_ascii_uppercase();
    let part = |name: &str| rule.split(';').filter_map(|part| part.split_once('=')).find(|(n, _)| *n == name);
    let value = |name: &str| part(name).map(|(_, value)| value);
    let frequency = value("FREQ").unwrap_or_default();
    let listed = |name| value(name).is_some_and(|value| value.contains(','));
    if matches!(frequency, "MONTHLY" | "YEARLY") && (listed("BYDAY") || listed("BYMONTHDAY") || listed("BYMONTH")) {
        return Err("Webex takes only the first of several days of a monthly or yearly series");
    }
    if ["BYHOUR", "BYMINUTE", "BYSECOND", "BYWEEKNO", "BYYEARDAY"].iter().any(|name| part(name).is_some()) {
        return Err("Webex repeats by day, week, month and year only");
    }
    // documented for series that end; an endless one is allowed
    let most = match frequency {
        "DAILY" => 1826,
        "WEEKLY" => 261,
        "MONTHLY" => 60,
        _ => 5,
    };
    if value("COUNT").and_then(|count| count.parse::<u32>().ok()).is_some_and(|count| count > most) {
        return Err("the series has more occurrences than Webex takes in five years");
    }
    Ok(rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(rule: &str) -> Result<String, &'static str> {
        write(&Recurrence::parse(rule).unwrap())
    }

    #[test]
    fn rules_go_out_as_they_are() {
        for rule in [
            "FREQ=DAILY;INTERVAL=1;COUNT=10",
            "FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20301231T000000Z",
            "FREQ=MONTHLY;BYDAY=2TU",
            "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1;COUNT=5",
            "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1",
            "FREQ=WEEKLY",
        ] {
            assert_eq!(written(rule).unwrap(), rule);
        }
        assert_eq!(written("freq=weekly;byday=mo").unwrap(), "FREQ=WEEKLY;BYDAY=MO");
    }

    #[test]
    fn what_webex_would_change_silently_is_refused() {
        for rule in [
            "FREQ=MONTHLY;BYDAY=1MO,3MO",
            "FREQ=MONTHLY;BYMONTHDAY=1,15",
            "FREQ=YEARLY;BYMONTH=1,7;BYMONTHDAY=1",
            "FREQ=DAILY;BYHOUR=9,15",
            "FREQ=DAILY;COUNT=1827",
            "FREQ=WEEKLY;COUNT=262",
            "FREQ=MONTHLY;COUNT=61",
            "FREQ=YEARLY;COUNT=6",
        ] {
            assert!(written(rule).is_err(), "{rule}");
        }
    }
}
