//! Stores and providers in memory, for embedders' own tests.

mod tokens;

pub use tokens::MemoryTokenStore;
