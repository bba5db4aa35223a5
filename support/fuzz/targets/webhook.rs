//! What comes to a webhook's target. The first line is the signature, the rest the body.
#![no_main]

use std::sync::LazyLock;

use http::{HeaderMap, HeaderValue, Method};
use invitations_core::secret::WebhookSecret;
use libfuzzer_sys::fuzz_target;
use webex_meetings::webhooks::Receiver;

static SIGNED: LazyLock<Receiver> =
    LazyLock::new(|| Receiver::new([WebhookSecret::new("nobody knows it")]).expect("a receiver"));

fuzz_target!(|data: &[u8]| {
    let at = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (signature, body) = (&data[..at], data.get(at + 1..).unwrap_or_default());
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_bytes(signature) {
        headers.insert("x-spark-signature", value);
    }
    let refused = SIGNED.receive_parts(&Method::POST, &headers, body).expect_err("nobody can sign");
    assert!(refused.status().is_client_error() && refused.response().body().is_empty());
    if let Ok(delivery) = Receiver::dangerous_without_secret().receive_parts(&Method::POST, &HeaderMap::new(), body) {
        assert!(!delivery.object.is_empty());
        assert_eq!(delivery.key().as_str().len(), 64);
        let _ = (format!("{delivery:?}"), delivery.meeting(), delivery.text("state"));
    }
});
