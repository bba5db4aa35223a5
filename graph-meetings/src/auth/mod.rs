//! Signing in with Entra, for applications and for users.

mod application;
#[cfg(feature = "certificate")]
mod assertion;
mod classify;
mod consent;
mod credentials;
mod device;
mod profile;

pub(crate) use application::NoApplicationTokens;
pub use consent::AdminConsent;
pub(crate) use credentials::client_credentials;
pub(crate) use profile::{application_server, delegated_server};

/// What a user is asked for when the builder names nothing else.
pub const DEFAULT_SCOPES: [&str; 5] =
    ["offline_access", "openid", "profile", "Calendars.ReadWrite", "OnlineMeetings.ReadWrite"];
