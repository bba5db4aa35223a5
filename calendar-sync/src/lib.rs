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
//!     memory::MemoryCalendar,
//!     provider::{Account, EventDraft, Providers},
//!     runtime::SystemClock,
//!     time::EventTime,
//! };
//!
//! // in memory, for tests; a real one comes from graph-meetings and keeps its rows with invitations-sqlx
//! let outlook = ProviderId::parse("microsoft")?;
//! let calendar = MemoryCalendar::new(outlook.clone());
//! let providers = Providers::new().with_calendars(outlook.clone(), Arc::new(calendar.clone()));
//! let sync = CalendarSync::builder(Arc::new(MemoryMappings::new(Arc::new(SystemClock))), providers).build()?;
//!
//! let account = Account::connection(TenantId::parse("school")?, outlook, ConnectionId::parse("adas-outlook")?);
//! let binding = Binding::new(BindingId::parse("adas-assignments")?, account, CalendarId::parse("default")?);
//! let day = EventTime::AllDay { from: "2026-09-01".parse()?, days: 1 };
//! let essay = SourceId::parse("essay-7")?;
//!
//! // the assignment was made, changed, and pushed once more for good measure
//! sync.push(&binding, &[Desired::event(essay.clone(), 1, EventDraft::new("Essay", day.clone()))]).await?;
//! let renamed = Desired::event(essay.clone(), 2, EventDraft::new("Essay on rivers", day));
//! assert_eq!(sync.push(&binding, &[renamed.clone()]).await?.updated, 1);
//! assert_eq!(sync.push(&binding, &[renamed]).await?.calls, 0);
//! assert_eq!(calendar.events_in(&binding.calendar)[0].content.subject, "Essay on rivers");
//!
//! // and removed
//! sync.push(&binding, &[Desired::gone(essay, 3)]).await?;
//! assert!(calendar.events_in(&binding.calendar).is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! # Tasks
//!
//! | task | call |
//! |---|---|
//! | a few records changed | [`push`](CalendarSync::push); again while `report.pending` is not 0 |
//! | "sync now", or once a day | [`sync_now`](CalendarSync::sync_now) with a [`Source`] |
//! | what would happen | [`plan`](CalendarSync::plan), a dry run |
//! | many records are gone, and that is meant | [`approve`](CalendarSync::approve) with the plan's fingerprint |
//! | "last synced at" | [`status`](CalendarSync::status) |
//! | the user disconnects | [`disconnect`](CalendarSync::disconnect); the events stay or go |
//!
//! One run at a time works on a binding, on however many machines: the others get a `Conflict` that may be tried again.
//! [`MappingStore::mark_dirty`] and [`MappingStore::due`] let a worker of the application's own job engine find what is to be done.
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

#[cfg(feature = "conformance")]
#[cfg_attr(docsrs, doc(cfg(feature = "conformance")))]
pub mod conformance;
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
