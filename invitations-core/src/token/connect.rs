//! The connect flow: to the provider's page (RFC 6749 section 4.1 with PKCE, RFC 7636). The way back is in `callback`.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{
    AuthorizationRequest, Cause, Connection, ConnectionStatus, Connections, Flow, connections::Inner, machine,
    return_to, vault,
};
use crate::{
    Error, ErrorKind, Result,
    ids::{ClientId, ConnectionId, PrincipalId, ProviderId, TenantId},
    secret::{OAuthState, PkceVerifier, SealContext, SecretBytes},
};

/// How long a user has to come back.
const FLOW_LIFE: Duration = Duration::from_secs(600);
/// What else to say at the start of a connect flow.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct BeginOptions {
    /// Whose account is meant, as the provider's page should suggest.
    pub login_hint: Option<String>,
    /// The connection to renew: the same account must come back.
    pub renews: Option<ConnectionId>,
    /// Whether another account may come back for that connection.
    pub rebinds: bool,
}

impl BeginOptions {
    /// A new connection, without a hint.
    pub fn new() -> Self {
        Self::default()
    }

    /// Suggests an account on the provider's page.
    #[must_use]
    pub fn with_login_hint(mut self, hint: impl Into<String>) -> Self {
        self.login_hint = Some(hint.into());
        self
    }

    /// Renews this connection instead of making one.
    #[must_use]
    pub fn renewing(mut self, connection: ConnectionId) -> Self {
        (self.renews, self.rebinds) = (Some(connection), false);
        self
    }

    /// Lets this connection go on with whichever account comes back: whatever refers to it uses that account from then on. The
    /// provider is told, once, that the tokens of an account that was replaced are not needed.
    #[must_use]
    pub fn rebinding(mut self, connection: ConnectionId) -> Self {
        (self.renews, self.rebinds) = (Some(connection), true);
        self
    }
}

#[derive(serde::Deserialize, serde::Serialize)]
pub(super) struct Kept {
    pub(super) verifier: String,
    pub(super) client: ClientId,
}

impl Connections {
    /// Where to send the owner's browser. `return_to` is a path of your own application.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) when `return_to` is no relative path;
    /// [`Misconfigured`](ErrorKind::Misconfigured) when no server is registered for the provider; the store's.
    pub async fn begin(
        &self,
        tenant: &TenantId,
        owner: &PrincipalId,
        provider: &ProviderId,
        return_to: &str,
    ) -> Result<Url> {
        self.begin_with(tenant, owner, provider, return_to, BeginOptions::new()).await
    }

    /// [`begin`](Self::begin), with options.
    ///
    /// # Errors
    /// As [`begin`](Self::begin); [`NotFound`](ErrorKind::NotFound) when the connection to renew is not this owner's.
    pub async fn begin_with(
        &self,
        tenant: &TenantId,
        owner: &PrincipalId,
        provider: &ProviderId,
        return_to: &str,
        options: BeginOptions,
    ) -> Result<Url> {
        return_to::check(return_to)?;
        let inner = &self.0;
        let known = inner.find(provider, |known| known.redirect.is_some())?;
        let redirect = known.redirect.clone().ok_or_else(|| Error::new(ErrorKind::Misconfigured, "begin connect"))?;
        let mut claims = None;
        if let Some(id) = &options.renews {
            let row = inner.renewable(id, tenant, owner, provider).await?;
            if let ConnectionStatus::NeedsReconsent(Cause::Interaction { claims: asked }) = row.status {
                claims = asked;
            }
        }
        let state = OAuthState::new(inner.random()?);
        let verifier = inner.random()?;
        let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(verifier.as_bytes()));
        let mut request = AuthorizationRequest::new(state.clone(), challenge, redirect);
        request.claims = claims;
        request.login_hint = options.login_hint;
        let url = known.server.authorization_url(&request)?;

        let until = machine::later(inner.store.now().await?, FLOW_LIFE);
        let empty = crate::secret::Sealed::from_bytes(Vec::new());
        let mut flow =
            Flow::new(digest(state.expose()), tenant.clone(), owner.clone(), provider.clone(), return_to, empty, until);
        (flow.renews, flow.rebinds) = (options.renews, options.rebinds);
        let kept = Kept { verifier, client: known.server.profile().client.clone() };
        let plain = serde_json::to_vec(&kept).map_err(|_| Error::new(ErrorKind::Protocol, "begin connect"))?;
        // wipes the copy that is not a secret type
        let (plain, _) = (SecretBytes::new(plain), PkceVerifier::new(kept.verifier));
        let sealed = inner.sealer.seal(&context(&flow), plain.expose()).await;
        flow.sealed = sealed.map_err(|error| vault::sealer_failed("begin connect", error))?;
        inner.store.begin_flow(&flow).await?;
        Ok(url)
    }
}

impl Inner {
    /// The connection to renew, if it is this owner's.
    pub(super) async fn renewable(
        &self,
        id: &ConnectionId,
        tenant: &TenantId,
        owner: &PrincipalId,
        provider: &ProviderId,
    ) -> Result<Connection> {
        let row = self.row(id).await?;
        if (&row.tenant, &row.owner, &row.provider) == (tenant, owner, provider) {
            return Ok(row);
        }
        Err(Error::new(ErrorKind::NotFound, "begin connect").with_detail("no such connection"))
    }

    fn random(&self) -> Result<String> {
        let mut bytes = [0; 32];
        self.entropy.fill(&mut bytes)?;
        Ok(BASE64URL_NOPAD.encode(&bytes))
    }
}

pub(super) fn digest(state: &str) -> [u8; 32] {
    Sha256::digest(state.as_bytes()).into()
}

pub(super) fn context(flow: &Flow) -> SealContext {
    // a purpose of its own: a store cannot turn a renewal into a rebinding
    SealContext::new(
        if flow.rebinds { "rebind flow" } else { "connect flow" },
        [
            flow.tenant.as_str(),
            flow.owner.as_str(),
            flow.provider.as_str(),
            &flow.return_to,
            flow.renews.as_ref().map_or("", ConnectionId::as_str),
            &BASE64URL_NOPAD.encode(&flow.state_digest),
        ],
    )
}
