//! The pure machine: `decide` says what a command would do, `evolve` applies what happened. No clock, no randomness, no I/O.

mod command;
mod context;
mod decide;
mod event;
mod evolve;
mod phase;
mod refusal;
mod state;
#[cfg(test)]
mod tests;

pub use command::{Command, NewAccessRequest, NewBooking, NewInvitation};
pub use context::{Context, Decision, NoticePlan, Tell, Told};
pub use decide::decide;
pub use event::Event;
pub use evolve::evolve;
pub use phase::{BlockCause, Closed, Phase, Resume, Status};
pub use refusal::Refusal;
pub use state::{Approval, EventAccess, Invitee, Offer, Quorum, Recipient, Response, State};
