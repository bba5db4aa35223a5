//! The client: one application at one cloud.

mod app;
mod builder;
mod graph;
mod keyed_locks;
mod open;
mod organizers;
mod session;

pub use app::{App, Cloud, Credential, DirectoryId};
pub use builder::{GraphBuilder, TokenSourceOf};
pub use graph::Graph;
pub(crate) use keyed_locks::KeyedLocks;
pub(crate) use session::{Budget, Session};
