#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod auth;
mod client;
mod doctor;
mod errors;
mod guests;
mod invitees;
mod meetings;
mod paging;
mod service_app;
mod wire;

use invitations_core::ids::ProviderId;

pub use invitations_core;

pub use client::{Integration, TokenSourceOf, Webex, WebexBuilder};
pub use doctor::{Feature, WebexDoctor};
pub use guests::GuestToken;
pub use meetings::WebexMeetings;
pub use service_app::{ServiceApp, ServiceAppTokens};

/// The name of this provider in accounts and errors: `webex`.
pub fn provider_id() -> ProviderId {
    ProviderId::parse("webex").unwrap_or_else(|_| unreachable!("the name is well formed"))
}
