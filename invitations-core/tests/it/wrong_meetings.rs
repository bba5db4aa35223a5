//! For each case of the suite one provider that is wrong in just that way, and that the case reports.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use invitations_core::{
    ErrorKind, Result,
    conformance::meeting_provider::{self as suite, ProviderFixture},
    ids::{MeetingId, MeetingKey, PageToken, ProviderId},
    memory::MemoryMeetings,
    provider::{
        Idempotency, Meeting, MeetingCapabilities, MeetingDraft, MeetingPatch, MeetingProvider, Page, WriteOptions,
    },
    secret::JoinUrl,
    time::{Slot, TimeRange},
};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    CancelsEverything,
    FindsEverything,
    FindsOccurrences,
    ForgetsZones,
    ForgetsKeys,
    IgnoresRecurrence,
    IgnoresSettings,
    IgnoresVersions,
    ListNeverEnds,
    ListsNothing,
    ListsOccurrences,
    MixesKeys,
    MovesIntoUntold,
    MovesToUtc,
    PlainHttp,
    ReadsAnotherTitle,
    RepairsBadDrafts,
    SecondCancelIsFine,
    ShowsLinks,
    UpdateMakesAnother,
    UsesNoKey,
}

struct Wrong(MemoryMeetings, Fault);

impl fmt::Debug for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.1 == Fault::ShowsLinks {
            let meetings = self.0.meetings();
            let links: Vec<_> = meetings.iter().map(|meeting| meeting.join_url.expose().as_str()).collect();
            return f.debug_list().entries(links).finish();
        }
        f.write_str("Wrong")
    }
}

#[async_trait]
impl MeetingProvider for Wrong {
    fn provider(&self) -> &ProviderId {
        self.0.provider()
    }
    fn capabilities(&self) -> MeetingCapabilities {
        let mut declared = self.0.capabilities();
        if self.1 == Fault::UsesNoKey {
            declared.idempotency = Idempotency::NativeKey;
        }
        declared.keys &= self.1 != Fault::MixesKeys;
        declared.recurrence &= self.1 != Fault::IgnoresRecurrence;
        declared.series_zones &= self.1 != Fault::MovesIntoUntold;
        declared.auto_record &= self.1 != Fault::IgnoresSettings;
        declared
    }
    async fn create(&self, key: &MeetingKey, draft: &MeetingDraft, options: WriteOptions) -> Result<Meeting> {
        let mut draft = draft.clone();
        if self.1 == Fault::RepairsBadDrafts && draft.subject.trim().is_empty() {
            draft.subject = "Untitled".to_owned();
        }
        let mut made = self.0.create(key, &draft, options).await?;
        if self.1 == Fault::PlainHttp {
            made.join_url = JoinUrl::new("http://meet.example/1".parse().unwrap());
        }
        Ok(made)
    }
    async fn read(&self, id: &MeetingId) -> Result<Meeting> {
        let mut meeting = self.0.read(id).await?;
        if self.1 == Fault::ReadsAnotherTitle {
            meeting.subject = "Another".to_owned();
        }
        if self.1 == Fault::ForgetsZones {
            meeting.slot = meeting.slot.map(|slot| Slot::from(slot.range().from..slot.range().until));
        }
        Ok(meeting)
    }
    async fn find_by_key(&self, key: &MeetingKey, around: TimeRange) -> Result<Vec<Meeting>> {
        if self.1 == Fault::FindsEverything {
            return Ok(self.0.meetings());
        }
        let mut found = self.0.find_by_key(key, around).await?;
        if self.1 == Fault::FindsOccurrences {
            found.extend(occurrences(&found)?);
        }
        Ok(found)
    }
    async fn update(&self, id: &MeetingId, patch: &MeetingPatch, mut options: WriteOptions) -> Result<Meeting> {
        match self.1 {
            Fault::IgnoresVersions => options.if_match = None,
            Fault::UpdateMakesAnother => {
                let old = self.0.read(id).await?;
                self.0.cancel(id, WriteOptions::new()).await?;
                let draft = MeetingDraft::new(patch.subject.clone().unwrap_or(old.subject), old.slot.unwrap());
                return self.0.create(&MeetingKey::parse("another")?, &draft, options).await;
            }
            _ => {}
        }
        let mut patch = patch.clone();
        if self.1 == Fault::MovesToUtc {
            patch.slot = patch.slot.map(|slot| Slot::from(slot.range().from..slot.range().until));
        }
        self.0.update(id, &patch, options).await
    }
    async fn cancel(&self, id: &MeetingId, options: WriteOptions) -> Result<()> {
        match self.0.cancel(id, options).await {
            Err(error) if self.1 == Fault::SecondCancelIsFine && error.kind() == ErrorKind::NotFound => Ok(()),
            Ok(()) if self.1 == Fault::CancelsEverything => {
                for meeting in self.0.meetings() {
                    self.0.cancel(&meeting.id, WriteOptions::new()).await?;
                }
                Ok(())
            }
            other => other,
        }
    }
    async fn list(&self, within: TimeRange, page: Option<&PageToken>) -> Result<Page<Meeting>> {
        let mut got = self.0.list(within, page).await?;
        match self.1 {
            Fault::ListNeverEnds => got.next = Some(PageToken::parse("0")?),
            Fault::ListsNothing => got.items.clear(),
            Fault::ListsOccurrences => got.items.extend(occurrences(&got.items)?),
            Fault::ForgetsKeys => got.items.iter_mut().for_each(|meeting| meeting.key = None),
            Fault::MixesKeys => {
                let last = got.items.last().and_then(|meeting| meeting.key.clone());
                got.items.iter_mut().for_each(|meeting| meeting.key.clone_from(&last));
            }
            _ => {}
        }
        Ok(got)
    }
}

/// Under ids of their own, with the key of the series.
fn occurrences(series: &[Meeting]) -> Result<Vec<Meeting>> {
    let occurrence = |meeting: &Meeting| {
        let mut occurrence = meeting.clone();
        occurrence.id = MeetingId::parse(format!("{}.1", meeting.id))?;
        Ok(occurrence)
    };
    series.iter().map(occurrence).collect()
}

struct With(Fault, Idempotency);

impl ProviderFixture for With {
    async fn provider(&self) -> Arc<dyn MeetingProvider> {
        let inner = MemoryMeetings::new(ProviderId::parse("memory").unwrap()).with_idempotency(self.1);
        Arc::new(Wrong(inner, self.0))
    }
}

macro_rules! reports { ($($case:ident: $fault:ident, $idempotency:ident;)+) => {$(
    #[tokio::test]
    async fn $case() {
        suite::$case(&With(Fault::$fault, Idempotency::$idempotency)).await.expect_err("the case reports the fault");
    }
)+}}

reports! {
    create_then_read: ReadsAnotherTitle, NativeKey;
    same_key_is_the_same_meeting: UsesNoKey, None;
    unknown_is_not_found: SecondCancelIsFine, NativeKey;
    cancel_takes_one_away: CancelsEverything, NativeKey;
    find_by_key_finds_the_keyed: FindsEverything, ExactLookup;
    list_contains_what_was_made: ListsNothing, NativeKey;
    a_meeting_tells_its_key: ForgetsKeys, NativeKey;
    undeclared_recurrence_is_refused: IgnoresRecurrence, NativeKey;
    settings_are_as_declared: IgnoresSettings, NativeKey;
    a_declared_series_is_one_meeting: ListsOccurrences, NativeKey;
    a_series_tells_its_zone: ForgetsZones, NativeKey;
    a_series_keeps_its_zone: MovesToUtc, NativeKey;
    update_keeps_the_meeting: UpdateMakesAnother, NativeKey;
    an_old_version_is_a_conflict: IgnoresVersions, NativeKey;
    bad_drafts_are_invalid: RepairsBadDrafts, NativeKey;
    join_url_is_https: PlainHttp, NativeKey;
    debug_hides_the_join_url: ShowsLinks, NativeKey;
}

#[tokio::test]
async fn a_listing_that_never_ends_is_reported() {
    let wrong = With(Fault::ListNeverEnds, Idempotency::NativeKey);
    suite::list_contains_what_was_made(&wrong).await.expect_err("the case reports the fault");
}

#[tokio::test]
async fn a_series_that_takes_a_slot_of_no_told_zone_is_reported() {
    let wrong = With(Fault::MovesIntoUntold, Idempotency::NativeKey);
    suite::a_series_keeps_its_zone(&wrong).await.expect_err("the case reports the fault");
}

/// A wrong key is worse than none, declared or not: by it a meeting is taken away.
#[tokio::test]
async fn another_meetings_key_is_reported() {
    let wrong = With(Fault::MixesKeys, Idempotency::NativeKey);
    suite::a_meeting_tells_its_key(&wrong).await.expect_err("the case reports the fault");
}

#[tokio::test]
async fn a_series_that_is_found_as_its_occurrences_is_reported() {
    let wrong = With(Fault::FindsOccurrences, Idempotency::ExactLookup);
    suite::a_declared_series_is_one_meeting(&wrong).await.expect_err("the case reports the fault");
}

#[tokio::test]
async fn an_undeclared_lookup_that_answers_is_reported() {
    let wrong = With(Fault::FindsEverything, Idempotency::NativeKey);
    suite::find_by_key_finds_the_keyed(&wrong).await.expect_err("the case reports the fault");
}
