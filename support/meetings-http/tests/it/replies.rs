//! Bodies and headers of replies, and the ids on both sides.

use bytes::Bytes;
use futures_util::{FutureExt as _, stream};
use http::{HeaderMap, Method};
use invitations_core::{ErrorKind, Result, RetryClass, runtime::Entropy, runtime::SeededEntropy};
use meetings_http::{Body, Call, Protection, Sent, Step, TransportError, client_request_id, provider_request_id};

use crate::support::{World, request};

fn call(method: Method, protection: Protection) -> Call {
    Call::new("do", request(method, "/x"), protection).with_max_body(4)
}

#[test]
fn a_body_beyond_the_limit_is_refused_and_not_asked_for_again() {
    for (call, retry) in [
        (call(Method::GET, Protection::Idempotent), RetryClass::Never),
        (call(Method::POST, Protection::Keyed), RetryClass::Unclear { after: None }),
    ] {
        let world = World::new(vec![Step::reply(200).with_body("12345"), Step::reply(200)]);
        let error = world.drive(world.pipeline().send(call)).unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Protocol, retry));
        assert_eq!(world.transport.remaining(), 1);
    }
    let world = World::new(vec![Step::reply(200).with_body("1234")]);
    assert_eq!(world.drive(world.pipeline().send(call(Method::GET, Protection::Idempotent))).unwrap().body(), "1234");
}

#[test]
fn bad_032_a_coding_that_nobody_asked_for_is_refused() {
    for (coding, fine) in [("br", false), ("gzip, gzip", false), ("gzip", false), ("identity", true), ("", true)] {
        let world = World::new(vec![Step::reply(200).with_header("content-encoding", coding)]);
        let result = world.drive(world.pipeline().send(call(Method::GET, Protection::Idempotent)));
        assert_eq!(result.map_err(|error| error.kind()).err(), (!fine).then_some(ErrorKind::Protocol), "{coding}");
    }
}

#[test]
fn any_status_is_a_reply() {
    for status in [200, 202, 204, 301, 307, 304, 400, 403, 404, 409, 410, 412, 500, 999] {
        let world = World::new(vec![Step::reply(status).with_header("location", "https://evil.example/")]);
        let reply = world.drive(world.pipeline().send(call(Method::POST, Protection::Unprotected))).unwrap();
        assert_eq!((reply.status().as_u16(), world.transport.requests().len()), (status, 1));
    }
}

#[test]
fn a_body_counts_its_pieces() {
    let pieces = |lengths: &[usize]| {
        let pieces: Vec<_> = lengths.iter().map(|length| Ok(Bytes::from(vec![b'x'; *length]))).collect();
        Body::from_stream(stream::iter(pieces))
    };
    let collect = |body: Body, limit| body.collect(limit).now_or_never().unwrap();
    assert_eq!(collect(pieces(&[2, 0, 3]), 5).unwrap().len(), 5);
    assert!(collect(pieces(&[2, 4]), 5).unwrap_err().is_too_large());
    assert!(collect(Body::from_bytes("123"), 2).unwrap_err().is_too_large());
    assert_eq!(collect(pieces(&[]), 0).unwrap(), "");
    let broken = stream::iter([Ok(Bytes::from("1")), Err(TransportError::new(Sent::Maybe, "gone"))]);
    let error = collect(Body::from_stream(broken), 9).unwrap_err();
    assert_eq!((error.to_string(), error.is_too_large()), ("the reply was lost".to_owned(), false));
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "gone");
}

#[test]
fn our_ids_are_uuids_of_version_4() {
    let id = client_request_id(&SeededEntropy::new(1));
    let shape: Vec<usize> = id.split('-').map(str::len).collect();
    assert_eq!(shape, [8, 4, 4, 4, 12]);
    assert!(id.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()));
    assert_eq!(&id[14..15], "4");
    assert!(matches!(&id[19..20], "8" | "9" | "a" | "b"), "{id}");
    assert_ne!(id, client_request_id(&SeededEntropy::new(2)));
    assert_eq!(client_request_id(&Dry), "00000000-0000-4000-8000-000000000000");
}

#[derive(Debug)]
struct Dry;

impl Entropy for Dry {
    fn fill(&self, _: &mut [u8]) -> Result<()> {
        Err(invitations_core::Error::new(ErrorKind::Unavailable, "draw"))
    }
}

#[test]
fn the_providers_ids_are_found_and_bounded() {
    let read = |name: &'static str, value: &str| {
        provider_request_id(&HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())]))
    };
    assert_eq!(read("request-id", "a-1").unwrap().as_str(), "a-1");
    assert_eq!(read("trackingid", "ROUTER_1").unwrap().as_str(), "ROUTER_1");
    assert_eq!(read("request-id", &"x".repeat(129)), None);
    assert_eq!(read("request-id", ""), None);
    assert_eq!(read("server", "a"), None);
}

#[test]
fn calls_can_move_between_threads() {
    fn movable<T: Send>(_: &T) {}
    let world = World::new(Vec::new());
    let pipeline = world.pipeline();
    movable(&pipeline.send(call(Method::GET, Protection::Idempotent)));
    movable(&pipeline.stream(call(Method::GET, Protection::Idempotent)));
    movable(&Body::from_bytes("").collect(0));
}
