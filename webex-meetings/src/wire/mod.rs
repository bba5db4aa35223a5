//! What goes over the wire: requests, and bodies read leniently.

mod error_body;
mod fields;
mod members;
mod read;
mod request;
mod time;
mod unique;
pub(crate) mod value;
mod words;

pub(crate) use error_body::ErrorBody;
pub(crate) use fields::text_of;
pub(crate) use members::{Members, split_list, split_object};
pub(crate) use read::{items, object, seconds_of, text, token_of};
pub(crate) use request::{delete, delete_because, get, get_file, patch, path, post, put};
pub(crate) use time::{read_instant, whole_minute, write_instant, write_slot};
pub(crate) use words::words;
