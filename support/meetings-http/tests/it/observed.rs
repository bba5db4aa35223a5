//! What the log says, and what it never says.

use std::{
    io,
    sync::{Arc, Mutex},
};

use http::Method;
use meetings_http::{Call, Protection, Sent, StaticTokens, Step};
use tracing::Level;

use crate::support::{World, request};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// All that is logged meanwhile on this thread.
pub(crate) fn log_of(work: impl FnOnce()) -> String {
    // with a single subscriber alive, a call site that another test's thread meets first would be switched off for good
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(Level::TRACE)
        .without_time()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, work);
    let bytes = log.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

fn logged(steps: Vec<Step>) -> String {
    let world = World::new(steps);
    log_of(|| {
        let pipeline = world.pipeline().with_tokens(Arc::new(StaticTokens::new("planted-token")));
        let request = request(Method::GET, "/users/planted@x.example?$filter=planted");
        let _ = world.drive(pipeline.send(Call::new("read user", request, Protection::Idempotent)));
    })
}

#[test]
fn started_succeeded_and_failed_are_told_without_any_secret() {
    let log = logged(vec![
        Step::reply(503).with_header("request-id", "id-1").with_body("planted"),
        Step::fails(Sent::Maybe),
        Step::reply(200).with_body("planted"),
    ]);
    let lines: Vec<&str> = log.lines().collect();
    let has = |line: usize, parts: &[&str]| {
        assert!(parts.iter().all(|part| lines[line].contains(part)), "{}", lines[line]);
    };
    assert_eq!(lines.len(), 8, "{log}");
    has(0, &["request started", "provider=acme", "operation=\"read user\"", "attempt=1"]);
    has(1, &["request failed", "status=503", "latency_ms=0", "request_id=\"id-1\"", "outcome=\"faulty\""]);
    has(2, &["request is sent again", "wait_ms=1000"]);
    has(4, &["request failed", "attempt=2", "outcome=\"lost\"", "the reply was lost"]);
    has(7, &["request succeeded", "attempt=3", "status=200"]);
    assert!(!log.contains("planted") && !log.contains("example"), "{log}");
}
