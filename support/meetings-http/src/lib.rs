#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod body;
mod doctor;
mod header_text;
mod listing;
mod oauth;
mod observe;
mod origin;
mod page;
mod pipeline;
mod request_id;
#[cfg(feature = "reqwest")]
mod reqwest_transport;
mod retry;
#[cfg(feature = "test-util")]
mod scripted;
mod throttle;
mod transport;

pub use body::{Body, BodyTooLarge};
pub use doctor::Probe;
pub use listing::Listing;
pub use oauth::{
    AssertionSource, ClientCredential, ClientCredentials, DeviceClient, DeviceStyle, OAuthClient, OAuthEndpoints,
    OAuthStyle, Pkce, SubjectFrom, claims_request, classify_rfc6749, read_rfc8628,
};
pub use origin::Origin;
pub use page::{PageGuard, next_link_from_header};
pub use pipeline::{Call, CallProtection, Counts, Pipeline, PipelineBuilder, Protection};
pub use request_id::{client_request_id, provider_request_id};
#[cfg(feature = "reqwest")]
#[cfg_attr(docsrs, doc(cfg(feature = "reqwest")))]
pub use reqwest_transport::ReqwestTransport;
pub use retry::{Attempt, Decision, Outcome, RetryBudget, RetryPolicy, parse_retry_after};
#[cfg(feature = "test-util")]
#[cfg_attr(docsrs, doc(cfg(feature = "test-util")))]
pub use scripted::{ScriptedTransport, StaticTokens, Step};
pub use transport::{Sent, Transport, TransportError};
