use data_encoding::BASE64URL_NOPAD;
use invitations_core::secret::IdToken;
use serde_json::Value;

/// The claims of an id token that came straight from the token endpoint, if they are meant for `client` and come from one of
/// `issuers` (from anybody, where there are none).
///
/// The signature is not checked. OpenID Connect Core 3.1.3.7 item 6 allows that for a token received over a direct TLS connection
/// between client and token endpoint, and this one was: the server's certificate vouches for it. Never use it on a token that came
/// through a browser.
pub(super) fn claims(token: &IdToken, client: &str, issuers: &[String]) -> Option<Value> {
    let mut parts = token.expose().split('.');
    let (Some(_), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return None;
    };
    let payload = BASE64URL_NOPAD.decode(payload.trim_end_matches('=').as_bytes()).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    // item 3: meant for us; items 4 and 5: with several audiences the authorized party says for whom
    let meant = match claims.get("aud")? {
        Value::String(audience) => audience == client,
        Value::Array(audiences) => {
            let ours = audiences.iter().any(|audience| audience.as_str() == Some(client));
            ours && (audiences.len() == 1 || claims.get("azp").and_then(Value::as_str) == Some(client))
        }
        _ => false,
    };
    (meant && (issuers.is_empty() || issuers.iter().any(|issuer| is_from(&claims, issuer)))).then_some(claims)
}

/// Item 2, with the directory's id out of the token where the issuer has a place for it.
fn is_from(claims: &Value, issuer: &str) -> bool {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let Some(found) = text("iss") else { return false };
    match issuer.split_once("{tid}") {
        None => found == issuer,
        // an id cannot bring a path or a host of its own
        Some((before, after)) => text("tid").is_some_and(|tid| {
            let plain = !tid.is_empty() && tid.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            plain && found == format!("{before}{tid}{after}")
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn abuse_f04_only_the_issuer_that_is_meant() {
        let shared = "https://login.example/{tid}/v2.0";
        for (issuer, claims, good) in [
            ("https://login.example/d/v2.0", json!({ "iss": "https://login.example/d/v2.0" }), true),
            ("https://login.example/d/v2.0", json!({ "iss": "https://login.example/e/v2.0", "tid": "e" }), false),
            ("https://login.example/d/v2.0", json!({}), false),
            (shared, json!({ "iss": "https://login.example/e/v2.0", "tid": "e" }), true),
            (shared, json!({ "iss": "https://login.example/e/v2.0", "tid": "f" }), false),
            (shared, json!({ "iss": "https://login.example/e/v2.0" }), false),
            (shared, json!({ "iss": "https://login.example/{tid}/v2.0", "tid": "{tid}" }), false),
            (shared, json!({ "iss": "https://login.example/a/b/v2.0", "tid": "a/b" }), false),
            (shared, json!({ "iss": "https://login.example//v2.0", "tid": "" }), false),
            (shared, json!({ "iss": "https://evil.example/e/v2.0", "tid": "e" }), false),
            (shared, json!({ "iss": ["https://login.example/e/v2.0"], "tid": "e" }), false),
        ] {
            assert_eq!(is_from(&claims, issuer), good, "{issuer} {claims}");
        }
    }
}
