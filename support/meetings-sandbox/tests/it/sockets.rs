//! Over real connections: what a client sees when a reply is lost or cut short.

use meetings_sandbox::{Fault, FaultPlan, FaultRule};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::bench::{Bench, event};

/// Sends one request and reads until the server closes.
async fn exchange(bench: &Bench, head: &str, body: &str) -> String {
    let address = format!("127.0.0.1:{}", bench.sandbox.url().port().expect("a port"));
    let mut stream = TcpStream::connect(address).await.expect("connects");
    let request = format!(
        "{head} HTTP/1.1\r\nhost: localhost:1\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        bench.application,
        body.len()
    );
    stream.write_all(request.as_bytes()).await.expect("written");
    let mut reply = Vec::new();
    // a reset after some bytes is as good as a close
    let _ = stream.read_to_end(&mut reply).await;
    String::from_utf8_lossy(&reply).into_owned()
}

#[tokio::test]
async fn a_whole_reply_links_to_the_host_that_was_asked() {
    let bench = Bench::new().await;
    for subject in ["a", "b"] {
        bench.graph("POST {me}/events", Some(event(subject, 10, 11))).await;
    }
    let reply = exchange(&bench, &bench.place("GET {me}/events?$top=1"), "").await;
    assert!(reply.starts_with("HTTP/1.1 200 OK\r\n"), "{reply}");
    assert!(reply.contains("\"@odata.nextLink\":\"http://localhost:1/v1.0/users/"));
}

#[tokio::test]
async fn a_lost_reply_closes_without_a_byte() {
    let bench = Bench::new().await;
    bench.sandbox.set_faults(FaultPlan::new().with(FaultRule::new(Fault::LostReply)));
    let reply = exchange(&bench, &bench.place("POST {me}/events"), &event("x", 10, 11).to_string()).await;
    assert_eq!(reply, "");
    assert_eq!(bench.sandbox.state()["events"][0]["subject"], "x");
}

#[tokio::test]
async fn a_truncated_reply_breaks_off_in_the_middle() {
    let bench = Bench::new().await;
    bench.sandbox.set_faults(FaultPlan::new().with(FaultRule::new(Fault::Truncate)));
    let reply = exchange(&bench, &bench.place("GET {me}/calendar"), "").await;
    let (head, body) = reply.split_once("\r\n\r\n").expect("a head");
    let promised = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
    let promised: usize = promised.parse().expect("a number");
    assert_eq!(body.len(), promised / 2);
}

#[tokio::test]
async fn bodies_over_four_mebibytes_are_refused() {
    let bench = Bench::new().await;
    let address = format!("127.0.0.1:{}", bench.sandbox.url().port().expect("a port"));
    let mut stream = TcpStream::connect(address).await.expect("connects");
    let head = "POST /v1.0/users HTTP/1.1\r\nhost: localhost:1\r\ncontent-length: 5000000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("written");
    let mut first = [0_u8; 12];
    stream.read_exact(&mut first).await.expect("an answer before the body is sent");
    assert_eq!(&first, b"HTTP/1.1 413");
}

#[tokio::test]
async fn a_stopped_sandbox_frees_its_port() {
    let bench = Bench::new().await;
    let port = bench.sandbox.url().port().expect("a port");
    bench.sandbox.stop();
    loop {
        if tokio::net::TcpListener::bind(("127.0.0.1", port)).await.is_ok() {
            break;
        }
        tokio::task::yield_now().await;
    }
}
