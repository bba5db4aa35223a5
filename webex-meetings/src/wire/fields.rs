//! Members of Webex's objects, read one by one: what is missing or odd is left out, whatever a schema says is required.

use std::time::Duration;

use chrono::{DateTime, Utc};
use invitations_core::{
    people::EmailAddress,
    secret::{DownloadUrl, Passcode},
    time::TimeZone,
};
use serde_json::Value;
use url::Url;

use super::{read::text, time::read_instant};

/// A mark in the place of a password that is not shown.
const MASK: char = '*';

/// Flags come as booleans and, in some answers, as texts.
pub(crate) fn flag(value: &Value, name: &str) -> Option<bool> {
    match value.get(name)? {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A word of one of Webex's enums.
pub(crate) fn word<W: for<'a> From<&'a str>>(value: &Value, name: &str) -> Option<W> {
    text(value, name).map(|word| W::from(word.as_str()))
}

/// A number that is none of less than nothing, its fraction dropped; also one that is written as a text.
pub(crate) fn whole(value: &Value, name: &str) -> Option<u64> {
    let number = match value.get(name)? {
        Value::Number(number) => return number.as_u64().or_else(|| whole_of(number.as_f64()?)),
        Value::String(text) => text.trim(),
        _ => return None,
    };
    number.parse().ok()
}

fn whole_of(number: f64) -> Option<u64> {
    // where doubles still tell whole numbers apart
    const MOST: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the bounds that were checked")]
    (0.0..MOST).contains(&number).then_some(number as u64)
}

/// A length of time in `unit`s.
pub(crate) fn length(value: &Value, name: &str, unit: Duration) -> Option<Duration> {
    let count = u32::try_from(whole(value, name)?).ok()?;
    unit.checked_mul(count)
}

/// An instant. One of January 1970 stands for none: Webex says so of somebody who has not left yet.
pub(crate) fn instant(value: &Value, name: &str) -> Option<DateTime<Utc>> {
    const PLACEHOLDER_UNTIL: i64 = 31 * 24 * 60 * 60;
    let instant = read_instant(&text(value, name)?, TimeZone::UTC)?;
    (instant.timestamp() > PLACEHOLDER_UNTIL).then_some(instant)
}

/// The texts of a list; what is no text is left out.
pub(crate) fn texts(value: &Value, name: &str) -> Vec<String> {
    let listed = value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    listed.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The members of a list, each read.
pub(crate) fn each<T>(value: &Value, name: &str, read: impl Fn(&Value) -> T) -> Vec<T> {
    value.get(name).and_then(Value::as_array).map(|listed| listed.iter().map(read).collect()).unwrap_or_default()
}

/// A link to a page or a file.
pub(crate) fn link(value: &Value, name: &str) -> Option<DownloadUrl> {
    let url = Url::parse(&text(value, name)?).ok()?;
    matches!(url.scheme(), "https" | "http").then(|| DownloadUrl::new(url))
}

/// An address; one that cannot be named is left out.
pub(crate) fn address(value: &Value, name: &str) -> Option<EmailAddress> {
    EmailAddress::parse(text(value, name)?).ok()
}

/// A password, where it is shown and not masked.
pub(crate) fn passcode(value: &Value, name: &str) -> Option<Passcode> {
    text(value, name).filter(|text| !text.chars().all(|letter| letter == MASK)).map(Passcode::new)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_flags_and_times_are_read_in_any_shape() {
        let value = json!({
            "yes": true, "text": "FALSE", "odd": "maybe", "whole": 7, "float": 7.9, "written": "7", "less": -1, "huge": 1e300,
            "never": "1970-01-01T00:00:00.000Z", "east": "1970-01-01T08:00:00+08:00", "once": "2022-10-25T09:00:00Z", "bad": "soon",
            "masked": "********", "shown": "Sb1234@", "mixed": "a*", "empty": "",
        });
        assert_eq!((flag(&value, "yes"), flag(&value, "text")), (Some(true), Some(false)));
        assert_eq!((flag(&value, "odd"), flag(&value, "none"), flag(&value, "whole")), (None, None, None));
        assert_eq!(
            (whole(&value, "whole"), whole(&value, "float"), whole(&value, "written")),
            (Some(7), Some(7), Some(7))
        );
        assert_eq!((whole(&value, "less"), whole(&value, "huge"), whole(&value, "bad")), (None, None, None));
        assert_eq!(length(&value, "whole", Duration::from_secs(60)), Some(Duration::from_secs(420)));
        assert_eq!((instant(&value, "never"), instant(&value, "east"), instant(&value, "bad")), (None, None, None));
        assert_eq!(instant(&value, "once"), Some("2022-10-25T09:00:00Z".parse().unwrap()));
        assert!(passcode(&value, "masked").is_none() && passcode(&value, "empty").is_none());
        assert_eq!(passcode(&value, "shown").unwrap().expose(), "Sb1234@");
        assert_eq!(passcode(&value, "mixed").unwrap().expose(), "a*");
    }

    #[test]
    fn lists_leave_out_what_does_not_fit() {
        let value =
            json!({ "tags": ["a", 1, null, "b"], "none": null, "link": "javascript:x", "page": "https://a.example/p" });
        assert_eq!(texts(&value, "tags"), ["a", "b"]);
        assert!(texts(&value, "none").is_empty() && each(&value, "none", |_| ()).is_empty());
        assert!(link(&value, "link").is_none() && link(&value, "page").is_some());
    }
}
