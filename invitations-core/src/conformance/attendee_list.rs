//! Cases for any [`AttendeeList`].

use std::{future::Future, sync::Arc};

use futures_util::future::join_all;

use super::{Finding, Verdict, ensure, ensure_kind};
use crate::{
    ErrorKind,
    people::{Attendee, EmailAddress},
    provider::{AttendeeChange, AttendeeList, Gathering, WriteOptions},
};

/// Opens the list under test.
pub trait AttendeeFixture: Send + Sync {
    /// A list, and a gathering that is there and has no attendees of the suite.
    fn gathering(&self) -> impl Future<Output = (Arc<dyn AttendeeList>, Gathering)> + Send;

    /// A gathering of the same kind that is not there.
    fn unknown(&self) -> Gathering;

    /// An attendee of the suite.
    ///
    /// # Errors
    /// A finding when the name makes no address.
    fn attendee(&self, name: &str) -> Result<Attendee, Finding> {
        Ok(Attendee::new(EmailAddress::parse(format!("suite-{name}@guests.example"))?))
    }
}

async fn has(list: &Arc<dyn AttendeeList>, of: &Gathering, who: &Attendee) -> Result<usize, Finding> {
    Ok(list.attendees(of).await?.iter().filter(|there| there.email == who.email).count())
}

fn expect(seen: AttendeeChange, wanted: AttendeeChange) -> Verdict {
    ensure(seen == wanted, || format!("expected {wanted:?}, got {seen:?}"))
}

/// Adding is `Added`, adding again `AlreadyThere`, and the attendee stands on the list once.
///
/// # Errors
/// The finding.
pub async fn adding_again_is_already_there(fixture: &impl AttendeeFixture) -> Verdict {
    let (list, gathering) = fixture.gathering().await;
    let who = fixture.attendee("add")?;
    expect(list.add(&gathering, &who, WriteOptions::new()).await?, AttendeeChange::Added)?;
    expect(list.add(&gathering, &who, WriteOptions::new()).await?, AttendeeChange::AlreadyThere)?;
    let times = has(&list, &gathering, &who).await?;
    ensure(times == 1, || format!("on the list {times} times"))
}

/// Removing is `Removed`, removing again `NotThere`; the others stay.
///
/// # Errors
/// The finding.
pub async fn removing_again_is_not_there(fixture: &impl AttendeeFixture) -> Verdict {
    let (list, gathering) = fixture.gathering().await;
    let (gone, kept) = (fixture.attendee("gone")?, fixture.attendee("kept")?);
    list.add(&gathering, &gone, WriteOptions::new()).await?;
    list.add(&gathering, &kept, WriteOptions::new()).await?;
    expect(list.remove(&gathering, &gone, WriteOptions::new()).await?, AttendeeChange::Removed)?;
    expect(list.remove(&gathering, &gone, WriteOptions::new()).await?, AttendeeChange::NotThere)?;
    ensure(has(&list, &gathering, &gone).await? == 0, || "a removed attendee is on the list".to_owned())?;
    ensure(has(&list, &gathering, &kept).await? == 1, || "removing one attendee lost another".to_owned())
}

/// Ten writers at once lose nobody.
///
/// # Errors
/// The finding.
pub async fn concurrent_adds_lose_nobody(fixture: &impl AttendeeFixture) -> Verdict {
    let (list, gathering) = fixture.gathering().await;
    let mut everybody = Vec::new();
    for number in 0..10 {
        everybody.push(fixture.attendee(&format!("crowd-{number}"))?);
    }
    let adds = everybody.iter().map(|who| list.add(&gathering, who, WriteOptions::new()));
    for (added, who) in join_all(adds).await.into_iter().zip(&everybody) {
        match added {
            Ok(AttendeeChange::Added | AttendeeChange::AlreadyThere) => {}
            // among many writers a list may give up, as long as it says so
            Err(error) if error.kind() == ErrorKind::Conflict => {
                list.add(&gathering, who, WriteOptions::new()).await?;
            }
            other => return Err(Finding::new(format!("one of ten adds: {other:?}"))),
        }
    }
    for who in &everybody {
        let times = has(&list, &gathering, who).await?;
        ensure(times == 1, || format!("{} is on the list {times} times after ten adds at once", who.email))?;
    }
    Ok(())
}

/// Replaying a mixed sequence ends where the first run ended.
///
/// # Errors
/// The finding.
pub async fn replay_changes_nothing(fixture: &impl AttendeeFixture) -> Verdict {
    let (list, gathering) = fixture.gathering().await;
    let (stays, goes) = (fixture.attendee("stays")?, fixture.attendee("goes")?);
    for _ in 0..3 {
        list.add(&gathering, &stays, WriteOptions::new()).await?;
        list.add(&gathering, &goes, WriteOptions::new()).await?;
        list.remove(&gathering, &goes, WriteOptions::new()).await?;
        let seen = (has(&list, &gathering, &stays).await?, has(&list, &gathering, &goes).await?);
        ensure(seen == (1, 0), || format!("after a replay the two are listed {seen:?} times"))?;
    }
    Ok(())
}

/// A gathering that is not there is `NotFound`.
///
/// # Errors
/// The finding.
pub async fn unknown_gathering_is_not_found(fixture: &impl AttendeeFixture) -> Verdict {
    let (list, _) = fixture.gathering().await;
    let (who, nowhere) = (fixture.attendee("nowhere")?, fixture.unknown());
    ensure_kind(list.add(&nowhere, &who, WriteOptions::new()).await, ErrorKind::NotFound, "add to nothing")?;
    ensure_kind(list.remove(&nowhere, &who, WriteOptions::new()).await, ErrorKind::NotFound, "remove from nothing")?;
    ensure_kind(list.attendees(&nowhere).await, ErrorKind::NotFound, "attendees of nothing")
}

/// One test per case of [`attendee_list`](mod@crate::conformance::attendee_list), over an
/// [`AttendeeFixture`](crate::conformance::attendee_list::AttendeeFixture).
#[macro_export]
macro_rules! attendee_list_suite {
    ($(#[$test:meta])+ $fixture:expr) => {
        $crate::__suite! {
            $(#[$test])+ $fixture;
            attendee_list: adding_again_is_already_there, removing_again_is_not_there, concurrent_adds_lose_nobody,
            replay_changes_nothing, unknown_gathering_is_not_found
        }
    };
}
