use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use http::{
    HeaderMap,
    header::{DATE, RETRY_AFTER},
};

/// How long the server asks to wait (RFC 9110, 10.2.3: seconds or an HTTP date). `now` (UTC) is the time of the reply.
///
/// A date in the past is zero. What cannot be read (a negative number, a fraction, more than 64 bits, words) is no answer; of several
/// answers the longest counts.
pub fn parse_retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    retry_after_at(headers, Some(now.into()))
}

/// As [`parse_retry_after`]; without a time of its own a date means nothing.
pub(crate) fn retry_after_at(headers: &HeaderMap, now: Option<SystemTime>) -> Option<Duration> {
    let wait = |text: &str| {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().ok().map(Duration::from_secs);
        }
        let until = httpdate::parse_http_date(text).ok()?;
        now.map(|now| until.duration_since(now).unwrap_or_default())
    };
    headers.get_all(RETRY_AFTER).iter().filter_map(|value| wait(value.to_str().ok()?.trim())).max()
}

/// The server's own time, from its `Date` header.
pub(crate) fn server_time(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()
}
