//! For each case of the suite one list that is wrong in just that way, and that the case reports.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use invitations_core::{
    Error, ErrorKind, Result,
    conformance::attendee_list::{self as suite, AttendeeFixture},
    ids::MeetingId,
    people::Attendee,
    provider::{AttendeeChange, AttendeeList, Gathering, WriteOptions},
};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    AddsToNothing,
    ListsTwice,
    /// Reads the list, waits, writes the list: the last writer wins.
    LosesOtherWriters,
    RemovesEverybody,
    RemovesNobodyTheSecondTime,
}

#[derive(Debug)]
struct Wrong {
    fault: Fault,
    list: Mutex<Vec<Attendee>>,
    removals: Mutex<u32>,
}

fn there() -> Gathering {
    Gathering::Meeting(MeetingId::parse("there").unwrap())
}

impl Wrong {
    fn check(&self, gathering: &Gathering) -> Result<()> {
        if *gathering == there() || self.fault == Fault::AddsToNothing {
            return Ok(());
        }
        Err(Error::new(ErrorKind::NotFound, "change attendees"))
    }
}

#[async_trait]
impl AttendeeList for Wrong {
    async fn add(&self, to: &Gathering, attendee: &Attendee, _options: WriteOptions) -> Result<AttendeeChange> {
        self.check(to)?;
        let mut list = self.list.lock().unwrap().clone();
        if self.fault == Fault::LosesOtherWriters {
            tokio::task::yield_now().await;
        }
        if self.fault != Fault::ListsTwice && list.iter().any(|there| there.email == attendee.email) {
            return Ok(AttendeeChange::AlreadyThere);
        }
        list.push(attendee.clone());
        *self.list.lock().unwrap() = list;
        Ok(AttendeeChange::Added)
    }
    async fn remove(&self, from: &Gathering, attendee: &Attendee, _options: WriteOptions) -> Result<AttendeeChange> {
        self.check(from)?;
        *self.removals.lock().unwrap() += 1;
        let (mut list, removals) = (self.list.lock().unwrap(), *self.removals.lock().unwrap());
        let before = list.len();
        match self.fault {
            Fault::RemovesEverybody => list.clear(),
            Fault::RemovesNobodyTheSecondTime if removals > 1 => {}
            _ => list.retain(|there| there.email != attendee.email),
        }
        Ok(if list.len() < before { AttendeeChange::Removed } else { AttendeeChange::NotThere })
    }
    async fn attendees(&self, of: &Gathering) -> Result<Vec<Attendee>> {
        self.check(of)?;
        Ok(self.list.lock().unwrap().clone())
    }
}

struct With(Fault);

impl AttendeeFixture for With {
    async fn gathering(&self) -> (Arc<dyn AttendeeList>, Gathering) {
        let wrong = Wrong { fault: self.0, list: Mutex::default(), removals: Mutex::default() };
        (Arc::new(wrong), there())
    }
    fn unknown(&self) -> Gathering {
        Gathering::Meeting(MeetingId::parse("nowhere").unwrap())
    }
}

macro_rules! reports { ($($case:ident: $fault:ident;)+) => {$(
    #[tokio::test]
    async fn $case() {
        suite::$case(&With(Fault::$fault)).await.expect_err("the case reports the fault");
    }
)+}}

reports! {
    adding_again_is_already_there: ListsTwice;
    removing_again_is_not_there: RemovesEverybody;
    concurrent_adds_lose_nobody: LosesOtherWriters;
    replay_changes_nothing: RemovesNobodyTheSecondTime;
    unknown_gathering_is_not_found: AddsToNothing;
}
