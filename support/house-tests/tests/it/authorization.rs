//! One suite for every authorization server: both of ours against the sandbox.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use invitations_core::{
    conformance::{AuthorizationServerFixture, DeviceAuthorizationFixture},
    token::{AuthorizationServer, DeviceAuthorizationServer},
};
use meetings_http::{ReqwestTransport, Transport as _};
use meetings_sandbox::{Sandbox, defaults};
use url::Url;

use crate::providers::{graph, sandbox, webex};

/// Whoever agrees often keeps it: each reads the machine's certificates anew.
pub(crate) fn browser() -> ReqwestTransport {
    ReqwestTransport::new(true).expect("a transport")
}

/// The user agrees to everything.
pub(crate) async fn agreed(browser: &ReqwestTransport, page: &Url) -> Url {
    let request = http::Request::get(page.as_str()).body(Bytes::new()).expect("a request");
    let reply = browser.send(request, Duration::from_secs(10)).await.expect("an answer");
    let back = reply.headers().get(http::header::LOCATION).expect("a redirect").to_str().expect("a URL");
    Url::parse(back).expect("a URL")
}

struct Entra;

#[async_trait]
impl AuthorizationServerFixture for Entra {
    async fn server(&self) -> Arc<dyn AuthorizationServer> {
        graph(sandbox().await).authorization_server()
    }

    fn redirect(&self) -> Url {
        "https://app.example/microsoft".parse().expect("a URL")
    }

    async fn consent(&self, page: &Url) -> Url {
        let mut page = page.clone();
        page.query_pairs_mut().append_pair("login_hint", defaults::ORGANIZER);
        agreed(&browser(), &page).await
    }
}

mod entra {
    use super::Entra;
    invitations_core::authorization_server_suite!(
        #[tokio::test]
        Entra
    );
}

struct Cisco;

#[async_trait]
impl AuthorizationServerFixture for Cisco {
    async fn server(&self) -> Arc<dyn AuthorizationServer> {
        webex(sandbox().await).authorization_server()
    }

    fn redirect(&self) -> Url {
        "https://app.example/webex".parse().expect("a URL")
    }

    async fn consent(&self, page: &Url) -> Url {
        agreed(&browser(), page).await
    }
}

mod cisco {
    use super::Cisco;
    invitations_core::authorization_server_suite!(
        #[tokio::test]
        Cisco
    );
}

/// One sandbox for a case: its server, and the user on the other device.
struct Devices {
    of: fn(&Sandbox) -> Arc<dyn DeviceAuthorizationServer>,
    sandbox: tokio::sync::OnceCell<&'static Sandbox>,
}

impl Devices {
    fn new(of: fn(&Sandbox) -> Arc<dyn DeviceAuthorizationServer>) -> Self {
        Self { of, sandbox: tokio::sync::OnceCell::new() }
    }

    async fn sandbox(&self) -> &'static Sandbox {
        self.sandbox.get_or_init(sandbox).await
    }
}

#[async_trait]
impl DeviceAuthorizationFixture for Devices {
    async fn server(&self) -> Arc<dyn DeviceAuthorizationServer> {
        (self.of)(self.sandbox().await)
    }

    async fn decide(&self, user_code: &str, agrees: bool) {
        let address = agrees.then_some(defaults::ORGANIZER);
        assert!(self.sandbox().await.decide_device(user_code, address), "an open code");
    }

    async fn pause(&self, time: Duration) {
        self.sandbox().await.advance(time);
    }
}

mod entra_devices {
    use super::{Devices, graph};
    invitations_core::device_authorization_suite!(
        #[tokio::test]
        Devices::new(|sandbox| graph(sandbox).device_authorization_server())
    );
}

mod cisco_devices {
    use super::{Devices, webex};
    invitations_core::device_authorization_suite!(
        #[tokio::test]
        Devices::new(|sandbox| webex(sandbox).device_authorization_server())
    );
}
