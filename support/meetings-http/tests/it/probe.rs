//! The road as the real transport meets it: each trouble is named.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use invitations_core::{doctor::Verdict, runtime::SystemClock};
use meetings_http::{Probe, ReqwestTransport, ScriptedTransport, Step, Transport as _};
use rustls::{
    ServerConfig, ServerConnection,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};

const CERTIFICATE: &str = include_str!("../../../../graph-meetings/tests/fixtures/current-certificate.pem");
const KEY: &str = include_str!("../../../../graph-meetings/tests/fixtures/current-key.pem");

async fn probe(builder: reqwest::ClientBuilder, url: &str) -> Probe {
    let transport = ReqwestTransport::from_builder(builder, false).unwrap();
    let probe = Probe::new(Arc::new(transport), Arc::new(SystemClock));
    let request = http::Request::get(url).body(Bytes::new()).unwrap();
    let _ = probe.send(request, Duration::from_secs(20)).await;
    probe
}

fn direct() -> reqwest::ClientBuilder {
    reqwest::Client::builder().no_proxy()
}

#[track_caller]
fn failed(probe: &Probe, words: &str) {
    let found = probe.network();
    assert_eq!(found.verdict, Verdict::Fail, "{found:?}");
    assert!(found.detail.contains(words) && found.remedy.is_some(), "{words}: {found:?}");
}

/// One connection, handled in a thread of its own; its port.
fn serve(handle: impl FnOnce(std::net::TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || handle(listener.accept().unwrap().0));
    port
}

#[tokio::test]
async fn a_name_that_nobody_has() {
    failed(&probe(direct(), "https://login.invalid/token").await, "login.invalid: the name is not found");
}

#[tokio::test]
async fn a_port_where_nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    failed(&probe(direct(), &format!("https://127.0.0.1:{port}/")).await, "refused");
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for() {
    let port = serve(|mut stream| {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let certificate = CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
        let mut tls = ServerConnection::new(Arc::new(config)).unwrap();
        while tls.is_handshaking() && tls.complete_io(&mut stream).is_ok() {}
    });
    let probe = probe(direct(), &format!("https://localhost:{port}/")).await;
    failed(&probe, "certificate");
}

#[tokio::test]
async fn a_port_that_does_not_speak_tls() {
    let port = serve(|mut stream| {
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    });
    failed(&probe(direct(), &format!("https://127.0.0.1:{port}/")).await, "TLS does not come about");
}

#[tokio::test]
async fn proxies_that_do_not_let_us_through() {
    for (answer, words) in [("407 Proxy Authentication Required", "407"), ("403 Forbidden", "proxy does not let")] {
        let port = serve(move |mut stream| {
            let _ = stream.read(&mut [0; 1024]);
            let _ = write!(stream, "HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n");
        });
        let proxy = reqwest::Proxy::https(format!("http://planted:secret@127.0.0.1:{port}")).unwrap();
        let probe = probe(reqwest::Client::builder().proxy(proxy), "https://login.example/token").await;
        failed(&probe, words);
        let shown = format!("{:?} {:?}", probe.network(), probe);
        assert!(!shown.contains("planted"), "{shown}");
    }
}

#[tokio::test]
async fn a_refusal_goes_on_as_it_was_and_is_not_shown() {
    let step = Step::reply(401).with_header("content-type", "application/json").with_body("{\"planted\":1}");
    let probe = Probe::new(Arc::new(ScriptedTransport::new(vec![step])), Arc::new(SystemClock));
    assert!(!probe.has_sent() && probe.network().verdict == Verdict::NotAsked);
    let request = http::Request::get("https://login.example/").body(Bytes::new()).unwrap();
    let reply = probe.send(request, Duration::from_secs(1)).await.unwrap();
    assert_eq!(reply.into_body().collect(100).await.unwrap(), "{\"planted\":1}");
    assert_eq!(probe.refusal().unwrap(), "{\"planted\":1}");
    assert_eq!((probe.network().verdict, probe.clock().verdict), (Verdict::Ok, Verdict::NotAsked));
    assert!(!format!("{probe:?} {:?}", probe.network()).contains("planted"));
}
