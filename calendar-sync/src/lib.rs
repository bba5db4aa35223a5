//! Keeps calendars true: pushes an application's records to provider calendars, once each.
//!
//! An application says what it wants to stand in a calendar ([`Desired`]); the engine finds out what that means for the events it has written
//! before, writes its intent, writes to the provider, and writes down what came of it. A lost answer is looked up before anything is sent
//! again, so that no record becomes two events, and a record that did not change costs no call.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//! use calendar_sync::{Binding, CalendarSync, Desired, SourceId, memory::MemoryMappings};
//! use calendar_sync::core::{
//!     ids::{BindingId, CalendarId, ConnectionId, ProviderId, TenantId},
//!     provider::{Account, EventDraft, Providers},
//!     runtime::SystemClock,
//!     time::EventTime,
//! };
//!
//! let sync = CalendarSync::builder(Arc::new(MemoryMappings::new(Arc::new(SystemClock))), Providers::new()).build()?;
//! let account = Account::connection(
//!     TenantId::parse("school")?, ProviderId::parse("microsoft")?, ConnectionId::parse("adas-outlook")?,
//! );
//! let binding = Binding::new(BindingId::parse("adas-assignments")?, account, CalendarId::parse("default")?);
//! let day = EventTime::AllDay { from: "2026-09-01".parse()?, days: 1 };
//! let essay = Desired::event(SourceId::parse("essay-7")?, 1, EventDraft::new("Essay on rivers", day));
//! // no provider is registered here, and the error says so; with one, the event now stands in the calendar
//! let error = sync.push(&binding, &[essay]).await.unwrap_err();
//! assert!(error.remedy().is_some());
//! # Ok(())
//! # }
//! ```
//!
//! What it will never do: delete an event it did not write; draw a conclusion from an event that merely was not seen; send attendees that
//! the record does not name; send a create whose outcome is unknown a second time without looking.
//!
//! # Features
//!
//! | feature | what |
//! |---|---|
//! | `tokio` (default) | the system clock, when none is given |
//! | `memory` | [`MemoryMappings`](memory::MemoryMappings), for tests |
//! | `conformance` | the suite for mapping stores |
#![cfg_attr(docsrs, feature(doc_cfg))]

mod binding;
mod canonical;
mod engine;
mod execute;
mod mapping;
mod plan;
mod report;
mod source;

#[cfg(feature = "memory")]
#[cfg_attr(docsrs, doc(cfg(feature = "memory")))]
pub mod memory;

pub use binding::{Binding, Disconnect};
pub use canonical::event_key;
pub use engine::{CalendarSync, CalendarSyncBuilder};
pub use invitations_core as core;
pub use mapping::{BindingRow, Fence, Mapping, MappingState, MappingStore, Op, SyncWrite};
pub use plan::{Plan, PlannedOp};
pub use report::{Report, SyncStatus};
pub use source::{Desired, Source, SourceId, SourceNext, SourcePage, VecSource};
