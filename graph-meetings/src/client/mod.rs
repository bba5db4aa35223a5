//! The client: one application at one cloud.

mod app;
mod builder;
#[cfg(feature = "certificate")]
mod certificate;
mod cloud;
mod credential;
mod directory;
mod graph;
mod keyed_locks;
mod open;
mod organizers;
mod session;

pub use app::App;
pub use builder::{GraphBuilder, TokenSourceOf};
#[cfg(feature = "certificate")]
#[cfg_attr(docsrs, doc(cfg(feature = "certificate")))]
pub use certificate::ClientCertificate;
pub use cloud::Cloud;
pub use credential::{Credential, CredentialKind, DatedCredential, ExpiringCredential};
pub use directory::DirectoryId;
pub(crate) use directory::is_personal_subject;
pub use graph::Graph;
pub(crate) use keyed_locks::KeyedLocks;
pub(crate) use session::{Budget, Session};
