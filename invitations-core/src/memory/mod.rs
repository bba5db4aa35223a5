//! Stores and providers in memory, for embedders' own tests.

mod invitations;
mod tokens;

pub use invitations::MemoryInvitationStore;
pub use tokens::MemoryTokenStore;
