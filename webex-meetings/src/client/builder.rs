use std::{fmt, sync::Arc, time::Duration};

use invitations_core::{
    Error, ErrorKind, Remedy, Result,
    ids::{ConnectionId, TenantId},
    runtime::{Clock, Entropy, SystemEntropy},
    secret::TokenText,
    token::{Connections, TokenSource},
};
use meetings_http::{Origin, Pipeline, ReqwestTransport, RetryPolicy, Transport};
use url::Url;

use super::{Shared, Webex, fixed_token::FixedToken, integration::Integration};
use crate::{
    auth,
    doctor::Parts,
    quota::{Budgets, CreateLimits, CreateLimitsOf},
};

const BASE: &str = "https://webexapis.com";
/// How long a new meeting may stay invisible to look-ups. Webex documents no figure.
const LOOKUP_LAG: Duration = Duration::from_secs(120);

/// So many retries for each call: with the few that are there from the beginning, an outage is met with at most a tenth more than the calls.
const RETRIES: f64 = 0.09;

/// Finds the tokens of an organisation's connection. It must not answer for one that is another organisation's.
pub type TokenSourceOf = dyn Fn(&TenantId, &ConnectionId) -> Arc<dyn TokenSource> + Send + Sync;

/// Collects what a [`Webex`] needs. Only [`build`](Self::build) is required.
#[must_use = "nothing is made until `build`"]
pub struct WebexBuilder {
    integration: Integration,
    base: Option<Url>,
    tokens: Option<Arc<dyn TokenSource>>,
    sources: Option<Arc<TokenSourceOf>>,
    transport: Option<Arc<dyn Transport>>,
    client: Option<reqwest::ClientBuilder>,
    clock: Option<Arc<dyn Clock>>,
    entropy: Arc<dyn Entropy>,
    retry: RetryPolicy,
    lag: Duration,
    mails: bool,
    limits: CreateLimits,
    limits_of: Option<Arc<CreateLimitsOf>>,
    loopback: bool,
}

impl WebexBuilder {
    pub(super) fn new(integration: Integration) -> Self {
        Self {
            integration,
            base: None,
            tokens: None,
            sources: None,
            transport: None,
            client: None,
            clock: None,
            entropy: Arc::new(SystemEntropy),
            retry: RetryPolicy::default().with_budget(RETRIES),
            lag: LOOKUP_LAG,
            mails: false,
            limits: CreateLimits::new(),
            limits_of: None,
            loopback: false,
        }
    }

    /// Where Webex is, without `/v1`; `https://webexapis.com` unless set.
    pub fn base(mut self, base: Url) -> Self {
        self.base = Some(base);
        self
    }

    /// Where the tokens of connected users come from, for accounts that are a connection.
    pub fn token_sources(mut self, sources: Arc<TokenSourceOf>) -> Self {
        self.sources = Some(sources);
        self
    }

    /// As [`token_sources`](Self::token_sources), from the connect flow's own connections. Where these are made with this
    /// client's authorization server, use [`Webex::with_connections`].
    pub fn connections(mut self, connections: Connections) -> Self {
        self.sources = Some(sources_of(connections));
        self
    }

    /// The tokens of one account. Application accounts use them to act for their user (`hostEmail`), which needs an
    /// administrator's or a service application's token.
    pub fn tokens(mut self, tokens: Arc<dyn TokenSource>) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// As [`tokens`](Self::tokens), with one access token that somebody else keeps fresh.
    pub fn access_token(self, token: TokenText) -> Self {
        self.tokens(Arc::new(FixedToken::new(token)))
    }

    /// Sends through this instead of reqwest.
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// A reqwest client of one's own making (proxies, roots, pools); redirects, https and limits are set by this library.
    pub fn client_builder(mut self, builder: reqwest::ClientBuilder) -> Self {
        self.client = Some(builder);
        self
    }

    /// Where time comes from; the system's clock unless set.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Where randomness comes from; the operating system unless set.
    pub fn entropy(mut self, entropy: Arc<dyn Entropy>) -> Self {
        self.entropy = entropy;
        self
    }

    /// How requests are sent again, for callers that leave it to the pipeline.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How long a new meeting may stay invisible to [`find_by_key`](invitations_core::provider::MeetingProvider::find_by_key); two minutes unless set.
    pub fn lookup_lag(mut self, lag: Duration) -> Self {
        self.lag = lag;
        self
    }

    /// Lets Webex mail people when an invitee is added or removed and when a meeting is cancelled. Off unless set: the
    /// application sends its own. Creates and updates follow the draft and the patch instead.
    pub fn provider_mails(mut self, send: bool) -> Self {
        self.mails = send;
        self
    }

    /// How many meetings may be made in 24 hours; what Webex documents unless set. Beyond that creates are refused before any I/O.
    ///
    /// Whoever makes meetings with their own token counts as an ordinary user, for no token tells. Where all are administrators, give
    /// [`CreateLimits::of_administrator`]; where some are, [`create_limits_of`](Self::create_limits_of).
    pub fn create_limits(mut self, limits: CreateLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The limits of single accounts, asked whenever one is opened ([`Webex::meetings_for`], `Open`):
    /// [`CreateLimits::of_administrator`] for an administrator's own connection. What an administrator may create in all stays
    /// [`create_limits`](Self::create_limits)', as does all that is opened with tokens instead of an account.
    pub fn create_limits_of(mut self, limits_of: Arc<CreateLimitsOf>) -> Self {
        self.limits_of = Some(limits_of);
        self
    }

    /// Allows plain http to this machine's loopback addresses, for tests. Dangerous: tokens travel readable.
    pub fn dangerous_loopback_http(mut self) -> Self {
        self.loopback = true;
        self
    }

    /// Makes the client; sends nothing.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a base that is not https (or loopback, where allowed);
    /// [`Misconfigured`](ErrorKind::Misconfigured) when there is no transport or no clock.
    pub fn build(self) -> Result<Webex> {
        let base = match self.base {
            Some(base) => base,
            None => Url::parse(BASE).map_err(|_| Error::new(ErrorKind::InvalidInput, BUILD))?,
        };
        let origin = if self.loopback { Origin::dangerous_loopback_http(base) } else { Origin::https(base) }?;
        let transport = match (self.transport, self.client) {
            (Some(transport), _) => transport,
            (None, Some(builder)) => Arc::new(ReqwestTransport::from_builder(builder, self.loopback)?),
            (None, None) => default_transport(self.loopback)?,
        };
        let clock = self.clock.or_else(default_clock).ok_or_else(|| missing("a clock", "WebexBuilder::clock"))?;
        let server = auth::server(&self.integration, &origin, Arc::clone(&transport), Arc::clone(&clock))?;
        let Integration { client, scopes, .. } = self.integration;
        let parts = Parts { transport: Arc::clone(&transport), client, scopes };
        let pipeline = Pipeline::builder(crate::provider_id(), transport, origin)
            .clock(Arc::clone(&clock))
            .entropy(self.entropy)
            .retry(self.retry)
            .build()?;
        let (lag, mails) = (self.lag, self.mails);
        let budgets = Budgets::new(Arc::clone(&clock), self.limits);
        let shared =
            Arc::new(Shared { pipeline, clock, server, lag, mails, budgets, limits_of: self.limits_of, parts });
        Ok(Webex { shared, sources: self.sources, tokens: self.tokens })
    }
}

/// One source for each connection that is asked for.
pub(super) fn sources_of(connections: Connections) -> Arc<TokenSourceOf> {
    Arc::new(move |tenant: &TenantId, id: &ConnectionId| connections.source(tenant, &crate::provider_id(), id))
}

const BUILD: &str = "build Webex client";

#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn default_transport(loopback: bool) -> Result<Arc<dyn Transport>> {
    Ok(Arc::new(ReqwestTransport::new(loopback)?))
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
fn default_transport(_: bool) -> Result<Arc<dyn Transport>> {
    Err(missing("a transport", "WebexBuilder::transport"))
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn default_clock() -> Option<Arc<dyn Clock>> {
    Some(Arc::new(invitations_core::runtime::SystemClock))
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
fn default_clock() -> Option<Arc<dyn Clock>> {
    None
}

fn missing(what: &str, with: &str) -> Error {
    let remedy = Remedy::new(format!("Give the builder {what} with {with}, or turn on the feature `rustls`."));
    Error::new(ErrorKind::Misconfigured, BUILD).with_provider(crate::provider_id()).with_remedy(remedy)
}

impl fmt::Debug for WebexBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.base.as_ref().and_then(Url::host_str);
        f.debug_struct("WebexBuilder")
            .field("integration", &self.integration)
            .field("host", &host)
            .finish_non_exhaustive()
    }
}
