//! Guests of the directory (Entra B2B).

mod decode;
mod invitation;
mod invite;
mod known;
mod provider;
mod readable;
mod request;

pub(crate) use decode::object_id;
pub use invitation::{GuestInvitation, GuestKind, InvitationMail};
pub use known::{DirectoryGuest, InviteOutcome, guest_attendee};
pub use provider::Guests;
pub(crate) use request::object_id as object_id_request;
