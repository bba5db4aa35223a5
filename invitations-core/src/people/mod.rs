//! People: addresses, principals, attendees, guests, and who may do what.

mod attendee;
mod authorizer;
mod email;
mod guest;
mod membership;
mod principal;

pub use attendee::{Attendee, AttendeeRole};
pub use authorizer::{Action, AuthorizationRequest, Authorizer, CallerAuthorized, Verdict};
pub use email::EmailAddress;
pub use guest::{Guest, GuestDirectory, GuestDraft, Redemption};
pub use membership::{Member, Membership};
pub use principal::{Actor, Principal};
