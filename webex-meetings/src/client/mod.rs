//! The client: what all accounts share, and how one is opened.

mod builder;
mod caller;
mod fixed_token;
mod integration;
mod open;

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use invitations_core::{
    Error, ErrorKind, Remedy, Result,
    runtime::Clock,
    token::{AuthorizationServer, Connections, DeviceAuthorizationServer, TokenSource},
};
use meetings_http::{Counts, DeviceClient, Origin, Pipeline};

pub use builder::{TokenSourceOf, WebexBuilder};
pub(crate) use caller::Caller;
pub use integration::Integration;

use crate::{
    WebexMeetings,
    doctor::{Parts, WebexDoctor},
    quota::{Budgets, CreateLimitsOf, Quota, Whose},
};

/// Webex through one integration, for any number of accounts. Cheap to clone; clones share limits and budgets.
#[derive(Clone)]
pub struct Webex {
    shared: Arc<Shared>,
    sources: Option<Arc<TokenSourceOf>>,
    tokens: Option<Arc<dyn TokenSource>>,
}

struct Shared {
    pipeline: Pipeline,
    clock: Arc<dyn Clock>,
    server: Arc<DeviceClient>,
    lag: Duration,
    mails: bool,
    budgets: Budgets,
    limits_of: Option<Arc<CreateLimitsOf>>,
    parts: Parts,
}

impl Webex {
    /// Begins with an [`Integration`], or with a [`ServiceApp`](crate::ServiceApp).
    pub fn builder(application: impl Into<Integration>) -> WebexBuilder {
        WebexBuilder::new(application.into())
    }

    /// Where users consent and tokens are refreshed.
    pub fn authorization_server(&self) -> Arc<dyn AuthorizationServer> {
        Arc::<DeviceClient>::clone(&self.shared.server)
    }

    /// The same for devices without a browser (RFC 8628): `Connections::begin_device`.
    pub fn device_authorization_server(&self) -> Arc<dyn DeviceAuthorizationServer> {
        Arc::<DeviceClient>::clone(&self.shared.server)
    }

    /// From now on, accounts of users' own consent are opened with the tokens of `connections`. A step of its own, because
    /// the connections themselves need [`authorization_server`](Self::authorization_server) first.
    #[must_use]
    pub fn with_connections(mut self, connections: Connections) -> Self {
        self.sources = Some(builder::sources_of(connections));
        self
    }

    /// From now on, application accounts and this client's own calls use these tokens, as with [`WebexBuilder::tokens`]. A step of its own
    /// for tokens that come from `Connections`, which need [`authorization_server`](Self::authorization_server) first: a service
    /// application's.
    #[must_use]
    pub fn with_tokens(mut self, tokens: Arc<dyn TokenSource>) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// The meetings of whoever owns these tokens.
    pub fn meetings_of(&self, tokens: Arc<dyn TokenSource>) -> WebexMeetings {
        let quota = self.shared.budgets.of(Whose::Tokens(&tokens), None, None);
        self.meetings(tokens, None, quota)
    }

    /// The meetings of whoever owns the tokens of [`WebexBuilder::tokens`].
    ///
    /// # Errors
    /// [`Misconfigured`](ErrorKind::Misconfigured) when the builder was given none.
    pub fn my_meetings(&self) -> Result<WebexMeetings> {
        Ok(self.meetings_of(self.tokens("open own meetings")?))
    }

    /// Sends a request that this crate does not model, with the tokens of [`WebexBuilder::tokens`], and this crate's
    /// retries and errors. The URI is a path (`/v1/recordings`) or lies on the configured base. `PUT` and `DELETE` may be
    /// sent again when nobody knows whether they were carried out; `POST` and `PATCH` are not.
    ///
    /// # Errors
    /// [`Misconfigured`](ErrorKind::Misconfigured) without tokens; any status that is no success, as for modelled calls.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let tokens = self.tokens("send request")?;
        self.caller(tokens, None).send(request).await
    }

    /// Asks how Webex stands, for a [`Doctor`](invitations_core::doctor::Doctor).
    pub fn doctor(&self) -> WebexDoctor {
        WebexDoctor::new(self.clone())
    }

    /// What was sent so far, by this client and its clones.
    pub fn counts(&self) -> Counts {
        self.shared.pipeline.counts()
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.shared.parts
    }

    pub(crate) fn own_tokens(&self) -> Option<&Arc<dyn TokenSource>> {
        self.tokens.as_ref()
    }

    pub(crate) fn origin(&self) -> &Origin {
        self.shared.pipeline.origin()
    }

    pub(crate) fn clock_shared(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.shared.clock)
    }

    pub(crate) fn tokens(&self, operation: &'static str) -> Result<Arc<dyn TokenSource>> {
        self.tokens.clone().ok_or_else(|| {
            Error::new(ErrorKind::Misconfigured, operation)
                .with_provider(crate::provider_id())
                .with_remedy(Remedy::new("Give the builder an account's tokens with WebexBuilder::tokens."))
        })
    }

    pub(crate) fn caller(&self, tokens: Arc<dyn TokenSource>, host: Option<Arc<str>>) -> Caller {
        let clock = Arc::clone(&self.shared.clock);
        let transport = Arc::clone(&self.shared.parts.transport);
        Caller { pipeline: self.shared.pipeline.with_tokens(tokens), clock, transport, host }
    }

    fn meetings(&self, tokens: Arc<dyn TokenSource>, host: Option<Arc<str>>, quota: Quota) -> WebexMeetings {
        WebexMeetings::new(self.caller(tokens, host), self.shared.lag, self.shared.mails, quota)
    }
}

impl fmt::Debug for Webex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webex").field("pipeline", &self.shared.pipeline).finish_non_exhaustive()
    }
}
