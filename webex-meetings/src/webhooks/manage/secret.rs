use data_encoding::HEXLOWER;
use invitations_core::{Result, runtime::Entropy, secret::WebhookSecret};

/// Shorter secrets can be guessed from one signed delivery.
const LENGTHS: std::ops::RangeInclusive<usize> = 16..=1024;

/// A new secret of 256 random bits, for [`NewWebhook::with_secret`](super::NewWebhook::with_secret).
///
/// # Errors
/// As `entropy`.
pub fn random_secret(entropy: &dyn Entropy) -> Result<WebhookSecret> {
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes)?;
    Ok(WebhookSecret::new(HEXLOWER.encode(&bytes)))
}

/// Why a webhook should not be signed with it.
pub(super) fn fault(secret: Option<&WebhookSecret>) -> Option<&'static str> {
    let text = secret?.expose();
    let good = LENGTHS.contains(&text.len()) && !text.contains(|c: char| c.is_control());
    (!good).then_some("a webhook's secret is 16 to 1024 bytes without control characters")
}
