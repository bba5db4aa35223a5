//! Bodies of refusals. Two bytes are the status, the rest the body.
#![no_main]

use libfuzzer_sys::fuzz_target;

/// In every body; no text of the provider's reaches an error.
const PLANTED: &str = "planted-5d1c8e4f";

fuzz_target!(|data: &[u8]| {
    let Some((status, body)) = data.split_first_chunk::<2>() else { return };
    let status = 300 + u16::from_be_bytes(*status) % 700;
    let error = graph_meetings::fuzzing::refusal(status, body);
    assert_eq!(error.status(), Some(status));
    assert!(!format!("{error} {error:?}").contains(PLANTED));
});
