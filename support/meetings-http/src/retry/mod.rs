//! Whether to send again, and when: pure. Waiting is the pipeline's business.

mod after;
mod budget;
mod policy;

pub use after::parse_retry_after;
pub(crate) use after::{retry_after_at, server_time};
pub use budget::RetryBudget;
pub use policy::{Attempt, Decision, Outcome, RetryPolicy};
