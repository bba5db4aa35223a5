//! The planner: pure. No clock, no store, no provider; the same facts give the same plan.

mod guard;
mod look_up;
mod planned;
mod step;
#[cfg(test)]
mod tests;

pub(crate) use guard::too_many;
pub(crate) use look_up::{After, after_look_up};
pub use planned::{Plan, PlannedOp};
pub(crate) use step::{Step, step};
