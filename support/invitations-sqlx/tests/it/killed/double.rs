//! The provider in a folder keeps the contract when all is calm, and its journal what it promises.

use std::{io::Write as _, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use invitations_core::{
    conformance::meeting_provider::{self as contract, ProviderFixture},
    provider::{Idempotency, MeetingProvider},
    runtime::{Clock as _, SystemClock},
};
use tempfile::TempDir;

use super::{
    provider::FileMeetings,
    setting::Setting,
    world::{Effect, Entry, Request, World},
};

struct Calm(TempDir, Setting);

impl Calm {
    fn new(idempotency: Idempotency) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let setting = Setting { folder: folder.path().to_owned(), idempotency, seed: None };
        Self(folder, setting)
    }

    fn append(&self, text: &str) {
        let path = self.0.path().join("provider.journal");
        let mut journal = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        journal.write_all(text.as_bytes()).unwrap();
    }
}

impl ProviderFixture for Calm {
    async fn provider(&self) -> Arc<dyn MeetingProvider> {
        Arc::new(FileMeetings::new(self.1.clone()))
    }
}

/// All but the cases about changes, which it cannot make.
#[tokio::test]
async fn it_keeps_the_contract() {
    let inexact = Idempotency::InexactLookup { lag: Duration::from_secs(60) };
    for idempotency in [Idempotency::NativeKey, Idempotency::ExactLookup, inexact] {
        let calm = Calm::new(idempotency);
        contract::create_then_read(&calm).await.unwrap();
        contract::same_key_is_the_same_meeting(&calm).await.unwrap();
        contract::unknown_is_not_found(&calm).await.unwrap();
        contract::cancel_takes_one_away(&calm).await.unwrap();
        contract::find_by_key_finds_the_keyed(&calm).await.unwrap();
        contract::list_contains_what_was_made(&calm).await.unwrap();
        contract::undeclared_recurrence_is_refused(&calm).await.unwrap();
        contract::bad_drafts_are_invalid(&calm).await.unwrap();
        contract::join_url_is_https(&calm).await.unwrap();
        contract::debug_hides_the_join_url(&calm).await.unwrap();
    }
}

fn create(request: u64, lands_at: DateTime<Utc>) -> String {
    let slot = (lands_at..lands_at + Duration::from_secs(60)).into();
    let what = Request::Create { key: "k".to_owned(), subject: "lesson".to_owned(), slot, unseen: Duration::ZERO };
    let sent = Entry::Sent { request, about: "k".to_owned(), what, lands_at: Some(lands_at) };
    serde_json::to_string(&sent).unwrap() + "\n"
}

#[test]
fn requests_land_when_their_time_has_come_whoever_sent_them() {
    let now = SystemClock.now();
    let [past, long_past, future] = [-10, -20, 3600].map(|seconds| now + chrono::Duration::seconds(seconds));
    for (idempotency, made) in [(Idempotency::NativeKey, 1), (Idempotency::ExactLookup, 2)] {
        let calm = Calm::new(idempotency);
        calm.append(&[create(0, past), create(1, long_past), create(2, future)].concat());
        // a second look changes nothing
        for _ in 0..2 {
            let world = World::open(&calm.1).unwrap();
            assert!(matches!(world.effect_of(1), Some(Effect::Made(_))), "the first to land");
            assert_eq!((world.live().len(), world.on_the_way().len()), (made, 1));
        }
    }
}

#[test]
fn a_line_that_was_cut_off_was_never_written() {
    let calm = Calm::new(Idempotency::ExactLookup);
    let (whole, cut) = (create(0, SystemClock.now()), create(1, SystemClock.now()));
    calm.append(&whole);
    calm.append(&cut[..cut.len() - 5]);
    for _ in 0..2 {
        assert_eq!(World::open(&calm.1).unwrap().live().len(), 1);
    }
}
