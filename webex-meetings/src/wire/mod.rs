//! What goes over the wire: requests, and bodies read leniently.

mod error_body;
mod fields;
mod read;
mod request;
mod time;
mod unique;
pub(crate) mod value;
mod words;

pub(crate) use error_body::ErrorBody;
pub(crate) use fields::{address, each, flag, instant, length, link, passcode, texts, whole, word};
pub(crate) use read::{items, object, seconds, text, token};
pub(crate) use request::{delete, delete_because, get, get_file, patch, path, post, put};
pub(crate) use time::{read_instant, whole_minute, write_instant, write_slot};
pub(crate) use words::words;
