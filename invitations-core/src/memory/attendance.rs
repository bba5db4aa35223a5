use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;

use super::faults::{Fate, Faults, check_account, lock};
use crate::{
    Error, ErrorKind, Result,
    ids::{MeetingId, PageToken, ProviderId},
    provider::{Account, AttendanceCapabilities, AttendanceProvider, Open, Page, Presence},
};

/// How many people a page has.
const PAGE: usize = 20;

/// Who is in which meeting, in memory. Clones and opened accounts share it.
///
/// Nobody can tell of a meeting ([`NotFound`](ErrorKind::NotFound)) until [`watch`](Self::watch) or [`join`](Self::join) names it.
#[derive(Clone, Debug)]
pub struct MemoryAttendance {
    provider: ProviderId,
    capabilities: AttendanceCapabilities,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    asked: usize,
    meetings: BTreeMap<MeetingId, Vec<Presence>>,
    faults: Faults,
}

impl MemoryAttendance {
    /// Nobody can tell of any meeting yet. Tells at once, while the meeting is under way, and also that nobody has joined.
    pub fn new(provider: ProviderId) -> Self {
        let capabilities = AttendanceCapabilities::new().with_live().with_absence();
        Self { provider, capabilities, state: Arc::default() }
    }

    /// Sets what it says of itself. Without `absence` it answers [`NotFound`](ErrorKind::NotFound) where it has nobody to list; `live`
    /// and `lag` are said only.
    #[must_use]
    pub fn with_capabilities(mut self, capabilities: AttendanceCapabilities) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// From now on it can be told who joins this meeting. Nobody has, so far.
    pub fn watch(&self, meeting: MeetingId) {
        lock(&self.state).meetings.entry(meeting).or_default();
    }

    /// Somebody joins this meeting.
    pub fn join(&self, meeting: MeetingId, presence: Presence) {
        lock(&self.state).meetings.entry(meeting).or_default().push(presence);
    }

    /// The next question is refused with `kind`. Call again to refuse more.
    pub fn refuse_next(&self, kind: ErrorKind) {
        lock(&self.state).faults.refuse(kind);
    }

    /// How many questions arrived, refused ones included.
    pub fn asked(&self) -> usize {
        lock(&self.state).asked
    }
}

#[async_trait]
impl AttendanceProvider for MemoryAttendance {
    fn capabilities(&self) -> AttendanceCapabilities {
        self.capabilities
    }

    async fn attendance(&self, id: &MeetingId, page: Option<&PageToken>) -> Result<Page<Presence>> {
        let operation = "read attendance";
        let from = match page {
            None => 0,
            Some(token) => token.as_str().parse().map_err(|_| Error::invalid(operation, "no page has this token"))?,
        };
        let mut state = lock(&self.state);
        state.asked += 1;
        match state.faults.next(operation, &self.provider) {
            Fate::Normal => {}
            Fate::ReplyLost(error) | Fate::RequestLost(error) | Fate::Refused(error) => return Err(error),
        }
        let people = state.meetings.get(id).filter(|people| self.capabilities.absence || !people.is_empty());
        let people =
            people.ok_or_else(|| Error::new(ErrorKind::NotFound, operation).with_provider(self.provider.clone()))?;
        let items: Vec<_> = people.iter().skip(from).take(PAGE).cloned().collect();
        let after = from.saturating_add(items.len());
        let next = (after < people.len()).then(|| PageToken::parse(after.to_string())).transpose()?;
        Ok(Page { items, next })
    }
}

#[async_trait]
impl Open<dyn AttendanceProvider> for MemoryAttendance {
    async fn open(&self, account: &Account) -> Result<Arc<dyn AttendanceProvider>> {
        check_account(account, &self.provider)?;
        Ok(Arc::new(self.clone()))
    }
}
