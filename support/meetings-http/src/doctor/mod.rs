//! For providers' doctors: what one exchange says about the road itself.

mod clock;
mod network;
mod probe;
mod trouble;

pub use probe::Probe;
