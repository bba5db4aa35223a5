//! Webhooks' deliveries: real HTTP, to this machine alone.

use std::{net::IpAddr, time::Duration};

use bytes::Bytes;
use http::{Request, header};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use url::{Host, Url};

use crate::world::Outgoing;

/// How long a target may take. Webex documents none.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where a target is, if that is this machine.
pub(crate) fn place(target: &str) -> Option<(IpAddr, u16, Url)> {
    let url = Url::parse(target).ok().filter(|url| url.scheme() == "http")?;
    let address: IpAddr = match url.host()? {
        Host::Ipv4(address) => address.into(),
        Host::Ipv6(address) => address.into(),
        // not asked of a resolver, which could say anything
        Host::Domain("localhost") => IpAddr::from([127, 0, 0, 1]),
        Host::Domain(_) => return None,
    };
    let port = url.port_or_known_default()?;
    address.is_loopback().then_some((address, port, url))
}

/// Sends it once; the status of the answer, `None` where there is none in time.
pub(crate) async fn deliver(outgoing: &Outgoing) -> Option<u16> {
    let (address, port, url) = place(&outgoing.target)?;
    within(post(outgoing, address, port, &url)).await?
}

async fn post(outgoing: &Outgoing, address: IpAddr, port: u16, url: &Url) -> Option<u16> {
    let stream = TcpStream::connect((address, port)).await.ok()?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let mut request = Request::post(path)
        .header(header::HOST, format!("{}:{port}", url.host_str()?))
        .header(header::USER_AGENT, "meetings-sandbox")
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(signature) = &outgoing.signature {
        request = request.header("x-spark-signature", signature);
    }
    let request = request.body(Full::new(Bytes::from(outgoing.body.clone()))).ok()?;
    let asking = sender.send_request(request);
    tokio::pin!(asking, connection);
    tokio::select! {
        answer = &mut asking => answer.ok().map(|answer| answer.status().as_u16()),
        // the connection ends first where the target hangs up; the answer, if there is one, is there then
        _ = &mut connection => asking.await.ok().map(|answer| answer.status().as_u16()),
    }
}

#[expect(clippy::disallowed_methods, reason = "a socket's time is real; no test depends on its length")]
async fn within<T>(work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(PATIENCE, work).await.ok()
}
