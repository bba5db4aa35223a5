//! A provider in a folder, with an unreliable network before it.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use invitations_core::{
    Error, ErrorKind, Result, RetryClass,
    ids::{MeetingId, MeetingKey, PageToken, ProviderId},
    provider::{
        Account, Idempotency, Meeting, MeetingCapabilities, MeetingDraft, MeetingPatch, MeetingProvider, Open, Page,
        WriteOptions,
    },
    runtime::{Clock as _, SystemClock},
    secret::JoinUrl,
    time::TimeRange,
};

use super::{
    fate::Fate,
    setting::{Setting, account, provider},
    world::{Effect, Kept, Request, World},
};

#[derive(Clone, Debug)]
pub(crate) struct FileMeetings {
    provider: ProviderId,
    setting: Setting,
}

/// Where a meeting is joined.
pub(crate) fn join_link(id: &str) -> String {
    format!("https://meet.example/{id}")
}

impl FileMeetings {
    pub(crate) fn new(setting: Setting) -> Self {
        Self { provider: provider(), setting }
    }

    /// A broken file ends the process, and with it the test.
    async fn world<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut World) -> std::io::Result<T> + Send + 'static,
    ) -> T {
        let setting = self.setting.clone();
        let open = move || World::open(&setting).and_then(|mut world| work(&mut world)).unwrap();
        tokio::task::spawn_blocking(open).await.unwrap()
    }

    async fn fate(&self, about: &str) -> Fate {
        let (seed, name) = (self.setting.seed, about.to_owned());
        self.world(move |world| Ok(Fate::of(seed, &name, world.requests_about(&name)))).await
    }

    /// One request, and its reply if that arrives in time.
    async fn write(
        &self,
        operation: &'static str,
        about: &str,
        fate: Fate,
        what: Request,
        options: &WriteOptions,
    ) -> Result<Effect> {
        let began = SystemClock.instant();
        SystemClock.sleep(fate.before).await;
        let (name, sending, send_before) = (about.to_owned(), fate.clone(), options.send_before);
        let sent = self.world(move |world| world.send(&name, what, &sending, send_before)).await;
        let Some(request) = sent else {
            return Err(self.error(ErrorKind::Timeout, operation, RetryClass::Safe { after: None }));
        };
        let over = |answered| self.world(move |world| world.over(request, answered));
        if fate.throttled {
            over(true).await;
            return Err(self.throttled(operation));
        }
        let spent = SystemClock.instant() - began;
        let patience = options.timeout.map(|timeout| timeout.saturating_sub(spent));
        let in_time = |after: &Duration| patience.is_none_or(|patience| *after <= patience);
        let effect = match fate.answered_after().filter(in_time) {
            Some(after) => {
                SystemClock.sleep(after).await;
                self.world(move |world| Ok(world.effect_of(request))).await
            }
            None => {
                SystemClock.sleep(patience.unwrap_or_default().min(fate.noticed)).await;
                None
            }
        };
        over(effect.is_some()).await;
        effect.ok_or_else(|| self.lost(operation))
    }

    fn lost(&self, operation: &'static str) -> Error {
        self.error(ErrorKind::Timeout, operation, RetryClass::Unclear { after: None })
    }

    fn throttled(&self, operation: &'static str) -> Error {
        self.error(ErrorKind::Throttled, operation, RetryClass::Safe { after: None })
    }

    fn error(&self, kind: ErrorKind, operation: &'static str, retry: RetryClass) -> Error {
        Error::new(kind, operation).with_provider(self.provider.clone()).with_retry(retry)
    }

    fn not_found(&self, operation: &'static str) -> Error {
        self.error(ErrorKind::NotFound, operation, RetryClass::Never)
    }

    fn unsupported(&self, operation: &'static str) -> Error {
        self.error(ErrorKind::Unsupported, operation, RetryClass::Never)
    }

    fn lag(&self) -> Option<Duration> {
        match self.setting.idempotency {
            Idempotency::InexactLookup { lag } => Some(lag),
            _ => None,
        }
    }
}

fn meeting(kept: &Kept) -> Result<Meeting> {
    let link = join_link(&kept.id).parse().unwrap();
    Ok(Meeting::new(MeetingId::parse(&kept.id)?, &*kept.subject, JoinUrl::new(link)).with_slot(kept.slot.clone()))
}

#[async_trait]
impl MeetingProvider for FileMeetings {
    fn provider(&self) -> &ProviderId {
        &self.provider
    }

    fn capabilities(&self) -> MeetingCapabilities {
        MeetingCapabilities::new(self.setting.idempotency)
    }

    async fn create(&self, key: &MeetingKey, draft: &MeetingDraft, options: WriteOptions) -> Result<Meeting> {
        const CREATE: &str = "create meeting";
        if draft.subject.trim().is_empty() || draft.slot.duration.is_zero() {
            return Err(Error::invalid(CREATE, "no subject or no length"));
        }
        if draft.recurrence.is_some() {
            return Err(self.unsupported(CREATE));
        }
        let fate = self.fate(key.as_str()).await;
        let create = Request::Create {
            key: key.as_str().to_owned(),
            subject: draft.subject.clone(),
            slot: draft.slot.clone(),
            unseen: self.lag().unwrap_or_default() * fate.unseen / 1000,
        };
        match self.write(CREATE, key.as_str(), fate, create, &options).await? {
            Effect::Made(kept) | Effect::Same(kept) => meeting(&kept),
            Effect::Cancelled { .. } | Effect::NotThere => {
                Err(self.error(ErrorKind::Protocol, CREATE, RetryClass::Never))
            }
        }
    }

    async fn read(&self, id: &MeetingId) -> Result<Meeting> {
        let wanted = id.as_str().to_owned();
        let kept = self.world(move |world| Ok(world.live().get(&*wanted).map(|kept| Kept::clone(kept)))).await;
        meeting(&kept.ok_or_else(|| self.not_found("read meeting"))?)
    }

    async fn find_by_key(&self, key: &MeetingKey, around: TimeRange) -> Result<Vec<Meeting>> {
        const FIND: &str = "find meeting by key";
        if matches!(self.setting.idempotency, Idempotency::NativeKey | Idempotency::None) {
            return Err(self.unsupported(FIND));
        }
        let fate = self.fate(key.as_str()).await;
        SystemClock.sleep(fate.before).await;
        let (key, sending) = (key.as_str().to_owned(), fate.clone());
        let found = self.world(move |world| {
            world.send(&key, Request::LookUp, &sending, None)?;
            let now = SystemClock.now();
            let found = world
                .live()
                .into_values()
                .filter(|kept| kept.key == key && kept.seen_from <= now && kept.slot.range().overlaps(&around));
            Ok(found.cloned().collect::<Vec<_>>())
        });
        let found = found.await;
        if fate.throttled {
            return Err(self.throttled(FIND));
        }
        if fate.answered_after().is_none() {
            return Err(self.lost(FIND));
        }
        found.iter().map(meeting).collect()
    }

    async fn update(&self, id: &MeetingId, _patch: &MeetingPatch, _options: WriteOptions) -> Result<Meeting> {
        self.read(id).await?;
        Err(self.unsupported("update meeting"))
    }

    async fn cancel(&self, id: &MeetingId, options: WriteOptions) -> Result<()> {
        const CANCEL: &str = "cancel meeting";
        let fate = self.fate(id.as_str()).await;
        let cancel = Request::Cancel { id: id.as_str().to_owned() };
        match self.write(CANCEL, id.as_str(), fate, cancel, &options).await? {
            Effect::Cancelled { .. } => Ok(()),
            Effect::NotThere | Effect::Made(_) | Effect::Same(_) => Err(self.not_found(CANCEL)),
        }
    }

    async fn list(&self, _within: TimeRange, _page: Option<&PageToken>) -> Result<Page<Meeting>> {
        Err(self.unsupported("list meetings"))
    }
}

#[async_trait]
impl Open<dyn MeetingProvider> for FileMeetings {
    async fn open(&self, account: &Account) -> Result<Arc<dyn MeetingProvider>> {
        if *account != self::account() {
            return Err(self.error(ErrorKind::PermissionDenied, "open account", RetryClass::Never));
        }
        Ok(Arc::new(self.clone()))
    }
}
