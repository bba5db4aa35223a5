//! Invitations: the pure machine, its effects, the store's one write port, the worker, and the service an application calls.

pub mod effect;
pub mod link;
pub mod machine;
mod notice;
mod service;
pub mod store;
pub mod stored;
mod worker;

pub use effect::{Effect, EffectKind, EffectStatus, ExternalRef, Reconciliation};
pub use machine::{Command, Context, Decision, Event, Refusal, State, Status, decide, evolve};
pub use notice::{About, Notice, Notifier};
pub use service::{
    AccessRequest, Explanation, Invitations, InvitationsBuilder, Invite, Invited, Listed, Orphan, OrphanPolicy,
    Prepared, Proof, Standing, TenantInvitations, WaitsFor,
};
pub use store::{Claim, Claimed, Commit, InvitationStore, Versioned};
pub use worker::{Round, Worker};
