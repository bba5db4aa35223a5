//! For each case of the suite one provider that is wrong in just that way, and that the case reports; and the one in memory, right.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use invitations_core::{
    ErrorKind, Result,
    conformance::attendance_provider::{self as suite, AttendanceFixture, Stay},
    ids::{MeetingId, PageToken, ProviderId},
    memory::MemoryAttendance,
    people::Attendee,
    provider::{AttendanceCapabilities, AttendanceProvider, Page, Presence},
    time::TimeRange,
};

fn meeting_id() -> MeetingId {
    MeetingId::parse("meeting").unwrap()
}

/// Each stay is an entry of its own.
fn memory(stays: &[Stay], capabilities: AttendanceCapabilities) -> MemoryAttendance {
    let memory = MemoryAttendance::new(ProviderId::parse("memory").unwrap()).with_capabilities(capabilities);
    memory.watch(meeting_id());
    let now = stays.iter().flat_map(|stay| [Some(stay.joined), stay.left]).flatten().max();
    for stay in stays {
        let until = stay.left.or(now).unwrap_or(stay.joined);
        let presence = Presence::new(stay.who.clone().map(Attendee::new), vec![TimeRange::new(stay.joined, until)]);
        memory.join(meeting_id(), presence.with_name(&stay.name).with_still_there(stay.left.is_none()));
    }
    memory
}

fn all() -> AttendanceCapabilities {
    AttendanceCapabilities::new().with_live().with_absence()
}

struct Right(AttendanceCapabilities);

impl AttendanceFixture for Right {
    async fn meeting(&self, stays: &[Stay]) -> (Arc<dyn AttendanceProvider>, MeetingId) {
        (Arc::new(memory(stays, self.0)), meeting_id())
    }
}

mod in_memory {
    use super::{Right, all};
    invitations_core::attendance_provider_suite!(
        #[tokio::test]
        Right(all())
    );
}

mod in_memory_that_cannot_prove_absence {
    use super::{AttendanceCapabilities, Duration, Right};
    invitations_core::attendance_provider_suite!(
        #[tokio::test]
        Right(AttendanceCapabilities::new().with_lag(Duration::from_secs(600)))
    );
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    LosesTheLast,
    CountsTheGap,
    NamesStrangersAfterTheHost,
    RepeatsTheFirstPage,
    SaysAllHaveLeft,
    SaysNobodyWithoutProof,
    HidesProvenAbsence,
    KnowsEveryMeeting,
    TakesAnyPage,
}

#[derive(Debug)]
struct Wrong {
    fault: Fault,
    inner: MemoryAttendance,
}

#[async_trait]
impl AttendanceProvider for Wrong {
    fn capabilities(&self) -> AttendanceCapabilities {
        match self.fault {
            Fault::SaysNobodyWithoutProof => AttendanceCapabilities::new(),
            _ => all(),
        }
    }

    async fn attendance(&self, id: &MeetingId, page: Option<&PageToken>) -> Result<Page<Presence>> {
        let answer = match (self.fault, page) {
            (Fault::KnowsEveryMeeting, _) if *id != meeting_id() => return Ok(Page { items: Vec::new(), next: None }),
            (Fault::TakesAnyPage, Some(token)) if token.as_str().starts_with("https") => {
                self.inner.attendance(id, None).await
            }
            (Fault::RepeatsTheFirstPage, Some(token)) => {
                let mut first = self.inner.attendance(id, None).await?;
                first.next = self.inner.attendance(id, Some(token)).await?.next;
                Ok(first)
            }
            _ => self.inner.attendance(id, page).await,
        };
        let mut page = answer?;
        if self.fault == Fault::HidesProvenAbsence && page.items.is_empty() {
            return Err(invitations_core::Error::new(ErrorKind::NotFound, "read attendance"));
        }
        match self.fault {
            Fault::LosesTheLast => drop(page.items.pop()),
            Fault::CountsTheGap => {
                let first = page.items.iter().filter_map(|one| one.intervals.first()).map(|range| range.from).min();
                for interval in page.items.iter_mut().flat_map(|one| &mut one.intervals) {
                    interval.from = first.unwrap_or(interval.from);
                }
            }
            Fault::NamesStrangersAfterTheHost => {
                let host = page.items.iter().find_map(|one| one.who.clone());
                page.items.iter_mut().for_each(|one| one.who = one.who.take().or_else(|| host.clone()));
            }
            Fault::SaysAllHaveLeft => page.items.iter_mut().for_each(|one| one.still_there = false),
            _ => {}
        }
        Ok(page)
    }
}

struct With(Fault);

impl AttendanceFixture for With {
    async fn meeting(&self, stays: &[Stay]) -> (Arc<dyn AttendanceProvider>, MeetingId) {
        (Arc::new(Wrong { fault: self.0, inner: memory(stays, all()) }), meeting_id())
    }
}

macro_rules! reports { ($($test:ident: $case:ident, $fault:ident;)+) => {$(
    #[tokio::test]
    async fn $test() {
        suite::$case(&With(Fault::$fault)).await.expect_err("the case reports the fault");
    }
)+}}

reports! {
    everyone_who_joined_is_listed: everyone_who_joined_is_listed, LosesTheLast;
    intervals_are_when_they_were_there: intervals_are_when_they_were_there, CountsTheGap;
    a_stranger_has_a_name_and_no_address: a_stranger_has_a_name_and_no_address, NamesStrangersAfterTheHost;
    pages_lead_to_everyone: pages_lead_to_everyone, RepeatsTheFirstPage;
    who_is_still_there_is_said: who_is_still_there_is_said, SaysAllHaveLeft;
    nobody_is_said_only_where_it_is_known: nobody_is_said_only_where_it_is_known, SaysNobodyWithoutProof;
    nobody_is_said_where_it_is_known: nobody_is_said_only_where_it_is_known, HidesProvenAbsence;
    an_unknown_meeting_is_not_found: an_unknown_meeting_is_not_found, KnowsEveryMeeting;
    a_page_of_elsewhere_is_refused: a_page_of_elsewhere_is_refused, TakesAnyPage;
}
