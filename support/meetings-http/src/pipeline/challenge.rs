use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};
use http::{HeaderMap, header::WWW_AUTHENTICATE};

use crate::{
    claims_request,
    header_text::{parameter, split},
};

/// A challenge is a few hundred bytes.
const LONGEST: usize = 8 * 1024;

/// The claims that a 401 asks for: `WWW-Authenticate: Bearer …, error="insufficient_claims", claims="<base64>"`
/// (Microsoft, "Claims challenges, claims requests, and client capabilities"). `None` where more is not asked for.
pub(crate) fn claims_challenge(headers: &HeaderMap) -> Option<String> {
    headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok()).find_map(of_header)
}

fn of_header(text: &str) -> Option<String> {
    let (mut bearer, mut insufficient, mut claims) = (false, false, None);
    for item in split(text, ',') {
        // the first parameter of a challenge has its scheme in front
        let (scheme, item) = match item.split_once(char::is_whitespace) {
            Some((scheme, rest)) if !scheme.contains(['=', '"']) => (Some(scheme), rest.trim()),
            _ => (None, item),
        };
        if let Some(scheme) = scheme {
            bearer = scheme.eq_ignore_ascii_case("bearer");
        }
        let Some((name, value)) = parameter(item).filter(|_| bearer) else { continue };
        if name.eq_ignore_ascii_case("error") {
            insufficient = value == "insufficient_claims";
        } else if name.eq_ignore_ascii_case("claims") {
            claims = decode(&value);
        }
    }
    claims.filter(|_| insufficient)
}

/// Base64 in either alphabet, padded or not; JSON inside.
fn decode(text: &str) -> Option<String> {
    let text = text.trim_end_matches('=').as_bytes();
    if text.len() > LONGEST {
        return None;
    }
    let bytes = BASE64URL_NOPAD.decode(text).or_else(|_| BASE64_NOPAD.decode(text)).ok()?;
    claims_request(std::str::from_utf8(&bytes).ok()?)
}
