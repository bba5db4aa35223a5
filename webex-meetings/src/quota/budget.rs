use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};

use super::CreateQuota;

const WINDOW: Duration = Duration::from_secs(24 * 60 * 60);
/// Whatever a server says, it is asked again after a day.
const LONGEST: Duration = WINDOW;

/// So many in 24 hours, which slide.
#[derive(Debug)]
pub(crate) struct Budget {
    limit: u32,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// In order; never more than the limit.
    sent: VecDeque<Instant>,
    closed_until: Option<Instant>,
}

/// When the place was taken.
#[derive(Debug)]
pub(crate) struct Taken(Instant);

impl Budget {
    pub(super) fn new(limit: u32) -> Self {
        Self { limit, state: Mutex::default() }
    }

    /// A place, or how long there is none.
    pub(super) fn take(&self, now: Instant) -> Result<Taken, Duration> {
        let mut state = self.state(now);
        match state.wait(self.limit, now) {
            Some(wait) => Err(wait),
            None => {
                state.sent.push_back(now);
                Ok(Taken(now))
            }
        }
    }

    pub(super) fn give_back(&self, place: Taken) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = state.sent.iter().rposition(|sent| *sent == place.0) {
            state.sent.remove(at);
        }
    }

    /// Nothing more for this long.
    pub(super) fn close(&self, now: Instant, wait: Duration) {
        let until = now + wait.min(LONGEST);
        let mut state = self.state(now);
        state.closed_until = Some(state.closed_until.map_or(until, |known| known.max(until)));
    }

    pub(super) fn view(&self, now: Instant, wall: DateTime<Utc>) -> CreateQuota {
        let state = self.state(now);
        let used = u32::try_from(state.sent.len()).unwrap_or(u32::MAX);
        let wait = state.wait(self.limit, now);
        let next_at = wait.and_then(|wait| wall.checked_add_signed(TimeDelta::from_std(wait).ok()?));
        let left = if wait.is_some() { 0 } else { self.limit.saturating_sub(used) };
        CreateQuota { limit: self.limit, used, left, next_at }
    }

    /// Whether it says nothing that a new one would not.
    pub(super) fn is_unused(&self, now: Instant) -> bool {
        let state = self.state(now);
        state.sent.is_empty() && state.closed_until.is_none()
    }

    /// The state without what is over.
    fn state(&self, now: Instant) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.sent.front().is_some_and(|sent| now.saturating_duration_since(*sent) >= WINDOW) {
            state.sent.pop_front();
        }
        state.closed_until = state.closed_until.filter(|until| *until > now);
        state
    }
}

impl State {
    /// How long there is no place.
    fn wait(&self, limit: u32, now: Instant) -> Option<Duration> {
        let full = u32::try_from(self.sent.len()).unwrap_or(u32::MAX) >= limit;
        let oldest =
            self.sent.front().map_or(WINDOW, |sent| WINDOW.saturating_sub(now.saturating_duration_since(*sent)));
        let closed = self.closed_until.map(|until| until.saturating_duration_since(now));
        full.then_some(oldest).max(closed)
    }
}
