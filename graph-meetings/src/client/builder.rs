use std::{fmt, sync::Arc};

use invitations_core::{
    Error, ErrorKind, Remedy, Result,
    ids::{ConnectionId, TenantId, UserId},
    runtime::{Clock, Entropy, Spawner},
    token::{ApplicationTokens, AuthorizationServer, Connections, DeviceAuthorizationServer, TokenSource},
};
use meetings_http::{ClientCredentials, DeviceClient, Origin, Pipeline, ReqwestTransport, RetryPolicy, Transport};

use super::{App, Graph, KeyedLocks, graph::Inner, is_personal_subject, organizers::Organizers};
use crate::{
    auth::{self, NoApplicationTokens},
    doctor::Parts,
    teams::{MeetingDefaults, MeetingForm, MeetingOptions},
};

/// Where the tokens of an organisation's connection come from: for [`GraphBuilder::token_sources`]. It must not answer for one that
/// is another organisation's.
pub type TokenSourceOf = dyn Fn(&TenantId, &ConnectionId) -> Arc<dyn TokenSource> + Send + Sync;

/// Tokens of users' consent; where they come out of connections, these know whose accounts they are.
#[derive(Clone)]
pub(super) struct TokenSources {
    of: Arc<TokenSourceOf>,
    connections: Option<Connections>,
}

impl TokenSources {
    pub(super) fn of(&self, tenant: &TenantId, connection: &ConnectionId) -> Arc<dyn TokenSource> {
        (self.of)(tenant, connection)
    }

    /// Whether it is a personal account, as far as that is known here.
    pub(super) async fn is_personal(&self, tenant: &TenantId, connection: &ConnectionId) -> bool {
        let Some(connections) = &self.connections else { return false };
        // what cannot be read now will say so when its tokens are asked for
        connections.status(tenant, connection).await.is_ok_and(|row| is_personal_subject(row.subject.as_str()))
    }
}

impl From<Connections> for TokenSources {
    fn from(connections: Connections) -> Self {
        let kept = connections.clone();
        let of = move |tenant: &TenantId, id: &ConnectionId| connections.source(tenant, &crate::provider_id(), id);
        Self { of: Arc::new(of), connections: Some(kept) }
    }
}

impl fmt::Debug for TokenSources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSources")
    }
}

/// Puts a [`Graph`] together. What is not given is the system's.
#[derive(Debug)]
#[must_use]
pub struct GraphBuilder {
    app: App,
    transport: Option<Arc<dyn Transport>>,
    client: Option<reqwest::ClientBuilder>,
    sources: Option<TokenSources>,
    tokens: Option<Arc<dyn TokenSource>>,
    clock: Option<Arc<dyn Clock>>,
    spawner: Option<Arc<dyn Spawner>>,
    entropy: Option<Arc<dyn Entropy>>,
    retry: RetryPolicy,
    scopes: Vec<String>,
    loopback: bool,
    meetings: MeetingDefaults,
    /// Made once, so that whoever signs in remembers the same.
    credentials: Option<ClientCredentials>,
}

impl GraphBuilder {
    pub(super) fn new(app: App) -> Self {
        Self {
            app,
            transport: None,
            client: None,
            sources: None,
            tokens: None,
            clock: None,
            spawner: None,
            entropy: None,
            retry: RetryPolicy::default(),
            scopes: auth::DEFAULT_SCOPES.map(str::to_owned).to_vec(),
            loopback: false,
            meetings: MeetingDefaults::default(),
            credentials: None,
        }
    }

    /// Sends through this transport.
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Sends through a client of these settings; redirects, TLS and limits are set last, here.
    pub fn client_builder(mut self, client: reqwest::ClientBuilder) -> Self {
        self.client = Some(client);
        self
    }

    /// Takes the tokens of users from these connections.
    pub fn connections(mut self, connections: Connections) -> Self {
        self.sources = Some(connections.into());
        self
    }

    /// Asks this function for the tokens of a connection.
    pub fn token_sources(mut self, sources: Arc<TokenSourceOf>) -> Self {
        self.sources = Some(TokenSources { of: sources, connections: None });
        self
    }

    /// Takes the application's own tokens from here instead of signing in with its credential.
    pub fn tokens(mut self, tokens: Arc<dyn TokenSource>) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// Takes the time from here.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Runs what must finish here.
    pub fn spawner(mut self, spawner: Arc<dyn Spawner>) -> Self {
        self.spawner = Some(spawner);
        self
    }

    /// Takes randomness from here.
    pub fn entropy(mut self, entropy: Arc<dyn Entropy>) -> Self {
        self.entropy = Some(entropy);
        self
    }

    /// Sets when something is sent again.
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// Sets what users are asked for, instead of [`DEFAULT_SCOPES`](crate::DEFAULT_SCOPES).
    pub fn delegated_scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Sets what a meeting is that is opened for a stored account (`Open<dyn MeetingProvider>`): with
    /// [`MeetingForm::CalendarEvent`] invitations make calendar events, and their attendee lists are those of the events.
    pub fn meeting_form(mut self, form: MeetingForm) -> Self {
        self.meetings.form = form;
        self
    }

    /// Lays options under every create of a meeting by this client.
    pub fn meeting_options(mut self, options: MeetingOptions) -> Self {
        self.meetings.everybody = options;
        self
    }

    /// Lays options under every create of this organizer's meetings, over those for everybody. The organizer is named as for
    /// [`Graph::meetings_of`], or by object id; it does not concern meetings made with a user's own consent.
    pub fn meeting_options_of(mut self, organizer: &UserId, options: MeetingOptions) -> Self {
        self.meetings.set(organizer, options);
        self
    }

    /// Allows plain http to this machine, for a sandbox. Tokens then travel unencrypted.
    pub fn dangerous_loopback_http(mut self) -> Self {
        self.loopback = true;
        self
    }

    /// Where users give their consent, before the client is there: connections need it, and the client needs the connections.
    /// Choose transport, clock, entropy, scopes and loopback first.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn authorization_server(&mut self) -> Result<Arc<dyn AuthorizationServer>> {
        Ok(self.device_client()?)
    }

    /// The same for devices without a browser (RFC 8628): `Connections::begin_device`.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn device_authorization_server(&mut self) -> Result<Arc<dyn DeviceAuthorizationServer>> {
        Ok(self.device_client()?)
    }

    fn device_client(&mut self) -> Result<Arc<DeviceClient>> {
        self.app.cloud.check()?;
        let authority = self.origin(&self.app.cloud.authority)?;
        let (transport, credentials) = (self.transport_once()?, self.credentials_once(&authority)?);
        let clock = self.clock_once()?;
        auth::delegated_server(&self.app, &authority, transport, clock, credentials, self.scopes.clone())
    }

    /// What the application proves itself with, for all its servers.
    fn credentials_once(&mut self, authority: &Origin) -> Result<ClientCredentials> {
        if let Some(credentials) = &self.credentials {
            return Ok(credentials.clone());
        }
        let (clock, entropy) = (self.clock_once()?, self.entropy_once());
        let credentials = auth::client_credentials(&self.app, authority, &clock, &entropy)?;
        Ok(self.credentials.insert(credentials).clone())
    }

    fn clock_once(&mut self) -> Result<Arc<dyn Clock>> {
        let clock = self.clock.take().or_else(system::clock).ok_or_else(|| missing("clock"))?;
        Ok(Arc::clone(self.clock.insert(clock)))
    }

    fn entropy_once(&mut self) -> Arc<dyn Entropy> {
        let system = || Arc::new(invitations_core::runtime::SystemEntropy) as _;
        Arc::clone(self.entropy.get_or_insert_with(system))
    }

    /// The transport that was given, or one that is made now and kept.
    fn transport_once(&mut self) -> Result<Arc<dyn Transport>> {
        let transport: Arc<dyn Transport> = match (self.transport.take(), self.client.take()) {
            (Some(transport), _) => transport,
            (None, Some(client)) => Arc::new(ReqwestTransport::from_builder(client, self.loopback)?),
            (None, None) => default_transport(self.loopback)?,
        };
        self.transport = Some(Arc::clone(&transport));
        Ok(transport)
    }

    /// The client. Makes no request.
    ///
    /// # Errors
    /// [`Misconfigured`](ErrorKind::Misconfigured) when a part is missing, the cloud is not https, or the directory is not a single
    /// one although the application signs in by itself.
    pub fn build(mut self) -> Result<Graph> {
        let (graph, authority) = (self.origin(&self.app.cloud.graph)?, self.origin(&self.app.cloud.authority)?);
        let (transport, server) = (self.transport_once()?, self.device_client()?);
        let (clock, entropy) = (self.clock_once()?, self.entropy_once());
        let credentials = self.credentials_once(&authority)?;
        let spawner = self.spawner.or_else(system::spawner).ok_or_else(|| missing("spawner"))?;
        let given = self.tokens.clone();
        let parts = Parts { transport: Arc::clone(&transport), authority: authority.clone() };
        let tokens: Arc<dyn TokenSource> = match self.tokens {
            Some(tokens) => tokens,
            None if self.app.directory.is_single() => {
                let (transport, shared) = (Arc::clone(&transport), Arc::clone(&clock));
                let server = auth::application_server(&self.app, &authority, transport, shared, credentials)?;
                Arc::new(ApplicationTokens::with_runtime(server, Arc::clone(&clock), spawner))
            }
            None => Arc::new(NoApplicationTokens),
        };
        for ending in self.app.expiring(clock.now()) {
            let (client, at) = (&self.app.client, ending.at);
            tracing::warn!(%client, credential = ending.place, kind = %ending.kind, %at, "a credential ends soon, or has ended");
        }
        self.app.gauge_expiry();
        let pipeline = Pipeline::builder(crate::provider_id(), transport, graph)
            .tokens(tokens)
            .clock(Arc::clone(&clock))
            .entropy(Arc::clone(&entropy))
            .retry(self.retry)
            .lane_width(4)
            .build()?;
        Ok(Graph::new(Inner {
            pipeline,
            server,
            sources: self.sources,
            app: self.app,
            clock,
            entropy,
            organizers: Organizers::default(),
            attendee_locks: KeyedLocks::default(),
            parts: Arc::new(parts),
            given,
            meetings: Arc::new(self.meetings),
        }))
    }

    fn origin(&self, url: &url::Url) -> Result<Origin> {
        if self.loopback { Origin::dangerous_loopback_http(url.clone()) } else { Origin::https(url.clone()) }
    }
}

fn missing(part: &'static str) -> Error {
    Error::new(ErrorKind::Misconfigured, "build Graph")
        .with_detail(format!("no {part}"))
        .with_remedy(Remedy::new(format!("Give GraphBuilder::{part}, or enable feature `rustls`.")))
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn default_transport(loopback: bool) -> Result<Arc<dyn Transport>> {
    Ok(Arc::new(ReqwestTransport::new(loopback)?))
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
fn default_transport(_loopback: bool) -> Result<Arc<dyn Transport>> {
    Err(missing("transport"))
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod system {
    use std::sync::Arc;

    use invitations_core::runtime::{Clock, Spawner, SystemClock, TokioSpawner};

    #[expect(clippy::unnecessary_wraps, reason = "without these features there is none")]
    pub(super) fn clock() -> Option<Arc<dyn Clock>> {
        Some(Arc::new(SystemClock))
    }

    #[expect(clippy::unnecessary_wraps, reason = "without these features there is none")]
    pub(super) fn spawner() -> Option<Arc<dyn Spawner>> {
        Some(Arc::new(TokioSpawner))
    }
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
mod system {
    use std::sync::Arc;

    use invitations_core::runtime::{Clock, Spawner};

    pub(super) fn clock() -> Option<Arc<dyn Clock>> {
        None
    }

    pub(super) fn spawner() -> Option<Arc<dyn Spawner>> {
        None
    }
}
