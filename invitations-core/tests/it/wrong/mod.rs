//! Deliberately wrong implementations: each must be reported by the case it was made for.

mod device_authorization;
mod token_source;
mod token_store;
