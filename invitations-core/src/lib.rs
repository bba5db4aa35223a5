//! Invitations that end in exactly one meeting: the contracts, the invitation machine, the token lifecycle.
//!
//! This crate has no HTTP client and no database. Providers (`graph-meetings`, `webex-meetings`) and stores
//! (`invitations-sqlx`, or `memory`) implement its contracts; an application wires them together.
//!
//! # A call that both sides want
//!
//! ```
//! # #[cfg(all(feature = "memory", feature = "key-ring", feature = "tokio"))]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::{sync::Arc, time::Duration};
//!
//! use invitations_core::{
//!     ids::{PrincipalId, ProviderId, TenantId, UserId},
//!     invitation::{Invitations, Invite, Proof, Status, effect::Effects, machine::Recipient},
//!     memory::{MemoryInvitationStore, MemoryMeetings},
//!     people::{CallerAuthorized, Principal},
//!     provider::{Account, MeetingDraft, Providers},
//!     runtime::{Clock as _, SystemClock},
//!     secret::KeyRing,
//! };
//!
//! // once, at start: who makes meetings, where rows are kept, what seals join links
//! let provider = ProviderId::parse("memory")?;
//! let meetings = MemoryMeetings::new(provider.clone());
//! let invitations = Invitations::builder(Arc::new(MemoryInvitationStore::new(Arc::new(SystemClock))))
//!     .effects(Effects::new(Providers::new().with(provider.clone(), Arc::new(meetings.clone()))))
//!     .authorizer(Arc::new(CallerAuthorized))
//!     .sealer(Arc::new(KeyRing::generate()?))
//!     .build()?;
//!
//! // one classroom proposes, with its own account
//! let (school, start) = (TenantId::parse("school")?, SystemClock.now() + Duration::from_secs(3600));
//! let account = Account::application(school.clone(), provider, UserId::parse("class-berlin")?);
//! let call = MeetingDraft::new("Berlin meets Oslo", start..start + Duration::from_secs(2700));
//! let (berlin, oslo) = (PrincipalId::parse("berlin")?, PrincipalId::parse("oslo")?);
//! let org = invitations.tenant(&school);
//! let invite = Invite::meeting(call, account, Recipient::Principal(oslo.clone()));
//! let invited = org.invite(&Principal::new(berlin), invite).await?;
//! assert_eq!(meetings.made(), 0); // nobody has said yes
//!
//! // the other accepts, twice in a hurry: one meeting
//! let (proof, oslo) = (Proof::Inbox(invited.id), Principal::new(oslo));
//! let standing = org.accept(&proof, &oslo).await?;
//! org.accept(&proof, &oslo).await?;
//! assert_eq!(standing.status, Status::Accepted);
//! assert!(standing.join.is_some());
//! assert_eq!(meetings.made(), 1);
//! # Ok(())
//! # }
//! # #[cfg(not(all(feature = "memory", feature = "key-ring", feature = "tokio")))]
//! # fn main() {}
//! ```
//!
//! # What is where
//!
//! | you want | look at |
//! |---|---|
//! | to invite, accept, revoke, list | [`invitation`] |
//! | users' consents and their tokens | [`token`] |
//! | to write a provider or a store | [`provider`], [`invitation::store`], [`token::TokenStore`] and the suites (feature `conformance`) |
//! | to test without any of them | `memory` (feature `memory`), [`runtime::ManualClock`] |
//! | what went wrong and what to do | [`Error`] |
//! | what is wrong with the set-up, before anybody calls | [`doctor`] |
//!
//! # Features
//!
//! | feature | default | gives |
//! |---|---|---|
//! | `tokio` | yes | the system's clock and tokio's spawner |
//! | `key-ring` | yes | `KeyRing`, which seals what is stored |
//! | `kms` | no | `EnvelopeSealer`, which seals under a key that stays in a key management service |
//! | `memory` | no | stores and providers in memory |
//! | `conformance` | no | suites for any implementation of a contract |
//! | `metrics` | no | counters and histograms through the `metrics` facade |
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod doctor;
pub mod error;
pub mod ids;
pub mod invitation;
pub mod people;
pub mod provider;
pub mod runtime;
pub mod secret;
pub mod time;
pub mod token;

#[cfg(feature = "conformance")]
#[cfg_attr(docsrs, doc(cfg(feature = "conformance")))]
pub mod conformance;
#[cfg(feature = "memory")]
#[cfg_attr(docsrs, doc(cfg(feature = "memory")))]
pub mod memory;
#[cfg(seeded)]
pub mod seeded;

pub use error::{Error, ErrorKind, Remedy, Result, RetryClass};
