use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_util::lock::Mutex as AsyncMutex;
use invitations_core::{
    Error, ErrorKind, Remedy, Result,
    runtime::{Clock, Spawner},
    token::{AccessToken, AfterReject, AuthorizationServer, Grant, Rejected, TokenSource},
};

/// How long one sign-in may take.
const LIMIT: Duration = Duration::from_secs(20);
/// From then on before the end a new token is fetched beside the old one.
const AHEAD: Duration = Duration::from_secs(5 * 60);
/// A token with less life than this is not handed out: the request still has to travel.
const MARGIN: Duration = Duration::from_secs(30);
/// After a sign-in that failed or did not help, the next one waits this long.
const PAUSE: Duration = Duration::from_secs(30);

/// The application's own token, in memory: client credentials have no refresh token and need no store.
#[derive(Clone)]
pub(crate) struct CachedApplicationTokens(Arc<Inner>);

struct Inner {
    server: Arc<dyn AuthorizationServer>,
    single_directory: bool,
    clock: Arc<dyn Clock>,
    spawner: Arc<dyn Spawner>,
    /// Held while signing in; never together with `state` across an await.
    signing_in: AsyncMutex<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    token: Option<AccessToken>,
    /// No further sign-in ahead of time before this.
    not_before: Option<DateTime<Utc>>,
    /// When a rejected token was last thrown away.
    dropped: Option<DateTime<Utc>>,
}

impl CachedApplicationTokens {
    pub(crate) fn new(
        server: Arc<dyn AuthorizationServer>,
        single_directory: bool,
        clock: Arc<dyn Clock>,
        spawner: Arc<dyn Spawner>,
    ) -> Self {
        let (signing_in, state) = (AsyncMutex::new(()), Mutex::default());
        Self(Arc::new(Inner { server, single_directory, clock, spawner, signing_in, state }))
    }

    fn with<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        change(&mut self.0.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A token with life left, and whether the next one should be fetched.
    fn current(&self) -> Option<(AccessToken, bool)> {
        let now = self.0.clock.now();
        self.with(|state| {
            let token = state.token.clone().filter(|token| token.expires_at() > now + MARGIN)?;
            let early = token.expires_at() <= now + AHEAD && state.not_before.is_none_or(|at| at <= now);
            if early {
                // one fetch ahead at a time
                state.not_before = Some(now + PAUSE);
            }
            Some((token, early))
        })
    }

    /// Signs in. Whoever waited for somebody else's sign-in takes its token.
    async fn sign_in(&self, instead_of: Option<AccessToken>) -> Result<AccessToken> {
        let _one = self.0.signing_in.lock().await;
        let fresh = self.with(|state| state.token.clone()).filter(|token| {
            instead_of.as_ref().is_none_or(|old| !old.is_same(token))
                && token.expires_at() > self.0.clock.now() + MARGIN
        });
        if let Some(token) = fresh {
            return Ok(token);
        }
        if !self.0.single_directory {
            return Err(Error::new(ErrorKind::Misconfigured, "sign in")
                .with_provider(crate::provider_id())
                .with_detail("an application signs in to one directory")
                .with_remedy(Remedy::new("Name the directory by its id instead of common or organizations.")));
        }
        // from before the request: the server's clock began to count earlier than the reply came
        let asked = self.0.clock.now();
        let reply = self.0.server.token(&Grant::ClientCredentials, LIMIT).await.map_err(|failure| failure.error)?;
        let life = reply.expires_in.unwrap_or(self.0.server.profile().default_life);
        let life =
            chrono::Duration::from_std(life).unwrap_or(chrono::Duration::hours(1)).min(chrono::Duration::days(1));
        let token = AccessToken::new(reply.access, asked + life);
        self.with(|state| {
            state.token = Some(token.clone());
            state.not_before = None;
        });
        Ok(token)
    }
}

impl fmt::Debug for CachedApplicationTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CachedApplicationTokens")
    }
}

#[async_trait]
impl TokenSource for CachedApplicationTokens {
    async fn access_token(&self) -> Result<AccessToken> {
        let Some((token, early)) = self.current() else { return self.sign_in(None).await };
        if early {
            let (this, old) = (self.clone(), token.clone());
            self.0.spawner.spawn(Box::pin(async move {
                if let Err(error) = this.sign_in(Some(old)).await {
                    tracing::warn!(%error, "signing in ahead of time failed; the old token still serves");
                }
            }));
        }
        Ok(token)
    }

    async fn rejected(&self, rejected: Rejected) -> Result<AfterReject> {
        let now = self.0.clock.now();
        let again = self.with(|state| match &state.token {
            Some(current) if !current.is_same(&rejected.token) => true,
            Some(_) if state.dropped.is_some_and(|at| now < at + PAUSE) => false,
            Some(_) => {
                (state.token, state.dropped) = (None, Some(now));
                true
            }
            None => true,
        });
        Ok(if again { AfterReject::TryAgain } else { AfterReject::GiveUp })
    }
}
