//! What is told about every request: never a query, an address, a subject or a token.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use http::StatusCode;
use invitations_core::{ids::ProviderId, runtime::Clock};

use crate::{
    body::Body,
    pipeline::{Counters, Shared},
    request_id::provider_request_id,
    transport::{Sent, TransportError},
};

/// A request that is under way.
#[derive(Debug)]
pub(crate) struct Seen<'a> {
    provider: &'a ProviderId,
    operation: &'static str,
    attempt: u32,
    begun: Instant,
    clock: &'a Arc<dyn Clock>,
    counters: &'a Counters,
}

impl<'a> Seen<'a> {
    pub(crate) fn begin(shared: &'a Shared, operation: &'static str, attempt: u32, begun: Instant) -> Self {
        let Shared { provider, clock, counters, .. } = shared;
        tracing::debug!(%provider, operation, attempt, "request started");
        Self { provider, operation, attempt, begun, clock, counters }
    }

    pub(crate) fn end(self, result: &Result<http::Response<Body>, TransportError>) {
        let Self { provider, operation, attempt, begun, clock, counters } = self;
        let latency = clock.instant().saturating_duration_since(begun);
        let latency_ms = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
        let outcome = outcome(result);
        match result {
            Ok(reply) => {
                let status = reply.status();
                if status == StatusCode::TOO_MANY_REQUESTS {
                    counters.throttled.add();
                }
                let id = provider_request_id(reply.headers());
                let (status, request_id) = (status.as_u16(), id.as_ref().map_or("", |id| id.as_str()));
                if outcome == "succeeded" {
                    tracing::debug!(%provider, operation, attempt, status, latency_ms, request_id, "request succeeded");
                } else {
                    tracing::info!(%provider, operation, attempt, status, latency_ms, request_id, outcome, "request failed");
                }
                count(provider, operation, outcome, status, latency);
            }
            Err(error) => {
                // its own level only: a cause can hold an address
                tracing::info!(%provider, operation, attempt, latency_ms, outcome, %error, "request failed");
                count(provider, operation, outcome, 0, latency);
            }
        }
    }
}

/// Another try comes after a wait.
pub(crate) fn retrying(provider: &ProviderId, operation: &'static str, attempt: u32, after: Duration) {
    let wait_ms = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
    tracing::debug!(%provider, operation, attempt, wait_ms, "request is sent again");
    #[cfg(feature = "metrics")]
    metrics::counter!("meetings_http_retries_total", "provider" => provider.as_str().to_owned(), "operation" => operation)
        .increment(1);
}

/// The token endpoint does not take one of our credentials, named by its place among them.
pub(crate) fn credential_refused(provider: &ProviderId, place: usize) {
    tracing::warn!(%provider, credential = place, "the provider refuses a credential of ours");
    #[cfg(feature = "metrics")]
    metrics::counter!("meetings_http_credentials_refused_total", "provider" => provider.as_str().to_owned(), "credential" => place.to_string())
        .increment(1);
}

fn outcome(result: &Result<http::Response<Body>, TransportError>) -> &'static str {
    match result {
        Ok(reply) => match reply.status().as_u16() {
            429 => "throttled",
            ..400 => "succeeded",
            400..500 => "refused",
            _ => "faulty",
        },
        Err(error) if error.sent == Sent::No => "not_sent",
        Err(error) if error.timed_out => "timed_out",
        Err(_) => "lost",
    }
}

#[cfg(feature = "metrics")]
fn count(provider: &ProviderId, operation: &'static str, outcome: &'static str, status: u16, latency: Duration) {
    let provider = provider.as_str().to_owned();
    let status = if status == 0 { "none".to_owned() } else { status.to_string() };
    metrics::counter!("meetings_http_requests_total", "provider" => provider.clone(), "operation" => operation, "outcome" => outcome, "status" => status)
        .increment(1);
    metrics::histogram!("meetings_http_request_seconds", "provider" => provider, "operation" => operation)
        .record(latency.as_secs_f64());
}

#[cfg(not(feature = "metrics"))]
fn count(_: &ProviderId, _: &'static str, _: &'static str, _: u16, _: Duration) {}
