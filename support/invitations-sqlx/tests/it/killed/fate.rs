//! What becomes of one request to the provider.

use std::time::Duration;

use super::{choices::Choices, setting::timing};

#[derive(Clone, Debug)]
pub(crate) struct Fate {
    /// Passes before the request leaves.
    pub(crate) before: Duration,
    /// The provider says "too many" and does nothing.
    pub(crate) throttled: bool,
    /// How long the request is on its way; `None`: it never arrives.
    pub(crate) there: Option<Duration>,
    /// How long the reply is; `None`: it never arrives.
    pub(crate) back: Option<Duration>,
    /// When the sender notices that no reply will come, unless its patience ends before.
    pub(crate) noticed: Duration,
    /// Which part of the lag passes until look-ups see what was made, in thousandths.
    pub(crate) unseen: u32,
}

impl Fate {
    /// Nothing goes wrong and nothing takes time.
    const CALM: Self = Self {
        before: Duration::ZERO,
        throttled: false,
        there: Some(Duration::ZERO),
        back: Some(Duration::ZERO),
        noticed: Duration::ZERO,
        unseen: 0,
    };

    /// The fate of the `number`-th request about a key or a meeting. Without a seed all is calm.
    pub(crate) fn of(seed: Option<u64>, about: &str, number: usize) -> Self {
        let Some(seed) = seed else { return Self::CALM };
        let mut choices = Choices::about(seed, about, number);
        let timing = timing();
        let quick = timing.request / 10;
        let slow = timing.request + timing.settle;
        Self {
            before: choices.up_to(timing.request / 4),
            throttled: choices.one_in(12),
            there: match choices.below(10) {
                0 => None,
                // may land when its sender has long given up
                1 | 2 => Some(choices.up_to(slow)),
                _ => Some(choices.up_to(quick)),
            },
            back: if choices.one_in(5) { None } else { Some(choices.up_to(quick)) },
            noticed: choices.up_to(timing.request * 2),
            unseen: choices.below(1000) as u32,
        }
    }

    /// How long after sending the reply is there.
    pub(crate) fn answered_after(&self) -> Option<Duration> {
        Some(self.there? + self.back?)
    }
}
