//! `Link` headers: whatever they say, what is followed stays on the origin.
#![no_main]

use http::{HeaderMap, HeaderValue, header::LINK};
use libfuzzer_sys::fuzz_target;
use meetings_http::{Origin, next_link_from_header};

fuzz_target!(|data: &[u8]| {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n') {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(LINK, value);
        }
    }
    let _ = next_link_from_header(&headers);
    let origin = "https://webexapis.com".parse().ok().and_then(|url| Origin::https(url).ok()).expect("an origin");
    let page = webex_meetings::fuzzing::next_page(&origin, "https://webexapis.com/v1/meetings?max=10", headers);
    if let Some(next) = page {
        let next: url::Url = next.parse().expect("what is followed is a URL");
        assert_eq!((next.scheme(), next.host_str(), next.port()), ("https", Some("webexapis.com"), None));
        assert!(next.username().is_empty() && next.password().is_none() && next.fragment().is_none());
    }
});
