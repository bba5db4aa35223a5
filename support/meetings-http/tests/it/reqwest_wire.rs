//! The real transport against servers on loopback.

use std::{io::Write as _, sync::Arc, time::Duration};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::Method;
use invitations_core::{ErrorKind, RetryClass, runtime::SystemClock};
use meetings_http::{
    Call, Origin, Pipeline, Protection, ReqwestTransport, RetryPolicy, Sent, StaticTokens, Transport as _,
    TransportError,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use crate::support::{provider, seconds};

fn get(url: &str) -> http::Request<Bytes> {
    http::Request::get(url).body(Bytes::new()).unwrap()
}

fn transport() -> ReqwestTransport {
    ReqwestTransport::new(true).unwrap()
}

fn pipeline(url: &str) -> Pipeline {
    Pipeline::builder(provider(), Arc::new(transport()), Origin::dangerous_loopback_http(url.parse().unwrap()).unwrap())
        .clock(Arc::new(SystemClock))
        .tokens(Arc::new(StaticTokens::new("secret")))
        .retry(RetryPolicy::never())
        .build()
        .unwrap()
}

fn call(pipeline: &Pipeline, method: Method, protection: Protection) -> Call {
    let url = pipeline.origin().join("x").unwrap();
    let request = http::Request::builder().method(method).uri(url.as_str()).body(Bytes::from("body")).unwrap();
    Call::new("do", request, protection)
}

async fn server(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

/// Reads the head of one request, writes `answer` and closes. The address to ask.
async fn raw(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (mut head, mut buffer) = (Vec::new(), [0; 1024]);
        while !head.windows(4).any(|window| window == b"\r\n\r\n") {
            let read = stream.read(&mut buffer).await.unwrap();
            assert_ne!(read, 0);
            head.extend_from_slice(&buffer[..read]);
        }
        stream.write_all(answer).await.unwrap();
    });
    format!("http://{address}")
}

#[tokio::test]
async fn a_request_arrives_whole_and_its_reply_comes_back() {
    let server = server(ResponseTemplate::new(418).insert_header("x-a", "b").set_body_string("tea")).await;
    let pipeline = pipeline(&server.uri());
    let reply = pipeline.send(call(&pipeline, Method::POST, Protection::Unprotected)).await.unwrap();
    assert_eq!(
        (reply.status().as_u16(), &reply.headers()["x-a"], &reply.body()[..]),
        (418, &"b".parse().unwrap(), &b"tea"[..])
    );
    let seen = &server.received_requests().await.unwrap()[0];
    assert_eq!((seen.method.as_str(), seen.url.path(), &seen.body[..]), ("POST", "/x", &b"body"[..]));
    assert_eq!(seen.headers["authorization"], "Bearer secret");
}

#[tokio::test]
async fn abuse_g18_a_redirect_is_a_reply_and_takes_the_token_nowhere() {
    let elsewhere = server(ResponseTemplate::new(200)).await;
    for status in [301, 302, 303, 307, 308] {
        let here = server(ResponseTemplate::new(status).insert_header("location", elsewhere.uri())).await;
        let pipeline = pipeline(&here.uri());
        let reply = pipeline.send(call(&pipeline, Method::GET, Protection::Idempotent)).await.unwrap();
        assert_eq!(reply.status(), status);
        assert_eq!(here.received_requests().await.unwrap().len(), 1);
        let link = reply.headers()["location"].to_str().unwrap();
        assert_eq!(pipeline.origin().checked(link).unwrap_err().kind(), ErrorKind::Protocol);
    }
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn plain_http_goes_to_this_machine_only() {
    let strict = ReqwestTransport::new(false).unwrap();
    let server = server(ResponseTemplate::new(200)).await;
    for (transport, url) in [
        (&strict, server.uri().as_str()),
        (&transport(), "http://graph.example/"),
        (&transport(), "http://169.254.169.254/"),
        (&transport(), "ftp://127.0.0.1/"),
    ] {
        assert_eq!(transport.send(get(url), seconds(5)).await.unwrap_err().sent, Sent::No, "{url}");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
    assert_eq!(transport().send(get(&server.uri()), seconds(5)).await.unwrap().status(), 200);
}

#[tokio::test]
async fn bad_002_a_body_that_breaks_off_is_in_doubt() {
    for answer in [
        &b"HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{\"id\":"[..],
        b"HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"id\"\r\n",
        b"HTTP/1.1 201 Created\r\ncontent-len",
        b"",
        b"not http at all\r\n\r\n",
    ] {
        let pipeline = pipeline(&raw(answer).await);
        let error = pipeline.send(call(&pipeline, Method::POST, Protection::Findable)).await.unwrap_err();
        assert_eq!(error.retry(), RetryClass::Unclear { after: None }, "{:?}", std::str::from_utf8(answer));
    }
}

#[tokio::test]
async fn no_connection_is_surely_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/secret?secret=secret", listener.local_addr().unwrap());
    drop(listener);
    let error = transport().send(get(&url), seconds(5)).await.unwrap_err();
    assert_eq!((error.sent, error.timed_out), (Sent::No, false));
    assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
}

#[tokio::test]
async fn a_silent_server_is_a_timeout_in_doubt() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let error = transport().send(get(&url), Duration::from_millis(50)).await.unwrap_err();
    assert_eq!((error.sent, error.timed_out), (Sent::Maybe, true));
}

async fn read(url: &str, limit: usize) -> Result<Bytes, TransportError> {
    transport().send(get(url), seconds(20)).await?.into_body().collect(limit).await
}

fn gzip(length: usize) -> ResponseTemplate {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let block = vec![b'0'; 64 * 1024];
    for _ in 0..length / block.len() {
        encoder.write_all(&block).unwrap();
    }
    ResponseTemplate::new(200).insert_header("content-encoding", "gzip").set_body_bytes(encoder.finish().unwrap())
}

#[tokio::test]
async fn bad_009_a_bomb_is_stopped_at_the_limit_for_inflated_bytes() {
    let mebibyte = 1024 * 1024;
    let bomb = server(gzip(64 * mebibyte)).await;
    assert!(read(&bomb.uri(), mebibyte).await.unwrap_err().is_too_large());
    let pipeline = pipeline(&bomb.uri());
    let error = pipeline.send(call(&pipeline, Method::GET, Protection::Idempotent)).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Protocol, RetryClass::Never));
    let small = server(gzip(2 * mebibyte)).await;
    assert_eq!(read(&small.uri(), 2 * mebibyte).await.unwrap().len(), 2 * mebibyte);
}

#[tokio::test]
async fn an_oversized_plain_body_is_stopped_too() {
    let server = server(ResponseTemplate::new(200).set_body_bytes(vec![b'x'; 1001])).await;
    assert!(read(&server.uri(), 1000).await.unwrap_err().is_too_large());
    assert_eq!(read(&server.uri(), 1001).await.unwrap().len(), 1001);
}

/// Set in the child process of the next test only.
const CHILD: &str = "MEETINGS_HTTP_WITHOUT_ROOTS";

#[tokio::test]
async fn trap_01_a_machine_without_ca_certificates_can_talk_to_itself() {
    if std::env::var_os(CHILD).is_none() {
        let name = "reqwest_wire::trap_01_a_machine_without_ca_certificates_can_talk_to_itself";
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name])
            .envs([(CHILD, "1"), ("SSL_CERT_FILE", "/dev/null"), ("SSL_CERT_DIR", "/dev/null")])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout);
        assert!(child.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    let error = ReqwestTransport::new(false).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misconfigured);
    assert!(error.remedy().unwrap().action.contains("CA certificates"));
    let server = server(ResponseTemplate::new(204)).await;
    assert_eq!(transport().send(get(&server.uri()), seconds(5)).await.unwrap().status(), 204);
}
