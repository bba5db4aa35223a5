//! Invitations: the pure machine, its effects, the store's one write port, the worker, and the service an application calls.

pub mod effect;
pub mod link;
pub mod machine;
mod notice;
pub mod store;
pub mod stored;

pub use effect::{Effect, EffectKind, EffectStatus, ExternalRef, Reconciliation};
pub use machine::{Command, Context, Decision, Event, Refusal, State, Status, decide, evolve};
pub use notice::{About, Notice, Notifier};
pub use store::{Claim, Claimed, Commit, InvitationStore, Versioned};
