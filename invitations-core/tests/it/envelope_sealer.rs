//! Sealing under a key that stays in a key management service.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::DateTime;
use futures_util::future::{FutureExt as _, join_all};
use invitations_core::{
    Error, ErrorKind, Result, RetryClass,
    conformance::{KeyServiceFixture, SealerFixture},
    memory::MemoryKeyService,
    runtime::{Clock as _, ManualClock},
    secret::{
        EncryptionContext, Envelope, EnvelopeSealer, KeyRing, KeyService, SealContext, Sealed, Sealer, Sealers,
        SecretBytes,
    },
};

struct Memory;

#[async_trait]
impl KeyServiceFixture for Memory {
    async fn service(&self) -> Arc<dyn KeyService> {
        Arc::new(MemoryKeyService::new([1; 32]))
    }
    async fn another(&self) -> Arc<dyn KeyService> {
        Arc::new(MemoryKeyService::new([2; 32]))
    }
}

mod memory_key_service {
    use super::Memory;
    invitations_core::key_service_suite!(
        #[tokio::test]
        Memory
    );
}

/// With and without data keys in memory: what is refused is refused either way.
struct Keeping(usize);

#[async_trait]
impl SealerFixture for Keeping {
    async fn sealer(&self) -> Arc<dyn Sealer> {
        Arc::new(bench().sealer.with_data_keys_kept(self.0))
    }
}

mod kept {
    use super::Keeping;
    invitations_core::sealer_suite!(
        #[tokio::test]
        Keeping(512)
    );
}

mod never_kept {
    use super::Keeping;
    invitations_core::sealer_suite!(
        #[tokio::test]
        Keeping(0)
    );
}

struct Moving;

#[async_trait]
impl SealerFixture for Moving {
    async fn sealer(&self) -> Arc<dyn Sealer> {
        let ring = Arc::new(KeyRing::new("ring", [7; 32]).unwrap());
        Arc::new(Sealers::new(Arc::new(bench().sealer)).opening(["ring"], ring).unwrap())
    }
}

mod moving {
    use super::Moving;
    invitations_core::sealer_suite!(
        #[tokio::test]
        Moving
    );
}

struct Bench {
    clock: ManualClock,
    service: Arc<MemoryKeyService>,
    sealer: EnvelopeSealer,
}

fn over(service: &Arc<MemoryKeyService>, clock: &ManualClock) -> EnvelopeSealer {
    let service: Arc<dyn KeyService> = Arc::<MemoryKeyService>::clone(service);
    EnvelopeSealer::new("kms", service, Arc::new(clock.clone())).unwrap()
}

fn bench() -> Bench {
    let clock = ManualClock::new(DateTime::UNIX_EPOCH);
    let service = Arc::new(MemoryKeyService::new([1; 32]));
    let sealer = over(&service, &clock);
    Bench { clock, service, sealer }
}

fn row(tenant: &str, row: u32) -> SealContext {
    SealContext::new("tokens", [tenant, &row.to_string()])
}

#[tokio::test]
async fn a_data_key_seals_so_often_and_so_long() {
    let Bench { clock, service, sealer } = bench();
    let sealer = sealer.with_data_key_limits(3, Duration::from_secs(60));
    for number in 0..7 {
        sealer.seal(&row("school", number), b"a secret").await.unwrap();
    }
    assert_eq!(service.wraps(), 3, "three, three and one");
    clock.advance(Duration::from_secs(60));
    sealer.seal(&row("school", 7), b"a secret").await.unwrap();
    assert_eq!(service.wraps(), 4);

    let Bench { service, sealer, .. } = bench();
    let sealer = sealer.with_data_key_limits(1, Duration::from_secs(60));
    let mut wrappings = Vec::new();
    for number in 0..3 {
        let sealed = sealer.seal(&row("school", number), b"a secret").await.unwrap();
        let envelope = Envelope::parse(&sealed).unwrap();
        wrappings.push(envelope.ciphertext[..40].to_vec());
    }
    assert_eq!(service.wraps(), 3);
    wrappings.dedup();
    assert_eq!(wrappings.len(), 3);
}

#[tokio::test]
async fn no_data_key_is_used_for_two_organisations_or_purposes() {
    let Bench { service, sealer, .. } = bench();
    for context in [row("one", 1), row("one", 2), row("two", 1), SealContext::new("join link", ["one", "1"])] {
        sealer.seal(&context, b"a secret").await.unwrap();
    }
    assert_eq!(service.wraps(), 3);
    let named: Vec<_> = EncryptionContext::of(&row("one", 7)).iter().map(|(k, v)| format!("{k}={v}")).collect();
    assert_eq!(named, ["purpose=tokens", "scope=one"]);
}

#[tokio::test]
async fn unwrapped_keys_serve_from_memory_for_a_while_and_in_number() {
    let Bench { clock, service, sealer } = bench();
    let sealed = sealer.seal(&row("school", 1), b"a secret").await.unwrap();
    sealer.open(&row("school", 1), &sealed).await.unwrap();
    assert_eq!(service.unwraps(), 0, "it has just sealed with it");

    let other = over(&service, &clock);
    for _ in 0..5 {
        assert_eq!(other.open(&row("school", 1), &sealed).await.unwrap().expose(), b"a secret");
    }
    assert_eq!(service.unwraps(), 1);
    clock.advance(Duration::from_secs(300));
    other.open(&row("school", 1), &sealed).await.unwrap();
    assert_eq!(service.unwraps(), 2);

    // two at most: the third pushes the oldest out
    let few = over(&service, &clock).with_data_keys_kept(2);
    let mut blobs = Vec::new();
    for tenant in ["a", "b", "c"] {
        blobs.push((row(tenant, 1), sealer.seal(&row(tenant, 1), b"x").await.unwrap()));
    }
    let before = service.unwraps();
    for (context, sealed) in &blobs {
        clock.advance(Duration::from_secs(1));
        few.open(context, sealed).await.unwrap();
    }
    few.open(&blobs[2].0, &blobs[2].1).await.unwrap();
    few.open(&blobs[1].0, &blobs[1].1).await.unwrap();
    assert_eq!(service.unwraps() - before, 3);
    few.open(&blobs[0].0, &blobs[0].1).await.unwrap();
    assert_eq!(service.unwraps() - before, 4);
}

/// Answers when it is let.
#[derive(Debug)]
struct Slow(Arc<MemoryKeyService>, ManualClock);

#[async_trait]
impl KeyService for Slow {
    async fn wrap(&self, data_key: &SecretBytes, context: &EncryptionContext) -> Result<Vec<u8>> {
        self.1.sleep(Duration::from_secs(5)).await;
        self.0.wrap(data_key, context).await
    }
    async fn unwrap(&self, wrapped: &[u8], context: &EncryptionContext) -> Result<SecretBytes> {
        self.1.sleep(Duration::from_secs(5)).await;
        self.0.unwrap(wrapped, context).await
    }
}

#[tokio::test]
async fn readers_of_one_data_key_ask_once() {
    let Bench { clock, service, sealer } = bench();
    let sealed = sealer.seal(&row("school", 1), b"a secret").await.unwrap();
    let slow = Slow(Arc::clone(&service), clock.clone());
    let other = EnvelopeSealer::new("kms", Arc::new(slow), Arc::new(clock.clone())).unwrap();
    let context = row("school", 1);
    // the first to ask goes away
    assert!(other.open(&context, &sealed).now_or_never().is_none());
    let mut all = Box::pin(join_all((0..100).map(|_| other.open(&context, &sealed))));
    assert!(all.as_mut().now_or_never().is_none());
    clock.advance(Duration::from_secs(5));
    for opened in all.await {
        assert_eq!(opened.unwrap().expose(), b"a secret");
    }
    assert_eq!(service.unwraps(), 1);
}

fn passing(error: &Error, kind: ErrorKind) {
    assert_eq!((error.kind(), error.retry()), (kind, RetryClass::Safe { after: None }), "{error}");
}

#[tokio::test]
async fn a_service_that_does_not_answer_passes() {
    let Bench { clock, service, sealer } = bench();
    let sealed = sealer.seal(&row("school", 1), b"a secret").await.unwrap();
    service.set_down(true);
    // what is in memory goes on serving
    sealer.seal(&row("school", 1), b"a secret").await.unwrap();
    sealer.open(&row("school", 1), &sealed).await.unwrap();
    clock.advance(Duration::from_secs(300));
    passing(&sealer.seal(&row("school", 1), b"a secret").await.unwrap_err(), ErrorKind::Unavailable);
    passing(&sealer.open(&row("school", 1), &sealed).await.unwrap_err(), ErrorKind::Unavailable);
    service.set_down(false);
    sealer.open(&row("school", 1), &sealed).await.unwrap();

    let slow = Slow(Arc::clone(&service), clock.clone());
    let impatient = EnvelopeSealer::new("kms", Arc::new(slow), Arc::new(clock.clone())).unwrap();
    let impatient = impatient.with_timeout(Duration::from_secs(1));
    let context = row("school", 1);
    for work in [
        impatient.open(&context, &sealed).map(|opened| opened.map(drop)).boxed(),
        impatient.seal(&context, b"x").map(|sealed| sealed.map(drop)).boxed(),
    ] {
        let mut work = work;
        assert!(work.as_mut().now_or_never().is_none());
        clock.advance(Duration::from_secs(1));
        passing(&work.await.unwrap_err(), ErrorKind::Timeout);
    }
}

#[derive(Debug)]
struct Says(ErrorKind, usize);

#[async_trait]
impl KeyService for Says {
    async fn wrap(&self, data_key: &SecretBytes, _: &EncryptionContext) -> Result<Vec<u8>> {
        match self.1 {
            0 => Err(Error::new(self.0, "wrap data key")),
            // one that does nothing, and one that goes on for ever
            32 => Ok(data_key.expose().to_vec()),
            length => Ok(vec![1; length]),
        }
    }
    async fn unwrap(&self, _: &[u8], _: &EncryptionContext) -> Result<SecretBytes> {
        match self.1 {
            0 => Err(Error::new(self.0, "unwrap data key")),
            length => Ok(SecretBytes::new(vec![1; length])),
        }
    }
}

#[tokio::test]
async fn what_a_service_refuses_is_the_operators_and_what_it_garbles_seals_nothing() {
    let Bench { clock, sealer, .. } = bench();
    let sealed = sealer.seal(&row("school", 1), b"a secret").await.unwrap();
    for (service, kind) in [
        (Says(ErrorKind::PermissionDenied, 0), ErrorKind::Misconfigured),
        (Says(ErrorKind::NotFound, 0), ErrorKind::Misconfigured),
        (Says(ErrorKind::NeedsReconsent, 0), ErrorKind::Misconfigured),
        (Says(ErrorKind::Throttled, 0), ErrorKind::Throttled),
        (Says(ErrorKind::Timeout, 0), ErrorKind::Timeout),
        (Says(ErrorKind::Timeout, 32), ErrorKind::Misconfigured),
        (Says(ErrorKind::Timeout, 5000), ErrorKind::Misconfigured),
    ] {
        let name = format!("{service:?}");
        let bad = EnvelopeSealer::new("kms", Arc::new(service), Arc::new(clock.clone())).unwrap();
        for error in [
            bad.seal(&row("school", 1), b"a secret").await.unwrap_err(),
            bad.open(&row("school", 1), &sealed).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), kind, "{name}");
        }
    }
}

#[tokio::test]
async fn keys_are_named_and_older_ones_open() {
    let Bench { clock, service, sealer } = bench();
    let old = sealer.seal(&row("school", 1), b"old").await.unwrap();
    let newer = || EnvelopeSealer::new("kms-2", Arc::new(MemoryKeyService::new([2; 32])), Arc::new(clock.clone()));
    let error = newer().unwrap().open(&row("school", 1), &old).await.unwrap_err();
    assert_eq!((error.kind(), error.detail()), (ErrorKind::Misconfigured, Some("no key service for the key \"kms\"")));
    let service: Arc<dyn KeyService> = service;
    let both = newer().unwrap().opening("kms", Arc::clone(&service)).unwrap();
    assert_eq!(both.open(&row("school", 1), &old).await.unwrap().expose(), b"old");
    assert_eq!((both.key_of(&old).unwrap().as_str(), both.current_key()), ("kms", "kms-2"));
    assert_eq!(both.opening("kms", Arc::clone(&service)).unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert_eq!(newer().unwrap().opening("k/1", service).unwrap_err().kind(), ErrorKind::InvalidInput);
    // the wrong key under the right name
    let wrong = EnvelopeSealer::new("kms", Arc::new(MemoryKeyService::new([9; 32])), Arc::new(clock)).unwrap();
    assert_eq!(wrong.open(&row("school", 1), &old).await.unwrap_err().kind(), ErrorKind::Misconfigured);
}

#[tokio::test]
async fn a_wrapping_moved_to_another_organisation_opens_nothing() {
    let Bench { service, sealer, .. } = bench();
    let (mine, theirs) = (row("mine", 1), row("theirs", 1));
    let one = sealer.seal(&mine, b"one").await.unwrap();
    let two = sealer.seal(&theirs, b"two").await.unwrap();
    for (context, sealed) in [(&theirs, &one), (&mine, &two)] {
        assert_eq!(sealer.open(context, sealed).await.unwrap_err().kind(), ErrorKind::Misconfigured);
    }
    // though the key was in memory, the service was asked for the other context, and refused
    assert_eq!(service.unwraps(), 2);
}

#[tokio::test]
async fn sealers_are_told_apart_by_their_keys() {
    let ring = || Arc::new(KeyRing::new("ring", [7; 32]).unwrap());
    let sealed = ring().seal(&row("school", 1), b"ring").await.unwrap();
    let moved = Sealers::new(Arc::new(bench().sealer)).opening(["ring"], ring()).unwrap();
    assert_eq!(moved.open(&row("school", 1), &sealed).await.unwrap().expose(), b"ring");
    assert_eq!((moved.key_of(&sealed).unwrap().as_str(), moved.current_key()), ("ring", "kms"));
    assert_eq!(moved.key_of(&moved.seal(&row("school", 1), b"x").await.unwrap()).unwrap(), "kms");
    for taken in ["kms", "ring"] {
        assert_eq!(moved.clone().opening([taken], ring()).unwrap_err().kind(), ErrorKind::AlreadyExists);
    }
    assert_eq!(moved.clone().opening([""; 0], ring()).unwrap_err().kind(), ErrorKind::InvalidInput);
    // a key that nobody is named for is the first one's to refuse
    let stranger = KeyRing::new("stranger", [8; 32]).unwrap().seal(&row("school", 1), b"x").await.unwrap();
    assert_eq!(moved.open(&row("school", 1), &stranger).await.unwrap_err().kind(), ErrorKind::Misconfigured);
    let plain = Sealed::from_bytes(b"plain".to_vec());
    assert_eq!(moved.open(&row("school", 1), &plain).await.unwrap_err().kind(), ErrorKind::Misconfigured);
}
