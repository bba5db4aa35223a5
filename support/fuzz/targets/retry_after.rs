//! `Retry-After` headers, one a line.
#![no_main]

use chrono::DateTime;
use http::{HeaderMap, HeaderValue, header::RETRY_AFTER};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n') {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(RETRY_AFTER, value);
        }
    }
    let _ = meetings_http::parse_retry_after(&headers, DateTime::UNIX_EPOCH);
});
