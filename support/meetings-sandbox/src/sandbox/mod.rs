//! The running sandbox and its programming interface.

mod config;
mod handle;
mod webhooks;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, MutexGuard},
    time::Duration,
};

use bytes::Bytes;
use http::Request;
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};
use url::Url;

pub use config::SandboxConfig;
pub use handle::Handled;
pub(crate) use handle::{Hub, Shared};

#[cfg(feature = "tls")]
use crate::serve::tls::Tls;
use crate::{
    faults::FaultPlan,
    journal::JournalEntry,
    serve::socket::{self, Below},
    world::{AuthorizationSide, Mail, MicrosoftCredential, MicrosoftUser, Rotation, WebexUser, WebhookDelivery},
};

/// A running sandbox. Dropping it closes its port and all connections.
///
/// Everything here can also be done over HTTP, under `/_sandbox`.
#[derive(Debug)]
pub struct Sandbox {
    shared: Arc<Shared>,
    url: Url,
    server: JoinHandle<()>,
    webhooks: JoinHandle<()>,
    #[cfg(feature = "tls")]
    authority: Option<String>,
}

impl Sandbox {
    /// Binds a loopback port and serves it in a background task of the current tokio runtime.
    ///
    /// # Errors
    /// The port is taken, or the state file cannot be read.
    pub async fn start(config: SandboxConfig) -> io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, config.port))).await?;
        #[cfg(feature = "tls")]
        let (scheme, below, authority) = match config.tls.then(Tls::generate).transpose()? {
            Some(tls) => ("https", Below::Tls(tls.acceptor), Some(tls.authority)),
            None => ("http", Below::Tcp, None),
        };
        #[cfg(not(feature = "tls"))]
        let (scheme, below) = ("http", Below::Tcp);
        let origin = format!("{scheme}://{}", listener.local_addr()?);
        let url = Url::parse(&origin).map_err(io::Error::other)?;
        let (shared, outgoing) = Shared::new(config, origin)?;
        let shared = Arc::new(shared);
        let webhooks = tokio::spawn(webhooks::work(Arc::clone(&shared), outgoing));
        let server = tokio::spawn(socket::serve(listener, below, Arc::clone(&shared)));
        Ok(Self {
            shared,
            url,
            server,
            webhooks,
            #[cfg(feature = "tls")]
            authority,
        })
    }

    /// The certificate (PEM) that clients have to trust; `None` without [`SandboxConfig::with_tls`]. It is another one at every start, and
    /// good for `localhost` and `127.0.0.1` only.
    #[cfg(feature = "tls")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tls")))]
    #[must_use]
    pub fn certificate_authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// `http://127.0.0.1:PORT/` (or `https://…`): the root of Graph (`v1.0/`), Webex (`v1/`) and Entra.
    #[must_use]
    pub fn url(&self) -> Url {
        self.url.clone()
    }

    /// Closes the port and all connections.
    pub fn stop(self) {
        drop(self);
    }

    /// Answers one request in this process, without a socket, faults included.
    pub async fn handle(&self, request: Request<Bytes>) -> Handled {
        self.shared.handle(request).await
    }

    /// Adds or updates a user of the Entra directory; returns the object id.
    pub fn add_microsoft_user(&self, user: &MicrosoftUser) -> String {
        self.change(|hub| {
            let now = hub.world.now();
            hub.world.add_microsoft_user(user, now)
        })
    }

    /// Adds or updates a person of the Webex organisation; returns the person id.
    pub fn add_webex_user(&self, user: &WebexUser) -> String {
        self.change(|hub| hub.world.add_webex_user(user))
    }

    /// Adds a credential to a Microsoft application. False for an unknown client, and for a certificate that cannot be read.
    pub fn add_credential(&self, client: &str, credential: &MicrosoftCredential) -> bool {
        self.change(|hub| hub.world.add_credential(client, credential).is_ok())
    }

    /// Replaces the application permissions that a Microsoft application's tokens carry from now on. False for an unknown client.
    pub fn set_application_roles(&self, client: &str, roles: impl IntoIterator<Item = impl Into<String>>) -> bool {
        let roles = roles.into_iter().map(Into::into).collect();
        self.change(|hub| hub.world.set_roles(client, roles))
    }

    /// Grants the Teams application access policy for an address, an object id, or everybody (`*`).
    /// False for an unknown user.
    pub fn grant_access_policy(&self, who: &str) -> bool {
        self.change(|hub| hub.world.grant_policy(who))
    }

    /// Redeems a guest's invitation. False where there is no such guest.
    pub fn redeem_guest(&self, email: &str) -> bool {
        self.change(|hub| {
            let now = hub.world.now();
            hub.world.redeem_guest(email, now)
        })
    }

    /// Replaces the fault plan; counters start anew.
    pub fn set_faults(&self, plan: FaultPlan) {
        self.change(|hub| hub.world.faults = plan);
    }

    /// Lets all held requests go on.
    pub fn release_held(&self) {
        self.shared.release();
    }

    /// What the provider calls were and how they ended.
    #[must_use]
    pub fn journal(&self) -> Vec<JournalEntry> {
        self.shared.lock().journal.entries()
    }

    /// The mails that the providers would have sent.
    #[must_use]
    pub fn mails(&self) -> Vec<Mail> {
        self.shared.lock().world.mails.clone()
    }

    /// The whole state, as `GET /_sandbox/state` shows it.
    #[must_use]
    pub fn state(&self) -> Value {
        self.shared.lock().world.view()
    }

    /// From now on a new Webex meeting is missing in lists for so long.
    pub fn set_webex_index_lag(&self, lag: Duration) {
        self.change(|hub| {
            hub.world.settings.index_lag_milliseconds = i64::try_from(lag.as_millis()).unwrap_or(i64::MAX);
        });
    }

    /// What webhooks delivered, in the order in which it ended.
    #[must_use]
    pub fn webhook_deliveries(&self) -> Vec<WebhookDelivery> {
        self.shared.lock().deliveries.clone()
    }

    /// Waits until no delivery is under way. Held ones are not waited for.
    pub async fn webhooks_sent(&self) {
        self.shared.webhooks_sent().await;
    }

    /// Tells webhooks that something happened to an object of the person with this address: `data` is the object with its `id`, as webhooks
    /// show it. False for an unknown person.
    pub fn emit_webex_event(&self, resource: &str, event: &str, host: &str, data: &Value) -> bool {
        self.change(|hub| hub.world.emit_for(resource, event, host, data))
    }

    /// Removes a Webex person: their tokens are over and their webhooks are turned off. False for an unknown one.
    pub fn remove_webex_user(&self, address: &str) -> bool {
        self.change(|hub| hub.world.remove_webex_user(address))
    }

    /// Sandbox time.
    #[must_use]
    pub fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.shared.lock().world.now()
    }

    /// Moves the sandbox's clock forward.
    pub fn advance(&self, by: Duration) {
        let milliseconds = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.change(|hub| hub.world.clock.advance(milliseconds));
    }

    /// Everything as at the start: users, clock, no faults, empty journal.
    pub fn reset(&self) {
        self.shared.reset();
    }

    /// Issues an access token without asking an authorization server: for an application (`None`), or for a user's
    /// address. `None` for an unknown user.
    #[must_use]
    pub fn access_token(&self, side: AuthorizationSide, address: Option<&str>) -> Option<String> {
        self.change(|hub| hub.issue_token(side, None, address))
    }

    /// As [`access_token`](Self::access_token), with this scope and for this client. `None` for an unknown user.
    #[must_use]
    pub fn scoped_access_token(
        &self,
        side: AuthorizationSide,
        client: &str,
        address: &str,
        scope: &str,
    ) -> Option<String> {
        self.change(|hub| {
            let world = &mut hub.world;
            let user = match side {
                AuthorizationSide::Microsoft => world.user_by_address(address).map(|user| user.id.clone()),
                AuthorizationSide::Webex => world.person(address).map(|person| person.id.clone()),
            };
            let now = world.now();
            user.map(|user| world.issue_access(side, client, Some(&user), scope, now))
        })
    }

    /// Signs in at the page of a device sign-in as `address` and agrees, or declines (`None`). False for a code that is unknown, over or
    /// decided, and for an unknown user.
    pub fn decide_device(&self, user_code: &str, address: Option<&str>) -> bool {
        self.change(|hub| hub.world.decide_device(user_code, address))
    }

    /// Authorizes a Webex service application in an organisation, as a full administrator does in Control Hub, or takes that back: its
    /// tokens are over then. False for an unknown application.
    pub fn authorize_service_app(&self, application: &str, organization: &str, authorized: bool) -> bool {
        self.change(|hub| hub.world.authorize_service_app(application, organization, authorized))
    }

    /// Makes issued access tokens invalid: all, or those of one client or one user.
    pub fn expire_tokens(&self, client: Option<&str>, user: Option<&str>) -> usize {
        self.change(|hub| hub.world.expire_access(client, user))
    }

    /// Revokes the refresh tokens of a user.
    pub fn revoke_tokens(&self, user: &str) -> usize {
        self.change(|hub| hub.world.revoke_refresh(user))
    }

    /// Sets what a refresh does to refresh tokens.
    pub fn set_rotation(&self, side: AuthorizationSide, rotation: Rotation) {
        self.change(|hub| hub.world.desk(side).rotation = rotation);
    }

    /// Changes the state and saves it. A state file that cannot be written shows at the next provider call.
    fn change<R>(&self, change: impl FnOnce(&mut Hub) -> R) -> R {
        let mut hub: MutexGuard<'_, Hub> = self.shared.lock();
        let result = change(&mut hub);
        self.shared.send_webhooks(&mut hub);
        let _ = self.shared.save(&hub);
        result
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.server.abort();
        self.webhooks.abort();
    }
}
