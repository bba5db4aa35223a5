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
    state: Mutex<State>,
}

/// Why there is no place, and for how long.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Full {
    /// By our own count.
    UsedUp(Duration),
    /// Because Webex asked to wait. For which of its limits, it does not say.
    Asked(Duration),
}

impl Full {
    pub(super) fn wait(self) -> Duration {
        match self {
            Self::UsedUp(wait) | Self::Asked(wait) => wait,
        }
    }
}

#[derive(Debug, Default)]
struct State {
    limit: u32,
    /// In order.
    sent: VecDeque<Instant>,
    closed_until: Option<Instant>,
}

/// When the place was taken.
#[derive(Debug)]
pub(crate) struct Taken(Instant);

impl Budget {
    pub(super) fn new(limit: u32) -> Self {
        Self { state: Mutex::new(State { limit, ..State::default() }) }
    }

    /// What is said of the account now counts, also for those who hold the budget.
    pub(super) fn allow(&self, limit: u32) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).limit = limit;
    }

    /// A place, or why there is none.
    pub(super) fn take(&self, now: Instant) -> Result<Taken, Full> {
        let mut state = self.state(now);
        match state.full(now) {
            Some(full) => Err(full),
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
        let full = state.full(now);
        let at = |wait| wall.checked_add_signed(TimeDelta::from_std(wait).ok()?);
        let left = if full.is_some() { 0 } else { state.limit.saturating_sub(used) };
        CreateQuota {
            limit: state.limit,
            used,
            left,
            next_at: full.and_then(|full| at(full.wait())),
            asked_until: state.closed(now).and_then(at),
        }
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
    /// Whether there is no place. What lasts longer counts.
    fn full(&self, now: Instant) -> Option<Full> {
        // a limit that was lowered is met when enough have become old
        let surplus = (self.sent.len() + 1).saturating_sub(usize::try_from(self.limit).unwrap_or(usize::MAX));
        let used_up = (surplus > 0).then(|| {
            let frees = self.sent.get(surplus - 1);
            frees.map_or(WINDOW, |sent| WINDOW.saturating_sub(now.saturating_duration_since(*sent)))
        });
        match (used_up, self.closed(now)) {
            (Some(wait), closed) if closed.is_none_or(|closed| closed <= wait) => Some(Full::UsedUp(wait)),
            (_, closed) => closed.map(Full::Asked),
        }
    }

    /// For how long Webex asked to send none.
    fn closed(&self, now: Instant) -> Option<Duration> {
        self.closed_until.map(|until| until.saturating_duration_since(now))
    }
}
