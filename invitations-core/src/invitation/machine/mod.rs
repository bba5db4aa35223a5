//! The pure machine: `decide` says what a command would do, `evolve` applies what happened. No clock, no randomness, no I/O.

mod command;
mod context;
mod decide;
mod event;
mod evolve;
mod invitee;
mod new;
mod offer;
mod phase;
mod policy;
mod refusal;
mod state;
pub mod table;
#[cfg(test)]
mod tests;

pub use command::{Amendment, Command, OccurrenceChange};
pub use context::{Context, Decision, NoticePlan, Tell, Told};
pub use decide::decide;
pub use event::Event;
pub use evolve::evolve;
pub use invitee::{Invitee, Quorum, Recipient, Response};
pub use new::{NewAccessRequest, NewBooking, NewInvitation};
pub use offer::{Approval, EventAccess, Offer};
pub use phase::{BlockCause, Closed, Phase, PhaseKind, Resume, Status};
pub use policy::{CustomEffect, Policy, Reminder};
pub use refusal::Refusal;
pub use state::{Blocking, Counter, Drift, State, Tick};
