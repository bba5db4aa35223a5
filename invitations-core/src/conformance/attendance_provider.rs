//! Cases for any [`AttendanceProvider`].

use std::{
    collections::{BTreeMap, HashSet},
    future::Future,
    sync::Arc,
};

use chrono::{DateTime, Duration, Utc};

use super::{Finding, Verdict, ensure, ensure_kind};
use crate::{
    ErrorKind,
    ids::{MeetingId, PageToken},
    people::EmailAddress,
    provider::{AttendanceProvider, Presence},
    time::TimeRange,
};

/// One stay of somebody of the suite.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "who, from when to when; fixtures read it")]
pub struct Stay {
    /// Whose; `None` for somebody who joins as a guest or by phone.
    pub who: Option<EmailAddress>,
    /// The name they show.
    pub name: String,
    /// Whole minutes after [`start`](AttendanceFixture::start).
    pub joined: DateTime<Utc>,
    /// Whole minutes after the start; `None` for somebody who is still there.
    pub left: Option<DateTime<Utc>>,
}

/// Opens the provider under test.
pub trait AttendanceFixture: Send + Sync {
    /// A provider, and a meeting of its own in which just this has happened. It is asked for the last time that a stay names, or later,
    /// when the provider's lag is over. Without stays it is a meeting that nobody has joined yet. Somebody with two stays came back.
    fn meeting(&self, stays: &[Stay]) -> impl Future<Output = (Arc<dyn AttendanceProvider>, MeetingId)> + Send;

    /// A meeting that does not exist.
    ///
    /// # Errors
    /// A finding when it is no id.
    fn unknown(&self) -> Result<MeetingId, Finding> {
        Ok(MeetingId::parse("suite-unknown-meeting")?)
    }

    /// When the suite's meetings begin: a whole minute.
    fn start(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(2_082_758_400, 0).unwrap_or_default() // 2036
    }

    /// The address of somebody of the suite.
    ///
    /// # Errors
    /// A finding when the name makes no address.
    fn address(&self, name: &str) -> Result<EmailAddress, Finding> {
        Ok(EmailAddress::parse(format!("suite-{name}@people.example"))?)
    }
}

fn minutes(fixture: &impl AttendanceFixture, from: i64, until: i64) -> TimeRange {
    TimeRange::new(fixture.start() + Duration::minutes(from), fixture.start() + Duration::minutes(until))
}

/// Somebody's stay from one minute to another; `until` of `None`: still there.
fn stay(fixture: &impl AttendanceFixture, name: &str, from: i64, until: Option<i64>) -> Result<Stay, Finding> {
    let at = |minute| fixture.start() + Duration::minutes(minute);
    Ok(Stay { who: Some(fixture.address(name)?), name: name.to_owned(), joined: at(from), left: until.map(at) })
}

/// Every page, each looked at only once.
async fn everyone(provider: &Arc<dyn AttendanceProvider>, meeting: &MeetingId) -> Result<Vec<Presence>, Finding> {
    let (mut listed, mut seen, mut page) = (Vec::new(), HashSet::new(), None);
    loop {
        let got = provider.attendance(meeting, page.as_ref()).await?;
        listed.extend(got.items);
        let Some(next) = got.next else { return Ok(listed) };
        ensure(seen.insert(next.clone()), || "a page leads back to one already read".to_owned())?;
        page = Some(next);
    }
}

/// All intervals of each address, in order.
fn by_address(listed: &[Presence]) -> BTreeMap<String, Vec<TimeRange>> {
    let mut people: BTreeMap<String, Vec<TimeRange>> = BTreeMap::new();
    for presence in listed {
        if let Some(who) = &presence.who {
            people.entry(who.email.canonical().to_owned()).or_default().extend(&presence.intervals);
        }
    }
    for intervals in people.values_mut() {
        intervals.sort_by_key(|interval| interval.from);
    }
    people
}

/// Everyone who has joined is listed with address and name, and nobody else is.
///
/// # Errors
/// The finding.
pub async fn everyone_who_joined_is_listed(fixture: &impl AttendanceFixture) -> Verdict {
    let stays = [
        stay(fixture, "ada", 0, Some(30))?,
        stay(fixture, "bert", 5, Some(30))?,
        stay(fixture, "carla", 10, Some(30))?,
    ];
    let (provider, meeting) = fixture.meeting(&stays).await;
    let listed = everyone(&provider, &meeting).await?;
    let (mut expected, mut seen): (Vec<_>, Vec<_>) = (
        stays.iter().map(|stay| (stay.who.as_ref().map(EmailAddress::canonical), Some(stay.name.as_str()))).collect(),
        listed.iter().map(|one| (one.who.as_ref().map(|who| who.email.canonical()), one.name.as_deref())).collect(),
    );
    expected.sort_unstable();
    seen.sort_unstable();
    ensure(expected == seen, || format!("expected {expected:?}, listed {seen:?}"))
}

/// Intervals are from when to when somebody was there, also of somebody who came back, in order and without overlaps. A second more or
/// less is none.
///
/// # Errors
/// The finding.
pub async fn intervals_are_when_they_were_there(fixture: &impl AttendanceFixture) -> Verdict {
    let stays = [
        stay(fixture, "early", 0, Some(20))?,
        stay(fixture, "late", 12, Some(40))?,
        stay(fixture, "early", 25, Some(40))?,
    ];
    let (provider, meeting) = fixture.meeting(&stays).await;
    let listed = everyone(&provider, &meeting).await?;
    for presence in &listed {
        let ordered = presence.intervals.windows(2).all(|pair| matches!(pair, [one, next] if one.until < next.from));
        let forwards = presence.intervals.iter().all(|interval| interval.from <= interval.until);
        ensure(ordered && forwards, || format!("out of order: {:?}", presence.intervals))?;
    }
    let people = by_address(&listed);
    let close = |one: DateTime<Utc>, other: DateTime<Utc>| (one - other).abs() <= Duration::seconds(1);
    for (name, expected) in
        [("early", vec![minutes(fixture, 0, 20), minutes(fixture, 25, 40)]), ("late", vec![minutes(fixture, 12, 40)])]
    {
        let seen = people.get(fixture.address(name)?.canonical()).cloned().unwrap_or_default();
        let fits = seen.len() == expected.len()
            && seen
                .iter()
                .zip(&expected)
                .all(|(one, other)| close(one.from, other.from) && close(one.until, other.until));
        ensure(fits, || format!("{name}: expected {expected:?}, got {seen:?}"))?;
    }
    Ok(())
}

/// Somebody without an address is listed with the name they show, and is not taken for somebody else.
///
/// # Errors
/// The finding.
pub async fn a_stranger_has_a_name_and_no_address(fixture: &impl AttendanceFixture) -> Verdict {
    let mut caller = stay(fixture, "caller", 5, Some(20))?;
    caller.who = None;
    let (provider, meeting) = fixture.meeting(&[stay(fixture, "host", 0, Some(20))?, caller]).await;
    let listed = everyone(&provider, &meeting).await?;
    let strangers: Vec<_> = listed.iter().filter(|one| one.who.is_none()).map(|one| one.name.as_deref()).collect();
    ensure(strangers == [Some("caller")] && listed.len() == 2, || {
        format!("strangers {strangers:?} of {}", listed.len())
    })
}

/// A hundred and thirty people are all listed once, over however many pages.
///
/// # Errors
/// The finding.
pub async fn pages_lead_to_everyone(fixture: &impl AttendanceFixture) -> Verdict {
    let names: Vec<_> = (0..130).map(|number| format!("crowd-{number:03}")).collect();
    let stays: Result<Vec<_>, _> = names.iter().map(|name| stay(fixture, name, 1, Some(15))).collect();
    let (provider, meeting) = fixture.meeting(&stays?).await;
    let listed = everyone(&provider, &meeting).await?;
    let people = by_address(&listed);
    ensure(listed.len() == names.len() && people.len() == names.len(), || {
        format!("{} joined; {} entries of {} people", names.len(), listed.len(), people.len())
    })
}

/// Where the provider tells while the meeting is under way: who is still there is said to be, and who has left is not, if they are
/// listed.
///
/// # Errors
/// The finding.
pub async fn who_is_still_there_is_said(fixture: &impl AttendanceFixture) -> Verdict {
    let stays =
        [stay(fixture, "gone", 0, Some(10))?, stay(fixture, "here", 0, None)?, stay(fixture, "fresh", 10, None)?];
    let (provider, meeting) = fixture.meeting(&stays).await;
    if !provider.capabilities().live {
        return Ok(());
    }
    let listed = everyone(&provider, &meeting).await?;
    for (name, there) in [("gone", false), ("here", true), ("fresh", true)] {
        let address = fixture.address(name)?;
        let is = |one: &&Presence| one.who.as_ref().is_some_and(|who| who.email == address);
        let seen: Vec<_> = listed.iter().filter(is).map(|one| one.still_there).collect();
        ensure(seen == [there] || !there && seen.is_empty(), || {
            format!("{name} still there: expected {there}, got {seen:?}")
        })?;
    }
    Ok(())
}

/// Of a meeting that nobody has joined: one empty page where the provider can prove it, and `NotFound` where it cannot.
///
/// # Errors
/// The finding.
pub async fn nobody_is_said_only_where_it_is_known(fixture: &impl AttendanceFixture) -> Verdict {
    let (provider, meeting) = fixture.meeting(&[]).await;
    let answer = provider.attendance(&meeting, None).await;
    if !provider.capabilities().absence {
        return ensure_kind(answer, ErrorKind::NotFound, "attendance of a meeting that nobody has joined");
    }
    let page = answer?;
    ensure(page.items.is_empty() && page.next.is_none(), || {
        format!("nobody has joined, and {} people are listed", page.items.len())
    })
}

/// A meeting that does not exist is not one that nobody has joined.
///
/// # Errors
/// The finding.
pub async fn an_unknown_meeting_is_not_found(fixture: &impl AttendanceFixture) -> Verdict {
    let (provider, _) = fixture.meeting(&[]).await;
    let answer = provider.attendance(&fixture.unknown()?, None).await;
    ensure_kind(answer, ErrorKind::NotFound, "attendance of a meeting that does not exist")
}

/// A page that this provider never named is refused, and not read as the first or as an empty one.
///
/// # Errors
/// The finding.
pub async fn a_page_of_elsewhere_is_refused(fixture: &impl AttendanceFixture) -> Verdict {
    let (provider, meeting) = fixture.meeting(&[stay(fixture, "page", 0, Some(5))?]).await;
    let page = PageToken::parse("https://elsewhere.example/v1/people?page=2")?;
    match provider.attendance(&meeting, Some(&page)).await {
        Err(_) => Ok(()),
        Ok(page) => Err(Finding::new(format!("a page of elsewhere lists {} people", page.items.len()))),
    }
}

/// One test per case of [`attendance_provider`](mod@crate::conformance::attendance_provider), over an
/// [`AttendanceFixture`](crate::conformance::attendance_provider::AttendanceFixture).
#[macro_export]
macro_rules! attendance_provider_suite {
    ($(#[$test:meta])+ $fixture:expr) => {
        $crate::__suite! {
            $(#[$test])+ $fixture;
            attendance_provider: everyone_who_joined_is_listed, intervals_are_when_they_were_there,
            a_stranger_has_a_name_and_no_address, pages_lead_to_everyone, who_is_still_there_is_said,
            nobody_is_said_only_where_it_is_known, an_unknown_meeting_is_not_found, a_page_of_elsewhere_is_refused
        }
    };
}
