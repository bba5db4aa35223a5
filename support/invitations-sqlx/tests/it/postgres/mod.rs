//! PostgreSQL, when the feature is on: `cargo xtask postgres -- cargo test -p invitations-sqlx --all-features`.

mod contended;
mod embedder;
mod lost;
mod opening;
mod plans;
mod rows;
mod schema;
mod suites;
