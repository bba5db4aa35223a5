//! The in-memory providers keep the contracts they are for.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{sync::Arc, time::Duration};

use chrono::DateTime;
use invitations_core::{
    ErrorKind, RetryClass,
    conformance::{
        attendee_list::AttendeeFixture, calendar_provider::CalendarFixture, guest_directory::GuestFixture,
        meeting_provider::ProviderFixture,
    },
    ids::{CalendarId, ConnectionId, EventId, MeetingId, MeetingKey, ProviderId, TenantId, UserId},
    memory::{MemoryAttendance, MemoryCalendar, MemoryGuests, MemoryMeetings},
    people::GuestDirectory,
    provider::{
        Account, AttendanceProvider as _, AttendeeList, CalendarCapabilities, CalendarProvider,
        CalendarProviderExt as _, EventDraft, Gathering, Idempotency, Marker, MeetingCapabilities, MeetingDraft,
        MeetingProvider, Presence, Providers, WriteOptions,
    },
    runtime::ManualClock,
    time::Slot,
};

fn provider_id() -> ProviderId {
    ProviderId::parse("memory").unwrap()
}

fn slot() -> Slot {
    let start = DateTime::from_timestamp(2_000_000_000, 0).unwrap();
    Slot::from(start..start + Duration::from_secs(1800))
}

fn draft() -> MeetingDraft {
    MeetingDraft::new("Lesson", slot())
}

struct Meetings(MeetingCapabilities);

impl ProviderFixture for Meetings {
    async fn provider(&self) -> Arc<dyn MeetingProvider> {
        Arc::new(MemoryMeetings::new(provider_id()).with_capabilities(self.0.clone()))
    }
}

mod meetings_with_a_native_key {
    use super::*;
    invitations_core::meeting_provider_suite!(
        #[tokio::test]
        Meetings(MeetingCapabilities::new(Idempotency::NativeKey).with_list().with_keys().with_recurrence())
    );
}

mod meetings_with_an_exact_lookup {
    use super::*;
    invitations_core::meeting_provider_suite!(
        #[tokio::test]
        Meetings(MeetingCapabilities::new(Idempotency::ExactLookup).with_list())
    );
}

mod meetings_with_an_inexact_lookup {
    use super::*;
    invitations_core::meeting_provider_suite!(
        #[tokio::test]
        Meetings(MeetingCapabilities::new(Idempotency::InexactLookup { lag: Duration::from_secs(5) }))
    );
}

mod meetings_that_declare_nothing {
    use super::*;
    invitations_core::meeting_provider_suite!(
        #[tokio::test]
        Meetings(MeetingCapabilities::new(Idempotency::None))
    );
}

struct Calendar(Option<CalendarCapabilities>);

impl CalendarFixture for Calendar {
    async fn provider(&self) -> Arc<dyn CalendarProvider> {
        let calendar = MemoryCalendar::new(provider_id());
        Arc::new(match &self.0 {
            Some(capabilities) => calendar.with_capabilities(capabilities.clone()),
            None => calendar,
        })
    }
    fn calendar(&self) -> CalendarId {
        CalendarId::parse("work").unwrap()
    }
}

mod a_calendar_that_can_everything {
    use super::*;
    invitations_core::calendar_provider_suite!(
        #[tokio::test]
        Calendar(None)
    );
}

mod a_calendar_that_declares_nothing {
    use super::*;
    invitations_core::calendar_provider_suite!(
        #[tokio::test]
        Calendar(Some(CalendarCapabilities::new()))
    );
}

struct Guests;

impl GuestFixture for Guests {
    async fn directory(&self) -> Arc<dyn GuestDirectory> {
        Arc::new(MemoryGuests::new(provider_id()))
    }
}

mod guests {
    use super::*;
    invitations_core::guest_directory_suite!(
        #[tokio::test]
        Guests
    );
}

struct MeetingAttendees;

impl AttendeeFixture for MeetingAttendees {
    async fn gathering(&self) -> (Arc<dyn AttendeeList>, Gathering) {
        let meetings = MemoryMeetings::new(provider_id());
        let key = MeetingKey::parse("gathering").unwrap();
        let made = meetings.create(&key, &draft(), WriteOptions::new()).await.unwrap();
        (Arc::new(meetings), Gathering::Meeting(made.id))
    }
    fn unknown(&self) -> Gathering {
        Gathering::Meeting(MeetingId::parse("nowhere").unwrap())
    }
}

mod attendees_of_a_meeting {
    use super::*;
    invitations_core::attendee_list_suite!(
        #[tokio::test]
        MeetingAttendees
    );
}

struct EventAttendees;

impl AttendeeFixture for EventAttendees {
    async fn gathering(&self) -> (Arc<dyn AttendeeList>, Gathering) {
        let (events, calendar) = (MemoryCalendar::new(provider_id()), CalendarId::parse("work").unwrap());
        let (key, draft) = (Marker::parse("gathering").unwrap(), EventDraft::new("Lesson", slot().into()));
        let made = events.create_event(&calendar, &key, draft, WriteOptions::new()).await.unwrap();
        (Arc::new(events), Gathering::Event { calendar, event: made.id })
    }
    fn unknown(&self) -> Gathering {
        let calendar = CalendarId::parse("work").unwrap();
        Gathering::Event { calendar, event: EventId::parse("nowhere").unwrap() }
    }
}

mod attendees_of_an_event {
    use super::*;
    invitations_core::attendee_list_suite!(
        #[tokio::test]
        EventAttendees
    );
}

#[tokio::test]
async fn a_lost_reply_leaves_the_meeting_and_a_lost_request_does_not() {
    let meetings = MemoryMeetings::new(provider_id());
    let keys = ["reply", "request", "refused"].map(|key| MeetingKey::parse(key).unwrap());
    meetings.lose_reply_of_next(1);
    let lost = meetings.create(&keys[0], &draft(), WriteOptions::new()).await.unwrap_err();
    assert_eq!((lost.kind(), lost.retry()), (ErrorKind::Timeout, RetryClass::Unclear { after: None }));
    assert_eq!((meetings.made(), meetings.writes()), (1, 1));
    meetings.lose_request_of_next(1);
    let lost = meetings.create(&keys[1], &draft(), WriteOptions::new()).await.unwrap_err();
    assert_eq!((lost.kind(), lost.retry()), (ErrorKind::Timeout, RetryClass::Unclear { after: None }));
    assert_eq!((meetings.made(), meetings.writes()), (1, 1));
    meetings.refuse_next(ErrorKind::Throttled);
    let refused = meetings.create(&keys[2], &draft(), WriteOptions::new()).await.unwrap_err();
    assert_eq!((refused.kind(), refused.retry()), (ErrorKind::Throttled, RetryClass::Safe { after: None }));
    assert_eq!((meetings.made(), meetings.writes()), (1, 2));
    // afterwards all is well
    assert!(meetings.create(&keys[0], &draft(), WriteOptions::new()).await.is_ok());
    assert_eq!(meetings.meetings().len(), 1);
}

#[tokio::test]
async fn an_inexact_lookup_sees_a_meeting_after_its_lag() {
    let clock = ManualClock::new(DateTime::UNIX_EPOCH);
    let lag = Duration::from_secs(10);
    let meetings = MemoryMeetings::new(provider_id())
        .with_idempotency(Idempotency::InexactLookup { lag })
        .with_clock(Arc::new(clock.clone()));
    let key = MeetingKey::parse("late").unwrap();
    meetings.create(&key, &draft(), WriteOptions::new()).await.unwrap();
    clock.advance(lag - Duration::from_millis(1));
    assert!(meetings.find_by_key(&key, slot().range()).await.unwrap().is_empty());
    clock.advance(Duration::from_millis(1));
    assert_eq!(meetings.find_by_key(&key, slot().range()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_account_sees_its_own_meetings() {
    let (meetings, tenant) = (MemoryMeetings::new(provider_id()), TenantId::parse("school").unwrap());
    let providers = Providers::new().with(provider_id(), Arc::new(meetings.clone()));
    let tutor = Account::application(tenant.clone(), provider_id(), UserId::parse("tutor").unwrap());
    let other = Account::connection(tenant.clone(), provider_id(), ConnectionId::parse("other").unwrap());
    let (tutor, other) = (providers.meetings(&tutor).await.unwrap(), providers.meetings(&other).await.unwrap());
    let key = MeetingKey::parse("same").unwrap();
    let mine = tutor.create(&key, &draft(), WriteOptions::new()).await.unwrap();
    assert_eq!(mine.organizer.as_ref().unwrap().as_str(), "tutor");
    assert_eq!(other.read(&mine.id).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_ne!(other.create(&key, &draft(), WriteOptions::new()).await.unwrap().id, mine.id);
    assert_eq!(meetings.meetings().len(), 2);
    let stranger = Account::application(tenant, ProviderId::parse("else").unwrap(), UserId::parse("tutor").unwrap());
    assert_eq!(providers.meetings(&stranger).await.unwrap_err().kind(), ErrorKind::Misconfigured);
}

#[tokio::test]
async fn nobody_can_tell_who_is_there_before_somebody_looks() {
    let attendance = MemoryAttendance::new(provider_id());
    let (quiet, full) = (MeetingId::parse("quiet").unwrap(), MeetingId::parse("full").unwrap());
    assert_eq!(attendance.attendance(&quiet, None).await.unwrap_err().kind(), ErrorKind::NotFound);
    attendance.watch(quiet.clone());
    let nobody = attendance.attendance(&quiet, None).await.unwrap();
    assert!(nobody.items.is_empty() && nobody.next.is_none());
    for _ in 0..21 {
        attendance.join(full.clone(), Presence::new(None, vec![slot().range()]));
    }
    let first = attendance.attendance(&full, None).await.unwrap();
    let second = attendance.attendance(&full, first.next.as_ref()).await.unwrap();
    assert_eq!((first.items.len(), second.items.len(), second.next), (20, 1, None));
    attendance.refuse_next(ErrorKind::Unavailable);
    assert_eq!(attendance.attendance(&full, None).await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(attendance.asked(), 5);
    let providers = Providers::new().with_attendance(provider_id(), Arc::new(attendance));
    let (tenant, tutor) = (TenantId::parse("school").unwrap(), UserId::parse("tutor").unwrap());
    let opened = providers.attendance(&Account::application(tenant, provider_id(), tutor)).await.unwrap();
    assert_eq!(opened.attendance(&full, None).await.unwrap().items.len(), 20);
}
