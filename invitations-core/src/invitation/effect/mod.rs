//! Effects: what an invitation makes outside, one leased row each.

mod executor;
mod key;
mod kind;
mod provider;
mod sweep;

pub use executor::{EffectCall, EffectExecutor, Effects, Lookup, Made, Outcome};
pub use key::derive_key;
pub use kind::{Effect, EffectKind, EffectReport, EffectStatus, ExternalRef, Problem, Reconciliation};
