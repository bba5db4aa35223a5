//! Secrets as types, and how they are sealed at rest.
//!
//! A secret's `Debug` never shows it, and no secret is `Serialize`, `Display` or comparable: code that needs the value says
//! `expose`, which a reviewer can search for. What must be stored goes through a [`Sealer`].

#[cfg(feature = "kms")]
pub(crate) mod cipher;
mod envelope;
#[cfg(feature = "kms")]
mod envelope_sealer;
#[cfg(feature = "key-ring")]
mod key_file;
#[cfg(feature = "key-ring")]
mod key_ring;
mod key_service;
mod keys_in_use;
mod sealer;
mod sealers;
mod values;

pub use envelope::Envelope;
#[cfg(feature = "kms")]
#[cfg_attr(docsrs, doc(cfg(feature = "kms")))]
pub use envelope_sealer::EnvelopeSealer;
#[cfg(feature = "key-ring")]
#[cfg_attr(docsrs, doc(cfg(feature = "key-ring")))]
pub use key_ring::KeyRing;
pub use key_service::{EncryptionContext, KeyService};
pub use keys_in_use::KeysInUse;
pub use sealer::{SealContext, Sealed, Sealer};
pub use sealers::Sealers;
pub use values::{
    AuthorizationCode, ClientAssertion, ClientSecret, DeviceCode, DownloadUrl, IdToken, InvitationLink, JoinUrl,
    OAuthState, Passcode, PkceVerifier, RedeemUrl, RefreshToken, SecretBytes, TokenText, WebhookSecret,
};
