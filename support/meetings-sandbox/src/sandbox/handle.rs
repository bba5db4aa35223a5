//! The way of one request: fault, limit, lock, provider, state file, answer.

use std::{
    collections::BTreeMap,
    io,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use tokio::sync::{Notify, mpsc::UnboundedReceiver};

use super::{SandboxConfig, webhooks};
use crate::{
    control, defaults, entra,
    faults::Fault,
    graph,
    journal::{Journal, JournalEntry, redacted_path},
    serve::{Call, Provider, Reply, page},
    time::SandboxClock,
    webex,
    world::{AuthorizationSide, Outgoing, WebhookDelivery, World},
};

/// How a request ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Handled {
    /// An answer.
    Reply(Response<Bytes>),
    /// The connection was closed without an answer.
    Dropped,
    /// Half of a body under the `Content-Length` of the whole; then the connection was closed.
    Truncated(Response<Bytes>),
}

/// What the lock guards.
#[derive(Debug)]
pub(crate) struct Hub {
    pub(crate) world: World,
    pub(crate) journal: Journal,
    /// What webhooks delivered.
    pub(crate) deliveries: Vec<WebhookDelivery>,
    /// Requests in flight, per client and mailbox.
    in_flight: BTreeMap<(String, String), u32>,
}

impl Hub {
    /// Issues a token as the control API does. The scope is wide, the client the default one.
    pub(crate) fn issue_token(
        &mut self,
        side: AuthorizationSide,
        client: Option<&str>,
        address: Option<&str>,
    ) -> Option<String> {
        let (default, user, scope) = match side {
            AuthorizationSide::Microsoft => {
                let user = address.map(|a| self.world.user_by_address(a).map(|u| u.id.clone()));
                (defaults::MICROSOFT_CLIENT_ID, user, "https://graph.microsoft.com/.default")
            }
            AuthorizationSide::Webex => {
                let user = self.world.person(address.unwrap_or(defaults::ORGANIZER)).map(|p| p.id.clone());
                let scope = "meeting:schedules_read meeting:schedules_write meeting:participants_read meeting:participants_write \
                     meeting:recordings_read meeting:recordings_write meeting:transcripts_read meeting:preferences_read \
                     spark:people_read";
                (defaults::WEBEX_CLIENT_ID, Some(user), scope)
            }
        };
        let user = match user {
            Some(None) => return None,
            Some(Some(id)) => Some(id),
            None => None,
        };
        let now = self.world.now();
        Some(self.world.issue_access(side, client.unwrap_or(default), user.as_deref(), scope, now))
    }

    fn actor(&self, call: &Call) -> String {
        let token = call.bearer().and_then(|token| self.world.access.get(token));
        let Some(token) = token else { return "nobody".to_owned() };
        match &token.user {
            None => format!("app:{}", token.client),
            Some(id) => {
                let address =
                    self.world.user(id).map(|u| &u.mail).or_else(|| self.world.person(id).map(|p| &p.address));
                format!("user:{}", address.unwrap_or(id))
            }
        }
    }

    /// The client and mailbox of an Exchange call, for the concurrency limit.
    fn mailbox_key(&self, call: &Call) -> Option<(String, String)> {
        let route = graph::route(call);
        if !route.mailbox {
            return None;
        }
        let token = self.world.access_token(AuthorizationSide::Microsoft, call.bearer(), self.world.now())?;
        let mailbox = match call.segments.get(1).map(String::as_str) {
            Some("users") => self.world.user(call.segments.get(2)?)?.id.clone(),
            _ => token.user?,
        };
        Some((token.client, mailbox))
    }

    fn carry_out(&mut self, call: &Call, provider: Provider) -> Reply {
        match provider {
            Provider::Entra => entra::answer(&mut self.world, call),
            Provider::Graph => graph::answer(&mut self.world, call, &graph::route(call)),
            Provider::Webex => webex::answer(&mut self.world, call),
        }
    }

    /// The error answer of a provider, for injected statuses.
    fn failing(&mut self, call: &Call, provider: Provider, status: u16, retry_after: Option<&str>) -> Reply {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        match provider {
            Provider::Webex => webex::failing(&mut self.world, status, retry_after),
            Provider::Graph => {
                let mut failure = graph::fault(status);
                if let Some(value) = retry_after {
                    failure = failure.retry_after(value);
                }
                graph::failing(&mut self.world, call, failure)
            }
            Provider::Entra => {
                let reply = entra::failing(&mut self.world, call, status);
                match retry_after {
                    Some(value) => reply.with("retry-after", value),
                    None => reply,
                }
            }
        }
    }
}

/// The sandbox behind all its connections.
#[derive(Debug)]
pub(crate) struct Shared {
    hub: Mutex<Hub>,
    config: SandboxConfig,
    origin: String,
    released: Notify,
    pub(super) webhooks: webhooks::Post,
}

impl Shared {
    /// The receiver is for [`webhooks::work`].
    pub(crate) fn new(config: SandboxConfig, origin: String) -> io::Result<(Self, UnboundedReceiver<Outgoing>)> {
        let saved = config.state_file.as_deref().map(World::load).transpose()?.flatten();
        let world = saved.unwrap_or_else(|| fresh(&config));
        let (journal, deliveries) = (Journal::default(), Vec::new());
        let hub = Hub { world, journal, deliveries, in_flight: BTreeMap::new() };
        let (webhooks, outgoing) = webhooks::Post::new();
        Ok((Self { hub: Mutex::new(hub), config, origin, released: Notify::new(), webhooks }, outgoing))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Hub> {
        self.hub.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn save(&self, hub: &Hub) -> io::Result<()> {
        self.config.state_file.as_deref().map_or(Ok(()), |path| hub.world.save(path))
    }

    pub(crate) fn reset(&self) {
        let mut hub = self.lock();
        hub.world = fresh(&self.config);
        hub.journal.clear();
        hub.deliveries.clear();
        let _ = self.save(&hub);
    }

    /// Hands deliveries that wait to whoever sends them.
    pub(crate) fn send_webhooks(&self, hub: &mut Hub) {
        hub.world.tell_webhooks();
        self.webhooks.send(std::mem::take(&mut hub.world.outgoing));
    }

    /// Waits until no delivery is under way, those that are held left out.
    pub(crate) async fn webhooks_sent(&self) {
        self.webhooks.idle().await;
    }

    /// Waits for the next release after `then`.
    pub(crate) async fn released(&self, then: impl FnOnce() + Send) {
        let released = self.released.notified();
        tokio::pin!(released);
        // registered first, so that no release is missed
        released.as_mut().enable();
        then();
        released.await;
    }

    /// Lets held requests go on.
    pub(crate) fn release(&self) {
        self.released.notify_waiters();
    }

    pub(crate) async fn handle(&self, request: Request<Bytes>) -> Handled {
        let call = Call::new(request, &self.origin);
        match call.provider() {
            Some(provider) => self.provide(&call, provider).await,
            None => {
                Handled::Reply(control::answer(self, &call).unwrap_or_else(|| self.elsewhere(&call)).into_response())
            }
        }
    }

    /// Paths that are no provider's.
    fn elsewhere(&self, call: &Call) -> Reply {
        if call.segments.is_empty() && call.method == Method::GET {
            return page::overview(&self.lock());
        }
        let text = format!(
            "nothing lives at {}: try /v1.0, /v1, /{{directory}}/oauth2/v2.0/token or /_sandbox/state\n",
            call.path
        );
        Reply::text(StatusCode::NOT_FOUND, "text/plain", text)
    }

    async fn provide(&self, call: &Call, provider: Provider) -> Handled {
        let operation = match provider {
            Provider::Entra => entra::operation(call),
            Provider::Graph => graph::route(call).operation,
            Provider::Webex => webex::operation(call),
        };
        // registered under the lock, so that a release after the choice is not missed
        let released = self.released.notified();
        tokio::pin!(released);
        let (fault, slot) = {
            let mut hub = self.lock();
            released.as_mut().enable();
            let fault = hub.world.faults.choose(&call.method, &call.path, &operation);
            let slot = hub.mailbox_key(call).map(|key| Slot::enter(self, &mut hub, key));
            (fault, slot)
        };
        match &fault {
            Some(Fault::Delay { millis, after: false }) => wait(*millis).await,
            Some(Fault::Hold { after: false }) => released.as_mut().await,
            _ => {}
        }
        if slot.is_some() {
            // lets requests that came at the same time take their place in the mailbox
            tokio::task::yield_now().await;
        }
        let handled = self.execute(call, provider, &operation, fault.as_ref(), slot.as_ref());
        match &fault {
            Some(Fault::Delay { millis, after: true }) => wait(*millis).await,
            Some(Fault::Hold { after: true }) => released.as_mut().await,
            _ => {}
        }
        handled
    }

    fn execute(
        &self,
        call: &Call,
        provider: Provider,
        operation: &str,
        fault: Option<&Fault>,
        slot: Option<&Slot<'_>>,
    ) -> Handled {
        let mut hub = self.lock();
        let actor = hub.actor(call);
        let (reply, reached) = match fault {
            Some(Fault::LostRequest) => (None, false),
            Some(Fault::StatusBefore { status, retry_after }) => {
                (Some(hub.failing(call, provider, *status, retry_after.as_deref())), false)
            }
            Some(Fault::Throttle { retry_after }) => {
                (Some(hub.failing(call, provider, 429, retry_after.as_deref())), false)
            }
            _ if slot.is_some_and(|slot| slot.over_limit) => {
                (Some(graph::failing(&mut hub.world, call, graph::Failure::mailbox_busy())), false)
            }
            Some(Fault::StatusAfter { status, retry_after }) => {
                hub.carry_out(call, provider);
                (Some(hub.failing(call, provider, *status, retry_after.as_deref())), true)
            }
            Some(Fault::Duplicate) => {
                let first = hub.carry_out(call, provider);
                hub.carry_out(call, provider);
                (Some(first), true)
            }
            Some(Fault::LostReply) => {
                hub.carry_out(call, provider);
                (None, true)
            }
            Some(Fault::Truncate | Fault::Delay { .. } | Fault::Hold { .. }) | None => {
                (Some(hub.carry_out(call, provider)), true)
            }
        };
        let changes = call.method != Method::GET || provider == Provider::Entra || operation == "webex.authorize";
        self.send_webhooks(&mut hub);
        let reply = match (changes || fault.is_some()).then(|| self.save(&hub)) {
            Some(Err(error)) => Some(Reply::text(
                StatusCode::INTERNAL_SERVER_ERROR,
                "text/plain",
                format!("the state file cannot be written: {error}"),
            )),
            _ => reply,
        };
        let handled = finished(reply, fault);
        let status = match &handled {
            Handled::Reply(response) | Handled::Truncated(response) => Some(response.status().as_u16()),
            Handled::Dropped => None,
        };
        let entry = JournalEntry {
            n: 0,
            at: hub.world.now(),
            method: call.method.to_string(),
            path: redacted_path(call),
            operation: operation.to_owned(),
            status,
            reached,
            fault: fault.map(|fault| fault.kind().to_owned()),
            actor,
        };
        hub.journal.write(entry);
        handled
    }
}

fn fresh(config: &SandboxConfig) -> World {
    World::new(config.seed, SandboxClock::starting(config.start, config.frozen))
}

fn finished(reply: Option<Reply>, fault: Option<&Fault>) -> Handled {
    let Some(reply) = reply else { return Handled::Dropped };
    let response = reply.into_response();
    if fault != Some(&Fault::Truncate) {
        return Handled::Reply(response);
    }
    if response.body().is_empty() {
        return Handled::Dropped;
    }
    let half = response.body().len() / 2;
    Handled::Truncated(response.map(|body| body.slice(..half)))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the delay fault is real time by definition; no test depends on its length"
)]
pub(super) async fn wait(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

/// A place among the requests of one client in one mailbox; given back when the request ends.
struct Slot<'a> {
    shared: &'a Shared,
    key: (String, String),
    over_limit: bool,
}

impl<'a> Slot<'a> {
    fn enter(shared: &'a Shared, hub: &mut Hub, key: (String, String)) -> Self {
        let limit = hub.world.settings.mailbox_concurrency;
        let taken = hub.in_flight.entry(key.clone()).or_default();
        *taken += 1;
        let over_limit = *taken > limit;
        Self { shared, key, over_limit }
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        let mut hub = self.shared.lock();
        if let Some(taken) = hub.in_flight.get_mut(&self.key) {
            *taken = taken.saturating_sub(1);
            if *taken == 0 {
                hub.in_flight.remove(&self.key);
            }
        }
    }
}
