//! Guests of the directory (Entra B2B).

mod decode;
mod provider;
mod request;

pub use provider::Guests;
