//! Every secret that passes is remembered; every way to fail is gone, over a server that says all of them back; and none of them is
//! in a log line, an error, a `Debug` text or the database, in whatever form.

mod echo;
mod logged;
mod needles;
mod without_browser;

use std::{error::Error as _, fmt::Write as _, sync::Arc};

use chrono::TimeDelta;
use graph_meetings::{App, Cloud, DirectoryId, Graph};
use invitations_core::{
    Error, ErrorKind, Result,
    ids::{CalendarId, ClientId, MeetingId, MeetingKey, PrincipalId, ProviderId, TenantId, UserId},
    people::{EmailAddress, GuestDirectory as _, GuestDraft},
    provider::{
        Account, CalendarProvider as _, Marker, MeetingDraft, MeetingPatch, MeetingProvider, Open as _, WriteOptions,
    },
    runtime::Timing,
    secret::{ClientSecret, KeyRing},
    time::{Slot, TimeRange},
    token::{AuthorizationServer, ClientHealth, ConnectionView, Connections, Rejected, TokenCommit, TokenStore},
};
use meetings_http::{ReqwestTransport, RetryPolicy};
use meetings_sandbox::{Sandbox, defaults};
use url::Url;
use webex_meetings::{Integration, Webex};

use self::echo::{BodyKind, Echo, Shape};
use crate::{
    authorization::{agreed, browser},
    fleet::database::{Database, Kind},
    providers::{sandbox, then},
};

fn shapes() -> Vec<Shape> {
    use BodyKind::{CutJson, Graph, Html, None, OAuth, Webex};
    let answers = [200, 302, 400, 401, 429, 503];
    let bodies = [OAuth, Graph, Webex, Html, CutJson];
    let mut shapes: Vec<_> = answers.into_iter().flat_map(|status| bodies.map(|body| Shape { status, body })).collect();
    shapes.push(Shape { status: 0, body: None });
    shapes
}

/// Both clients, their connections on one file, and what was shown so far.
struct World {
    echo: Arc<Echo>,
    browser: ReqwestTransport,
    graph: Graph,
    webex: Webex,
    store: Arc<dyn TokenStore>,
    keys: Arc<KeyRing>,
    shown: String,
    failures: usize,
}

impl World {
    async fn new(sandbox: &Sandbox, database: &Database) -> Self {
        let echo = Echo::new();
        let directory = DirectoryId::parse(defaults::DIRECTORY_ID).expect("a directory");
        let client = ClientId::parse(defaults::MICROSOFT_CLIENT_ID).expect("an id");
        let app = App::with_secret(directory, client, ClientSecret::new(defaults::MICROSOFT_CLIENT_SECRET));
        let graph = Graph::builder(app.with_cloud(Cloud::at(sandbox.url(), sandbox.url())))
            .transport(Arc::clone(&echo) as _)
            .retry(RetryPolicy::never())
            .dangerous_loopback_http();
        let client = ClientId::parse(defaults::WEBEX_CLIENT_ID).expect("an id");
        let integration = Integration::new(client, ClientSecret::new(defaults::WEBEX_CLIENT_SECRET));
        let webex = Webex::builder(integration)
            .base(sandbox.url())
            .transport(Arc::clone(&echo) as _)
            .retry(RetryPolicy::never())
            .dangerous_loopback_http();
        Self {
            echo,
            browser: browser(),
            graph: graph.build().expect("a client"),
            webex: webex.build().expect("a client"),
            store: database.store().await,
            keys: Arc::new(KeyRing::generate().expect("keys")),
            shown: String::new(),
            failures: 0,
        }
    }

    fn show<T: std::fmt::Debug>(&mut self, result: Result<T>) {
        match result {
            Ok(value) => writeln!(self.shown, "{value:?} {value:#?}"),
            Err(error) => {
                self.failures += 1;
                self.show_error(&error)
            }
        }
        .expect("a text");
    }

    fn show_error(&mut self, error: &Error) -> std::fmt::Result {
        writeln!(self.shown, "{error} {error:?} {error:#?} {:?}", error.remedy())?;
        let mut cause = error.source();
        while let Some(error) = cause {
            writeln!(self.shown, "{error} {error:?}")?;
            cause = error.source();
        }
        Ok(())
    }

    /// New each time, so that no earlier failure makes it pause.
    fn connections(&self, server: Arc<dyn AuthorizationServer>, timing: Timing) -> Connections {
        Connections::builder(Arc::clone(&self.store), Arc::clone(&self.keys) as _)
            .server(server, "https://app.example/back".parse().expect("a URL"))
            .timing(timing)
            .build()
            .expect("connections")
    }

    async fn consent(&mut self, connections: &Connections, provider: &ProviderId) -> String {
        let mut page = connections.begin(&tenant(), &owner(), provider, "/").await.expect("a page");
        page.query_pairs_mut().append_pair("login_hint", defaults::ORGANIZER);
        let back: Url = agreed(&self.browser, &page).await;
        let mut seen = self.echo.seen.lock().expect("a lock");
        back.query_pairs()
            .filter(|(name, _)| name == "code" || name == "state")
            .for_each(|(_, value)| seen.add(&value));
        back.query().expect("a query").to_owned()
    }

    /// The connection's token is over, and no earlier refusal of its client keeps the next from being asked for.
    async fn expire(&self, view: &ConnectionView) {
        let mut row = self.store.connection(&view.id).await.expect("a store").expect("a row");
        self.store.note_client(&row.client, &ClientHealth::default()).await.expect("a write");
        let over = self.store.now().await.expect("a time") - TimeDelta::minutes(1);
        (row.expires_at, row.refresh_at) = (Some(over), Some(over));
        let (epoch, generation) = (row.epoch, row.generation);
        let update = TokenCommit::Update { epoch, generation, fence: None, release: false, to: Box::new(row) };
        self.store.commit(update).await.expect("a write");
    }

    /// A connection's whole life, its later half against `shape`.
    async fn connection(&mut self, provider: ProviderId, server: Arc<dyn AuthorizationServer>, shape: Shape) {
        self.echo.answer(None);
        let short = Timing::default().scaled_down(1_000);
        // what must succeed has all the time it needs, what fails must not wait
        let patient = self.connections(Arc::clone(&server), Timing::default());
        let connections = self.connections(Arc::clone(&server), short.clone());
        let query = self.consent(&connections, &provider).await;
        self.echo.answer(Some(shape));
        let failed = connections.callback(&query, &owner()).await;
        writeln!(self.shown, "{failed:?} {:?}", failed.return_to).expect("a text");
        self.show(failed.result);

        self.echo.answer(None);
        let query = self.consent(&connections, &provider).await;
        let view = patient.complete(&query, &owner()).await.expect("a connection").connection;
        let source = connections.source(&tenant(), &provider, &view.id);
        let token = source.access_token().await.expect("a token");
        self.echo.answer(Some(shape));
        let account = Account::connection(tenant(), provider, view.id.clone());
        let opened: Arc<dyn MeetingProvider> = if account.provider == graph_meetings::provider_id() {
            self.graph.clone().with_connections(connections.clone()).open(&account).await.expect("a client")
        } else {
            self.webex.clone().with_connections(connections.clone()).open(&account).await.expect("a client")
        };
        self.meetings(&*opened).await;
        self.show(source.rejected(Rejected::new(token)).await);
        self.expire(&view).await;
        self.show(source.access_token().await);
        self.show(connections.status(&tenant(), &view.id).await);
        let other = self.connections(server, short);
        self.show(other.source(&tenant(), &account.provider, &view.id).access_token().await);
        self.show(other.run_once(10).await);
        self.show(other.disconnect(&tenant(), &view.id).await);
        let row = self.store.connection(&view.id).await.expect("a store");
        writeln!(self.shown, "{row:?} {opened:?} {source:?} {connections:?} {:?}", self.store).expect("a text");
    }

    /// A connection that has been refreshed and stays, and a consent that nobody completes: what is over leaves no row to look into.
    async fn stay(&mut self, provider: ProviderId, server: Arc<dyn AuthorizationServer>) {
        let connections = self.connections(Arc::clone(&server), Timing::default());
        let query = self.consent(&connections, &provider).await;
        let view = connections.complete(&query, &owner()).await.expect("a connection").connection;
        self.expire(&view).await;
        // another process: it remembers no token
        let other = self.connections(server, Timing::default());
        other.source(&tenant(), &provider, &view.id).access_token().await.expect("a refresh");
        self.consent(&connections, &provider).await;
    }

    async fn meetings(&mut self, meetings: &dyn MeetingProvider) {
        let key = MeetingKey::parse("canary").expect("a key");
        let slot = Slot::from(then() + TimeDelta::days(1)..then() + TimeDelta::days(1) + TimeDelta::hours(1));
        let draft = MeetingDraft::new("Canary", slot);
        let made = meetings.create(&key, &draft, WriteOptions::new()).await;
        let id = made.as_ref().map_or_else(|_| MeetingId::parse("m-1").expect("an id"), |made| made.id.clone());
        self.show(made);
        self.show(meetings.read(&id).await);
        self.show(meetings.update(&id, &MeetingPatch::new(), WriteOptions::new()).await);
        let around = TimeRange { from: then(), until: then() + TimeDelta::days(2) };
        self.show(meetings.find_by_key(&key, around).await);
        self.show(meetings.list(around, None).await);
        self.show(meetings.cancel(&id, WriteOptions::new()).await);
    }

    /// The application's own token and calls, and those of directories and calendars.
    async fn application(&mut self) {
        let user = UserId::parse(defaults::ORGANIZER).expect("an id");
        let meetings = self.graph.meetings_of(&user);
        self.meetings(&meetings).await;
        let calendars = self.graph.calendars_of(&user);
        let marker = Marker::parse("canary").expect("a marker");
        self.show(calendars.find_by_marker(&CalendarId::parse("default").expect("an id"), &marker).await);
        let guest = EmailAddress::parse("canary@guests.example").expect("an address");
        let guests = self.graph.guests();
        self.show(guests.find_by_address(&guest).await);
        let draft = GuestDraft::new(guest, "https://app.example/".parse().expect("a URL"));
        self.show(guests.invite(&draft, WriteOptions::new()).await);
        writeln!(self.shown, "{:?} {:?} {meetings:?} {calendars:?} {guests:?}", self.graph, self.webex)
            .expect("a text");
    }
}

fn tenant() -> TenantId {
    TenantId::parse("school").expect("an id")
}

fn owner() -> PrincipalId {
    PrincipalId::parse("canary-owner").expect("an id")
}

/// The log is the process's: one of these at a time.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

async fn no_secret_is_told(on: Kind) {
    let _alone = ALONE.lock().await;
    let sandbox = sandbox().await;
    let folder = tempfile::tempdir().expect("a folder");
    let database = Database::new(on, folder.path().to_owned());
    logged::start();
    let mut world = World::new(sandbox, &database).await;
    {
        let mut seen = world.echo.seen.lock().expect("a lock");
        seen.add(defaults::MICROSOFT_CLIENT_SECRET);
        seen.add(defaults::WEBEX_CLIENT_SECRET);
        seen.add(defaults::WEBEX_SERVICE_APP_CLIENT_SECRET);
    }
    world.application().await;
    for (number, shape) in shapes().into_iter().enumerate() {
        let (entra, cisco) = (world.graph.authorization_server(), world.webex.authorization_server());
        world.connection(graph_meetings::provider_id(), entra, shape).await;
        world.connection(webex_meetings::provider_id(), cisco, shape).await;
        world.application().await;
        let (entra, cisco) = (world.graph.device_authorization_server(), world.webex.device_authorization_server());
        world.device(sandbox, graph_meetings::provider_id(), entra, shape).await;
        world.device(sandbox, webex_meetings::provider_id(), cisco, shape).await;
        world.entra_import(number, shape).await;
        world.service_application(sandbox, shape).await;
    }
    let (entra, cisco) = (world.graph.authorization_server(), world.webex.authorization_server());
    world.stay(graph_meetings::provider_id(), entra).await;
    world.stay(webex_meetings::provider_id(), cisco).await;
    let logged = logged::stop();
    let seen = world.echo.seen.lock().expect("a lock").clone();
    assert!(seen.count() > 250 && world.failures > 600, "{} {}", seen.count(), world.failures);
    for target in ["invitations_core", "meetings_http", "reqwest"] {
        assert!(logged.contains(target), "{target} logs nothing");
    }
    let search = seen.search();
    assert_eq!(search.found_in(logged.as_bytes()), [], "in the log");
    assert_eq!(search.found_in(world.shown.as_bytes()), [], "in what is shown");
    for (place, bytes) in database.everything().await {
        assert_eq!(search.found_in(&bytes), [], "in {place}");
    }
}

#[tokio::test]
async fn abuse_g22_no_secret_is_told_on_any_way_that_fails() {
    no_secret_is_told(Kind::Sqlite).await;
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn abuse_g22_no_secret_is_told_on_any_way_that_fails_on_postgres() {
    no_secret_is_told(Kind::Postgres).await;
}

async fn a_copy_opens_no_account(on: Kind) {
    let (sandbox, folder) = (sandbox().await, tempfile::tempdir().expect("a folder"));
    let database = Database::new(on, folder.path().to_owned());
    let mut world = World::new(sandbox, &database).await;
    let server = world.webex.authorization_server();
    let connections = world.connections(Arc::clone(&server), Timing::default());
    let provider = webex_meetings::provider_id();
    let query = world.consent(&connections, &provider).await;
    let view = connections.complete(&query, &owner()).await.expect("a connection").connection;
    connections.source(&tenant(), &provider, &view.id).access_token().await.expect("whoever has the key");

    let seen = world.echo.seen.lock().expect("a lock").clone();
    assert!(seen.count() > 3);
    let search = seen.search();
    for (place, bytes) in database.everything().await {
        assert_eq!(search.found_in(&bytes), [], "in {place}");
    }
    world.keys = Arc::new(KeyRing::generate().expect("keys"));
    let thief = world.connections(server, Timing::default());
    let error = thief.source(&tenant(), &provider, &view.id).access_token().await.expect_err("without the key");
    assert_eq!(error.kind(), ErrorKind::Misconfigured);
}

#[tokio::test]
async fn abuse_g01_a_copy_of_the_database_opens_no_account() {
    a_copy_opens_no_account(Kind::Sqlite).await;
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn abuse_g01_a_copy_of_the_database_opens_no_account_on_postgres() {
    a_copy_opens_no_account(Kind::Postgres).await;
}
