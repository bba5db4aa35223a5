//! Invitations that end in exactly one meeting: the contracts, the invitation machine, the token lifecycle.
//!
//! This crate has no HTTP client and no database. Providers (`graph-meetings`, `webex-meetings`) and stores
//! (`invitations-sqlx`, or [`memory`]) implement its contracts; an application wires them together.
#![cfg_attr(docsrs, feature(doc_cfg))]

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

pub use error::{Error, ErrorKind, Remedy, Result, RetryClass};
