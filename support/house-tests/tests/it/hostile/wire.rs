//! What only a socket can do wrong.

use std::time::Duration;

use bytes::Bytes;
use meetings_http::{ReqwestTransport, Sent, Transport as _, TransportError};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

const LIMIT: usize = 1 << 20;

/// Reads the head of one request, writes `answer`, and closes.
async fn asked(answer: Vec<u8>) -> Result<(u16, Bytes), TransportError> {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("a request"));
        }
        // the client may hang up in the middle
        let _ = stream.write_all(&answer).await;
    });
    let request = http::Request::get(url).body(Bytes::new()).expect("a request");
    let transport = ReqwestTransport::new(true).expect("a transport");
    let reply = transport.send(request, Duration::from_secs(20)).await;
    let read = match reply {
        Err(error) => Err(error),
        Ok(reply) => {
            let status = reply.status().as_u16();
            reply.into_body().collect(LIMIT).await.map(|body| (status, body))
        }
    };
    server.abort();
    read
}

#[tokio::test]
async fn bad_010_a_length_that_is_not_the_bodys() {
    let long = asked(b"HTTP/1.1 201 Created\r\ncontent-length: 9\r\n\r\n{}".to_vec()).await;
    assert_eq!(long.expect_err("it breaks off").sent, Sent::Maybe);
    // what is more than was said is not the reply's
    let short = asked(b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}planted".to_vec()).await;
    assert_eq!(short.expect("a reply").1, &b"{}"[..]);
    for length in ["-1", "2, 3", "99999999999999999999", "0x2", ""] {
        let head = format!("HTTP/1.1 201 Created\r\ncontent-length: {length}\r\n\r\n{{}}");
        assert_eq!(asked(head.into_bytes()).await.expect_err(length).sent, Sent::Maybe, "{length}");
    }
}

#[tokio::test]
async fn bad_033_headers_without_end_are_refused() {
    let one = format!("HTTP/1.1 200 OK\r\nx: {}\r\ncontent-length: 0\r\n\r\n", "x".repeat(1 << 20));
    let many = format!("HTTP/1.1 200 OK\r\n{}content-length: 0\r\n\r\n", "x: y\r\n".repeat(10_000));
    for head in [one, many] {
        assert_eq!(asked(head.into_bytes()).await.expect_err("too much").sent, Sent::Maybe);
    }
}

#[tokio::test]
async fn bad_035_a_status_line_that_is_none() {
    for line in ["HTTP/1.1 000 No", "HTTP/1.1 20 No", "HTTP/1.1 abc No", "HTTP/3.7 200 OK", "SSH-2.0-x", "\0\0\0\0"] {
        let answer = format!("{line}\r\ncontent-length: 0\r\n\r\n");
        assert!(asked(answer.into_bytes()).await.is_err(), "{line}");
    }
}

#[tokio::test]
async fn bad_035_promises_of_a_status_are_not_counted_for_ever() {
    // a server that says "continue" a million times and never more
    let answer = "HTTP/1.1 102 Processing\r\n\r\n".repeat(10_000);
    assert!(asked(answer.into_bytes()).await.is_err());
}

#[tokio::test]
async fn bad_041_two_lengths_are_one_too_many() {
    let both =
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n5\r\nhello\r\n0\r\n\r\nplanted";
    // RFC 9112, 6.3: chunks win, and the connection is not used again; nothing of the rest is a reply's
    match asked(both.to_vec()).await {
        Ok((_, body)) => assert_eq!(body, &b"hello"[..]),
        Err(error) => assert_eq!(error.sent, Sent::Maybe),
    }
    let twice = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 7\r\n\r\n{}planted".to_vec();
    assert!(asked(twice).await.is_err());
}
