//! Time, tasks and randomness come in from outside; no runtime is named here except behind feature `tokio`.

mod clock;
mod entropy;
mod single_flight;
mod spawn;
mod timing;
#[cfg(feature = "tokio")]
mod tokio;

pub use clock::{Clock, ManualClock, TimedOut, timeout};
pub use entropy::{Entropy, SeededEntropy, SystemEntropy};
pub use single_flight::SingleFlight;
pub use spawn::{BoxFuture, Spawner};
pub use timing::Timing;

#[cfg(feature = "tokio")]
pub use self::tokio::{SystemClock, TokioSpawner};
