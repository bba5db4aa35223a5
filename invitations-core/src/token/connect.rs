//! The connect flow: to the provider's page and back (RFC 6749 section 4.1 with PKCE, RFC 7636, and issuer check, RFC 9207).

use std::{collections::HashMap, sync::Arc, time::Duration};

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{
    AuthorizationRequest, Cause, Connection, ConnectionStatus, Connections, Flow, Grant, GrantFailure,
    GrantFailureClass, Subject, TokenCommit, TokenReply,
    connections::{Inner, Registered},
    grant, machine,
    vault::{self, Pair},
};
use crate::{
    Error, ErrorKind, Remedy, Result,
    ids::{ClientId, ConnectionId, PrincipalId, ProviderId, TenantId},
    runtime::timeout,
    secret::{AuthorizationCode, OAuthState, PkceVerifier, SealContext, SecretBytes},
};

/// How long a user has to come back.
const FLOW_LIFE: Duration = Duration::from_secs(600);
/// How often the account's name is asked for.
const SUBJECT_TRIES: u32 = 5;
/// How often a write is tried against others' writes and a store that is down.
const WRITES: u32 = 5;

/// What else to say at the start of a connect flow.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct BeginOptions {
    /// Whose account is meant, as the provider's page should suggest.
    pub login_hint: Option<String>,
    /// The connection to renew: the same account must come back.
    pub renews: Option<ConnectionId>,
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
        self.renews = Some(connection);
        self
    }
}

/// A finished connect flow.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Connected {
    /// The connection, without its tokens.
    pub connection: Connection,
    /// The relative path that was given at the start.
    pub return_to: String,
}

#[derive(serde::Deserialize, serde::Serialize)]
struct Kept {
    verifier: String,
    client: ClientId,
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
        check_return_to(return_to)?;
        let inner = &self.0;
        let known = inner.find(provider, |_| true)?;
        let mut claims = None;
        if let Some(id) = &options.renews {
            let row = inner.row(id).await?;
            if (&row.tenant, &row.owner, &row.provider) != (tenant, owner, provider) {
                return Err(Error::new(ErrorKind::NotFound, "begin connect").with_detail("no such connection"));
            }
            if let ConnectionStatus::NeedsReconsent(Cause::Interaction { claims: asked }) = row.status {
                claims = asked;
            }
        }
        let state = OAuthState::new(inner.random()?);
        let verifier = inner.random()?;
        let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(verifier.as_bytes()));
        let mut request = AuthorizationRequest::new(state.clone(), challenge, known.redirect.clone());
        request.claims = claims;
        request.login_hint = options.login_hint;
        let url = known.server.authorization_url(&request)?;

        let until = machine::later(inner.store.now().await?, FLOW_LIFE);
        let empty = crate::secret::Sealed::from_bytes(Vec::new());
        let mut flow =
            Flow::new(digest(state.expose()), tenant.clone(), owner.clone(), provider.clone(), return_to, empty, until);
        flow.renews = options.renews;
        let kept = Kept { verifier, client: known.server.profile().client.clone() };
        let plain = serde_json::to_vec(&kept).map_err(|_| Error::new(ErrorKind::Protocol, "begin connect"))?;
        // wipes the copy that is not a secret type
        let (plain, _) = (SecretBytes::new(plain), PkceVerifier::new(kept.verifier));
        let sealed = inner.sealer.seal(&context(&flow), plain.expose()).await;
        flow.sealed = sealed.map_err(|error| vault::sealer_failed("begin connect", error))?;
        inner.store.begin_flow(&flow).await?;
        Ok(url)
    }

    /// Finishes a flow with the query of the callback. `owner` is who is signed in now: it must be who began.
    ///
    /// The account the owner already connected is renewed: one account is one connection.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a query without its parts;
    /// [`PermissionDenied`](ErrorKind::PermissionDenied) for a state that is unknown, used, over or somebody else's, for a wrong
    /// issuer, and when the provider or the user said no; [`Conflict`](ErrorKind::Conflict) when another account came back than
    /// the one to renew.
    pub async fn complete(&self, callback_query: &str, owner: &PrincipalId) -> Result<Connected> {
        let query = parse_query(callback_query)?;
        let state = query.get("state").ok_or_else(|| invalid("the callback has no state"))?;
        let flow = self.0.store.take_flow(&digest(state)).await?;
        let flow = flow.ok_or_else(|| denied("the state is unknown, used or over; begin again"))?;
        if flow.owner != *owner {
            return Err(denied("somebody else began this; begin again"));
        }
        let plain = self.0.sealer.open(&context(&flow), &flow.sealed).await;
        let plain = plain.map_err(|error| vault::sealer_failed("complete connect", error))?;
        let kept: Kept =
            serde_json::from_slice(plain.expose()).map_err(|_| denied("the flow cannot be read; begin again"))?;
        let (verifier, client) = (PkceVerifier::new(kept.verifier), kept.client);
        let known = self.0.find(&flow.provider, |known| *known == client)?.clone();
        if let Some(issuer) = &known.server.profile().issuer {
            let same = query.get("iss").is_some_and(|iss| Url::parse(iss).is_ok_and(|iss| iss == *issuer));
            if !same {
                return Err(denied("the callback comes from another issuer"));
            }
        }
        if let Some(error) = query.get("error") {
            return Err(denied(format!("the provider answered {}", error_code(error))));
        }
        let code = query.get("code").ok_or_else(|| invalid("the callback has no code"))?;
        let grant = Grant::AuthorizationCode {
            code: AuthorizationCode::new(code.as_str()),
            verifier,
            redirect: known.redirect.clone(),
        };
        // the code works once: what it brings must be stored even if the browser hangs up
        let inner = Arc::clone(&self.0);
        self.0.detached("complete connect", async move { inner.finish(&known, flow, &grant).await }).await
    }
}

impl Inner {
    fn random(&self) -> Result<String> {
        let mut bytes = [0; 32];
        self.entropy.fill(&mut bytes)?;
        Ok(BASE64URL_NOPAD.encode(&bytes))
    }

    async fn finish(self: &Arc<Self>, known: &Registered, flow: Flow, grant: &Grant) -> Result<Connected> {
        let started = self.store.now().await?;
        let limit = self.timing.request;
        let reply = timeout(&*self.clock, limit, known.server.token(grant, limit))
            .await
            .map_err(|_| Error::new(ErrorKind::Timeout, "complete connect"))?
            .map_err(refused)?;
        let subject = self.subject(known, &reply).await?;
        let id = flow.renews.clone().map_or_else(|| connection_id(&flow, known, &subject), Ok)?;
        let mut connection =
            Connection::new(id, flow.tenant, flow.owner, flow.provider, known.server.profile().client.clone(), subject);
        connection.scopes = self.required.get(&connection.provider).cloned().unwrap_or_default();
        grant::record(&mut connection, &reply, known.server.profile(), started);
        if self.lacks_scopes(&connection) {
            connection.status = ConnectionStatus::NeedsReconsent(Cause::ScopeMissing);
        }
        let connection = self.write_consent(connection, reply, flow.renews.is_some()).await?;
        Ok(Connected { connection, return_to: flow.return_to })
    }

    /// Whose tokens these are. The code is used up by now, so that a passing fault of this read is not the user's to mend.
    async fn subject(&self, known: &Registered, reply: &TokenReply) -> Result<Subject> {
        let mut tries = 1;
        loop {
            match known.server.subject(reply).await {
                Err(failure) if tries < SUBJECT_TRIES && passing(&failure.class) => {
                    tries += 1;
                    self.clock.sleep(self.timing.retry_first).await;
                }
                other => return other.map_err(refused),
            }
        }
    }

    /// Makes the row, or begins the next epoch of the one that is there.
    async fn write_consent(&self, mut next: Connection, reply: TokenReply, renews: bool) -> Result<Connection> {
        let mut pair = Pair { access: reply.access, refresh: reply.refresh };
        let mut pause = self.timing.retry_first;
        let mut tries = 0;
        loop {
            tries += 1;
            let written = self.write_consent_once(&mut next, &mut pair, renews).await;
            match written {
                Ok(true) => break,
                Ok(false) if tries < WRITES => {}
                Ok(false) => {
                    return Err(Error::new(ErrorKind::Conflict, "complete connect")
                        .with_detail("the connection changes all the time"));
                }
                Err(error) if tries < WRITES && grant::passing(&error) => {
                    self.clock.sleep(pause).await;
                    pause *= 2;
                }
                Err(error) => return Err(error),
            }
        }
        self.cache.forget(&next.id);
        self.patience.forget(&next.id);
        next.tokens = None;
        Ok(next)
    }

    async fn write_consent_once(&self, next: &mut Connection, pair: &mut Pair, renews: bool) -> Result<bool> {
        let old = self.store.connection(&next.id).await?;
        if let Some(old) = &old {
            if old.subject != next.subject || old.owner != next.owner || old.tenant != next.tenant {
                return Err(Error::new(ErrorKind::Conflict, "complete connect")
                    .with_detail("another account came back than the one to renew")
                    .with_remedy(Remedy::new("Sign in with the account that was connected, or connect a new one.")));
            }
            next.epoch = old.epoch.saturating_add(1);
        } else if renews {
            return Err(Error::new(ErrorKind::NotFound, "complete connect").with_detail("no such connection"));
        }
        next.tokens = Some(vault::seal(&*self.sealer, next, pair).await?);
        let written = match &old {
            Some(old) => self.replace(old, None, false, next.clone()).await,
            None => self.store.commit(TokenCommit::Create(Box::new(next.clone()))).await,
        };
        match written {
            Ok(()) => Ok(true),
            Err(error) if matches!(error.kind(), ErrorKind::Conflict | ErrorKind::AlreadyExists) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn digest(state: &str) -> [u8; 32] {
    Sha256::digest(state.as_bytes()).into()
}

fn context(flow: &Flow) -> SealContext {
    SealContext::new(
        "connect flow",
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

/// The same account of the same owner is the same connection.
fn connection_id(flow: &Flow, known: &Registered, subject: &Subject) -> Result<ConnectionId> {
    let parts = SealContext::new(
        "connection",
        [
            flow.tenant.as_str(),
            flow.owner.as_str(),
            flow.provider.as_str(),
            known.server.profile().client.as_str(),
            subject.as_str(),
        ],
    );
    let hash = Sha256::digest(parts.to_bytes());
    ConnectionId::parse(format!("con_{}", BASE64URL_NOPAD.encode(&hash[..18])))
}

/// A path of our own: a callback must not send the browser to somebody else's page.
fn check_return_to(path: &str) -> Result<()> {
    let plain = path.starts_with('/') && path.len() <= 2048 && !path.contains(['\\', '\r', '\n', '\t']);
    let base = Url::parse("https://own.invalid/").ok();
    let own = plain
        && !path.chars().any(char::is_control)
        && base.is_some_and(|base| base.join(path).is_ok_and(|joined| joined.origin() == base.origin()));
    if own { Ok(()) } else { Err(Error::invalid("begin connect", "return_to is not a path of your own application")) }
}

/// Each parameter once (RFC 6749 section 3.1).
fn parse_query(query: &str) -> Result<HashMap<String, String>> {
    let mut parts = HashMap::new();
    for (name, value) in url::form_urlencoded::parse(query.trim_start_matches('?').as_bytes()) {
        if parts.insert(name.into_owned(), value.into_owned()).is_some() {
            return Err(invalid("the callback has a parameter twice"));
        }
    }
    Ok(parts)
}

/// An error code as RFC 6749 section 4.1.2.1 writes it; nothing else of a stranger's text gets into our errors.
fn error_code(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_lowercase() || *c == '_').take(64).collect()
}

fn refused(failure: GrantFailure) -> Error {
    match failure.class {
        GrantFailureClass::ClientMisconfigured => grant::suspended().with_source(failure.error),
        GrantFailureClass::GrantDead | GrantFailureClass::Interaction { .. } => {
            denied("the provider did not accept the code; begin again").with_source(failure.error)
        }
        GrantFailureClass::Transient { .. } | GrantFailureClass::Unknown | GrantFailureClass::Config => failure.error,
    }
}

fn passing(class: &GrantFailureClass) -> bool {
    matches!(class, GrantFailureClass::Transient { .. } | GrantFailureClass::Unknown)
}

fn invalid(detail: &'static str) -> Error {
    Error::invalid("complete connect", detail)
}

fn denied(detail: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::PermissionDenied, "complete connect").with_detail(detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_paths_are_returned_to() {
        for good in ["/", "/settings?tab=calendar#top", "/a//b", "/%2F%2Fevil.example"] {
            assert!(check_return_to(good).is_ok(), "{good}");
        }
        for bad in
            ["", "settings", "//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "/a\nb"]
        {
            assert!(check_return_to(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_strangers_error_text_is_cut_down_to_a_code() {
        assert_eq!(error_code("access_denied"), "access_denied");
        assert_eq!(error_code("<b>Token=1234</b>"), "bokenb");
        assert!(parse_query("state=a&state=b").is_err());
        assert_eq!(parse_query("?state=a%20b").unwrap()["state"], "a b");
    }
}
