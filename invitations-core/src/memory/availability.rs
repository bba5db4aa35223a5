use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;

use super::faults::{Fate, Faults, check_account, lock};
use crate::{
    Error, ErrorKind, Result,
    ids::ProviderId,
    people::EmailAddress,
    provider::{Account, Availability, AvailabilityProvider, Busy, Open},
    time::TimeRange,
};

/// Free and busy times in memory. Clones and opened accounts share them. Somebody who was never named is unknown.
#[derive(Clone, Debug)]
pub struct MemoryAvailability {
    provider: ProviderId,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// By canonical address.
    people: BTreeMap<String, Vec<(TimeRange, Busy)>>,
    faults: Faults,
}

impl MemoryAvailability {
    /// Nobody is known yet.
    pub fn new(provider: ProviderId) -> Self {
        Self { provider, state: Arc::default() }
    }

    /// Somebody whose times are known: free, but for what is [taken](Self::take).
    pub fn know(&self, who: &EmailAddress) {
        lock(&self.state).people.entry(who.canonical().to_owned()).or_default();
    }

    /// Takes some of somebody's time, and makes them known.
    pub fn take(&self, who: &EmailAddress, range: TimeRange, as_what: Busy) {
        lock(&self.state).people.entry(who.canonical().to_owned()).or_default().push((range, as_what));
    }

    /// The next question is refused with `kind`. Call again to refuse more.
    pub fn refuse_next(&self, kind: ErrorKind) {
        lock(&self.state).faults.refuse(kind);
    }
}

#[async_trait]
impl AvailabilityProvider for MemoryAvailability {
    async fn availability(&self, who: &[EmailAddress], within: TimeRange) -> Result<Vec<Availability>> {
        let operation = "read availability";
        if within.is_empty() {
            return Err(Error::invalid(operation, "the window is empty"));
        }
        let mut state = lock(&self.state);
        match state.faults.next(operation, &self.provider) {
            Fate::Normal => {}
            Fate::ReplyLost(error) | Fate::RequestLost(error) | Fate::Refused(error) => return Err(error),
        }
        let entry = |who: &EmailAddress| match state.people.get(who.canonical()) {
            None => Availability::of_pieces(who.clone(), within, [(within, Busy::Unknown)]),
            Some(taken) => {
                let pieces = std::iter::once((within, Busy::Free)).chain(taken.iter().copied());
                Availability::of_pieces(who.clone(), within, pieces)
            }
        };
        Ok(who.iter().map(entry).collect())
    }
}

#[async_trait]
impl Open<dyn AvailabilityProvider> for MemoryAvailability {
    async fn open(&self, account: &Account) -> Result<Arc<dyn AvailabilityProvider>> {
        check_account(account, &self.provider)?;
        Ok(Arc::new(self.clone()))
    }
}
