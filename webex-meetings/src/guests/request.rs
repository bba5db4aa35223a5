use bytes::Bytes;
use http::Request;
use invitations_core::{Error, Result};
use serde_json::json;

use super::TOKEN;
use crate::wire::{path, post};

/// Webex documents no limit; whatever is longer is no name.
const LONGEST: usize = 512;

/// `POST /guests/token`.
pub(super) fn token(subject: &str, display_name: &str) -> Result<Request<Bytes>> {
    let fits = |text: &str| !text.trim().is_empty() && text.len() <= LONGEST && !text.chars().any(char::is_control);
    if !fits(subject) || !fits(display_name) {
        let why = "a guest's subject and name are 1 to 512 bytes without control characters";
        return Err(Error::invalid(TOKEN, why));
    }
    post(&path(&["guests", "token"], &[]), &json!({ "subject": subject, "displayName": display_name }))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_request_names_the_guest() {
        let sent = token("guest-1", "Ada Lovelace").unwrap();
        assert_eq!((sent.method().as_str(), sent.uri().path()), ("POST", "/v1/guests/token"));
        let body: Value = serde_json::from_slice(sent.body()).unwrap();
        assert_eq!(body, json!({ "subject": "guest-1", "displayName": "Ada Lovelace" }));
        for bad in ["", "  ", "a\nb", &"a".repeat(513)] {
            assert!(token(bad, "Ada").is_err() && token("guest-1", bad).is_err(), "{bad:?}");
        }
    }
}
