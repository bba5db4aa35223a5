use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use url::Url;

use super::{
    attendees,
    faults::{Fate, Faults, check_account, lock},
};
use crate::{
    Error, ErrorKind, Result,
    ids::{Etag, MeetingId, MeetingKey, PageToken, ProviderId, UserId},
    people::Attendee,
    provider::{
        Account, AccountActor, AttendeeChange, AttendeeList, Gathering, Idempotency, Meeting, MeetingCapabilities,
        MeetingDraft, MeetingPatch, MeetingProvider, MeetingSettings, Open, Page, WriteOptions,
    },
    runtime::Clock,
    secret::JoinUrl,
    time::{Slot, TimeRange, TimeZone, WallTime},
};

/// How many meetings a page of a listing has.
const PAGE: usize = 20;

/// Meetings in memory: a [`MeetingProvider`] with faults to order.
///
/// Clones and opened accounts share the meetings. Idempotency is [`NativeKey`](Idempotency::NativeKey) unless told otherwise; a
/// key is the organizer's, and free again once its meeting was cancelled. [`WriteOptions::send_before`] and
/// [`WriteOptions::timeout`] have no meaning here, as nothing takes time.
#[derive(Clone, Debug)]
pub struct MemoryMeetings {
    provider: ProviderId,
    capabilities: MeetingCapabilities,
    clock: Option<Arc<dyn Clock>>,
    organizer: Option<UserId>,
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
    meeting: Meeting,
    attendees: Vec<Attendee>,
    repeats: bool,
    made_at: Option<DateTime<Utc>>,
    version: u32,
}

impl MemoryMeetings {
    /// No meetings yet; everything is declared, up to 100 attendees.
    pub fn new(provider: ProviderId) -> Self {
        let capabilities = MeetingCapabilities::new(Idempotency::NativeKey)
            .with_list()
            .with_keys()
            .with_recurrence()
            .with_series_zones()
            .with_lobby()
            .with_auto_record()
            .with_breakout_sessions()
            .with_max_attendees(100);
        Self { provider, capabilities, clock: None, organizer: None, state: Arc::default() }
    }

    /// Sets what helps when the outcome of a create is unknown.
    #[must_use]
    pub fn with_idempotency(mut self, idempotency: Idempotency) -> Self {
        self.capabilities.idempotency = idempotency;
        self
    }

    /// Sets everything that is declared. What is not declared answers [`Unsupported`](ErrorKind::Unsupported); keys that are not
    /// declared are not told.
    #[must_use]
    pub fn with_capabilities(mut self, capabilities: MeetingCapabilities) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// Sets the clock by which an [inexact look-up](Idempotency::InexactLookup) lags; without one it does not lag.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// The next `writes` are carried out, but their answer is lost: `Timeout`, retry `Unclear`.
    pub fn lose_reply_of_next(&self, writes: u32) {
        lock(&self.state).faults.lose_replies(writes);
    }

    /// The next `writes` never arrive, and the caller cannot tell: `Timeout`, retry `Unclear`.
    pub fn lose_request_of_next(&self, writes: u32) {
        lock(&self.state).faults.lose_requests(writes);
    }

    /// The next write is refused with `kind`; nothing happens. Call again to refuse more.
    pub fn refuse_next(&self, kind: ErrorKind) {
        lock(&self.state).faults.refuse(kind);
    }

    /// The live meetings of all accounts, oldest first.
    pub fn meetings(&self) -> Vec<Meeting> {
        lock(&self.state).live.values().map(|stored| stored.meeting.clone()).collect()
    }

    /// How many meetings were ever made, cancelled ones included.
    pub fn made(&self) -> usize {
        lock(&self.state).made
    }

    /// How many writes arrived, refused ones included. Lost requests do not arrive.
    pub fn writes(&self) -> usize {
        lock(&self.state).requests
    }

    fn error(&self, kind: ErrorKind, operation: &'static str) -> Error {
        Error::new(kind, operation).with_provider(self.provider.clone())
    }

    fn bound_to(&self, account: &Account) -> Result<Self> {
        check_account(account, &self.provider)?;
        let organizer = match &account.actor {
            AccountActor::Application { user } => user.clone(),
            AccountActor::Connection(id) => UserId::parse(id.as_str())?,
        };
        Ok(Self { organizer: Some(organizer), ..self.clone() })
    }

    fn check(&self, draft: &MeetingDraft) -> Result<()> {
        let invalid = |why| Err(Error::invalid("create meeting", why).with_provider(self.provider.clone()));
        if draft.subject.trim().is_empty() {
            return invalid("the subject is empty");
        }
        if draft.slot.duration.as_secs() == 0 {
            return invalid("it lasts no time");
        }
        if self.capabilities.max_attendees.is_some_and(|most| draft.attendees.len() > most as usize) {
            return invalid("too many attendees");
        }
        if draft.recurrence.is_some() && !self.capabilities.recurrence {
            return Err(self.error(ErrorKind::Unsupported, "create meeting"));
        }
        self.check_settings("create meeting", &draft.settings)
    }

    fn check_settings(&self, operation: &'static str, settings: &MeetingSettings) -> Result<()> {
        match self.capabilities.undeclared(settings) {
            Some(why) => Err(self.error(ErrorKind::Unsupported, operation).with_detail(why)),
            None => Ok(()),
        }
    }

    /// Runs `work` under the next fate.
    fn write<T>(&self, operation: &'static str, work: impl FnOnce(&mut State) -> Result<T>) -> Result<T> {
        let mut state = lock(&self.state);
        let fate = state.faults.next(operation, &self.provider);
        if !matches!(fate, Fate::RequestLost(_)) {
            state.requests += 1;
        }
        match fate {
            Fate::Normal => work(&mut state),
            Fate::ReplyLost(error) => work(&mut state).and(Err(error)),
            Fate::RequestLost(error) | Fate::Refused(error) => Err(error),
        }
    }

    /// The meeting with `id`, if it is this account's.
    fn find<'a>(
        &self,
        state: &'a mut State,
        id: &MeetingId,
        operation: &'static str,
    ) -> Result<(usize, &'a mut Stored)> {
        state
            .live
            .iter_mut()
            .find(|(_, stored)| stored.meeting.id == *id && self.sees(stored))
            .map(|(number, stored)| (*number, stored))
            .ok_or_else(|| self.error(ErrorKind::NotFound, operation))
    }

    /// Without an account every meeting is seen.
    fn sees(&self, stored: &Stored) -> bool {
        self.organizer.is_none() || stored.meeting.organizer == self.organizer
    }

    fn check_version(&self, stored: &Stored, options: &WriteOptions, operation: &'static str) -> Result<()> {
        match &options.if_match {
            Some(etag) if stored.meeting.etag.as_ref() != Some(etag) => Err(self.error(ErrorKind::Conflict, operation)),
            _ => Ok(()),
        }
    }

    /// A meeting as it is answered.
    fn told(&self, meeting: &Meeting) -> Meeting {
        let mut told = meeting.clone();
        told.key = told.key.filter(|_| self.capabilities.keys);
        if !self.capabilities.series_zones {
            told.slot = told
                .slot
                .map(|slot| Slot { start: WallTime::from_instant(slot.start_instant(), TimeZone::UNTOLD), ..slot });
        }
        told
    }

    /// Whether a look-up by key sees it already.
    fn is_indexed(&self, stored: &Stored) -> bool {
        let (Idempotency::InexactLookup { lag }, Some(clock), Some(made)) =
            (self.capabilities.idempotency, &self.clock, stored.made_at)
        else {
            return true;
        };
        clock.now().signed_duration_since(made).to_std().is_ok_and(|age| age >= lag)
    }

    fn make(&self, state: &mut State, key: &MeetingKey, draft: &MeetingDraft) -> Result<Meeting> {
        let number = state.made + 1;
        let link = Url::parse(&format!("https://meet.example/join/{number}"))
            .map_err(|error| self.error(ErrorKind::Protocol, "create meeting").with_source(error))?;
        let mut meeting =
            Meeting::new(MeetingId::parse(format!("meeting-{number}"))?, &*draft.subject, JoinUrl::new(link))
                .with_slot(draft.slot.clone())
                .with_key(key.clone())
                .with_etag(version(1)?);
        meeting.organizer.clone_from(&self.organizer);
        let mut attendees = Vec::new();
        for attendee in &draft.attendees {
            attendees::add(&mut attendees, attendee);
        }
        let made_at = self.clock.as_ref().map(|clock| clock.now());
        let repeats = draft.recurrence.is_some();
        state.made = number;
        state.live.insert(
            number,
            Stored { key: key.clone(), meeting: meeting.clone(), attendees, repeats, made_at, version: 1 },
        );
        Ok(meeting)
    }
}

fn version(number: u32) -> Result<Etag> {
    Etag::parse(format!("v{number}"))
}

fn touch(stored: &mut Stored) -> Result<()> {
    stored.version += 1;
    stored.meeting.etag = Some(version(stored.version)?);
    Ok(())
}

#[async_trait]
impl MeetingProvider for MemoryMeetings {
    fn provider(&self) -> &ProviderId {
        &self.provider
    }

    fn capabilities(&self) -> MeetingCapabilities {
        self.capabilities.clone()
    }

    async fn create(&self, key: &MeetingKey, draft: &MeetingDraft, _options: WriteOptions) -> Result<Meeting> {
        self.check(draft)?;
        self.write("create meeting", |state| {
            let same =
                state.live.values().find(|stored| stored.key == *key && stored.meeting.organizer == self.organizer);
            match same {
                Some(stored) if self.capabilities.idempotency == Idempotency::NativeKey => Ok(stored.meeting.clone()),
                _ => self.make(state, key, draft),
            }
            .map(|meeting| self.told(&meeting))
        })
    }

    async fn read(&self, id: &MeetingId) -> Result<Meeting> {
        Ok(self.told(&self.find(&mut lock(&self.state), id, "read meeting")?.1.meeting))
    }

    async fn find_by_key(&self, key: &MeetingKey, around: TimeRange) -> Result<Vec<Meeting>> {
        if matches!(self.capabilities.idempotency, Idempotency::NativeKey | Idempotency::None) {
            return Err(self.error(ErrorKind::Unsupported, "find meeting by key"));
        }
        let state = lock(&self.state);
        let found = state.live.values().filter(|stored| {
            let near = stored.meeting.slot.as_ref().is_none_or(|slot| slot.range().overlaps(&around));
            stored.key == *key && near && self.sees(stored) && self.is_indexed(stored)
        });
        Ok(found.map(|stored| self.told(&stored.meeting)).collect())
    }

    async fn update(&self, id: &MeetingId, patch: &MeetingPatch, options: WriteOptions) -> Result<Meeting> {
        let bad = |why| Err(Error::invalid("update meeting", why).with_provider(self.provider.clone()));
        if patch.subject.as_ref().is_some_and(|subject| subject.trim().is_empty()) {
            return bad("the subject is empty");
        }
        if patch.slot.as_ref().is_some_and(|slot| slot.duration.as_secs() == 0) {
            return bad("it lasts no time");
        }
        self.check_settings("update meeting", &patch.settings)?;
        self.write("update meeting", |state| {
            let (_, stored) = self.find(state, id, "update meeting")?;
            self.check_version(stored, &options, "update meeting")?;
            if stored.repeats && patch.slot.as_ref().is_some_and(|slot| slot.start.zone() == TimeZone::UNTOLD) {
                return bad("the slot was read, and is not in the zone of the series");
            }
            if let Some(subject) = &patch.subject {
                stored.meeting.subject.clone_from(subject);
            }
            if let Some(slot) = &patch.slot {
                stored.meeting.slot = Some(slot.clone());
            }
            touch(stored)?;
            Ok(self.told(&stored.meeting))
        })
    }

    async fn cancel(&self, id: &MeetingId, options: WriteOptions) -> Result<()> {
        self.write("cancel meeting", |state| {
            let (number, stored) = self.find(state, id, "cancel meeting")?;
            self.check_version(stored, &options, "cancel meeting")?;
            state.live.remove(&number);
            Ok(())
        })
    }

    async fn list(&self, within: TimeRange, page: Option<&PageToken>) -> Result<Page<Meeting>> {
        if !self.capabilities.list {
            return Err(self.error(ErrorKind::Unsupported, "list meetings"));
        }
        let after = match page {
            None => 0,
            Some(token) => {
                token.as_str().parse().map_err(|_| Error::invalid("list meetings", "no page has this token"))?
            }
        };
        let state = lock(&self.state);
        let mut rest = state.live.range(after + 1..).filter(|(_, stored)| {
            self.sees(stored) && stored.meeting.slot.as_ref().is_none_or(|slot| slot.range().overlaps(&within))
        });
        let items: Vec<_> =
            rest.by_ref().take(PAGE).map(|(number, stored)| (*number, self.told(&stored.meeting))).collect();
        let next = match (items.last(), rest.next()) {
            (Some((last, _)), Some(_)) => Some(PageToken::parse(last.to_string())?),
            _ => None,
        };
        Ok(Page { items: items.into_iter().map(|(_, meeting)| meeting).collect(), next })
    }
}

#[async_trait]
impl AttendeeList for MemoryMeetings {
    async fn add(&self, to: &Gathering, attendee: &Attendee, _options: WriteOptions) -> Result<AttendeeChange> {
        let Gathering::Meeting(id) = to else { return Err(self.error(ErrorKind::Unsupported, "add attendee")) };
        self.write("add attendee", |state| {
            let (_, stored) = self.find(state, id, "add attendee")?;
            touch(stored)?;
            Ok(attendees::add(&mut stored.attendees, attendee))
        })
    }

    async fn remove(&self, from: &Gathering, attendee: &Attendee, _options: WriteOptions) -> Result<AttendeeChange> {
        let Gathering::Meeting(id) = from else { return Err(self.error(ErrorKind::Unsupported, "remove attendee")) };
        self.write("remove attendee", |state| {
            let (_, stored) = self.find(state, id, "remove attendee")?;
            touch(stored)?;
            Ok(attendees::remove(&mut stored.attendees, attendee))
        })
    }

    async fn attendees(&self, of: &Gathering) -> Result<Vec<Attendee>> {
        let Gathering::Meeting(id) = of else { return Err(self.error(ErrorKind::Unsupported, "read attendees")) };
        Ok(self.find(&mut lock(&self.state), id, "read attendees")?.1.attendees.clone())
    }
}

#[async_trait]
impl Open<dyn MeetingProvider> for MemoryMeetings {
    async fn open(&self, account: &Account) -> Result<Arc<dyn MeetingProvider>> {
        Ok(Arc::new(self.bound_to(account)?))
    }
}

#[async_trait]
impl Open<dyn AttendeeList> for MemoryMeetings {
    async fn open(&self, account: &Account) -> Result<Arc<dyn AttendeeList>> {
        Ok(Arc::new(self.bound_to(account)?))
    }
}
