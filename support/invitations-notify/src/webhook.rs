use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit as _, Mac as _};
use invitations_core::{
    Error, ErrorKind, Remedy, Result, RetryClass,
    invitation::{Notice, Notifier},
    secret::SecretBytes,
};
use meetings_http::{Origin, Transport};
use sha2::Sha256;
use url::Url;

use crate::text;

/// Carries `sha256=` and the hexadecimal HMAC-SHA-256 of the body.
pub const SIGNATURE_HEADER: &str = "x-invitations-signature";

/// How long one delivery may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// POSTs every notice as JSON to a service of your own, signed with a shared secret.
#[derive(Clone, Debug)]
pub struct WebhookNotifier {
    transport: Arc<dyn Transport>,
    target: Url,
    secret: Arc<SecretBytes>,
}

impl WebhookNotifier {
    /// Delivers to `target`, which must be https.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for another scheme, or a secret of fewer than 16 bytes.
    pub fn new(transport: Arc<dyn Transport>, target: Url, secret: SecretBytes) -> Result<Self> {
        Origin::https(target.clone())?;
        Self::checked(transport, target, secret)
    }

    /// As [`new`](Self::new), but plain http to this machine is allowed.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn dangerous_loopback_http(transport: Arc<dyn Transport>, target: Url, secret: SecretBytes) -> Result<Self> {
        Origin::dangerous_loopback_http(target.clone())?;
        Self::checked(transport, target, secret)
    }

    fn checked(transport: Arc<dyn Transport>, target: Url, secret: SecretBytes) -> Result<Self> {
        if secret.expose().len() < 16 {
            return Err(Error::invalid("build webhook notifier", "the secret is shorter than 16 bytes"));
        }
        Ok(Self { transport, target, secret: Arc::new(secret) })
    }
}

fn mac(secret: &SecretBytes, body: &[u8]) -> Result<Hmac<Sha256>> {
    let mac = Hmac::<Sha256>::new_from_slice(secret.expose());
    let mac = mac.map_err(|_| Error::new(ErrorKind::Misconfigured, "sign webhook"))?;
    Ok(mac.chain_update(body))
}

/// For the receiving side: whether `header` signs `body`. Takes the same time whatever differs.
pub fn verify_signature(secret: &SecretBytes, body: &[u8], header: &str) -> bool {
    let given = header.strip_prefix("sha256=").and_then(|hex| HEXLOWER.decode(hex.as_bytes()).ok());
    match (given, mac(secret, body)) {
        (Some(given), Ok(mac)) => mac.verify_slice(&given).is_ok(),
        _ => false,
    }
}

#[async_trait]
impl Notifier for WebhookNotifier {
    async fn deliver(&self, notice: &Notice) -> Result<()> {
        let body = Bytes::from(text::json(notice).to_string());
        let signature = HEXLOWER.encode(&mac(&self.secret, &body)?.finalize().into_bytes());
        let request = http::Request::post(self.target.as_str())
            .header(http::header::CONTENT_TYPE, "application/json")
            .header(SIGNATURE_HEADER, format!("sha256={signature}"))
            .body(body)
            .map_err(|error| Error::new(ErrorKind::InvalidInput, "write webhook").with_source(error))?;
        // the receiver drops a second one by `dedupe`, so that sending again is always allowed
        let again = RetryClass::Safe { after: None };
        let reply = self.transport.send(request, TIMEOUT).await.map_err(|error| {
            Error::new(ErrorKind::Unavailable, "deliver webhook").with_source(error).with_retry(again)
        })?;
        if reply.status().is_success() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Unavailable, "deliver webhook")
            .with_status(reply.status().as_u16())
            .with_retry(again)
            .with_remedy(Remedy::new("Let the receiver answer 2xx once it has kept the notice.")))
    }
}
