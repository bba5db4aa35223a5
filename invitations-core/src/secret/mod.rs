//! Secrets as types, and how they are sealed at rest.
//!
//! A secret's `Debug` never shows it, and no secret is `Serialize`, `Display` or comparable: code that needs the value says
//! `expose`, which a reviewer can search for. What must be stored goes through a [`Sealer`].

mod envelope;
#[cfg(feature = "key-ring")]
mod key_file;
#[cfg(feature = "key-ring")]
mod key_ring;
mod keys_in_use;
mod sealer;
mod values;

pub use envelope::Envelope;
#[cfg(feature = "key-ring")]
#[cfg_attr(docsrs, doc(cfg(feature = "key-ring")))]
pub use key_ring::KeyRing;
pub use keys_in_use::KeysInUse;
pub use sealer::{SealContext, Sealed, Sealer};
pub use values::{
    AuthorizationCode, ClientAssertion, ClientSecret, DeviceCode, IdToken, InvitationLink, JoinUrl, OAuthState,
    Passcode, PkceVerifier, RedeemUrl, RefreshToken, SecretBytes, TokenText,
};
