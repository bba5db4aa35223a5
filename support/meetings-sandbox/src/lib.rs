//! An offline Microsoft identity platform, Microsoft Graph and Webex on loopback, for tests and demos.
//!
//! One port serves all: `/{directory}/oauth2/v2.0/…` is Entra, `/v1.0/…` is Graph, `/v1/…` is Webex, and
//! `/_sandbox/…` is for the test: state, journal, mails, faults, the clock. Nothing leaves the machine, nothing is real.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! use meetings_sandbox::{Fault, FaultPlan, FaultRule, Sandbox, SandboxConfig, defaults};
//!
//! let sandbox = Sandbox::start(SandboxConfig::new().with_seed(7)).await?;
//! sandbox.grant_access_policy(defaults::ORGANIZER);
//! // every third create is carried out, and its reply is lost
//! let lost = FaultRule::new(Fault::LostReply).on("POST", "/onlineMeetings").every(3);
//! sandbox.set_faults(FaultPlan::new().with(lost));
//! let graph_root = sandbox.url().join("v1.0/").unwrap();
//! # assert_eq!(graph_root.path(), "/v1.0/");
//! # Ok::<(), std::io::Error>(()) }).unwrap();
//! ```
//!
//! The sandbox writes its own JSON from the providers' documentation and shares no type with the clients that are
//! tested against it. `DIFFERENCES.md`, beside this crate's `README.md`, says where it is known to differ from the real services.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod control;
mod control_webex;
pub mod defaults;
mod entra;
mod faults;
mod graph;
mod journal;
mod sandbox;
mod serve;
mod sign_in;
mod time;
mod webex;
mod world;

pub use faults::{Fault, FaultPlan, FaultRule};
pub use journal::JournalEntry;
pub use sandbox::{Handled, Sandbox, SandboxConfig};
pub use world::{AuthorizationSide, Mail, MicrosoftCredential, MicrosoftUser, Rotation, WebexUser, WebhookDelivery};
