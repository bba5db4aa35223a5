use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use url::Url;

use super::faults::{Fate, Faults, lock};
use crate::{
    Error, ErrorKind, Result, RetryClass,
    ids::MeetingKey,
    invitation::{
        Effect, Reconciliation,
        effect::{EffectCall, EffectExecutor, Lookup, Made, Outcome},
    },
    runtime::Clock,
    secret::JoinUrl,
    time::TimeRange,
};

/// An executor of effects in memory, for any name and payload, with faults to order. Clones share the objects.
///
/// It declares [`Reissue`](Reconciliation::Reissue) unless told otherwise, and behaves as it declares: under `Reissue` a key has one
/// object, under the others a second run makes a second one; a look-up misses nothing if it is exact, what is younger than its lag
/// otherwise; under [`Quarantine`](Reconciliation::Quarantine) there is none. The payload is not looked at.
#[derive(Clone, Debug)]
pub struct MemoryExecutor {
    reconciliation: Reconciliation,
    clock: Arc<dyn Clock>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    made: usize,
    requests: usize,
    live: BTreeMap<usize, Stored>,
    faults: Faults,
}

#[derive(Debug)]
struct Stored {
    key: MeetingKey,
    made_at: Instant,
    /// Ids of what the earlier effects of the plan had made.
    made_with: Vec<String>,
}

impl MemoryExecutor {
    /// No objects yet. The clock tells when it is too late to send, and what a look-up cannot see yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { reconciliation: Reconciliation::Reissue, clock, state: Arc::default() }
    }

    /// Sets what helps when the outcome of a run is unknown.
    #[must_use]
    pub fn with_reconciliation(mut self, reconciliation: Reconciliation) -> Self {
        self.reconciliation = reconciliation;
        self
    }

    /// The next `calls` of run and undo are carried out, but their answer is lost: `Unknown`.
    pub fn lose_reply_of_next(&self, calls: u32) {
        lock(&self.state).faults.lose_replies(calls);
    }

    /// The next `calls` of run and undo never arrive, and the caller cannot tell: `Unknown`.
    pub fn lose_request_of_next(&self, calls: u32) {
        lock(&self.state).faults.lose_requests(calls);
    }

    /// The next run or undo is refused with `kind`; nothing happens. Call again to refuse more.
    pub fn refuse_next(&self, kind: ErrorKind) {
        lock(&self.state).faults.refuse(kind);
    }

    /// The ids of the objects that exist under `key`, oldest first.
    pub fn objects(&self, key: &MeetingKey) -> Vec<String> {
        lock(&self.state).under(key).map(id).collect()
    }

    /// The ids of the earlier effects' objects, as the run saw them that made the newest object under `key`. `None`: no object.
    pub fn made_with(&self, key: &MeetingKey) -> Option<Vec<String>> {
        let state = lock(&self.state);
        let newest = state.under(key).next_back()?;
        state.live.get(&newest).map(|stored| stored.made_with.clone())
    }

    /// How many objects were ever made, undone ones included.
    pub fn made(&self) -> usize {
        lock(&self.state).made
    }

    /// How many runs and undos arrived, refused ones included. Lost requests do not arrive.
    pub fn writes(&self) -> usize {
        lock(&self.state).requests
    }

    /// Runs `work` under the next fate, unless it is too late to send.
    fn write(
        &self,
        operation: &'static str,
        effect: &Effect,
        call: &EffectCall<'_>,
        work: impl FnOnce(&mut State) -> Result<Option<Made>>,
    ) -> Outcome {
        if self.clock.instant() >= call.send_before {
            let late = Error::new(ErrorKind::Timeout, operation).with_detail("too late to send");
            return Outcome::Retry(late.with_retry(RetryClass::Safe { after: None }));
        }
        let mut state = lock(&self.state);
        let fate = state.faults.next(operation, &effect.account.provider);
        if !matches!(fate, Fate::RequestLost(_)) {
            state.requests += 1;
        }
        match fate {
            Fate::Normal => work(&mut state).map_or_else(Outcome::Permanent, Outcome::Done),
            Fate::ReplyLost(error) => work(&mut state).map_or_else(Outcome::Permanent, |_| Outcome::Unknown(error)),
            Fate::RequestLost(error) => Outcome::Unknown(error),
            Fate::Refused(error) => refused(error),
        }
    }

    /// Whether a look-up sees what was made then.
    fn is_visible(&self, stored: &Stored) -> bool {
        let lag = match self.reconciliation {
            Reconciliation::LookUp { exact: false, lag } => lag,
            Reconciliation::LookUp { exact: true, .. } | Reconciliation::Reissue | Reconciliation::Quarantine => {
                Duration::ZERO
            }
        };
        self.clock.instant().saturating_duration_since(stored.made_at) >= lag
    }
}

impl State {
    fn under(&self, key: &MeetingKey) -> impl DoubleEndedIterator<Item = usize> {
        self.live.iter().filter(move |(_, stored)| stored.key == *key).map(|(number, _)| *number)
    }

    fn make(&mut self, effect: &Effect, call: &EffectCall<'_>, at: Instant) -> usize {
        self.made += 1;
        let made_with = call.earlier.iter().filter_map(|one| Some(one.found.as_ref()?.id.clone())).collect();
        self.live.insert(self.made, Stored { key: effect.key.clone(), made_at: at, made_with });
        self.made
    }
}

#[async_trait]
impl EffectExecutor for MemoryExecutor {
    async fn reconciliation(&self, _effect: &Effect) -> Result<Reconciliation> {
        Ok(self.reconciliation)
    }

    async fn run(&self, effect: &Effect, call: EffectCall<'_>) -> Outcome {
        let now = self.clock.instant();
        self.write("run effect", effect, &call, |state| {
            let same = state.under(&effect.key).next().filter(|_| self.reconciliation == Reconciliation::Reissue);
            match same {
                Some(number) => made(number).map(Some),
                None => made(state.make(effect, &call, now)).map(|made| Some(made.newly_created())),
            }
        })
    }

    async fn look_up(&self, effect: &Effect, _around: Option<TimeRange>, _call: EffectCall<'_>) -> Lookup {
        if self.reconciliation == Reconciliation::Quarantine {
            return Lookup::Unknown(Error::new(ErrorKind::Unsupported, "look up effect"));
        }
        let state = lock(&self.state);
        let visible = state.live.iter().filter(|(_, stored)| stored.key == effect.key && self.is_visible(stored));
        match visible.map(|(number, _)| made(*number)).collect::<Result<Vec<_>>>() {
            Ok(found) if found.is_empty() => Lookup::Absent,
            Ok(found) => Lookup::Found(found),
            Err(error) => Lookup::Unknown(error),
        }
    }

    /// By the recorded id; without one, everything under the key.
    async fn undo(&self, effect: &Effect, call: EffectCall<'_>) -> Outcome {
        self.write("undo effect", effect, &call, |state| {
            let recorded = effect.found.as_ref().map(|found| found.id.as_str());
            state.live.retain(|number, stored| match recorded {
                Some(recorded) => id(*number) != recorded,
                None => stored.key != effect.key,
            });
            Ok(None)
        })
    }
}

fn id(number: usize) -> String {
    format!("object-{number}")
}

fn made(number: usize) -> Result<Made> {
    let link = Url::parse(&format!("https://meet.example/object/{number}"))
        .map_err(|error| Error::new(ErrorKind::Protocol, "run effect").with_source(error))?;
    Ok(Made::new(id(number)).with_join(JoinUrl::new(link)))
}

fn refused(error: Error) -> Outcome {
    match (error.retry(), error.kind()) {
        (RetryClass::Safe { .. }, _) | (_, ErrorKind::Conflict) => Outcome::Retry(error),
        (
            _,
            ErrorKind::NeedsReconsent
            | ErrorKind::PermissionDenied
            | ErrorKind::Misconfigured
            | ErrorKind::Unauthenticated,
        ) => Outcome::NeedsAction(error),
        (_, _) => Outcome::Permanent(error),
    }
}
