//! The ways to a connection that need no browser, and the calls of service applications.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use invitations_core::{
    ids::{ClientId, ProviderId},
    runtime::{ManualClock, Timing, TokioSpawner},
    secret::{ClientSecret, RefreshToken},
    token::{
        AuthorizationServer, BeginOptions, ClientHealth, Connections, DeviceAuthorizationServer, DeviceFlow,
        DeviceProgress, Import, Subject,
    },
};
use meetings_http::{RetryPolicy, StaticTokens};
use meetings_sandbox::{AuthorizationSide, Sandbox, defaults};
use webex_meetings::{ServiceApp, Webex};

use super::{World, echo::Shape, owner, tenant};
use crate::providers::then;

const ORGANIZATION: &str = defaults::WEBEX_ORGANIZATION_ID;
/// Longer than any pause between two questions of a device.
const LATER: Duration = Duration::from_secs(60);

fn service_app() -> ServiceApp {
    let client = ClientId::parse(defaults::WEBEX_SERVICE_APP_CLIENT_ID).expect("an id");
    let secret = ClientSecret::new(defaults::WEBEX_SERVICE_APP_CLIENT_SECRET);
    ServiceApp::new(defaults::WEBEX_SERVICE_APP_ID, client, secret)
}

impl World {
    /// A device's sign-in: begun and asked about against `shape`, then granted by the real server and taken back against `shape`.
    pub(super) async fn device(
        &mut self,
        sandbox: &Sandbox,
        provider: ProviderId,
        server: Arc<dyn DeviceAuthorizationServer>,
        shape: Shape,
    ) {
        let clock = ManualClock::new(then());
        let connections = Connections::builder(Arc::clone(&self.store), Arc::clone(&self.keys) as _)
            .device_server(server)
            .clock(Arc::new(clock.clone()))
            .spawner(Arc::new(TokioSpawner))
            .build()
            .expect("connections");
        let begin = async || connections.begin_device(&tenant(), &owner(), &provider, BeginOptions::new()).await;
        let pass = || {
            clock.advance(LATER);
            sandbox.advance(LATER);
        };
        self.echo.answer(Some(shape));
        let begun = begin().await;
        self.show(begun.map(drop));

        self.echo.answer(None);
        let mut flow = begin().await.expect("a real server");
        pass();
        self.echo.answer(Some(shape));
        let asked = flow.poll().await;
        self.show(asked);
        self.show(flow.poll().await);

        self.echo.answer(None);
        let mut flow: DeviceFlow = begin().await.expect("a real server");
        assert!(sandbox.decide_device(flow.user_code(), Some(defaults::ORGANIZER)));
        pass();
        let DeviceProgress::Connected(view) = flow.poll().await.expect("an answer") else { panic!("not connected") };
        self.echo.answer(Some(shape));
        self.expire(&view).await;
        let source = connections.source(&tenant(), &provider, &view.id);
        self.show(source.access_token().await);
        self.show(connections.disconnect(&tenant(), &view.id).await);
        writeln!(self.shown, "{flow:?} {view:?} {connections:?}").expect("a text");
        self.echo.answer(None);
    }

    /// A refresh token that an operator brings in, redeemed against `shape`.
    pub(super) async fn import(&mut self, import: Import, server: Arc<dyn AuthorizationServer>, shape: Shape) {
        // an earlier refusal is not to keep this one from being sent
        self.store.note_client(&import.client, &ClientHealth::default()).await.expect("a write");
        self.echo.seen.lock().expect("a lock").add(import.refresh.expose());
        let connections = Connections::builder(Arc::clone(&self.store), Arc::clone(&self.keys) as _)
            .server_without_redirect(server)
            .timing(Timing::default().scaled_down(1_000))
            .build()
            .expect("connections");
        writeln!(self.shown, "{import:?} {import:#?}").expect("a text");
        self.echo.answer(Some(shape));
        let provider = import.provider.clone();
        let view = connections.import(import).await.expect("nothing is sent");
        let source = connections.source(&tenant(), &provider, &view.id);
        self.show(source.access_token().await);
        self.show(connections.run_once(10).await);
        self.show(connections.status(&tenant(), &view.id).await);
        self.show(connections.disconnect(&tenant(), &view.id).await);
        writeln!(self.shown, "{source:?} {connections:?}").expect("a text");
        self.echo.answer(None);
    }

    /// An import at Entra, of a token that nobody knows: what is answered is `shape` anyway.
    pub(super) async fn entra_import(&mut self, number: usize, shape: Shape) {
        let client = ClientId::parse(defaults::MICROSOFT_CLIENT_ID).expect("an id");
        let (subject, refresh) =
            (Subject::parse("operator").expect("a subject"), format!("canary-refresh-{number:08}"));
        let provider = graph_meetings::provider_id();
        let import = Import::new(tenant(), owner(), provider, client, subject, RefreshToken::new(refresh));
        let server = self.graph.authorization_server();
        self.import(import, server, shape).await;
    }

    /// A service application: its first tokens, guests with them, and its refresh token brought in.
    pub(super) async fn service_application(&mut self, sandbox: &Sandbox, shape: Shape) {
        let (side, client) = (AuthorizationSide::Webex, defaults::WEBEX_CLIENT_ID);
        let developer = sandbox.scoped_access_token(side, client, defaults::ORGANIZER, "spark:applications_token");
        let developer = Arc::new(StaticTokens::new(&developer.expect("a seeded user")));
        let app = service_app();
        let webex = Webex::builder(app.clone())
            .base(sandbox.url())
            .transport(Arc::clone(&self.echo) as _)
            .retry(RetryPolicy::never())
            .dangerous_loopback_http();
        let webex = webex.build().expect("a client");
        sandbox.authorize_service_app(defaults::WEBEX_SERVICE_APP_ID, ORGANIZATION, true);
        self.echo.answer(None);
        let tokens =
            webex.service_app_tokens(&app, ORGANIZATION, Arc::clone(&developer) as _).await.expect("a real server");
        let guests = webex.clone().with_tokens(Arc::new(StaticTokens::new(tokens.access.expose())));
        let guest = guests.guest_token("canary-guest", "Canary").await.expect("a real server");
        self.echo.answer(Some(shape));
        self.show(webex.service_app_tokens(&app, ORGANIZATION, developer).await);
        self.show(guests.guest_token("canary-guest", "Canary").await);
        writeln!(self.shown, "{app:?} {tokens:?} {guest:?} {webex:?} {guests:?}").expect("a text");
        let import = app.import(tenant(), owner(), ORGANIZATION, tokens.refresh).expect("an import");
        self.import(import, webex.authorization_server(), shape).await;
    }
}
