//! `X-Spark-Signature`: the HMAC-SHA1 of the raw body in hexadecimal digits (developer.webex.com, "Webhooks").

use data_encoding::HEXLOWER_PERMISSIVE;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderMap;
use invitations_core::secret::WebhookSecret;
use sha1::Sha1;
use subtle::{Choice, ConstantTimeEq as _};

pub(super) const HEADER: &str = "x-spark-signature";
/// Bytes of a SHA-1.
const LENGTH: usize = 20;

/// Whether the one signature is by one of the secrets. How long it takes does not tell which, or how far it was right.
pub(super) fn is_by_any(secrets: &[WebhookSecret], headers: &HeaderMap, body: &[u8]) -> bool {
    let mut given = headers.get_all(HEADER).iter();
    let (Some(signature), None) = (given.next(), given.next()) else { return false };
    let Some(signature) = read(signature.as_bytes()) else { return false };
    let by = |secret: &WebhookSecret| match Hmac::<Sha1>::new_from_slice(secret.expose().as_bytes()) {
        Ok(mac) => mac.chain_update(body).finalize().into_bytes().as_slice().ct_eq(&signature),
        // no key is too long or too short
        Err(_) => Choice::from(0),
    };
    secrets.iter().fold(Choice::from(0), |any, secret| any | by(secret)).into()
}

fn read(text: &[u8]) -> Option<[u8; LENGTH]> {
    if text.len() != 2 * LENGTH {
        return None;
    }
    HEXLOWER_PERMISSIVE.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    /// RFC 2202, 3, test case 2.
    #[test]
    fn known_signatures_are_accepted_and_others_are_not() {
        let jefe = WebhookSecret::new("Jefe");
        let body = b"what do ya want for nothing?";
        let good = "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79";
        let check = |secrets: &[WebhookSecret], values: &[&str], body: &[u8]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(HEADER, HeaderValue::from_str(value).unwrap());
            }
            is_by_any(secrets, &headers, body)
        };
        let only = std::slice::from_ref(&jefe);
        assert!(check(only, &[good], body));
        assert!(check(only, &[&good.to_uppercase()], body));
        assert!(check(only, &["EffcDF6ae5eb2fa2d27416d5f184df9c259a7c79"], body));
        let rotated = [WebhookSecret::new("other"), jefe.clone()];
        assert!(check(&rotated, &[good], body));
        assert!(check(&[jefe.clone(), WebhookSecret::new("other")], &[good], body));
        for (values, why) in [
            (&[] as &[&str], "missing"),
            (&[""], "empty"),
            (&[good, good], "twice"),
            (&[&good[..38]], "cut"),
            (&["effcdf6ae5eb2fa2d27416d5f184df9c259a7c78"], "one bit"),
            (&["ffffdf6ae5eb2fa2d27416d5f184df9c259a7c79"], "the first byte"),
            (&["effcdf6ae5eb2fa2d27416d5f184df9c259a7cgg"], "no hex"),
            (&["sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"], "prefixed"),
            (&["5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"], "SHA-256"),
        ] {
            assert!(!check(only, values, body), "{why}");
        }
        assert!(!check(only, &[good], b"what do ya want for nothing!"));
        assert!(!check(&[WebhookSecret::new("Jeff")], &[good], body));
        assert!(!check(&[], &[good], body));
    }
}
