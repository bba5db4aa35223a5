use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// In thousandths of a retry, so that shares add up exactly.
const ONE: u64 = 1000;
/// So much is there although nobody called yet; it comes back by itself, one in [`REFILL`].
const FLOOR: u64 = 3 * ONE;
const REFILL: Duration = Duration::from_secs(10);
/// A quiet day does not save up for a storm.
const MOST: u64 = 100 * ONE;

/// How many retries all calls of a pipeline may make together: a share of the calls, so that an outage is not met with four times
/// the load, and a small floor for those who call rarely.
#[derive(Debug)]
pub struct RetryBudget {
    share: u64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    saved: u64,
    filled: Option<Instant>,
}

impl RetryBudget {
    /// Every call earns `share` of a retry (0.1: one retry for ten calls). Clamped to 0 ..= 1.
    pub fn new(share: f64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to 0 ..= 1000 just before"
        )]
        let share = (share.clamp(0.0, 1.0) * ONE as f64).round() as u64;
        Self { share, state: Mutex::new(State { saved: FLOOR, filled: None }) }
    }

    /// A call begins.
    pub fn earn(&self, now: Instant) {
        self.with(now, |state| state.saved = (state.saved + self.share).min(MOST));
    }

    /// A retry is about to be made. `false`: there is nothing left for it.
    pub fn spend(&self, now: Instant) -> bool {
        self.with(now, |state| {
            let enough = state.saved >= ONE;
            if enough {
                state.saved -= ONE;
            }
            enough
        })
    }

    fn with<T>(&self, now: Instant, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let filled = *state.filled.get_or_insert(now);
        let passed = now.saturating_duration_since(filled);
        let ripe = u64::try_from(passed.as_millis() / REFILL.as_millis()).unwrap_or(u64::MAX).min(FLOOR / ONE);
        if ripe > 0 {
            state.filled = Some(now);
            state.saved = state.saved.max((state.saved + ripe * ONE).min(FLOOR));
        }
        change(&mut state)
    }
}
