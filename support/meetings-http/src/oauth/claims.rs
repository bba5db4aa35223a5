use serde_json::{Map, Value};

/// A few hundred bytes are usual; it goes into a browser's address line.
const LONGEST: usize = 8 * 1024;

/// `text` if it is a claims request: a JSON object (OpenID Connect Core, 5.5) of at most 8 KiB. It is stored, shown to operators and
/// sent along with a browser, so that nothing else that a server may say in its place is let through.
pub fn claims_request(text: &str) -> Option<String> {
    let object = || serde_json::from_str::<Map<String, Value>>(text).is_ok();
    (text.len() <= LONGEST && object()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_object_of_a_sane_size_is_let_through() {
        for good in ["{}", r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#] {
            assert_eq!(claims_request(good).as_deref(), Some(good));
        }
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(LONGEST));
        for bad in ["", "text", "[]", "{", r#""{}""#, "{} client_secret=x", &long] {
            assert_eq!(claims_request(bad), None, "{bad}");
        }
    }
}
