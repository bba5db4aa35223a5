//! From the socket to a [`Call`] and from a [`Reply`] back to the socket.

mod call;
pub(crate) mod deliver;
pub(crate) mod html;
pub(crate) mod page;
mod reply;
pub(crate) mod socket;
#[cfg(feature = "tls")]
pub(crate) mod tls;

pub(crate) use call::{Call, Provider};
pub(crate) use reply::Reply;
