//! What goes over the wire: requests, and bodies read leniently.

mod error_body;
mod invitee;
mod meeting;
mod read;
mod request;
mod time;
mod unique;

pub(crate) use error_body::ErrorBody;
pub(crate) use invitee::{WireInvitee, write as write_invitee};
pub(crate) use meeting::WireMeeting;
pub(crate) use read::{items, object, seconds, text, token};
pub(crate) use request::{delete, get, patch, path, post};
pub(crate) use time::{write_instant, write_slot};
