use std::{fmt, sync::Arc};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use invitations_core::{
    Result, RetryClass,
    ids::ClientId,
    runtime::{Clock, Entropy},
    secret::ClientAssertion,
};
use meetings_http::AssertionSource;
use serde_json::json;
use url::Url;

use crate::client::ClientCertificate;

/// Entra's page asks for five to ten minutes, RFC 7523 for a short time.
const LIFE_SECONDS: i64 = 5 * 60;

/// Assertions signed with the application's certificate
/// (<https://learn.microsoft.com/entra/identity-platform/certificate-credentials>).
pub(super) struct SignedAssertions {
    pub(super) certificate: ClientCertificate,
    pub(super) client: ClientId,
    /// The token endpoint as configured. Never out of an answer or of metadata: an assertion for another audience could be used there
    /// in our name (RFC 7523, 3).
    pub(super) audience: Url,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
}

impl fmt::Debug for SignedAssertions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedAssertions").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

#[async_trait]
impl AssertionSource for SignedAssertions {
    async fn assertion(&self) -> Result<ClientAssertion> {
        // each request has its own: a `jti` is used once
        let mut id = [0; 16];
        self.entropy.fill(&mut id).map_err(|error| error.with_retry(RetryClass::Safe { after: None }))?;
        let message = signing_input(self.certificate.thumbprint(), &self.client, &self.audience, self.clock.now(), id);
        let signature = self.certificate.sign(message.as_bytes())?;
        Ok(ClientAssertion::new(format!("{message}.{}", BASE64URL_NOPAD.encode(&signature))))
    }
}

/// Header and claims (RFC 7515, 5.1). Pure.
fn signing_input(thumbprint: &str, client: &ClientId, audience: &Url, now: DateTime<Utc>, id: [u8; 16]) -> String {
    let header = json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint });
    let now = now.timestamp();
    let claims = json!({
        "aud": audience.as_str(),
        "exp": now + LIFE_SECONDS,
        "iat": now,
        "iss": client.as_str(),
        "jti": guid(id),
        "nbf": now,
        "sub": client.as_str(),
    });
    let part = |value: &serde_json::Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    format!("{}.{}", part(&header), part(&claims))
}

/// RFC 9562, version 4.
fn guid(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = HEXLOWER.encode(&bytes);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::{
        rsa::KeyPair,
        signature::{KeyPair as _, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey},
    };
    use futures_util::FutureExt as _;
    use invitations_core::{
        runtime::{ManualClock, SeededEntropy},
        secret::SecretBytes,
    };
    use rustls_pki_types::{PrivatePkcs8KeyDer, pem::PemObject as _};
    use serde_json::Value;

    use super::*;

    const KEY: &str = include_str!("../../tests/fixtures/current-key.pem");
    const CERTIFICATE: &str = include_str!("../../tests/fixtures/current-certificate.pem");

    fn source() -> SignedAssertions {
        SignedAssertions {
            certificate: ClientCertificate::from_pem(CERTIFICATE.as_bytes(), &SecretBytes::new(KEY.into())).unwrap(),
            client: ClientId::parse("client-1").unwrap(),
            audience: Url::parse("https://login.example/t/oauth2/v2.0/token").unwrap(),
            clock: Arc::new(ManualClock::new("2026-07-01T00:00:00Z".parse().unwrap())),
            entropy: Arc::new(SeededEntropy::new(1)),
        }
    }

    fn assertion(source: &SignedAssertions) -> String {
        source.assertion().now_or_never().unwrap().unwrap().expose().to_owned()
    }

    fn part(text: &str) -> Value {
        serde_json::from_slice(&BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn an_assertion_says_what_the_page_asks_for() {
        let source = source();
        let text = assertion(&source);
        let parts: Vec<&str> = text.split('.').collect();
        assert_eq!(
            part(parts[0]),
            json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": source.certificate.thumbprint() })
        );
        let mut claims = part(parts[1]);
        let id = claims.as_object_mut().unwrap().remove("jti").unwrap();
        assert_eq!(
            claims,
            json!({
                "aud": "https://login.example/t/oauth2/v2.0/token", "iss": "client-1", "sub": "client-1",
                "iat": 1_782_864_000, "nbf": 1_782_864_000, "exp": 1_782_864_300,
            })
        );
        let id = id.as_str().unwrap();
        assert_eq!((id.len(), &id[14..15]), (36, "4"), "{id}");
        let key = KeyPair::from_pkcs8(PrivatePkcs8KeyDer::from_pem_slice(KEY.as_bytes()).unwrap().secret_pkcs8_der())
            .unwrap();
        let public = UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, key.public_key().as_ref());
        let message = format!("{}.{}", parts[0], parts[1]);
        public.verify(message.as_bytes(), &BASE64URL_NOPAD.decode(parts[2].as_bytes()).unwrap()).unwrap();
    }

    #[test]
    fn every_request_has_its_own_id() {
        let source = source();
        let ids: Vec<Value> =
            (0..2).map(|_| part(assertion(&source).split('.').nth(1).unwrap())["jti"].clone()).collect();
        assert_ne!(ids[0], ids[1]);
    }

    #[test]
    fn nothing_of_it_is_shown() {
        let source = source();
        let text = assertion(&source);
        let shown = format!("{source:?} {:?}", ClientAssertion::new(text.clone()));
        assert!(text.split('.').all(|part| !shown.contains(part)), "{shown}");
        let line = KEY.lines().nth(1).unwrap();
        assert!(!shown.contains(line));
    }
}
