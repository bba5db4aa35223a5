//! A wall clock apart from the monotonic one.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use invitations_core::runtime::{BoxFuture, Clock, ManualClock};

/// The wall clock of a machine, which jumps; what is slept and measured goes on.
#[derive(Clone, Debug)]
pub(crate) struct Wall {
    clock: ManualClock,
    by: Arc<Mutex<TimeDelta>>,
}

impl Wall {
    pub(crate) fn new(clock: &ManualClock) -> Self {
        Self { clock: clock.clone(), by: Arc::default() }
    }

    pub(crate) fn jump(&self, by: TimeDelta) {
        *self.by.lock().unwrap() += by;
    }
}

impl Clock for Wall {
    fn now(&self) -> DateTime<Utc> {
        self.clock.now() + *self.by.lock().unwrap()
    }
    fn instant(&self) -> Instant {
        self.clock.instant()
    }
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.clock.sleep(duration)
    }
}
