//! RFC 6749 over a [`Transport`](crate::Transport). What differs per provider is data and pure functions.

mod authorize;
mod claims;
mod classify;
mod client;
mod credentials;
mod device;
mod failure;
mod id_token;
mod pkce;
mod reply;
mod style;
mod subject;

pub use claims::claims_request;
pub use classify::classify_rfc6749;
pub use client::OAuthClient;
pub use credentials::{AssertionSource, ClientCredential, ClientCredentials};
pub use device::{DeviceClient, DeviceStyle, read_rfc8628};
pub use pkce::Pkce;
pub use style::{OAuthEndpoints, OAuthStyle, SubjectFrom};
