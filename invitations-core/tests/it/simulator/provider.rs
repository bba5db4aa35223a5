//! Providers of every kind over the one outside world.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use invitations_core::{
    Error, ErrorKind, Result,
    ids::{GuestId, MeetingId, MeetingKey, PageToken, ProviderId},
    people::{Attendee, EmailAddress, Guest, GuestDirectory, GuestDraft, Redemption},
    provider::{
        Account, AttendeeChange, AttendeeList, Gathering, Idempotency, Meeting, MeetingCapabilities, MeetingDraft,
        MeetingPatch, MeetingProvider, Open, Page, Providers, WriteOptions,
    },
    secret::JoinUrl,
    time::TimeRange,
};

use super::{
    hit::Hit,
    network::{Call, CallKind, Line},
    outside::{Outside, SimMeeting, case_in, join_url, meeting_id, place},
    world::World,
};

/// A provider: opens accounts.
#[derive(Clone, Debug)]
pub(super) struct SimProvider {
    world: Arc<World>,
    id: ProviderId,
    idempotency: Idempotency,
}

/// An account, opened.
#[derive(Clone, Debug)]
pub(super) struct SimAccount {
    provider: SimProvider,
    line: Line,
}

pub(super) fn provider_id(idempotency: Idempotency) -> ProviderId {
    let name = match idempotency {
        Idempotency::NativeKey => "native",
        Idempotency::ExactLookup => "exact",
        Idempotency::InexactLookup { .. } => "inexact",
        _ => "none",
    };
    ProviderId::parse(name).unwrap()
}

/// One of each kind that the schedule's invitations use.
pub(super) fn providers(world: &Arc<World>) -> Providers {
    world.swarm.plans.iter().fold(Providers::new(), |providers, plan| {
        let (id, world) = (provider_id(plan.idempotency), Arc::clone(world));
        let provider = Arc::new(SimProvider { world, id: id.clone(), idempotency: plan.idempotency });
        let guests: Arc<dyn Open<dyn GuestDirectory>> = Arc::<SimProvider>::clone(&provider);
        providers.with(id.clone(), provider).with_guests(id, guests)
    })
}

impl SimProvider {
    fn bound_to(&self, account: &Account) -> SimAccount {
        let line = Line { world: Arc::clone(&self.world), account: account.clone() };
        SimAccount { provider: self.clone(), line }
    }
}

macro_rules! opens { ($($role:ident),+) => {$(
    #[async_trait]
    impl Open<dyn $role> for SimProvider {
        async fn open(&self, account: &Account) -> Result<Arc<dyn $role>> {
            Ok(Arc::new(self.bound_to(account)))
        }
    }
)+}}

opens!(MeetingProvider, AttendeeList, GuestDirectory);

impl SimAccount {
    fn world(&self) -> &World {
        &self.line.world
    }

    fn call(operation: &'static str, case: Option<usize>, kind: CallKind) -> Call {
        Call { operation, case, kind }
    }

    /// The invitation whose create carried this key.
    fn case_of(&self, key: &MeetingKey) -> Option<usize> {
        let oracle = self.world().oracle();
        oracle.cases.iter().position(|case| case.keys.contains(key.as_str()))
    }

    /// The number of a meeting, and whose invitation made it.
    fn number(&self, id: &MeetingId) -> (usize, Option<usize>) {
        let number = id.as_str().rsplit('-').next().and_then(|number| number.parse().ok()).unwrap_or(usize::MAX);
        (number, self.world().oracle().outside.meetings.get(number).map(|meeting| meeting.case))
    }
}

fn meeting(number: usize, of: &SimMeeting) -> Meeting {
    let join = JoinUrl::new(join_url(number).parse().unwrap());
    Meeting::new(meeting_id(number), &*of.draft.subject, join).with_slot(of.draft.slot.clone())
}

fn not_there(operation: &'static str) -> Error {
    Error::new(ErrorKind::NotFound, operation)
}

#[async_trait]
impl MeetingProvider for SimAccount {
    fn provider(&self) -> &ProviderId {
        &self.provider.id
    }

    fn capabilities(&self) -> MeetingCapabilities {
        MeetingCapabilities::new(self.provider.idempotency)
    }

    async fn create(&self, key: &MeetingKey, draft: &MeetingDraft, options: WriteOptions) -> Result<Meeting> {
        let case = case_in(&draft.subject);
        if let Some(case) = case {
            self.world().oracle().cases[case].keys.insert(key.to_string());
        }
        let keyed = self.provider.idempotency == Idempotency::NativeKey;
        let (key, draft, account) = (key.clone(), draft.clone(), self.line.account.clone());
        let lag = match self.provider.idempotency {
            Idempotency::InexactLookup { lag } if self.world().swarm.provider.contains(&Hit::StaleLookUp) => {
                self.world().dice().up_to(lag)
            }
            _ => std::time::Duration::ZERO,
        };
        let effect = move |outside: &mut Outside, now| {
            let same = |(_, other): &(usize, &SimMeeting)| keyed && other.key == key && other.account == account;
            if let Some((number, there)) = outside.live(case.unwrap_or_default()).find(same) {
                return Ok(meeting(number, there));
            }
            let new = SimMeeting {
                case: case.unwrap_or_default(),
                key: key.clone(),
                account: account.clone(),
                draft: draft.clone(),
                visible_at: now + lag,
                live: true,
            };
            let number = outside.create(now, new);
            Ok(meeting(number, &outside.meetings[number]))
        };
        let call = Self::call("create meeting", case, CallKind::Make { keyed });
        self.line.send(call, &options, Box::new(effect)).boxed().await
    }

    async fn read(&self, id: &MeetingId) -> Result<Meeting> {
        let (number, case) = self.number(id);
        let effect = move |outside: &mut Outside, _| {
            let found = outside.meetings.get(number).filter(|meeting| meeting.live);
            found.map(|found| meeting(number, found)).ok_or_else(|| not_there("read meeting"))
        };
        let call = Self::call("read meeting", case, CallKind::Read);
        self.line.send(call, &WriteOptions::new(), Box::new(effect)).boxed().await
    }

    async fn find_by_key(&self, key: &MeetingKey, around: TimeRange) -> Result<Vec<Meeting>> {
        if matches!(self.provider.idempotency, Idempotency::NativeKey | Idempotency::None) {
            return Err(Error::new(ErrorKind::Unsupported, "find meeting by key"));
        }
        let case = self.case_of(key);
        let (key, account, world) = (key.clone(), self.line.account.clone(), Arc::clone(&self.line.world));
        let effect = move |outside: &mut Outside, now| {
            let ours = |meeting: &SimMeeting| {
                meeting.live
                    && meeting.key == key
                    && meeting.account == account
                    && meeting.draft.slot.range().overlaps(&around)
            };
            let mut found = Vec::new();
            for (number, there) in outside.meetings.iter().enumerate().filter(|(_, meeting)| ours(meeting)) {
                if there.visible_at <= now {
                    found.push(meeting(number, there));
                } else {
                    world.count(|tally| tally.hit(Hit::StaleLookUp));
                }
            }
            Ok(found)
        };
        let call = Self::call("find meeting", case, CallKind::Read);
        self.line.send(call, &WriteOptions::new(), Box::new(effect)).boxed().await
    }

    async fn update(&self, id: &MeetingId, patch: &MeetingPatch, options: WriteOptions) -> Result<Meeting> {
        let (number, case) = self.number(id);
        let patch = patch.clone();
        let effect = move |outside: &mut Outside, _| {
            let found = outside.meetings.get_mut(number).filter(|meeting| meeting.live);
            let found = found.ok_or_else(|| not_there("update meeting"))?;
            found.draft.slot = patch.slot.clone().unwrap_or_else(|| found.draft.slot.clone());
            Ok(meeting(number, found))
        };
        let call = Self::call("update meeting", case, CallKind::Make { keyed: true });
        self.line.send(call, &options, Box::new(effect)).boxed().await
    }

    async fn cancel(&self, id: &MeetingId, options: WriteOptions) -> Result<()> {
        let (number, case) = self.number(id);
        let effect = move |outside: &mut Outside, now| {
            if outside.cancel(now, number) { Ok(()) } else { Err(not_there("cancel meeting")) }
        };
        let call = Self::call("cancel meeting", case, CallKind::Take);
        self.line.send(call, &options, Box::new(effect)).boxed().await
    }

    async fn list(&self, _: TimeRange, _: Option<&PageToken>) -> Result<Page<Meeting>> {
        Err(Error::new(ErrorKind::Unsupported, "list meetings"))
    }
}

impl SimAccount {
    async fn seat(&self, at: &Gathering, who: &Attendee, options: &WriteOptions, add: bool) -> Result<bool> {
        let (name, email) = (place(at), who.email.clone());
        let live = match at {
            Gathering::Meeting(id) => Some(self.number(id).0),
            _ => None,
        };
        let effect = move |outside: &mut Outside, now| {
            if live.is_some_and(|number| outside.meetings.get(number).is_none_or(|meeting| !meeting.live)) {
                return Err(not_there("change attendees"));
            }
            Ok(outside.seat(now, &name, &email, add))
        };
        let (operation, kind) =
            if add { ("add attendee", CallKind::Make { keyed: true }) } else { ("remove attendee", CallKind::Take) };
        let call = Self::call(operation, case_in(who.email.canonical()), kind);
        self.line.send(call, options, Box::new(effect)).boxed().await
    }
}

#[async_trait]
impl AttendeeList for SimAccount {
    async fn add(&self, to: &Gathering, attendee: &Attendee, options: WriteOptions) -> Result<AttendeeChange> {
        let new = self.seat(to, attendee, &options, true).await?;
        Ok(if new { AttendeeChange::Added } else { AttendeeChange::AlreadyThere })
    }

    async fn remove(&self, from: &Gathering, attendee: &Attendee, options: WriteOptions) -> Result<AttendeeChange> {
        let there = self.seat(from, attendee, &options, false).await?;
        Ok(if there { AttendeeChange::Removed } else { AttendeeChange::NotThere })
    }

    async fn attendees(&self, _: &Gathering) -> Result<Vec<Attendee>> {
        Err(Error::new(ErrorKind::Unsupported, "list attendees"))
    }
}

#[async_trait]
impl GuestDirectory for SimAccount {
    /// Looks up first, as a client of a directory without idempotency must: whoever is there gets no second mail.
    async fn invite(&self, draft: &GuestDraft, options: WriteOptions) -> Result<Guest> {
        let case = case_in(draft.email.canonical());
        let draft = draft.clone();
        let effect = move |outside: &mut Outside, now| {
            let number = outside.invite(now, &draft.email, draft.send_mail);
            Ok(Guest::new(GuestId::parse(format!("guest-{number}"))?, draft.email.clone(), Redemption::Pending))
        };
        let call = Self::call("invite guest", case, CallKind::Make { keyed: true });
        self.line.send(call, &options, Box::new(effect)).boxed().await
    }

    async fn guest(&self, _: &GuestId) -> Result<Guest> {
        Err(Error::new(ErrorKind::Unsupported, "read guest"))
    }

    async fn find_by_address(&self, email: &EmailAddress) -> Result<Vec<Guest>> {
        let (case, email) = (case_in(email.canonical()), email.clone());
        let effect = move |outside: &mut Outside, _| {
            let found = outside.guests.get(email.canonical());
            let guest = |number: &usize| {
                Ok(Guest::new(GuestId::parse(format!("guest-{number}"))?, email.clone(), Redemption::Pending))
            };
            found.into_iter().map(guest).collect()
        };
        let call = Self::call("find guest", case, CallKind::Read);
        self.line.send(call, &WriteOptions::new(), Box::new(effect)).boxed().await
    }

    async fn remove(&self, _: &GuestId, _: WriteOptions) -> Result<()> {
        Err(Error::new(ErrorKind::Unsupported, "remove guest"))
    }
}
