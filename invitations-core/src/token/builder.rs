use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, atomic::AtomicU64},
};

use data_encoding::BASE64URL_NOPAD;
use url::Url;

use super::{
    AuthorizationServer, Connections, DeviceAuthorizationServer, TokenStore,
    connections::{Inner, Registered},
};
use crate::{
    Error, ErrorKind, Remedy, Result,
    ids::{ProviderId, WorkerId},
    runtime::{Clock, Entropy, SingleFlight, Spawner, SystemEntropy, Timing},
    secret::Sealer,
};

/// Puts [`Connections`] together.
#[must_use]
pub struct ConnectionsBuilder {
    store: Arc<dyn TokenStore>,
    sealer: Arc<dyn Sealer>,
    servers: Vec<Registered>,
    required: HashMap<ProviderId, Vec<String>>,
    consent_pages: HashMap<ProviderId, Url>,
    clock: Option<Arc<dyn Clock>>,
    spawner: Option<Arc<dyn Spawner>>,
    entropy: Arc<dyn Entropy>,
    timing: Timing,
    worker: Option<WorkerId>,
}

impl fmt::Debug for ConnectionsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionsBuilder").field("servers", &self.servers.len()).finish_non_exhaustive()
    }
}

impl ConnectionsBuilder {
    pub(super) fn new(store: Arc<dyn TokenStore>, sealer: Arc<dyn Sealer>) -> Self {
        Self {
            store,
            sealer,
            servers: Vec::new(),
            required: HashMap::new(),
            consent_pages: HashMap::new(),
            clock: default_clock(),
            spawner: default_spawner(),
            entropy: Arc::new(SystemEntropy),
            timing: Timing::default(),
            worker: None,
        }
    }

    /// Adds an authorization server and where it sends browsers back to. Of several for one provider the last one begins new
    /// connections; the others go on serving theirs.
    pub fn server(mut self, server: Arc<dyn AuthorizationServer>, redirect: Url) -> Self {
        self.servers.push(Registered { server, redirect: Some(redirect), devices: None });
        self
    }

    /// Adds an authorization server that no browser is sent to: for refresh tokens that come by [`Connections::import`]. A browser is
    /// never sent there, whatever order they are added in.
    pub fn server_without_redirect(mut self, server: Arc<dyn AuthorizationServer>) -> Self {
        self.servers.push(Registered { server, redirect: None, devices: None });
        self
    }

    /// Adds an authorization server that takes sign-ins from devices without a browser, for [`Connections::begin_device`]. Of several for
    /// one provider the last one begins new sign-ins.
    pub fn device_server(mut self, server: Arc<dyn DeviceAuthorizationServer>) -> Self {
        let devices = Some(Arc::clone(&server));
        self.servers.push(Registered { server, redirect: None, devices });
        self
    }

    /// Scopes without which a connection of this provider is of no use: it then needs consent again. Written as the server
    /// writes them in its replies.
    pub fn require_scopes(mut self, provider: ProviderId, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.required.insert(provider, scopes.into_iter().map(Into::into).collect());
        self
    }

    /// Where users of this provider take a consent back, instead of the page that its server's profile names or does not know.
    pub fn consent_page(mut self, provider: ProviderId, page: Url) -> Self {
        self.consent_pages.insert(provider, page);
        self
    }

    /// Another clock than the system's.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Another spawner than tokio's.
    pub fn spawner(mut self, spawner: Arc<dyn Spawner>) -> Self {
        self.spawner = Some(spawner);
        self
    }

    /// Another source of randomness than the operating system.
    pub fn entropy(mut self, entropy: Arc<dyn Entropy>) -> Self {
        self.entropy = entropy;
        self
    }

    /// Other waiting times.
    pub fn timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }

    /// This process's own name in leases; a random one otherwise. Two processes must not share one.
    pub fn worker(mut self, worker: WorkerId) -> Self {
        self.worker = Some(worker);
        self
    }

    /// Checks the parts.
    ///
    /// # Errors
    /// [`Misconfigured`](ErrorKind::Misconfigured) when a part is missing or a lease would end before its request.
    pub fn build(self) -> Result<Connections> {
        if self.timing.lease <= self.timing.request {
            return Err(misconfigured("Make the lease longer than a request, with room to spare."));
        }
        let worker = match self.worker {
            Some(worker) => worker,
            None => {
                let mut bytes = [0; 9];
                self.entropy.fill(&mut bytes)?;
                WorkerId::parse(format!("worker-{}", BASE64URL_NOPAD.encode(&bytes)))?
            }
        };
        Ok(Connections(Arc::new(Inner {
            store: self.store,
            sealer: self.sealer,
            servers: self.servers,
            required: self.required,
            consent_pages: self.consent_pages,
            clock: self.clock.ok_or_else(|| misconfigured("Give a clock, or turn on feature `tokio`."))?,
            spawner: self.spawner.ok_or_else(|| misconfigured("Give a spawner, or turn on feature `tokio`."))?,
            entropy: self.entropy,
            timing: self.timing,
            worker,
            cache: Default::default(),
            patience: Default::default(),
            reads: SingleFlight::new(),
            flights: SingleFlight::new(),
            sent: AtomicU64::new(0),
        })))
    }
}

fn misconfigured(remedy: &'static str) -> Error {
    Error::new(ErrorKind::Misconfigured, "build connections").with_remedy(Remedy::new(remedy)).with_detail(remedy)
}

#[cfg(feature = "tokio")]
fn default_clock() -> Option<Arc<dyn Clock>> {
    Some(Arc::new(crate::runtime::SystemClock))
}

#[cfg(feature = "tokio")]
fn default_spawner() -> Option<Arc<dyn Spawner>> {
    Some(Arc::new(crate::runtime::TokioSpawner))
}

#[cfg(not(feature = "tokio"))]
fn default_clock() -> Option<Arc<dyn Clock>> {
    None
}

#[cfg(not(feature = "tokio"))]
fn default_spawner() -> Option<Arc<dyn Spawner>> {
    None
}
