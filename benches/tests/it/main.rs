//! What the measurements stand on.

mod statements;
