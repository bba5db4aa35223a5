//! The suite that any [`MappingStore`](crate::MappingStore) can run. Cases return findings; they do not panic.

mod macros;
pub mod mapping_store;
