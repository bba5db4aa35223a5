//! Cases for any [`MeetingProvider`], chosen by what it declares.

use std::{future::Future, sync::Arc, time::Duration};

use chrono::DateTime;

use super::{Finding, Verdict, ensure, ensure_kind};
use crate::{
    ErrorKind,
    ids::{Etag, MeetingKey},
    provider::{
        Idempotency, Lobby, Meeting, MeetingDraft, MeetingPatch, MeetingProvider, MeetingSettings, WriteOptions,
    },
    time::{Recurrence, Slot, TimeRange, TimeZone, WallTime},
};

/// Opens the provider under test.
pub trait ProviderFixture: Send + Sync {
    /// A provider bound to an account, without a meeting under the keys of [`key`](Self::key).
    fn provider(&self) -> impl Future<Output = Arc<dyn MeetingProvider>> + Send;

    /// When the suite's meetings take place. By default an hour in June 2040.
    fn slot(&self) -> Slot {
        let start = DateTime::from_timestamp(2_221_999_980, 0).unwrap_or_default();
        Slot::from(start..start + Duration::from_secs(3600))
    }

    /// The key of a meeting of the suite. A fixture for a live account makes it unique per run.
    ///
    /// # Errors
    /// A finding when the name makes no key.
    fn key(&self, name: &str) -> Result<MeetingKey, Finding> {
        Ok(MeetingKey::parse(format!("suite-{name}"))?)
    }
}

fn options() -> WriteOptions {
    WriteOptions::new()
}

async fn create(
    fixture: &impl ProviderFixture,
    provider: &Arc<dyn MeetingProvider>,
    name: &str,
) -> Result<Meeting, Finding> {
    let draft = MeetingDraft::new(format!("Suite {name}"), fixture.slot());
    Ok(provider.create(&fixture.key(name)?, &draft, options()).await?)
}

fn around(fixture: &impl ProviderFixture) -> TimeRange {
    fixture.slot().range().widened(Duration::from_secs(24 * 3600))
}

/// Every meeting of the listing, read page by page; ends after 1000 pages.
async fn listed(fixture: &impl ProviderFixture, provider: &Arc<dyn MeetingProvider>) -> Result<Vec<Meeting>, Finding> {
    let (mut found, mut page) = (Vec::new(), None);
    for _ in 0..1000 {
        let got = provider.list(around(fixture), page.as_ref()).await?;
        found.extend(got.items);
        page = got.next;
        if page.is_none() {
            return Ok(found);
        }
    }
    Err(Finding::new("the pages of a listing never end"))
}

/// What was made can be read, with the title and the time it was made with.
///
/// # Errors
/// The finding.
pub async fn create_then_read(fixture: &impl ProviderFixture) -> Verdict {
    let provider = fixture.provider().await;
    let made = create(fixture, &provider, "create-then-read").await?;
    let read = provider.read(&made.id).await?;
    ensure(read.id == made.id, || format!("made {}, read {}", made.id, read.id))?;
    ensure(read.subject == "Suite create-then-read", || format!("the title became {:?}", read.subject))?;
    let start = read.slot.as_ref().map(Slot::start_instant);
    ensure(start.is_none_or(|start| start == fixture.slot().start_instant()), || format!("it begins at {start:?}"))
}

/// Where the key is native, the same key again is the same meeting.
///
/// # Errors
/// The finding.
pub async fn same_key_is_the_same_meeting(fixture: &impl ProviderFixture) -> Verdict {
    let provider = fixture.provider().await;
    if provider.capabilities().idempotency != Idempotency::NativeKey {
        return Ok(());
    }
    let first = create(fixture, &provider, "same-key").await?;
    let again = create(fixture, &provider, "same-key").await?;
    ensure(first.id == again.id, || format!("one key made {} and {}", first.id, again.id))?;
    let other = create(fixture, &provider, "other-key").await?;
    ensure(first.id != other.id, || "two keys made one meeting".to_owned())
}

/// Reading, changing and cancelling what is not there is `NotFound`.
///
/// # Errors
/// The finding.
pub async fn unknown_is_not_found(fixture: &impl ProviderFixture) -> Verdict {
    let provider = fixture.provider().await;
    let made = create(fixture, &provider, "unknown").await?;
    provider.cancel(&made.id, options()).await?;
    let patch = MeetingPatch::new().with_subject("Suite changed");
    ensure_kind(provider.read(&made.id).await, ErrorKind::NotFound, "read of a cancelled meeting")?;
    ensure_kind(
        provider.update(&made.id, &patch, options()).await,
        ErrorKind::NotFound,
        "update of a cancelled meeting",
    )?;
    ensure_kind(provider.cancel(&made.id, options()).await, ErrorKind::NotFound, "second cancel")
}

/// Cancelling takes away the one meeting and no other.
///
/// # Errors
/// The finding.
pub async fn cancel_takes_one_away(fixture: &impl ProviderFixture) -> Verdict {
    let provider = fixture.provider().await;
    let (gone, kept) =
        (create(fixture, &provider, "cancel-gone").await?, create(fixture, &provider, "cancel-kept").await?);
    provider.cancel(&gone.id, options()).await?;
    ensure_kind(provider.read(&gone.id).await, ErrorKind::NotFound, "read after cancel")?;
    let read = provider.read(&kept.id).await?;
    ensure(read.id == kept.id, || "cancelling one meeting changed another".to_owned())
}

/// A declared look-up finds exactly what carries the key (an inexact one may still miss it); an undeclared one is `Unsupported`.
///
/// # Errors
/// The finding.
pub async fn find_by_key_finds_the_keyed(fixture: &impl ProviderFixture) -> Verdict {
    let provider = fixture.provider().await;
    let key = fixture.key("find")?;
    let may_miss = match provider.capabilities().idempotency {
        Idempotency::NativeKey | Idempotency::None => {
            let found = provider.find_by_key(&key, around(fixture)).await;
            return ensure_kind(found, ErrorKind::Unsupported, "undeclared find_by_key");
        }
        Idempotency::ExactLookup => false,
        Idempotency::InexactLookup { .. } => true,
    };
    let before = provider.find_by_key(&key, around(fixture)).await?;
    ensure(before.is_empty(), || format!("{} meetings under a key nobody used", before.len()))?;
    let made = create(fixture, &provider, "find").await?;
    create(fixture, &provider, "find-other").await?;
    let found: Vec<_> =
        provider.find_by_key(&key, around(fixture)).await?.into_iter().map(|meeting| meeting.id).collect();
    ensure(found == [made.id.clone()] || (may_miss && found.is_empty()), || {
        format!("looking for {}, found {found:?}", made.id)
    })
}

/// A declared listing ends and contains what was made; an undeclared one is `Unsupported`.
///
/// # Errors
/// The finding.
pub async fn list_contains_what_was_made(fixture: &impl ProviderFixture) -> Verdict {
    let provider = fixture.provider().await;
    if !provider.capabilities().list {
        let page = provider.list(around(fixture), None).await;
        return ensure_kind(page, ErrorKind::Unsupported, "undeclared list");
    }
    let made = create(fixture, &provider, "list").await?;
    let found = listed(fixture, &provider).await?;
    ensure(found.iter().filter(|meeting| meeting.id == made.id).count() == 1, || {
        format!("{} is not exactly once among {} listed", made.id, found.len())
    })
}

/// A meeting that tells a key tells the one it was made with; where keys are declared, every answer tells it, also after a change.
///
/// # Errors
/// The finding.
pub async fn a_meeting_tells_its_key(fixture: &impl ProviderFixture) -> Verdict {
    let provider = fixture.provider().await;
    let (key, declared) = (fixture.key("tells-key")?, provider.capabilities());
    let made = create(fixture, &provider, "tells-key").await?;
    create(fixture, &provider, "tells-other-key").await?;
    let mut told = vec![("made", made.key.clone()), ("read", provider.read(&made.id).await?.key)];
    let patch = MeetingPatch::new().with_subject("Suite tells another");
    told.push(("changed", provider.update(&made.id, &patch, options()).await?.key));
    told.push(("read after a change", provider.read(&made.id).await?.key));
    if declared.list {
        let found = listed(fixture, &provider).await?.into_iter().find(|meeting| meeting.id == made.id);
        told.push(("listed", found.and_then(|meeting| meeting.key)));
    }
    for (how, told) in told {
        let right = if told.is_none() { !declared.keys } else { told.as_ref() == Some(&key) };
        ensure(right, || format!("made under {key}; {how}, it tells {told:?}"))?;
    }
    Ok(())
}

/// A repeating draft is refused where repetition is not declared.
///
/// # Errors
/// The finding.
pub async fn undeclared_recurrence_is_refused(fixture: &impl ProviderFixture) -> Verdict {
    let provider = fixture.provider().await;
    if provider.capabilities().recurrence {
        return Ok(());
    }
    let draft =
        MeetingDraft::new("Suite weekly", fixture.slot()).with_recurrence(Recurrence::parse("FREQ=WEEKLY;COUNT=2")?);
    match provider.create(&fixture.key("recurrence")?, &draft, options()).await {
        Err(error) if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::InvalidInput) => Ok(()),
        other => Err(Finding::new(format!("undeclared recurrence: expected a refusal, got {other:?}"))),
    }
}

/// Settings that are not declared are refused, in a draft and in a change; those that are declared are taken.
///
/// # Errors
/// The finding.
pub async fn settings_are_as_declared(fixture: &impl ProviderFixture) -> Verdict {
    let provider = fixture.provider().await;
    let declared = provider.capabilities();
    let wish = |change: fn(&mut MeetingSettings)| {
        let mut settings = MeetingSettings::default();
        change(&mut settings);
        settings
    };
    for (name, settings) in [
        ("lobby", wish(|wish| wish.lobby = Some(Lobby::Invited))),
        ("record", wish(|wish| wish.record = Some(true))),
        ("breakout", wish(|wish| wish.breakout_sessions = Some(true))),
    ] {
        let taken = declared.undeclared(&settings).is_none();
        let made = create(fixture, &provider, name).await?;
        let draft = MeetingDraft::new("Suite settings", fixture.slot()).with_settings(settings.clone());
        let drafted = provider.create(&fixture.key(&format!("{name}-draft"))?, &draft, options()).await;
        let changed = provider.update(&made.id, &MeetingPatch::new().with_settings(settings), options()).await;
        for (how, answer) in [("draft", drafted), ("change", changed)] {
            match answer {
                Ok(_) if taken => {}
                Err(error) if !taken && error.kind() == ErrorKind::Unsupported => {}
                other => return Err(Finding::new(format!("{name}, declared: {taken}; a {how} with it: {other:?}"))),
            }
        }
    }
    Ok(())
}

/// Where repetition is declared, a series is one meeting: read with its first slot, found once by its key, in a listing under no other id
/// with that key, and taken away as a whole.
///
/// # Errors
/// The finding.
pub async fn a_declared_series_is_one_meeting(fixture: &impl ProviderFixture) -> Verdict {
    let provider = fixture.provider().await;
    let declared = provider.capabilities();
    if !declared.recurrence {
        return Ok(());
    }
    let key = fixture.key("series")?;
    let draft =
        MeetingDraft::new("Suite series", fixture.slot()).with_recurrence(Recurrence::parse("FREQ=DAILY;COUNT=3")?);
    let made = provider.create(&key, &draft, options()).await?;
    let read = provider.read(&made.id).await?;
    let start = read.slot.as_ref().map(Slot::start_instant);
    ensure(start.is_none_or(|start| start == fixture.slot().start_instant()), || {
        format!("its first begins at {start:?}")
    })?;
    if let Idempotency::ExactLookup | Idempotency::InexactLookup { .. } = declared.idempotency {
        let found: Vec<_> = provider.find_by_key(&key, around(fixture)).await?.into_iter().map(|one| one.id).collect();
        let may_miss = matches!(declared.idempotency, Idempotency::InexactLookup { .. }) && found.is_empty();
        ensure(found == [made.id.clone()] || may_miss, || format!("made {}, its key finds {found:?}", made.id))?;
    }
    if declared.list {
        let keyed = listed(fixture, &provider).await?.into_iter().filter(|one| one.key.as_ref() == Some(&key));
        let others: Vec<_> = keyed.map(|one| one.id).filter(|id| *id != made.id).collect();
        ensure(others.is_empty(), || format!("made {}, listed with its key are {others:?}", made.id))?;
    }
    provider.cancel(&made.id, options()).await?;
    ensure_kind(provider.read(&made.id).await, ErrorKind::NotFound, "read of a series that was cancelled")
}

/// Where it is declared, a series that is read tells the zone it was made in; its first event is at the same moment in any case.
///
/// # Errors
/// The finding.
pub async fn a_series_tells_its_zone(fixture: &impl ProviderFixture) -> Verdict {
    let provider = fixture.provider().await;
    let declared = provider.capabilities();
    if !declared.recurrence {
        return Ok(());
    }
    let (slot, zone) = (fixture.slot(), TimeZone::parse("Europe/Paris")?);
    let slot = Slot { start: WallTime::from_instant(slot.start_instant(), zone), ..slot };
    let draft = MeetingDraft::new("Suite zone", slot.clone()).with_recurrence(Recurrence::parse("FREQ=DAILY;COUNT=3")?);
    let made = provider.create(&fixture.key("series-zone")?, &draft, options()).await?;
    let read = provider.read(&made.id).await?.slot;
    let same = match &read {
        Some(read) if declared.series_zones => read.start == slot.start,
        Some(read) => read.start_instant() == slot.start_instant(),
        None => !declared.series_zones,
    };
    ensure(same, || format!("made at {:?}; read, it is at {read:?}", slot.start))
}

/// A series that is moved with the slot it was read with stays in its zone; where the zone is not told, such a slot is refused and changes
/// nothing, and one in the zone on record is taken.
///
/// # Errors
/// The finding.
pub async fn a_series_keeps_its_zone(fixture: &impl ProviderFixture) -> Verdict {
    let provider = fixture.provider().await;
    let declared = provider.capabilities();
    if !declared.recurrence {
        return Ok(());
    }
    let slot = Slot {
        start: WallTime::from_instant(fixture.slot().start_instant(), TimeZone::parse("Europe/Paris")?),
        ..fixture.slot()
    };
    let draft =
        MeetingDraft::new("Suite moved", slot.clone()).with_recurrence(Recurrence::parse("FREQ=DAILY;COUNT=3")?);
    let made = provider.create(&fixture.key("series-moved")?, &draft, options()).await?;
    let later = |slot: &Slot| {
        let local = slot.start.local() + chrono::TimeDelta::hours(1);
        MeetingPatch::new().with_slot(Slot { start: WallTime::new(local, slot.start.zone()), ..slot.clone() })
    };
    let Some(told) = provider.read(&made.id).await?.slot else {
        return ensure(!declared.series_zones, || "a series tells no slot".to_owned());
    };
    let moved = provider.update(&made.id, &later(&told), options()).await;
    if !declared.series_zones {
        ensure_kind(moved, ErrorKind::InvalidInput, "a series moved with a slot whose zone was not told")?;
        let start = provider.read(&made.id).await?.slot.map(|slot| slot.start_instant());
        ensure(start == Some(slot.start_instant()), || format!("a refused update moved the series to {start:?}"))?;
        provider.update(&made.id, &later(&slot), options()).await?;
    } else {
        moved?;
    }
    let (read, expected) = (provider.read(&made.id).await?.slot, later(&slot).slot);
    let seen = |slot: &Option<Slot>| {
        slot.as_ref().map(|slot| (slot.start_instant(), declared.series_zones.then(|| slot.start.zone())))
    };
    ensure(seen(&read) == seen(&expected), || format!("moved to {expected:?}; read, it is at {read:?}"))
}

/// A change keeps the meeting's id, and what the patch does not name.
///
/// # Errors
/// The finding.
pub async fn update_keeps_the_meeting(fixture: &impl ProviderFixture) -> Verdict {
    let provider = fixture.provider().await;
    let made = create(fixture, &provider, "update").await?;
    let patch = MeetingPatch::new().with_subject("Suite renamed");
    let updated = provider.update(&made.id, &patch, options()).await?;
    ensure(updated.id == made.id, || format!("{} became {}", made.id, updated.id))?;
    let read = provider.read(&made.id).await?;
    ensure(read.subject == "Suite renamed", || format!("the title is {:?} after the change", read.subject))?;
    let starts = |meeting: &Meeting| meeting.slot.as_ref().map(Slot::start_instant);
    ensure(starts(&read) == starts(&made), || "a new title moved the meeting".to_owned())
}

/// Where meetings have versions, a write against an old one is a `Conflict` and changes nothing.
///
/// # Errors
/// The finding.
pub async fn an_old_version_is_a_conflict(fixture: &impl ProviderFixture) -> Verdict {
    let provider = fixture.provider().await;
    let made = create(fixture, &provider, "version").await?;
    let Some(old) = made.etag else { return Ok(()) };
    let patch = MeetingPatch::new().with_subject("Suite second");
    provider.update(&made.id, &patch, options().with_if_match(old.clone())).await?;
    let patch = MeetingPatch::new().with_subject("Suite third");
    let late = provider.update(&made.id, &patch, options().with_if_match(old)).await;
    ensure_kind(late, ErrorKind::Conflict, "update of an old version")?;
    let none = Etag::parse("no-such-version")?;
    let late = provider.cancel(&made.id, options().with_if_match(none)).await;
    ensure_kind(late, ErrorKind::Conflict, "cancel of an unknown version")?;
    let read = provider.read(&made.id).await?;
    ensure(read.subject == "Suite second", || format!("a refused write made the title {:?}", read.subject))
}

/// A draft without a title or of no length is `InvalidInput`, and no meeting comes of it.
///
/// # Errors
/// The finding.
pub async fn bad_drafts_are_invalid(fixture: &impl ProviderFixture) -> Verdict {
    let provider = fixture.provider().await;
    let start = fixture.slot().start_instant();
    let nothing =
        Slot { start: WallTime::new(start.naive_utc(), fixture.slot().start.zone()), duration: Duration::ZERO };
    for (what, draft) in [
        ("an empty title", MeetingDraft::new("  ", fixture.slot())),
        ("no length", MeetingDraft::new("Suite bad", nothing)),
    ] {
        let refused = provider.create(&fixture.key("bad")?, &draft, options()).await;
        ensure_kind(refused, ErrorKind::InvalidInput, what)?;
    }
    match provider.capabilities().idempotency {
        Idempotency::ExactLookup | Idempotency::InexactLookup { .. } => {
            let found = provider.find_by_key(&fixture.key("bad")?, around(fixture)).await?;
            ensure(found.is_empty(), || "a refused draft became a meeting".to_owned())
        }
        Idempotency::NativeKey | Idempotency::None => Ok(()),
    }
}

/// The join link is https and has a host.
///
/// # Errors
/// The finding.
pub async fn join_url_is_https(fixture: &impl ProviderFixture) -> Verdict {
    let provider = fixture.provider().await;
    let made = create(fixture, &provider, "https").await?;
    let link = made.join_url.expose();
    ensure(link.scheme() == "https" && link.has_host(), || format!("the scheme is {}", link.scheme()))
}

/// Neither the meeting's `Debug` nor the provider's shows the join link.
///
/// # Errors
/// The finding.
pub async fn debug_hides_the_join_url(fixture: &impl ProviderFixture) -> Verdict {
    let provider = fixture.provider().await;
    let made = create(fixture, &provider, "debug").await?;
    let (link, path) = (made.join_url.expose().as_str(), made.join_url.expose().path());
    for (what, text) in [("the meeting", format!("{made:?}")), ("the provider", format!("{provider:?}"))] {
        let shown = text.contains(link) || (path.len() > 1 && text.contains(path));
        ensure(!shown, || format!("Debug of {what} shows the join link"))?;
    }
    Ok(())
}

/// One test per case of [`meeting_provider`](mod@crate::conformance::meeting_provider), over a
/// [`ProviderFixture`](crate::conformance::meeting_provider::ProviderFixture).
///
/// ```
/// # use std::sync::Arc;
/// # use invitations_core::{conformance::meeting_provider::ProviderFixture, ids::ProviderId, memory::MemoryMeetings, provider::MeetingProvider};
/// struct InMemory;
/// impl ProviderFixture for InMemory {
///     async fn provider(&self) -> Arc<dyn MeetingProvider> {
///         Arc::new(MemoryMeetings::new(ProviderId::parse("memory").expect("a fixed name")))
///     }
/// }
/// invitations_core::meeting_provider_suite!(#[tokio::test] InMemory);
/// ```
#[macro_export]
macro_rules! meeting_provider_suite {
    ($(#[$test:meta])+ $fixture:expr) => {
        $crate::__suite! {
            $(#[$test])+ $fixture;
            meeting_provider: create_then_read, same_key_is_the_same_meeting, unknown_is_not_found, cancel_takes_one_away,
            find_by_key_finds_the_keyed, list_contains_what_was_made, a_meeting_tells_its_key, undeclared_recurrence_is_refused,
            settings_are_as_declared, a_declared_series_is_one_meeting, a_series_tells_its_zone, a_series_keeps_its_zone, update_keeps_the_meeting, an_old_version_is_a_conflict, bad_drafts_are_invalid, join_url_is_https,
            debug_hides_the_join_url
        }
    };
}
