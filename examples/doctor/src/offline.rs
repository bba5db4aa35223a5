//! A set-up of one's own against a sandbox in this process: a healthy one, and one in which much is wrong.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use graph_meetings::{App, Cloud, Credential, DirectoryId, Graph};
use invitations_core::{
    doctor::Doctor,
    ids::{ClientId, ConnectionId, PrincipalId, ProviderId, TenantId, UserId, WorkerId},
    memory::MemoryTokenStore,
    runtime::{BoxFuture, Clock, SystemClock},
    secret::{ClientSecret, KeyRing, TokenText},
    token::{BeginOptions, Connections, Rejected},
};
use meetings_http::{ReqwestTransport, Transport as _};
use meetings_sandbox::{MicrosoftCredential, Sandbox, SandboxConfig, defaults};
use url::Url;
use webex_meetings::{Integration, Webex};

use crate::{Failure, args::Args, connections};

/// The sandbox runs as long as it lives.
pub(crate) async fn doctor(args: &Args, doctor: Doctor) -> Result<(Sandbox, Doctor), Failure> {
    let sandbox = Sandbox::start(SandboxConfig::new()).await?;
    let doctor = if args.broken { sick(&sandbox, doctor).await? } else { healthy(&sandbox, doctor).await? };
    Ok((sandbox, doctor))
}

async fn healthy(sandbox: &Sandbox, doctor: Doctor) -> Result<Doctor, Failure> {
    sandbox.grant_access_policy(defaults::ORGANIZER);
    let secret = Credential::Secret(ClientSecret::new(defaults::MICROSOFT_CLIENT_SECRET));
    let app = app(sandbox, vec![secret.with_expiry("2099-01-01T00:00:00Z".parse::<DateTime<Utc>>()?)])?;
    let graph = Graph::builder(app).dangerous_loopback_http().build()?;
    let webex = webex(sandbox, integration()?).build()?;
    let mut office = Office::new(&graph, &webex, "key-1", 1)?;
    office.connect(&graph_meetings::provider_id(), "ada@contoso.example").await?;
    office.connect(&webex_meetings::provider_id(), "bert@contoso.example").await?;
    Ok(doctor
        .with(Arc::new(graph.doctor().features(crate::args::USUAL).organizers([organizer()?])))
        .with(Arc::new(webex.doctor().features(connections::WEBEX)))
        .with(Arc::new(office.doctor())))
}

async fn sick(sandbox: &Sandbox, doctor: Doctor) -> Result<Doctor, Failure> {
    // the permissions of another time; an old secret that has ended, and a new one that will soon
    sandbox.set_application_roles(defaults::MICROSOFT_CLIENT_ID, ["Calendars.Read", "User.Read.All"]);
    let ended = MicrosoftCredential::Secret { value: "ended".to_owned(), expires: Some(DateTime::UNIX_EPOCH) };
    sandbox.add_credential(defaults::MICROSOFT_CLIENT_ID, &ended);
    let secret = |text: &str| Credential::Secret(ClientSecret::new(text));
    let soon = SystemClock.now() + TimeDelta::days(14) + TimeDelta::hours(1);
    let app = app(
        sandbox,
        vec![
            secret("ended").with_expiry("2020-01-01T00:00:00Z".parse::<DateTime<Utc>>()?),
            secret(defaults::MICROSOFT_CLIENT_SECRET).with_expiry(soon),
        ],
    )?;
    // users are asked for less than what is in use, and the machine's clock is three hours ahead
    let graph = Graph::builder(app).delegated_scopes(["offline_access", "openid", "profile", "Calendars.ReadWrite"]);
    let graph = graph.clock(Arc::new(Ahead(TimeDelta::minutes(181)))).dangerous_loopback_http().build()?;
    let few = integration()?.with_scopes(["meeting:schedules_read", "spark:people_read"]);
    let webex = webex(sandbox, few).access_token(TokenText::new("of-last-year")).build()?;
    let mut office = Office::new(&graph, &webex, "key-1", 1)?;
    office.connect(&graph_meetings::provider_id(), "ada@contoso.example").await?;
    // a user takes the consent back
    let bert = office.connect(&webex_meetings::provider_id(), "bert@contoso.example").await?;
    sandbox.revoke_tokens("bert@contoso.example");
    office.refused(&webex_meetings::provider_id(), &bert).await?;
    // somebody put in a new key and threw the old one away
    office.rekey("key-2", 2)?;
    office.connect(&graph_meetings::provider_id(), "carla@contoso.example").await?;
    Ok(doctor
        .with(Arc::new(graph.doctor().features(crate::args::USUAL).organizers([organizer()?])))
        .with(Arc::new(webex.doctor().features(connections::WEBEX)))
        .with(Arc::new(office.doctor())))
}

fn organizer() -> Result<UserId, Failure> {
    Ok(UserId::parse(defaults::ORGANIZER)?)
}

fn app(sandbox: &Sandbox, credentials: Vec<graph_meetings::DatedCredential>) -> Result<App, Failure> {
    let directory = DirectoryId::parse(defaults::DIRECTORY_ID)?;
    let client = ClientId::parse(defaults::MICROSOFT_CLIENT_ID)?;
    let mut app = App::with_secret(directory, client, ClientSecret::new(defaults::MICROSOFT_CLIENT_SECRET));
    app.credentials = credentials;
    Ok(app.with_cloud(Cloud::at(sandbox.url(), sandbox.url())))
}

fn integration() -> Result<Integration, Failure> {
    let client = ClientId::parse(defaults::WEBEX_CLIENT_ID)?;
    Ok(Integration::new(client, ClientSecret::new(defaults::WEBEX_CLIENT_SECRET)))
}

fn webex(sandbox: &Sandbox, integration: Integration) -> webex_meetings::WebexBuilder {
    Webex::builder(integration).base(sandbox.url()).dangerous_loopback_http()
}

/// Users and their connections, in memory.
struct Office {
    graph: Graph,
    webex: Webex,
    store: Arc<MemoryTokenStore>,
    connections: Connections,
    transport: ReqwestTransport,
    tenant: TenantId,
}

impl Office {
    fn new(graph: &Graph, webex: &Webex, key: &str, seed: u8) -> Result<Self, Failure> {
        let store = Arc::new(MemoryTokenStore::new(Arc::new(SystemClock)));
        let connections = open(graph, webex, &store, key, seed)?;
        let (transport, tenant) = (ReqwestTransport::new(true)?, TenantId::parse("school")?);
        Ok(Self { graph: graph.clone(), webex: webex.clone(), store, connections, transport, tenant })
    }

    fn rekey(&mut self, key: &str, seed: u8) -> Result<(), Failure> {
        self.connections = open(&self.graph, &self.webex, &self.store, key, seed)?;
        Ok(())
    }

    /// The user goes to the provider, who consents at once and sends them back.
    async fn connect(&mut self, provider: &ProviderId, who: &str) -> Result<ConnectionId, Failure> {
        let (owner, hint) = (PrincipalId::parse(who)?, BeginOptions::new().with_login_hint(who));
        let address = self.connections.begin_with(&self.tenant, &owner, provider, "/", hint).await?;
        let request = http::Request::get(address.as_str()).body(Bytes::new())?;
        let reply = self.transport.send(request, Duration::from_secs(10)).await?;
        let location =
            reply.headers().get(http::header::LOCATION).ok_or("the sandbox did not send the browser back")?;
        let back = Url::parse(location.to_str()?)?;
        let connected = self.connections.complete(back.query().unwrap_or_default(), &owner).await?;
        Ok(connected.connection.id)
    }

    /// A provider refuses the token, so that a refresh is tried.
    async fn refused(&self, provider: &ProviderId, id: &ConnectionId) -> Result<(), Failure> {
        let tokens = self.connections.source(&self.tenant, provider, id);
        let token = tokens.access_token().await?;
        // that it fails is what it is for
        let _ = tokens.rejected(Rejected::new(token)).await;
        Ok(())
    }

    fn doctor(&self) -> invitations_core::token::ConnectionsDoctor {
        connections::doctor(&self.connections, self.tenant.clone(), &crate::args::USUAL)
    }
}

fn open(
    graph: &Graph,
    webex: &Webex,
    store: &Arc<MemoryTokenStore>,
    key: &str,
    seed: u8,
) -> Result<Connections, Failure> {
    let redirect = Url::parse("http://127.0.0.1/callback")?;
    let sealer = Arc::new(KeyRing::new(key, [seed; 32])?);
    let builder = Connections::builder(Arc::clone(store) as _, sealer)
        .server(graph.authorization_server(), redirect.clone())
        .server(webex.authorization_server(), redirect)
        .entropy(Arc::new(invitations_core::runtime::SeededEntropy::new(u64::from(seed))))
        .worker(WorkerId::parse(format!("doctor-{seed}"))?);
    Ok(builder.build()?)
}

/// A clock that is wrong.
#[derive(Debug)]
struct Ahead(TimeDelta);

impl Clock for Ahead {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() + self.0
    }

    fn instant(&self) -> std::time::Instant {
        SystemClock.instant()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        SystemClock.sleep(duration)
    }
}
