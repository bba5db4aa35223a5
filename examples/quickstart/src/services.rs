//! The wiring, once, at start: providers, stores, workers.

use std::{path::PathBuf, sync::Arc};

use calendar_sync::CalendarSync;
use graph_meetings::{App, Cloud, DirectoryId, Graph};
use invitations_core::{
    ids::{ClientId, PrincipalId, ProviderId, TenantId, WorkerId},
    invitation::{Invitations, TenantInvitations, effect::Effects},
    people::{CallerAuthorized, EmailAddress, Principal},
    provider::{Account, AccountActor, Providers},
    runtime::{Clock, SystemClock, Timing, TokioSpawner},
    secret::{ClientSecret, KeyRing},
    token::{ConnectionView, Connections, TokenStore},
};
use invitations_notify::SpoolNotifier;
use invitations_sqlx::SqliteStore;
use meetings_http::{ReqwestTransport, RetryPolicy, Transport};
use meetings_sandbox::defaults;
use tokio::{sync::oneshot, task::JoinHandle};
use url::Url;
use webex_meetings::{Integration, Webex};

use crate::{
    Failure,
    args::Args,
    browser::Browser,
    counting::{Counting, Counts},
    live::Live,
    mailbox::Mailbox,
    sandbox::SandboxRun,
    week::{Calendar, Week},
};

/// Everything the five systems are built on.
#[derive(Debug)]
pub(crate) struct Services {
    pub(crate) organization: TenantId,
    pub(crate) invitations: TenantInvitations,
    pub(crate) connections: Connections,
    pub(crate) providers: Providers,
    pub(crate) sync: CalendarSync,
    pub(crate) mailbox: Mailbox,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) counts: Arc<Counts>,
    pub(crate) calendar: Calendar,
    pub(crate) timing: Timing,
    pub(crate) sandbox: Option<SandboxRun>,
    /// In a live run every Microsoft meeting is this person's.
    live_organizer: Option<EmailAddress>,
    browser: Browser,
    worker: (oneshot::Sender<()>, JoinHandle<()>),
    /// Holds the files of a run without `--db`.
    _temporary: Option<TemporaryFolder>,
}

#[derive(Debug)]
struct TemporaryFolder(PathBuf);

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // left behind, it is a few files in the system's folder for such
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Who the clients are, and where their services stand.
struct Setting {
    app: App,
    microsoft_redirect: Url,
    webex: Integration,
    webex_redirect: Url,
    webex_base: Option<Url>,
}

pub(crate) async fn open(args: &Args, week: &Week) -> Result<Services, Failure> {
    let live = if args.live { Some(Live::from(|name| std::env::var(name).ok())?) } else { None };
    let (db, temporary) = database(args)?;
    let timing = if args.demo { Timing::default().scaled_down(60) } else { Timing::default() };
    let retry = if args.demo { RetryPolicy::default().scaled_down(60) } else { RetryPolicy::default() };
    let counts = Arc::new(Counts::default());
    let wire: Arc<dyn Transport> = Arc::new(ReqwestTransport::new(!args.live)?);
    let transport: Arc<dyn Transport> = Arc::new(Counting { inner: Arc::clone(&wire), counts: Arc::clone(&counts) });
    let sandbox = match &live {
        Some(_) => None,
        None => {
            let state = args.db.is_some().then(|| beside(&db, "sandbox.json"));
            let run = SandboxRun::open(args.sandbox.as_ref(), state, Arc::clone(&wire)).await?;
            run.people(week).await?;
            Some(run)
        }
    };
    let setting = match (&live, &sandbox) {
        (Some(live), _) => real(live),
        (None, Some(run)) => offline(run)?,
        (None, None) => return Err("no services to talk to".into()),
    };

    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = Arc::new(SqliteStore::open(&db).await?);
    let keys = Arc::new(KeyRing::from_file_or_create(beside(&db, "key"))?);
    let worker_id = WorkerId::parse(format!("quickstart-{}", std::process::id()))?;

    // the clients: first who signs in, then who speaks
    let mut graph = Graph::builder(setting.app).transport(Arc::clone(&transport)).retry(retry.clone());
    let mut webex = Webex::builder(setting.webex).transport(Arc::clone(&transport)).retry(retry);
    webex = webex.lookup_lag(timing.absence_span);
    if sandbox.is_some() {
        (graph, webex) = (graph.dangerous_loopback_http(), webex.dangerous_loopback_http());
    }
    if let Some(base) = setting.webex_base {
        webex = webex.base(base);
    }
    let (graph, webex) = (graph.build()?, webex.build()?);
    let connections = Connections::builder(Arc::clone(&store) as Arc<dyn TokenStore>, Arc::clone(&keys) as _)
        .server(graph.authorization_server(), setting.microsoft_redirect)
        .server(webex.authorization_server(), setting.webex_redirect)
        .timing(timing.clone())
        .worker(worker_id.clone())
        .build()?;
    let graph = Arc::new(graph.with_connections(connections.clone()));
    let webex = Arc::new(webex.with_connections(connections.clone()));

    let (microsoft, cisco) = (graph_meetings::provider_id(), webex_meetings::provider_id());
    let providers = Providers::new()
        .with(microsoft.clone(), Arc::clone(&graph))
        .with_calendars(microsoft.clone(), Arc::clone(&graph) as _)
        .with_guests(microsoft, graph)
        .with(cisco, webex);
    let mail = beside(&db, "mail");
    let invitations = Invitations::builder(Arc::clone(&store) as _)
        .effects(Effects::new(providers.clone()))
        .notifier(Arc::new(SpoolNotifier::in_folder(&mail)?))
        .authorizer(Arc::new(CallerAuthorized))
        .sealer(keys)
        .runtime(Arc::clone(&clock), Arc::new(TokioSpawner))
        .timing(timing.clone())
        .links_at("https://app.example/invitations".parse()?)
        .build()?;
    let sync =
        CalendarSync::builder(store, providers.clone()).timing(timing.clone()).worker(worker_id.clone()).build()?;

    let (stop, stopped) = oneshot::channel();
    let worker = invitations.worker(worker_id);
    let running = tokio::spawn(async move {
        let stopped = async {
            let _ = stopped.await;
        };
        if let Err(error) = worker.run_until(stopped).await {
            tracing::error!(%error, "the worker stopped");
        }
    });
    Ok(Services {
        organization: week.organization.clone(),
        invitations: invitations.tenant(&week.organization),
        connections,
        providers,
        sync,
        mailbox: Mailbox(mail),
        calendar: week.calendar(clock.now()),
        clock,
        counts,
        timing,
        browser: if sandbox.is_some() { Browser::Sandbox(transport) } else { Browser::Person },
        sandbox,
        live_organizer: live.map(|live| live.organizer),
        worker: (stop, running),
        _temporary: temporary,
    })
}

impl Services {
    /// Lets the worker finish its round.
    pub(crate) async fn close(self) {
        let (stop, running) = self.worker;
        let _ = stop.send(());
        if let Err(error) = running.await {
            tracing::error!(%error, "the worker did not end well");
        }
    }

    /// The application itself, acting for a Microsoft user.
    pub(crate) fn application(&self, user: &EmailAddress) -> Result<Account, Failure> {
        let user = self.live_organizer.as_ref().unwrap_or(user);
        let user = invitations_core::ids::UserId::parse(user.canonical())?;
        Ok(Account::application(self.organization.clone(), graph_meetings::provider_id(), user))
    }

    /// The account of a person who has connected it; goes through the connect flow when they have not.
    pub(crate) async fn connected(&self, provider: &ProviderId, who: &EmailAddress) -> Result<Account, Failure> {
        let owner = PrincipalId::parse(who.canonical())?;
        if let Some(connection) = self.connection(provider, &owner).await? {
            return Ok(Account::connection(self.organization.clone(), provider.clone(), connection.id));
        }
        let mut last = None;
        for _ in 0..20 {
            let hint = invitations_core::token::BeginOptions::new().with_login_hint(who.canonical());
            let address = self.connections.begin_with(&self.organization, &owner, provider, "/", hint).await?;
            let query = self.browser.consent(&address).await?;
            // a web handler would now send the browser to `return_to`
            match self.connections.callback(&query, &owner).await.result {
                Ok(view) => {
                    return Ok(Account::connection(self.organization.clone(), provider.clone(), view.id));
                }
                // the code was used up by an answer that got lost: begin again, as a person would
                Err(error) => last = Some(error),
            }
            self.clock.sleep(self.timing.retry_first).await;
        }
        Err(last.map_or_else(|| "not connected".into(), Into::into))
    }

    async fn connection(&self, provider: &ProviderId, owner: &PrincipalId) -> Result<Option<ConnectionView>, Failure> {
        let mut page = None;
        loop {
            let got = self.connections.list_connections(&self.organization, page.as_ref()).await?;
            let fits = |one: &ConnectionView| one.provider == *provider && one.owner == *owner && one.is_connected();
            if let Some(found) = got.items.into_iter().find(fits) {
                return Ok(Some(found));
            }
            page = got.next;
            if page.is_none() {
                return Ok(None);
            }
        }
    }
}

pub(crate) fn principal(id: &str) -> Result<Principal, Failure> {
    Ok(Principal::new(PrincipalId::parse(id)?))
}

pub(crate) fn connection_of(account: &Account) -> Option<&invitations_core::ids::ConnectionId> {
    match &account.actor {
        AccountActor::Connection(id) => Some(id),
        _ => None,
    }
}

fn database(args: &Args) -> Result<(PathBuf, Option<TemporaryFolder>), Failure> {
    if let Some(db) = &args.db {
        return Ok((db.clone(), None));
    }
    let folder = std::env::temp_dir().join(format!("quickstart-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    Ok((folder.join("quickstart.db"), Some(TemporaryFolder(folder))))
}

fn beside(db: &std::path::Path, ending: &str) -> PathBuf {
    let mut name = db.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

fn offline(run: &SandboxRun) -> Result<Setting, Failure> {
    let directory = DirectoryId::parse(defaults::DIRECTORY_ID)?;
    let (client, secret) =
        (ClientId::parse(defaults::MICROSOFT_CLIENT_ID)?, ClientSecret::new(defaults::MICROSOFT_CLIENT_SECRET));
    let webex =
        Integration::new(ClientId::parse(defaults::WEBEX_CLIENT_ID)?, ClientSecret::new(defaults::WEBEX_CLIENT_SECRET));
    Ok(Setting {
        app: App::with_secret(directory, client, secret).with_cloud(Cloud::at(run.url.clone(), run.url.clone())),
        microsoft_redirect: "http://localhost:8400/microsoft".parse()?,
        webex,
        webex_redirect: "http://localhost:8400/webex".parse()?,
        webex_base: Some(run.url.clone()),
    })
}

fn real(live: &Live) -> Setting {
    let (directory, client) = (live.microsoft_tenant.clone(), live.microsoft_client.clone());
    Setting {
        app: App::with_secret(directory, client, live.microsoft_secret.clone()),
        microsoft_redirect: live.microsoft_redirect.clone(),
        webex: Integration::new(live.webex_client.clone(), live.webex_secret.clone()),
        webex_redirect: live.webex_redirect.clone(),
        webex_base: None,
    }
}
