use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;

use super::{
    AccessToken, AfterReject, AuthorizationServer, Grant, GrantFailure, GrantFailureClass, Rejected, TokenSource,
    grant, machine,
    patience::{Patience, mark},
    shared_error::copy,
};
use crate::{
    Error, ErrorKind, Result, RetryClass,
    runtime::{BoxFuture, Clock, SingleFlight, Spawner, Timing, timeout},
};

/// The application's own tokens (client credentials, RFC 6749 section 4.4).
///
/// In memory only: nothing in them has to survive a restart, so no store and no sealer is needed.
pub struct ApplicationTokens(Arc<Inner>);

struct Inner {
    server: Arc<dyn AuthorizationServer>,
    clock: Arc<dyn Clock>,
    spawner: Arc<dyn Spawner>,
    timing: Timing,
    held: Mutex<Option<Held>>,
    flights: SingleFlight<(), Result<AccessToken, Arc<Error>>>,
    patience: Patience<()>,
}

#[derive(Clone)]
struct Held {
    token: AccessToken,
    refresh_at: Instant,
    good_until: Instant,
}

impl fmt::Debug for ApplicationTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApplicationTokens").field("server", &self.0.server).finish_non_exhaustive()
    }
}

impl ApplicationTokens {
    /// On the system's clock and tokio.
    #[cfg(feature = "tokio")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
    pub fn new(server: Arc<dyn AuthorizationServer>) -> Self {
        Self::with_runtime(server, Arc::new(crate::runtime::SystemClock), Arc::new(crate::runtime::TokioSpawner))
    }

    /// On another clock and spawner.
    pub fn with_runtime(
        server: Arc<dyn AuthorizationServer>,
        clock: Arc<dyn Clock>,
        spawner: Arc<dyn Spawner>,
    ) -> Self {
        Self(Arc::new(Inner {
            server,
            clock,
            spawner,
            timing: Timing::default(),
            held: Mutex::new(None),
            flights: SingleFlight::new(),
            patience: Patience::default(),
        }))
    }
}

#[async_trait]
impl TokenSource for ApplicationTokens {
    async fn access_token(&self) -> Result<AccessToken> {
        let now = self.0.clock.instant();
        match self.0.held() {
            Some(held) if now < held.refresh_at => Ok(held.token),
            Some(held) if now < held.good_until => {
                if self.0.patience.pausing(&(), now).is_none() {
                    // detached: there is a good token
                    drop(self.0.begin(None));
                }
                Ok(held.token)
            }
            _ => self.0.begin(None).await,
        }
    }

    async fn rejected(&self, rejected: Rejected) -> Result<AfterReject> {
        let inner = &self.0;
        let now = inner.clock.instant();
        let Some(held) = inner.held() else { return Ok(AfterReject::TryAgain) };
        if !held.token.is_same(&rejected.token) {
            return Ok(AfterReject::TryAgain);
        }
        if !inner.patience.may_force(&(), now, mark(&rejected.token)) {
            return Ok(AfterReject::GiveUp);
        }
        let token = inner.begin(Some(rejected.token.clone())).await?;
        if token.is_same(&rejected.token) {
            inner.patience.forced_in_vain(&(), inner.clock.instant());
            return Ok(AfterReject::GiveUp);
        }
        Ok(AfterReject::TryAgain)
    }
}

impl Inner {
    fn held(&self) -> Option<Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Joins the request that is under way, or starts one in a task of its own.
    fn begin(self: &Arc<Self>, instead_of: Option<AccessToken>) -> BoxFuture<'static, Result<AccessToken>> {
        let this = Arc::clone(self);
        let flight =
            self.flights.run(&*self.spawner, (), move || async move { this.ask(instead_of).await.map_err(Arc::new) });
        Box::pin(async move {
            match flight.await {
                Some(Ok(token)) => Ok(token),
                Some(Err(error)) => Err(copy(&error)),
                None => Err(grant::lost_task("get application token")),
            }
        })
    }

    async fn ask(&self, instead_of: Option<AccessToken>) -> Result<AccessToken> {
        let (now, start) = (self.clock.now(), self.clock.instant());
        // a flight that ended just before this one began may have brought it
        if let Some(held) = self.held() {
            let wanted = match &instead_of {
                Some(rejected) => !held.token.is_same(rejected) && start < held.good_until,
                None => start < held.refresh_at,
            };
            if wanted {
                return Ok(held.token);
            }
        }
        if let Some(error) = self.patience.pausing(&(), start) {
            return Err(error);
        }
        let limit = self.timing.request;
        let failure = match timeout(&*self.clock, limit, self.server.token(&Grant::ClientCredentials, limit)).await {
            Ok(Ok(reply)) => {
                let life = machine::life(&grant::terms(&reply, self.server.profile()), 0);
                let token = AccessToken::new(reply.access, machine::later(now, life.serve_for));
                let held = Held {
                    token: token.clone(),
                    refresh_at: start + life.refresh_after,
                    good_until: start + life.serve_for,
                };
                *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(held);
                self.patience.succeeded(&(), self.clock.instant());
                return Ok(token);
            }
            Ok(Err(failure)) => failure,
            Err(_) => {
                let error = Error::new(ErrorKind::Timeout, "get application token");
                GrantFailure::new(GrantFailureClass::Unknown, error)
            }
        };
        let GrantFailure { class, error } = failure;
        let (pause, error) = match class {
            GrantFailureClass::Transient { after, .. } => (self.pause(after), error),
            GrantFailureClass::Unknown | GrantFailureClass::Config => (self.pause(None), error),
            // there is no user who could consent: all of these are the operator's
            GrantFailureClass::ClientMisconfigured
            | GrantFailureClass::GrantDead
            | GrantFailureClass::Interaction { .. } => {
                tracing::error!(client = %self.server.profile().client, %error, "our client is not accepted");
                (Duration::from_secs(60), grant::suspended().with_source(error))
            }
        };
        let error = Arc::new(error.with_retry(RetryClass::Safe { after: Some(pause) }));
        self.patience.failed(&(), self.clock.instant(), pause, &error);
        Err(copy(&error))
    }

    fn pause(&self, asked: Option<Duration>) -> Duration {
        self.patience.next_pause(&(), asked, &self.timing)
    }
}
