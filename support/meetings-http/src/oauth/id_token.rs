use data_encoding::BASE64URL_NOPAD;
use invitations_core::secret::IdToken;
use serde_json::Value;

/// The claims of an id token that came straight from the token endpoint, if they are meant for `client`.
///
/// The signature is not checked. OpenID Connect Core 3.1.3.7 item 6 allows that for a token received over a direct TLS connection
/// between client and token endpoint, and this one was: the server's certificate vouches for it. Never use it on a token that came
/// through a browser.
pub(super) fn claims(token: &IdToken, client: &str) -> Option<Value> {
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
    meant.then_some(claims)
}
