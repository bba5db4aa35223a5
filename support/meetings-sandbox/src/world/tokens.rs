//! Codes, access tokens and refresh tokens of both authorization servers.

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Credentials, World};

/// One of the two authorization servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum AuthorizationSide {
    /// Entra.
    #[serde(alias = "entra")]
    Microsoft,
    /// Webex.
    Webex,
}

/// What a refresh does to the refresh token that was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Rotation {
    /// A new one is issued, the old one keeps working (Entra).
    Keep,
    /// The same one comes back, its lifetime counting down (Webex).
    Same,
    /// A new one is issued, the old one works for 60 seconds more.
    Grace,
    /// A new one is issued and the old one is refused; the new one keeps working.
    Reject,
    /// A new one is issued; using the old one again revokes all that came from the same sign-in.
    Strict,
}

/// How long a replaced refresh token works under [`Rotation::Grace`].
const GRACE: TimeDelta = TimeDelta::seconds(60);
/// How long an authorization code can be redeemed.
const CODE_LIFE: TimeDelta = TimeDelta::minutes(10);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Client {
    pub(crate) side: AuthorizationSide,
    pub(crate) secret: String,
    /// At Entra only; missing in older state files.
    #[serde(default)]
    pub(crate) credentials: Credentials,
    /// Application permissions at Entra, where they are not the default ones.
    #[serde(default)]
    pub(crate) roles: Option<Vec<String>>,
}

impl Client {
    pub(crate) fn new(side: AuthorizationSide, secret: impl Into<String>) -> Self {
        Self { side, secret: secret.into(), credentials: Credentials::default(), roles: None }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AccessToken {
    pub(crate) side: AuthorizationSide,
    pub(crate) client: String,
    /// Object id or person id; `None` for an application.
    pub(crate) user: Option<String>,
    pub(crate) scope: String,
    pub(crate) expires: DateTime<Utc>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RefreshToken {
    pub(crate) client: String,
    pub(crate) user: String,
    pub(crate) scope: String,
    pub(crate) family: u64,
    pub(crate) issued: DateTime<Utc>,
    pub(crate) expires: DateTime<Utc>,
    pub(crate) replaced: Option<DateTime<Utc>>,
    pub(crate) revoked: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Code {
    pub(crate) client: String,
    pub(crate) user: String,
    pub(crate) redirect_uri: String,
    pub(crate) scope: String,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) nonce: Option<String>,
    pub(crate) expires: DateTime<Utc>,
    pub(crate) used: bool,
}

/// A PKCE challenge (RFC 7636).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Challenge {
    pub(crate) value: String,
    pub(crate) s256: bool,
}

impl Challenge {
    pub(crate) fn accepts(&self, verifier: &str) -> bool {
        if self.s256 {
            BASE64URL_NOPAD.encode(&Sha256::digest(verifier.as_bytes())) == self.value
        } else {
            verifier == self.value
        }
    }
}

/// Why a code or refresh token buys nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GrantRefusal {
    Unknown,
    Expired,
    Revoked,
    Reused,
    OtherClient,
    OtherRedirect,
    WrongVerifier,
}

/// All that a token endpoint needs for its reply.
#[derive(Clone, Debug)]
pub(crate) struct Granted {
    pub(crate) access_token: String,
    pub(crate) refresh_token: Option<String>,
    pub(crate) refresh_expires: Option<DateTime<Utc>>,
    pub(crate) scope: String,
    pub(crate) user: String,
    pub(crate) nonce: Option<String>,
}

/// One per authorization server.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TokenDesk {
    pub(crate) rotation: Rotation,
    pub(crate) deny_consent: bool,
    pub(crate) access_seconds: i64,
    pub(crate) refresh_seconds: i64,
    pub(crate) codes: std::collections::BTreeMap<String, Code>,
    pub(crate) refresh: std::collections::BTreeMap<String, RefreshToken>,
}

impl TokenDesk {
    pub(crate) fn new(rotation: Rotation, access_seconds: i64, refresh_seconds: i64) -> Self {
        let (codes, refresh) = Default::default();
        Self { rotation, deny_consent: false, access_seconds, refresh_seconds, codes, refresh }
    }
}

impl World {
    pub(crate) fn desk(&mut self, side: AuthorizationSide) -> &mut TokenDesk {
        match side {
            AuthorizationSide::Microsoft => &mut self.entra,
            AuthorizationSide::Webex => &mut self.webex_tokens,
        }
    }

    /// Issues an access token.
    pub(crate) fn issue_access(
        &mut self,
        side: AuthorizationSide,
        client: &str,
        user: Option<&str>,
        scope: &str,
        now: DateTime<Utc>,
    ) -> String {
        let expires = now + TimeDelta::seconds(self.desk(side).access_seconds);
        let text = match (side, user) {
            (AuthorizationSide::Microsoft, None) => self.application_token(client, now, expires),
            _ => format!("sandbox-at-{}", self.ids.opaque("access")),
        };
        let (client, user, scope) = (client.to_owned(), user.map(str::to_owned), scope.to_owned());
        self.access.insert(text.clone(), AccessToken { side, client, user, scope, expires });
        text
    }

    /// The token behind a bearer, when it is known, of this side and not expired.
    pub(crate) fn access_token(
        &self,
        side: AuthorizationSide,
        text: Option<&str>,
        now: DateTime<Utc>,
    ) -> Option<AccessToken> {
        self.access.get(text?).filter(|token| token.side == side && token.expires > now).cloned()
    }

    pub(crate) fn issue_code(&mut self, side: AuthorizationSide, mut code: Code, now: DateTime<Utc>) -> String {
        let text = format!("sandbox-code-{}", self.ids.opaque("code"));
        code.expires = now + CODE_LIFE;
        self.desk(side).codes.insert(text.clone(), code);
        text
    }

    /// Redeems a code, once.
    pub(crate) fn redeem_code(
        &mut self,
        side: AuthorizationSide,
        text: &str,
        client: &str,
        redirect_uri: Option<&str>,
        verifier: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Granted, GrantRefusal> {
        let code = self.desk(side).codes.get_mut(text).ok_or(GrantRefusal::Unknown)?;
        if code.client != client {
            return Err(GrantRefusal::OtherClient);
        }
        if code.used {
            return Err(GrantRefusal::Reused);
        }
        if code.expires <= now {
            return Err(GrantRefusal::Expired);
        }
        if redirect_uri.is_some_and(|uri| uri != code.redirect_uri) || redirect_uri.is_none() {
            return Err(GrantRefusal::OtherRedirect);
        }
        let verified = match (&code.challenge, verifier) {
            (Some(challenge), Some(verifier)) => challenge.accepts(verifier),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        if !verified {
            return Err(GrantRefusal::WrongVerifier);
        }
        code.used = true;
        let code = code.clone();
        let granted = self.grant_family(side, client, &code.user, &code.scope, now);
        Ok(Granted { nonce: code.nonce, ..granted })
    }

    /// The first tokens of a consent, with a refresh token where one is due.
    pub(crate) fn grant_family(
        &mut self,
        side: AuthorizationSide,
        client: &str,
        user: &str,
        scope: &str,
        now: DateTime<Utc>,
    ) -> Granted {
        self.families += 1;
        let family = self.families;
        let mut granted = self.grant(side, client, user, scope, now);
        if side == AuthorizationSide::Webex || has_scope(scope, "offline_access") {
            let expires = now + TimeDelta::seconds(self.desk(side).refresh_seconds);
            let fresh = RefreshToken {
                client: client.to_owned(),
                user: user.to_owned(),
                scope: scope.to_owned(),
                family,
                issued: now,
                expires,
                replaced: None,
                revoked: false,
            };
            (granted.refresh_token, granted.refresh_expires) = (Some(self.store_refresh(side, fresh)), Some(expires));
        }
        granted
    }

    /// Uses a refresh token under the rotation in force.
    pub(crate) fn refresh(
        &mut self,
        side: AuthorizationSide,
        text: &str,
        client: &str,
        scope: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Granted, GrantRefusal> {
        let desk = self.desk(side);
        let (rotation, life) = (desk.rotation, TimeDelta::seconds(desk.refresh_seconds));
        let old = desk.refresh.get(text).cloned().ok_or(GrantRefusal::Unknown)?;
        if old.client != client {
            return Err(GrantRefusal::OtherClient);
        }
        if old.revoked {
            return Err(GrantRefusal::Revoked);
        }
        if old.expires <= now {
            return Err(GrantRefusal::Expired);
        }
        match (rotation, old.replaced) {
            (Rotation::Strict, Some(_)) => {
                for token in desk.refresh.values_mut().filter(|t| t.family == old.family) {
                    token.revoked = true;
                }
                return Err(GrantRefusal::Revoked);
            }
            (Rotation::Reject, Some(_)) => return Err(GrantRefusal::Reused),
            (Rotation::Grace, Some(replaced)) if now > replaced + GRACE => return Err(GrantRefusal::Reused),
            _ => {}
        }
        let scope = scope.map_or_else(|| old.scope.clone(), str::to_owned);
        let mut granted = self.grant(side, client, &old.user, &scope, now);
        if rotation == Rotation::Same {
            (granted.refresh_token, granted.refresh_expires) = (Some(text.to_owned()), Some(old.expires));
            return Ok(granted);
        }
        if let Some(used) = self.desk(side).refresh.get_mut(text) {
            used.replaced = used.replaced.or(Some(now));
        }
        let fresh = RefreshToken { issued: now, expires: now + life, replaced: None, ..old };
        (granted.refresh_expires, granted.refresh_token) = (Some(fresh.expires), Some(self.store_refresh(side, fresh)));
        Ok(granted)
    }

    fn grant(&mut self, side: AuthorizationSide, client: &str, user: &str, scope: &str, now: DateTime<Utc>) -> Granted {
        let access_token = self.issue_access(side, client, Some(user), scope, now);
        let (scope, user) = (scope.to_owned(), user.to_owned());
        Granted { access_token, refresh_token: None, refresh_expires: None, scope, user, nonce: None }
    }

    fn store_refresh(&mut self, side: AuthorizationSide, token: RefreshToken) -> String {
        let text = format!("sandbox-rt-{}", self.ids.opaque("refresh"));
        self.desk(side).refresh.insert(text.clone(), token);
        text
    }

    /// Makes access tokens invalid: all, or those of one client or one user (address or id).
    pub(crate) fn expire_access(&mut self, client: Option<&str>, user: Option<&str>) -> usize {
        let ids = user.map(|user| self.subject_ids(user));
        let before = self.access.len();
        self.access.retain(|_, token| {
            let of_client = client.is_none_or(|client| token.client == client);
            let of_user = ids.as_ref().is_none_or(|ids| token.user.as_ref().is_some_and(|u| ids.contains(u)));
            !(of_client && of_user)
        });
        before - self.access.len()
    }

    /// Revokes the refresh tokens of a user (address or id) at both servers.
    pub(crate) fn revoke_refresh(&mut self, user: &str) -> usize {
        let ids = self.subject_ids(user);
        let all = self.entra.refresh.values_mut().chain(self.webex_tokens.refresh.values_mut());
        all.filter(|t| ids.contains(&t.user) && !t.revoked).map(|t| t.revoked = true).count()
    }

    fn subject_ids(&self, user: &str) -> Vec<String> {
        let microsoft = self.user(user).or_else(|| self.user_by_address(user)).map(|u| u.id.clone());
        microsoft.into_iter().chain(self.person(user).map(|p| p.id.clone())).collect()
    }

    /// Counts a call of a token endpoint, for the state view.
    pub(crate) fn count_grant(&mut self, side: AuthorizationSide, client: &str, grant: &str) {
        let side = if side == AuthorizationSide::Microsoft { "entra" } else { "webex" };
        *self.grant_calls.entry(format!("{side} {grant} {client}")).or_default() += 1;
    }
}

/// Whether a space-separated scope list holds a scope.
pub(crate) fn has_scope(scopes: &str, wanted: &str) -> bool {
    scopes.split_whitespace().any(|scope| scope.eq_ignore_ascii_case(wanted))
}
