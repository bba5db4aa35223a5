//! How a sandbox starts.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

/// Options of [`crate::Sandbox::start`].
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct SandboxConfig {
    /// All ids come from it: the same seed and the same calls give the same ids.
    pub seed: u64,
    /// Where the state is kept across restarts; in memory only when `None`.
    pub state_file: Option<PathBuf>,
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Sandbox time at the start; system time when `None`.
    pub start: Option<DateTime<Utc>>,
    /// Whether the clock stands still between calls of `advance`.
    pub frozen: bool,
    /// Whether it answers over https, and over nothing else.
    #[cfg(feature = "tls")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tls")))]
    pub tls: bool,
}

impl SandboxConfig {
    /// Seed 0, a free port, system time, no state file.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the seed.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Keeps the state in a file.
    #[must_use]
    pub fn with_state_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.state_file = Some(path.into());
        self
    }

    /// Sets the port.
    #[must_use]
    pub fn with_port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets sandbox time at the start; the clock runs on from there.
    #[must_use]
    pub fn starting_at(mut self, start: DateTime<Utc>) -> Self {
        self.start = Some(start);
        self
    }

    /// Sets sandbox time; it moves only when it is advanced.
    #[must_use]
    pub fn frozen_at(mut self, start: DateTime<Utc>) -> Self {
        (self.start, self.frozen) = (Some(start), true);
        self
    }

    /// Answers over https, and over nothing else, under a certificate authority that is made at the start:
    /// [`Sandbox::certificate_authority`](crate::Sandbox::certificate_authority).
    #[cfg(feature = "tls")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tls")))]
    #[must_use]
    pub fn with_tls(mut self) -> Self {
        self.tls = true;
        self
    }
}
