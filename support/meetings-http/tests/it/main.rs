//! One binary for all integration tests of `meetings-http`.
#![expect(clippy::unwrap_used, reason = "helpers stand outside of test functions")]

mod auth;
mod deadlines;
mod lanes;
#[cfg(feature = "metrics")]
mod metrics_facade;
mod oauth_credentials;
mod oauth_deadline;
mod oauth_device;
mod oauth_grants;
mod oauth_subject;
mod oauth_url;
mod observed;
mod origins;
mod pages;
mod probe;
mod replies;
mod reqwest_wire;
mod retry_rules;
mod retry_waits;
#[cfg(seeded)]
mod seeded;
mod support;
