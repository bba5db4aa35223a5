use std::time::Duration;

use async_trait::async_trait;
use url::Url;

use super::{AuthorizationServer, GrantFailure, TokenReply};
use crate::{Error, Result, secret::DeviceCode};

/// An authorization server that lets a device without a browser sign its user in on another one (RFC 8628).
#[async_trait]
pub trait DeviceAuthorizationServer: AuthorizationServer {
    /// Begins (section 3.1): one request. `scopes` empty: the server's configured ones.
    ///
    /// # Errors
    /// A classified failure.
    async fn begin_device(&self, scopes: &[String], timeout: Duration) -> Result<DeviceAuthorization, GrantFailure>;

    /// Asks how it went (section 3.4): one request. A code is redeemed by the request that is answered with
    /// [`Granted`](DeviceAnswer::Granted), and by no other.
    ///
    /// # Errors
    /// A classified failure, for an answer that is none of [`DeviceAnswer`]'s.
    async fn poll_device(&self, code: &DeviceCode, timeout: Duration) -> Result<DeviceAnswer, GrantFailure>;
}

/// What a server answers to a device that begins (RFC 8628 section 3.2).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DeviceAuthorization {
    /// What the device asks with.
    pub device_code: DeviceCode,
    /// What the user types in: short, and meant to be shown.
    pub user_code: String,
    /// Where the user types it in.
    pub verification_uri: Url,
    /// The same page with the code in it, for a QR code, where the server offers one.
    pub verification_uri_complete: Option<Url>,
    /// How long both codes live.
    pub expires_in: Duration,
    /// How long to wait between two questions.
    pub interval: Duration,
}

impl DeviceAuthorization {
    /// How long to wait between two questions where the server does not say (section 3.2).
    pub const INTERVAL: Duration = Duration::from_secs(5);

    /// Codes that are asked for every five seconds.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a user code that is empty, longer than 64 bytes or not fit to be shown.
    pub fn new(
        device_code: DeviceCode,
        user_code: impl Into<String>,
        verification_uri: Url,
        expires_in: Duration,
    ) -> Result<Self> {
        let user_code = user_code.into();
        if !(1..=64).contains(&user_code.len()) || user_code.chars().any(char::is_control) {
            return Err(Error::invalid(
                "begin device sign-in",
                "a user code is 1 to 64 bytes without control characters",
            ));
        }
        let (verification_uri_complete, interval) = (None, Self::INTERVAL);
        Ok(Self { device_code, user_code, verification_uri, verification_uri_complete, expires_in, interval })
    }
}

/// How a sign-in on another device stands (RFC 8628 section 3.5).
#[derive(Debug)]
#[non_exhaustive]
pub enum DeviceAnswer {
    /// The user agreed; the code is used up.
    Granted(Box<TokenReply>),
    /// The user has not decided (`authorization_pending`).
    Pending,
    /// Nor has the user here, and the device asks too often (`slow_down`).
    SlowDown,
    /// The user said no (`access_denied`; at Entra `authorization_declined`).
    Denied,
    /// The code is over (`expired_token`).
    Expired,
}
