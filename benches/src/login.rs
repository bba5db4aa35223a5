//! A user of the sandbox whose account is connected: tokens through everything, from the caller to the authorization server.

use std::{path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use chrono::TimeDelta;
use graph_meetings::{App, Cloud, DirectoryId, Graph, provider_id};
use invitations_core::{
    ids::{ClientId, ConnectionId, PrincipalId, TenantId},
    secret::{ClientSecret, KeyRing},
    token::{AuthorizationServer, Connections, TokenCommit, TokenSource, TokenStore as _},
};
use invitations_sqlx::SqliteStore;
use meetings_http::{ReqwestTransport, Transport as _};
use meetings_sandbox::{Sandbox, SandboxConfig, defaults};
use tokio::task::JoinSet;
use url::Url;

use crate::{Failure, house::tenant};

const LIMIT: Duration = Duration::from_secs(20);

/// A connection in a store on SQLite, and the sandbox that issued its tokens.
#[derive(Debug)]
#[non_exhaustive]
pub struct Login {
    /// Who issues the tokens.
    pub sandbox: Sandbox,
    store: Arc<SqliteStore>,
    keys: Arc<KeyRing>,
    server: Arc<dyn AuthorizationServer>,
    transport: ReqwestTransport,
    tenant: TenantId,
    connection: ConnectionId,
}

impl Login {
    /// Signs somebody in.
    ///
    /// # Errors
    /// When a part of it does not start.
    pub async fn open(file: &Path) -> Result<Self, Failure> {
        let sandbox = Sandbox::start(SandboxConfig::new().with_seed(7)).await?;
        let client = ClientId::parse(defaults::MICROSOFT_CLIENT_ID)?;
        let secret = ClientSecret::new(defaults::MICROSOFT_CLIENT_SECRET);
        let app = App::with_secret(DirectoryId::parse(defaults::DIRECTORY_ID)?, client, secret)
            .with_cloud(Cloud::at(sandbox.url(), sandbox.url()));
        let graph = Graph::builder(app).dangerous_loopback_http().build()?;
        let mut login = Self {
            sandbox,
            store: Arc::new(SqliteStore::open(file).await?),
            keys: Arc::new(KeyRing::generate()?),
            server: graph.authorization_server(),
            transport: ReqwestTransport::new(true)?,
            tenant: tenant()?,
            connection: ConnectionId::parse("none")?,
        };
        let (connections, owner) = (login.connections()?, PrincipalId::parse(defaults::ORGANIZER)?);
        let page = connections.begin(&login.tenant, &owner, &provider_id(), "/").await?;
        let request = http::Request::get(page.as_str()).body(Bytes::new())?;
        let reply = login.transport.send(request, LIMIT).await?;
        let back = reply.headers().get(http::header::LOCATION).ok_or("nobody was sent back")?;
        let back = Url::parse(back.to_str()?)?;
        let connected = connections.complete(back.query().unwrap_or_default(), &owner).await?;
        login.connection = connected.connection.id;
        Ok(login)
    }

    /// What a process has that has just begun: nothing is remembered.
    ///
    /// # Errors
    /// When it cannot be put together.
    pub fn connections(&self) -> Result<Connections, Failure> {
        let back = "https://app.example/callback".parse()?;
        let (store, keys) = (Arc::<SqliteStore>::clone(&self.store), Arc::<KeyRing>::clone(&self.keys));
        Ok(Connections::builder(store, keys).server(Arc::clone(&self.server), back).build()?)
    }

    /// The tokens of the connection.
    #[must_use]
    pub fn source(&self, connections: &Connections) -> Arc<dyn TokenSource> {
        connections.source(&self.tenant, &provider_id(), &self.connection)
    }

    /// The access token is over.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn expire(&self) -> Result<(), Failure> {
        let mut row = self.store.connection(&self.connection).await?.ok_or("no row")?;
        let over = self.store.now().await? - TimeDelta::minutes(1);
        (row.expires_at, row.refresh_at) = (Some(over), Some(over));
        let (epoch, generation) = (row.epoch, row.generation);
        let to = Box::new(row);
        self.store.commit(TokenCommit::Update { epoch, generation, fence: None, release: false, to }).await?;
        Ok(())
    }

    /// So many callers come at once, each in a task of its own; how many different tokens they got is checked to be one.
    ///
    /// # Errors
    /// When somebody gets none, or another.
    pub async fn callers(&self, source: &Arc<dyn TokenSource>, many: usize) -> Result<(), Failure> {
        let mut tasks = JoinSet::new();
        for _ in 0..many {
            let source = Arc::clone(source);
            tasks.spawn(async move { source.access_token().await });
        }
        let mut first = None;
        while let Some(token) = tasks.join_next().await {
            let token = token??;
            if !first.get_or_insert_with(|| token.clone()).is_same(&token) {
                return Err("two tokens".into());
            }
        }
        Ok(())
    }

    /// The limit: one request of the token endpoint and its whole answer, nothing decided, opened, sealed or stored.
    ///
    /// # Errors
    /// When there is no token.
    pub async fn round_trip(&self) -> Result<(), Failure> {
        let url = self.sandbox.url().join(&format!("/{}/oauth2/v2.0/token", defaults::DIRECTORY_ID))?;
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("scope", &format!("{}.default", self.sandbox.url()))
            .append_pair("client_id", defaults::MICROSOFT_CLIENT_ID)
            .append_pair("client_secret", defaults::MICROSOFT_CLIENT_SECRET)
            .finish();
        let request = http::Request::post(url.as_str())
            .header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.into())?;
        let reply = self.transport.send(request, LIMIT).await?;
        let (status, body) = (reply.status(), reply.into_body().collect(1 << 20).await?);
        if !status.is_success() {
            return Err(format!("{status}: {}", String::from_utf8_lossy(&body)).into());
        }
        Ok(())
    }

    /// How many tokens the sandbox has issued to connections.
    #[must_use]
    pub fn issued(&self) -> usize {
        self.sandbox.journal().iter().filter(|entry| entry.operation == "entra.token" && entry.reached).count()
    }
}
