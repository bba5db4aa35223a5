//! An application over memory, on a clock that jumps.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use invitations_core::{
    Result,
    ids::{EffectName, InvitationId, MeetingId, PrincipalId, ProviderId, TenantId, UserId, WorkerId},
    invitation::{
        Event, Invitations, InvitationsBuilder, Invite, Invited, Proof, Refusal, Standing, TenantInvitations, Worker,
        effect::Effects, machine::Recipient,
    },
    memory::{MemoryAttendance, MemoryCalendar, MemoryExecutor, MemoryGuests, MemoryInvitationStore, MemoryMeetings},
    people::{CallerAuthorized, EmailAddress, Principal},
    provider::{Account, Idempotency, MeetingDraft, MeetingProvider, Open as _, Providers},
    runtime::{Clock as _, ManualClock, SeededEntropy, TokioSpawner},
    secret::KeyRing,
    time::Slot,
};

use crate::{
    service_people::{Members, Notices},
    token::world::drive,
};

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(3600);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 3600);

pub(crate) struct World {
    pub(crate) clock: ManualClock,
    pub(crate) meetings: MemoryMeetings,
    pub(crate) attendance: MemoryAttendance,
    pub(crate) guests: MemoryGuests,
    pub(crate) calendar: MemoryCalendar,
    /// Makes whiteboards.
    pub(crate) boards: MemoryExecutor,
    pub(crate) notices: Notices,
    pub(crate) members: Members,
    pub(crate) store: Arc<MemoryInvitationStore>,
    pub(crate) invitations: Invitations,
    pub(crate) org: TenantInvitations,
    worker: Worker,
}

/// Everything registered, and meetings with a native key.
pub(crate) fn world() -> World {
    world_with(Idempotency::NativeKey)
}

pub(crate) fn world_with(idempotency: Idempotency) -> World {
    let clock = ManualClock::new(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
    let meetings = MemoryMeetings::new(provider()).with_idempotency(idempotency).with_clock(Arc::new(clock.clone()));
    world_over(clock, meetings)
}

pub(crate) fn world_over(clock: ManualClock, meetings: MemoryMeetings) -> World {
    let (attendance, guests) = (MemoryAttendance::new(provider()), MemoryGuests::new(directory()));
    let calendar = MemoryCalendar::new(directory());
    let providers = Providers::new()
        .with(provider(), Arc::new(meetings.clone()))
        .with_attendance(provider(), Arc::new(attendance.clone()))
        .with_guests(directory(), Arc::new(guests.clone()))
        .with_calendars(directory(), Arc::new(calendar.clone()))
        .with_attendees(directory(), Arc::new(calendar.clone()));
    let store = Arc::new(MemoryInvitationStore::new(Arc::new(clock.clone())));
    let (notices, members) = (Notices::default(), Members::default());
    let boards = MemoryExecutor::new(Arc::new(clock.clone()));
    let effects = Effects::new(providers.clone()).with(whiteboard(), Arc::new(boards.clone()));
    let built = builder(&clock, Arc::clone(&store), providers).effects(effects);
    let invitations = built.notifier(Arc::new(notices.clone())).membership(Arc::new(members.clone())).build().unwrap();
    let org = invitations.tenant(&school());
    let worker = invitations.worker(WorkerId::parse("worker").unwrap());
    World { clock, meetings, attendance, guests, calendar, boards, notices, members, store, invitations, org, worker }
}

/// Without anybody who is told.
pub(crate) fn builder(
    clock: &ManualClock,
    store: Arc<MemoryInvitationStore>,
    providers: Providers,
) -> InvitationsBuilder {
    Invitations::builder(store)
        .effects(Effects::new(providers))
        .authorizer(Arc::new(CallerAuthorized))
        .sealer(Arc::new(KeyRing::generate().unwrap()))
        .runtime(Arc::new(clock.clone()), Arc::new(TokioSpawner))
        .entropy(Arc::new(SeededEntropy::new(1)))
        .links_at("https://app.example/join".parse().unwrap())
}

/// Where meetings are.
pub(crate) fn provider() -> ProviderId {
    ProviderId::parse("memory").unwrap()
}

/// Where guests and calendars are.
pub(crate) fn directory() -> ProviderId {
    ProviderId::parse("directory").unwrap()
}

/// The application's own effect.
pub(crate) fn whiteboard() -> EffectName {
    EffectName::parse("whiteboard").unwrap()
}

pub(crate) fn school() -> TenantId {
    TenantId::parse("school").unwrap()
}

pub(crate) fn account() -> Account {
    account_of("organizer")
}

pub(crate) fn account_of(user: &str) -> Account {
    Account::application(school(), provider(), UserId::parse(user).unwrap())
}

pub(crate) fn person(id: &str) -> Principal {
    Principal::new(PrincipalId::parse(id).unwrap())
}

/// A person with the address of the same name verified.
pub(crate) fn owner(id: &str) -> Principal {
    person(id).with_verified(address(id))
}

pub(crate) fn address(name: &str) -> EmailAddress {
    EmailAddress::parse(format!("{name}@people.example")).unwrap()
}

/// Invited as a person of the application.
pub(crate) fn known(id: &str) -> Recipient {
    Recipient::Principal(PrincipalId::parse(id).unwrap())
}

/// Invited by the address of that name.
pub(crate) fn mailed(name: &str) -> Recipient {
    Recipient::Address(address(name))
}

/// The reason of a refusal.
pub(crate) fn refusal<T: std::fmt::Debug>(result: Result<T>) -> Refusal {
    let error = result.unwrap_err();
    error.refusal().cloned().unwrap_or_else(|| panic!("not a refusal: {error}"))
}

impl World {
    /// An hour, so long from now.
    pub(crate) fn slot(&self, from_now: Duration) -> Slot {
        let start = self.clock.now() + from_now;
        Slot::from(start..start + HOUR)
    }

    /// Tomorrow, for an hour.
    pub(crate) fn draft(&self) -> MeetingDraft {
        MeetingDraft::new("Maths", self.slot(DAY))
    }

    pub(crate) fn meeting(&self, to: Recipient) -> Invite {
        Invite::meeting(self.draft(), account(), to)
    }

    /// Ada invites.
    pub(crate) async fn invite(&self, invite: Invite) -> Invited {
        self.org.invite(&person("ada"), invite).await.unwrap()
    }

    pub(crate) async fn accept(&self, proof: &Proof, by: &Principal) -> Result<Standing> {
        self.drive(self.org.accept(proof, by)).await
    }

    /// Ada has invited Bob, and he has accepted.
    pub(crate) async fn accepted(&self, invite: Invite) -> InvitationId {
        let id = self.invite(invite).await.id;
        self.accept(&Proof::Inbox(id.clone()), &person("bob")).await.unwrap();
        id
    }

    pub(crate) async fn drive<T>(&self, work: impl Future<Output = T>) -> T {
        drive(&self.clock, work).await
    }

    /// Workers do what is due now.
    pub(crate) async fn work(&self) -> Option<Duration> {
        for _ in 0..100 {
            let round = self.drive(self.worker.run_once(16)).await.unwrap();
            if round.done == 0 {
                return round.next_due;
            }
        }
        panic!("there is always something due");
    }

    /// Time passes, and workers do everything when it is due.
    pub(crate) async fn pass(&self, time: Duration) {
        let end = self.clock.now() + time;
        while let Some(left) = (end - self.clock.now()).to_std().ok().filter(|left| !left.is_zero()) {
            let due = self.work().await.unwrap_or(left);
            self.clock.advance(due.clamp(Duration::from_millis(1), left));
        }
        self.work().await;
    }

    pub(crate) async fn pass_until(&self, time: DateTime<Utc>) {
        self.pass((time - self.clock.now()).to_std().unwrap()).await;
    }

    pub(crate) async fn standing(&self, id: &InvitationId) -> Standing {
        self.org.standing(id).await.unwrap()
    }

    pub(crate) async fn history(&self, id: &InvitationId) -> Vec<Event> {
        self.org.history(id).await.unwrap()
    }

    /// The provider as the organizer has it open.
    pub(crate) async fn opened(&self) -> Arc<dyn MeetingProvider> {
        self.meetings.open(&account()).await.unwrap()
    }

    /// The one meeting that there is.
    pub(crate) fn only_meeting(&self) -> MeetingId {
        let meetings = self.meetings.meetings();
        assert_eq!(meetings.len(), 1);
        meetings[0].id.clone()
    }
}
