//! Connecting an account from a device without a browser (RFC 8628): the codes, the questions, and the connection at the end.

use std::{
    fmt, mem,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use futures_channel::oneshot;
use url::Url;

use super::{
    BeginOptions, ConnectionView, Connections, DeviceAnswer, DeviceAuthorization, GrantFailureClass,
    callback::denied,
    connections::{Inner, Registered},
    consent::{Whose, refused},
    grant, machine,
};
use crate::{
    Error, ErrorKind, Remedy, Result,
    ids::{PrincipalId, ProviderId, TenantId},
    runtime::timeout,
};

const OPERATION: &str = "complete device sign-in";
/// By how much longer to wait after `slow_down` (RFC 8628 section 3.5).
const SLOWER: Duration = Duration::from_secs(5);
/// A server that says less would be asked in a tight loop; one that says more would never be asked again.
const INTERVALS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// The longest pause after failures.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The longest pause that a server is granted; codes live for minutes.
const LONGEST_ASKED: Duration = Duration::from_secs(3600);

impl Connections {
    /// Begins to connect an account from a device without a browser. Show the user the code and the page, then
    /// [`wait`](DeviceFlow::wait), or [`poll`](DeviceFlow::poll) in a loop of your own.
    ///
    /// The flow is in memory, so that nobody else can take it over: whoever signs in at the page connects that account to `owner`. A
    /// program that ends meanwhile begins again. Anybody can be talked into typing a code in (RFC 8628 section 5.4): begin only when the
    /// owner asks for it, and show them which account was connected ([`ConnectionView::address`]).
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported) when no server for devices is registered for the provider;
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a login hint, which this way has no place for; [`NotFound`](ErrorKind::NotFound) when
    /// the connection to renew is not this owner's; otherwise as the server answers.
    pub async fn begin_device(
        &self,
        tenant: &TenantId,
        owner: &PrincipalId,
        provider: &ProviderId,
        options: BeginOptions,
    ) -> Result<DeviceFlow> {
        let inner = &self.0;
        if options.login_hint.is_some() {
            return Err(Error::invalid("begin device sign-in", "there is no page that a login hint could go to"));
        }
        let none = || {
            Error::new(ErrorKind::Unsupported, "begin device sign-in").with_provider(provider.clone()).with_remedy(
                Remedy::new("Register a server that takes device sign-ins with ConnectionsBuilder::device_server."),
            )
        };
        let known = inner.find(provider, |known| known.devices.is_some()).map_err(|_| none())?.clone();
        let Some(server) = known.devices.clone() else { return Err(none()) };
        if let Some(id) = &options.renews {
            inner.renewable(id, tenant, owner, provider).await?;
        }
        let (asked_at, limit) = (inner.clock.instant(), inner.timing.request);
        let codes = timeout(&*inner.clock, limit, server.begin_device(&[], limit))
            .await
            .map_err(|_| Error::new(ErrorKind::Timeout, "begin device sign-in"))?
            .map_err(|failure| refused(failure).into_error())?;
        let (least, most) = INTERVALS;
        Ok(DeviceFlow {
            expires_at: machine::later(inner.clock.now(), codes.expires_in),
            until: asked_at.checked_add(codes.expires_in),
            interval: codes.interval.clamp(least, most),
            next: inner.clock.instant() + codes.interval.clamp(least, most),
            failures: 0,
            stage: Stage::Asking,
            whose: Whose {
                tenant: tenant.clone(),
                owner: owner.clone(),
                provider: provider.clone(),
                renews: options.renews,
                rebinds: options.rebinds,
            },
            connections: self.clone(),
            known,
            codes,
        })
    }
}

/// A sign-in that the user finishes on another device.
pub struct DeviceFlow {
    connections: Connections,
    known: Registered,
    whose: Whose,
    codes: DeviceAuthorization,
    expires_at: DateTime<Utc>,
    /// `None`: later than any clock goes.
    until: Option<Instant>,
    interval: Duration,
    /// Not to be asked before.
    next: Instant,
    /// In a row.
    failures: u32,
    stage: Stage,
}

enum Stage {
    Asking,
    /// A question that is under way in a task of its own: a caller who goes away does not lose what it brings.
    Asked(oneshot::Receiver<Result<Answered>>),
    Over,
}

/// What one question brought.
enum Answered {
    Connected(Box<ConnectionView>),
    Pending,
    SlowDown,
    /// A passing fault.
    Failed {
        after: Option<Duration>,
    },
}

/// How a device sign-in stands.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum DeviceProgress {
    /// The user has not decided. Asking earlier than `after` sends nothing.
    Waiting {
        /// How long to wait before the next question.
        after: Duration,
    },
    /// The account is connected.
    Connected(Box<ConnectionView>),
}

impl fmt::Debug for DeviceFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceFlow").field("provider", &self.whose.provider).finish_non_exhaustive()
    }
}

impl DeviceFlow {
    /// What the user types in.
    pub fn user_code(&self) -> &str {
        &self.codes.user_code
    }

    /// Where the user types it in.
    pub fn verification_uri(&self) -> &Url {
        &self.codes.verification_uri
    }

    /// The same page with the code in it, for a QR code, where the server offers one.
    pub fn verification_uri_complete(&self) -> Option<&Url> {
        self.codes.verification_uri_complete.as_ref()
    }

    /// When the code is over, UTC.
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }

    /// Asks the server how it went, unless it is too early to ask again. Can be dropped and called again at any time: a question that is
    /// under way is waited for, not asked twice, so the code is redeemed once.
    ///
    /// A server that cannot be reached is asked again later, after growing pauses, until the code is over.
    ///
    /// # Errors
    /// [`PermissionDenied`](ErrorKind::PermissionDenied) when the user said no, the code is over, or the server does not accept it;
    /// [`Conflict`](ErrorKind::Conflict) when another account came than the one to renew; otherwise as
    /// [`complete`](Connections::complete). Each is the end of this flow: begin again.
    pub async fn poll(&mut self) -> Result<DeviceProgress> {
        let clock = Arc::clone(&self.connections.0.clock);
        if let Stage::Asking = self.stage {
            let now = clock.instant();
            if self.until.is_some_and(|until| now >= until) {
                self.stage = Stage::Over;
                return Err(over());
            }
            if now < self.next {
                return Ok(DeviceProgress::Waiting { after: self.next - now });
            }
            self.stage = Stage::Asked(self.ask());
        }
        let Stage::Asked(landing) = &mut self.stage else {
            return Err(denied("this sign-in has ended; begin again"));
        };
        let answered = landing.await.unwrap_or_else(|_| Err(grant::lost_task(OPERATION)));
        // over, unless the answer says that it goes on
        drop(mem::replace(&mut self.stage, Stage::Over));
        let pause = match answered? {
            Answered::Connected(view) => return Ok(DeviceProgress::Connected(view)),
            Answered::Pending => {
                self.failures = 0;
                self.interval
            }
            Answered::SlowDown => {
                self.failures = 0;
                self.interval += SLOWER;
                self.interval
            }
            Answered::Failed { after } => {
                self.failures = self.failures.saturating_add(1);
                let own = self.interval.saturating_mul(2_u32.saturating_pow(self.failures.min(16)));
                own.min(LONGEST_PAUSE.max(self.interval)).max(after.unwrap_or_default().min(LONGEST_ASKED))
            }
        };
        self.stage = Stage::Asking;
        self.next = clock.instant() + pause;
        Ok(DeviceProgress::Waiting { after: pause })
    }

    /// Asks until there is an end.
    ///
    /// # Errors
    /// As [`poll`](Self::poll).
    pub async fn wait(mut self) -> Result<ConnectionView> {
        let clock = Arc::clone(&self.connections.0.clock);
        loop {
            match self.poll().await? {
                DeviceProgress::Connected(view) => return Ok(*view),
                DeviceProgress::Waiting { after } => {
                    // a pause beyond the end would find out late that it is over
                    let left = self.until.map(|until| until.saturating_duration_since(clock.instant()));
                    clock.sleep(left.map_or(after, |left| after.min(left))).await;
                }
            }
        }
    }

    fn ask(&self) -> oneshot::Receiver<Result<Answered>> {
        let (done, landing) = oneshot::channel();
        let inner = Arc::clone(&self.connections.0);
        let (known, whose, code) = (self.known.clone(), self.whose.clone(), self.codes.device_code.clone());
        self.connections.0.spawner.spawn(Box::pin(async move {
            let answered = inner.ask_device(&known, &whose, &code).await;
            // nobody may be waiting any more
            let _ = done.send(answered);
        }));
        landing
    }
}

impl Inner {
    async fn ask_device(
        self: &Arc<Self>,
        known: &Registered,
        whose: &Whose,
        code: &crate::secret::DeviceCode,
    ) -> Result<Answered> {
        let Some(server) = &known.devices else { return Err(Error::new(ErrorKind::Unsupported, OPERATION)) };
        // first: what comes with the answer has to be dated
        let started = match self.store.now().await {
            Ok(now) => now,
            Err(error) if grant::passing(&error) => return Ok(Answered::Failed { after: None }),
            Err(error) => return Err(error),
        };
        let limit = self.timing.request;
        let answer = match timeout(&*self.clock, limit, server.poll_device(code, limit)).await {
            Ok(Ok(answer)) => answer,
            // where an answer was lost that redeemed the code, the next question is refused
            Err(_) => return Ok(Answered::Failed { after: None }),
            Ok(Err(failure)) => {
                return match failure.class {
                    GrantFailureClass::Transient { after, .. } => Ok(Answered::Failed { after }),
                    GrantFailureClass::Unknown => Ok(Answered::Failed { after: None }),
                    _ => Err(refused(failure).into_error()),
                };
            }
        };
        match answer {
            DeviceAnswer::Granted(reply) => {
                let view = self.keep_consent(known, whose, *reply, started).await;
                view.map(|view| Answered::Connected(Box::new(view))).map_err(super::callback::Failed::into_error)
            }
            DeviceAnswer::Pending => Ok(Answered::Pending),
            DeviceAnswer::SlowDown => Ok(Answered::SlowDown),
            DeviceAnswer::Denied => Err(denied("the user or an administrator said no")),
            DeviceAnswer::Expired => Err(over()),
        }
    }
}

fn over() -> Error {
    denied("the code is over; begin again").with_remedy(Remedy::new("Begin again and type the new code in sooner."))
}
