//! Guests of the directory (Entra B2B).

mod decode;
mod provider;
mod request;

pub(crate) use decode::object_id;
pub use provider::Guests;
pub(crate) use request::object_id as object_id_request;
