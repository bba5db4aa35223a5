use data_encoding::BASE64URL_NOPAD;
use invitations_core::{Result, runtime::Entropy, secret::PkceVerifier};
use sha2::{Digest as _, Sha256};

/// A verifier and its S256 challenge (RFC 7636, 4.1 and 4.2). The verifier stays here, the challenge goes with the browser.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a pair, complete by definition")]
pub struct Pkce {
    /// 256 random bits, sent with the code.
    pub verifier: PkceVerifier,
    /// Its SHA-256, base64url.
    pub challenge: String,
}

impl Pkce {
    /// A new pair.
    ///
    /// # Errors
    /// [`Unavailable`](invitations_core::ErrorKind::Unavailable) without randomness.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self> {
        let mut bytes = [0; 32];
        entropy.fill(&mut bytes)?;
        Ok(Self::of(PkceVerifier::new(BASE64URL_NOPAD.encode(&bytes))))
    }

    /// The pair of a given verifier.
    pub fn of(verifier: PkceVerifier) -> Self {
        let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(verifier.expose().as_bytes()));
        Self { verifier, challenge }
    }
}
