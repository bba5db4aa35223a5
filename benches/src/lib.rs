//! Speed is measured as a ratio to the limit in the same run: what the programs in `benches/` share.
//!
//! How to run them, and what they have said: `README.md`.

mod canned;
mod disk;
mod event;
mod figures;
mod house;
mod login;
mod raw;
mod room;

pub use canned::Canned;
pub use disk::syncs_per_second;
pub use event::EventBench;
pub use figures::{Spread, Times};
pub use house::{House, Invited, Kind};
pub use login::Login;
pub use raw::{Raw, RawAcceptance};
pub use room::Room;

/// A program's way to give up.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
