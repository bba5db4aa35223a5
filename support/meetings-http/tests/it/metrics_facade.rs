//! Counters and the histogram, seen by a recorder of our own.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::FutureExt as _;
use http::Method;
use invitations_core::token::{AuthorizationServer as _, Grant};
use meetings_http::{Call, Protection, Sent, Step};
use metrics::{
    Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};

use crate::support::{World, request};

type Seen = Arc<Mutex<BTreeMap<String, u64>>>;

struct Cell(String, Seen);

impl CounterFn for Cell {
    fn increment(&self, by: u64) {
        *self.1.lock().unwrap().entry(self.0.clone()).or_default() += by;
    }

    fn absolute(&self, _: u64) {}
}

impl HistogramFn for Cell {
    fn record(&self, _: f64) {
        self.increment(1);
    }
}

struct Recording(Seen);

impl Recording {
    fn cell(&self, key: &Key) -> Arc<Cell> {
        let labels: Vec<String> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        Arc::new(Cell(format!("{} {}", key.name(), labels.join(",")), Arc::clone(&self.0)))
    }
}

impl Recorder for Recording {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.cell(key))
    }
    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }
    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.cell(key))
    }
}

#[test]
fn every_request_is_counted_by_its_outcome() {
    let seen = Seen::default();
    let world = World::new(vec![Step::reply(429), Step::fails(Sent::No), Step::reply(200)]);
    metrics::with_local_recorder(&Recording(Arc::clone(&seen)), || {
        let call = Call::new("read", request(Method::GET, "/x"), Protection::Idempotent);
        world.drive(world.pipeline().send(call)).unwrap();
    });
    let seen = seen.lock().unwrap().clone();
    let expected = [
        ("meetings_http_request_seconds provider=acme,operation=read", 3),
        ("meetings_http_requests_total provider=acme,operation=read,outcome=not_sent,status=none", 1),
        ("meetings_http_requests_total provider=acme,operation=read,outcome=succeeded,status=200", 1),
        ("meetings_http_requests_total provider=acme,operation=read,outcome=throttled,status=429", 1),
        ("meetings_http_retries_total provider=acme,operation=read", 2),
    ];
    assert_eq!(seen, expected.map(|(name, count)| (name.to_owned(), count)).into());
}

#[test]
fn a_refused_credential_is_counted_by_its_place() {
    let seen = Seen::default();
    metrics::with_local_recorder(&Recording(Arc::clone(&seen)), || {
        let refused = Step::json(401, &serde_json::json!({"error": "invalid_client"}));
        let (client, _) = crate::oauth_url::client(vec![refused]);
        let token = client.token(&Grant::ClientCredentials, Duration::from_secs(1));
        token.now_or_never().unwrap().unwrap_err();
    });
    let seen = seen.lock().unwrap().clone();
    assert_eq!(seen, [("meetings_http_credentials_refused_total provider=acme,credential=0".to_owned(), 1)].into());
}
