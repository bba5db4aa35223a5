//! A next link that leads to another host: Cisco's own Python client follows it with the bearer token, ours sends nothing there.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex},
};

use invitations_core::{
    ErrorKind,
    ids::{ClientId, MeetingKey},
    provider::MeetingProvider as _,
    secret::{ClientSecret, TokenText},
    time::TimeRange,
};
use webex_meetings::{Integration, Webex, webhooks::Owner};

use super::{run, text};
/// The week in which nothing is.
fn around() -> TimeRange {
    TimeRange::new("2026-09-01T00:00:00Z".parse().expect("a time"), "2026-09-08T00:00:00Z".parse().expect("a time"))
}

const TOKEN: &str = "SECRET-TOKEN-of-nobody";

/// Keeps every byte that comes, and answers each request with `page`, and a next link to `next` if there is one.
fn server(next: Option<SocketAddr>) -> (SocketAddr, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let got = Arc::<Mutex<Vec<u8>>>::default();
    let keep = Arc::clone(&got);
    let link =
        next.map(|next| format!("link: <http://{next}/v1/meetings?cursor=2>; rel=\"next\"\r\n")).unwrap_or_default();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut head = Vec::new();
            let mut buffer = [0; 4096];
            while !head.windows(4).any(|four| four == b"\r\n\r\n") {
                match stream.read(&mut buffer) {
                    Ok(read) if read > 0 => head.extend_from_slice(&buffer[..read]),
                    _ => break,
                }
            }
            keep.lock().expect("a lock").extend_from_slice(&head);
            let body = r#"{"items":[]}"#;
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{link}content-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (address, got)
}

fn bytes(of: &Mutex<Vec<u8>>) -> String {
    text(&of.lock().expect("a lock"))
}

/// Every listing of ours.
#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_next_link_gets_no_byte_of_ours() {
    let (sink, received) = server(None);
    let (webex, asked) = server(Some(sink));
    let integration = Integration::new(ClientId::parse("C1").expect("an id"), ClientSecret::new("secret"));
    let base = format!("http://{webex}").parse().expect("a URL");
    let client = Webex::builder(integration).base(base).dangerous_loopback_http().access_token(TokenText::new(TOKEN));
    let client = client.build().expect("a client");
    let meetings = client.my_meetings().expect("a token");
    let key = MeetingKey::parse("lesson-1").expect("a key");
    for error in [
        meetings.list(around(), None).await.expect_err("a foreign link"),
        meetings.find_by_key(&key, around()).await.expect_err("a foreign link"),
        client.my_webhooks().expect("a token").list(&Owner::Creator).await.expect_err("a foreign link"),
    ] {
        assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
    }
    assert_eq!(bytes(&asked).matches(TOKEN).count(), 3, "each was asked for its first page");
    let ours = received.lock().expect("a lock").len();
    assert_eq!(ours, 0, "{}", bytes(&received));

    let base = format!("http://{webex}/v1/");
    let ran = tokio::task::spawn_blocking(move || run("foreign_link.py", &[&base, TOKEN])).await.expect("ran");
    let Some(output) = ran else { return };
    assert!(output.status.success(), "{}", text(&output.stderr));
    let theirs = bytes(&received);
    println!("count: {} bytes of webexpythonsdk to a foreign host, {ours} of webex-meetings", theirs.len());
    assert!(
        theirs.contains(&format!("Bearer {TOKEN}")),
        "webexpythonsdk no longer follows foreign links: say so where we compare"
    );
}
