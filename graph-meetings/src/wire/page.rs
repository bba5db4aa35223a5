use bytes::Bytes;
use invitations_core::Result;
use serde::{Deserialize, de::DeserializeOwned};

/// One page of a collection.
#[derive(Debug, Deserialize)]
pub(crate) struct Page<T> {
    pub(crate) value: Vec<T>,
    #[serde(rename = "@odata.nextLink")]
    pub(crate) next: Option<String>,
}

/// Reads one page.
pub(crate) fn page<T: DeserializeOwned>(operation: &'static str, reply: &http::Response<Bytes>) -> Result<Page<T>> {
    super::read(operation, reply)
}
