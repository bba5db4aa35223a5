//! What every process of a fleet has in common.

use std::{path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use chrono::TimeDelta;
use invitations_core::{
    ids::{ClientId, ConnectionId, PrincipalId, ProviderId, TenantId},
    runtime::{SystemClock, Timing},
    secret::{ClientSecret, KeyRing},
    token::{AuthorizationServer, Connections, Rotation, ServerProfile, TokenCommit, TokenStore},
};
use meetings_http::{
    OAuthClient, OAuthEndpoints, OAuthStyle, ReqwestTransport, SubjectFrom, Transport as _, classify_rfc6749,
};
use meetings_sandbox::{Sandbox, defaults};
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use super::database::{Database, Kind};

#[derive(Clone, Debug)]
pub(crate) struct Setting {
    /// Of the keys.
    folder: PathBuf,
    database: Database,
    server: Url,
    rotation: Rotation,
    faster: u32,
    pub(crate) connection: ConnectionId,
    /// Who made the folder takes it away.
    _made: Option<Arc<TempDir>>,
}

impl Setting {
    /// A user of the sandbox has connected an account; `faster`: by how much every wait is shorter.
    pub(crate) async fn connected(on: Kind, sandbox: &Sandbox, rotation: Rotation, faster: u32) -> Self {
        let made = tempfile::tempdir().expect("a folder");
        let nothing = ConnectionId::parse("none").expect("an id");
        let folder = made.path().to_owned();
        let database = Database::new(on, folder.clone());
        let server = sandbox.url();
        let made = Some(Arc::new(made));
        let mut setting = Self { folder, database, server, rotation, faster, connection: nothing, _made: made };
        let connections = setting.connections().await;
        let owner = PrincipalId::parse(defaults::ORGANIZER).expect("an id");
        let page = connections.begin(&school(), &owner, &provider(), "/").await.expect("a page");
        let request = http::Request::get(page.as_str()).body(Bytes::new()).expect("a request");
        let reply = transport().send(request, Duration::from_secs(10)).await.expect("a redirect");
        let back = reply.headers()[http::header::LOCATION].to_str().expect("a URL");
        let back = Url::parse(back).expect("a URL");
        let connected = connections.complete(back.query().expect("a code"), &owner).await.expect("a connection");
        setting.connection = connected.connection.id;
        setting
    }

    /// For another process.
    pub(crate) fn told(&self) -> Value {
        let rotation = match self.rotation {
            Rotation::Keep => "keep",
            Rotation::Same => "same",
            Rotation::Grace(_) => "grace",
            _ => "strict",
        };
        json!({
            "folder": self.folder, "database": self.database.told(), "server": self.server, "rotation": rotation, "faster": self.faster,
            "connection": self.connection.as_str(),
        })
    }

    /// As another process told it.
    pub(crate) fn read(told: &Value) -> Self {
        let text = |name: &str| told[name].as_str().expect("a text");
        Self {
            folder: text("folder").into(),
            database: Database::read(&told["database"]),
            server: text("server").parse().expect("a URL"),
            rotation: match text("rotation") {
                "keep" => Rotation::Keep,
                "same" => Rotation::Same,
                "grace" => Rotation::Grace(Duration::from_secs(60)),
                _ => Rotation::Strict,
            },
            faster: told["faster"].as_u64().and_then(|faster| u32::try_from(faster).ok()).expect("a number"),
            connection: ConnectionId::parse(text("connection")).expect("an id"),
            _made: None,
        }
    }

    pub(crate) async fn store(&self) -> Arc<dyn TokenStore> {
        self.database.store().await
    }

    pub(crate) async fn connections(&self) -> Connections {
        let keys = KeyRing::from_file_or_create(self.folder.join("keys")).expect("keys");
        let back = "https://app.example/callback".parse().expect("a URL");
        Connections::builder(self.store().await, Arc::new(keys))
            .server(self.authorization_server(), back)
            .timing(Timing::default().scaled_down(self.faster))
            .build()
            .expect("connections")
    }

    fn authorization_server(&self) -> Arc<dyn AuthorizationServer> {
        let client = ClientId::parse(defaults::MICROSOFT_CLIENT_ID).expect("an id");
        let mut profile = ServerProfile::new(provider(), client);
        profile.rotation = self.rotation;
        let at = |what: &str| {
            self.server.join(&format!("/{}/oauth2/v2.0/{what}", defaults::DIRECTORY_ID)).expect("an endpoint")
        };
        let endpoints = OAuthEndpoints { authorize: at("authorize"), token: at("token"), revoke: None };
        let style = OAuthStyle {
            scopes: ["offline_access", "openid", "Calendars.ReadWrite"].map(str::to_owned).to_vec(),
            extra_authorize: Vec::new(),
            classify: classify_rfc6749,
            subject: SubjectFrom::IdToken {
                subject: |claims| claims["oid"].as_str().map(str::to_owned),
                address: |_| None,
            },
            issuers: Vec::new(),
        };
        let secret = ClientSecret::new(defaults::MICROSOFT_CLIENT_SECRET);
        Arc::new(OAuthClient::new(profile, Arc::new(transport()), Arc::new(SystemClock), endpoints, secret, style))
    }

    /// The access token is over.
    pub(crate) async fn expire(&self) {
        let store = self.store().await;
        let mut row = store.connection(&self.connection).await.expect("a store").expect("a row");
        let over = store.now().await.expect("a time") - TimeDelta::minutes(1);
        (row.expires_at, row.refresh_at) = (Some(over), Some(over));
        let (epoch, generation) = (row.epoch, row.generation);
        let to = Box::new(row);
        store
            .commit(TokenCommit::Update { epoch, generation, fence: None, release: false, to })
            .await
            .expect("a write");
    }
}

pub(crate) fn school() -> TenantId {
    TenantId::parse("school").expect("an id")
}

pub(crate) fn provider() -> ProviderId {
    ProviderId::parse("entra").expect("an id")
}

fn transport() -> ReqwestTransport {
    ReqwestTransport::new(true).expect("a transport")
}
