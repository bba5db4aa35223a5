//! Stored JSON: every document carries its version, grows only by additions, and one that cannot be read is an error of its own row.

use serde::{Serialize, de::DeserializeOwned};

use crate::{Error, ErrorKind, Remedy, Result};

/// The version this crate writes.
pub const VERSION: u32 = 1;

#[derive(serde::Serialize)]
struct Write<'a, T> {
    v: u32,
    #[serde(flatten)]
    value: &'a T,
}

#[derive(serde::Deserialize)]
struct Version {
    v: u32,
}

/// Writes a value as a versioned JSON object.
///
/// # Errors
/// [`InvalidInput`](ErrorKind::InvalidInput) for a value that is no JSON object.
pub fn encode<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(&Write { v: VERSION, value })
        .map_err(|error| Error::new(ErrorKind::InvalidInput, "encode stored row").with_source(error))
}

/// Reads a versioned JSON object.
///
/// # Errors
/// [`Protocol`](ErrorKind::Protocol) for a document of another version or kind; the caller must leave the row as it is.
pub fn decode<T: DeserializeOwned>(text: &str) -> Result<T> {
    let unreadable = |error: serde_json::Error| {
        // the text itself stays out of the message: it may hold addresses
        Error::new(ErrorKind::Protocol, "read stored row")
            .with_detail(format!("line {}, column {}", error.line(), error.column()))
            .with_remedy(Remedy::new("Run the version that wrote this row, or repair the row; it was left as it is."))
    };
    let Version { v } = serde_json::from_str(text).map_err(unreadable)?;
    if v == 0 || v > VERSION {
        return Err(Error::new(ErrorKind::Protocol, "read stored row")
            .with_detail(format!("version {v}, this program reads up to {VERSION}"))
            .with_remedy(Remedy::new("Upgrade this program.")));
    }
    serde_json::from_str(text).map_err(unreadable)
}
