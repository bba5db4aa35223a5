use std::{
    collections::HashMap,
    fmt::Debug,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;

use super::{Effect, Reconciliation};
use crate::{
    Error, Result,
    ids::EffectName,
    provider::{Gathering, Providers},
    secret::JoinUrl,
    time::TimeRange,
};

/// One call. `earlier` are the other effects of the same plan, those before this one: "invite guest" feeds "add to event".
#[derive(Debug)]
#[non_exhaustive]
pub struct EffectCall<'a> {
    /// The effects of the plan before this one.
    pub earlier: &'a [Effect],
    /// Do not send after this instant.
    pub send_before: Instant,
    /// How long the call may take.
    pub timeout: Duration,
}

impl<'a> EffectCall<'a> {
    /// A call that must be sent before `send_before` and be over within `timeout`.
    pub fn new(earlier: &'a [Effect], send_before: Instant, timeout: Duration) -> Self {
        Self { earlier, send_before, timeout }
    }
}

/// What was made outside.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Made {
    /// The provider's id.
    pub id: String,
    /// On which event or meeting, for an attendee.
    pub gathering: Option<Gathering>,
    /// Where to join.
    pub join: Option<JoinUrl>,
    /// Whether it surely was not there before.
    pub created: bool,
}

impl Made {
    /// Something with an id.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), gathering: None, join: None, created: false }
    }

    /// Adds where to join.
    #[must_use]
    pub fn with_join(mut self, link: JoinUrl) -> Self {
        self.join = Some(link);
        self
    }

    /// Says that it surely was not there before.
    #[must_use]
    pub fn newly_created(mut self) -> Self {
        self.created = true;
        self
    }

    /// Says on which event or meeting it is.
    #[must_use]
    pub fn with_gathering(mut self, gathering: Gathering) -> Self {
        self.gathering = Some(gathering);
        self
    }
}

/// What became of a call.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// Done.
    Done(Option<Made>),
    /// The provider surely did nothing; try again.
    Retry(Error),
    /// It may have been done.
    Unknown(Error),
    /// A person has to do something first.
    NeedsAction(Error),
    /// Refused for good.
    Permanent(Error),
}

/// What a look-up found.
#[derive(Debug)]
#[non_exhaustive]
pub enum Lookup {
    /// These, one or more.
    Found(Vec<Made>),
    /// Nothing.
    Absent,
    /// No answer.
    Unknown(Error),
}

/// Carries out an embedder's own effect, registered by its name ([`Effects::with`]) and planned by a policy
/// ([`Policy::with_effect`](crate::invitation::machine::Policy::with_effect)). Meetings, guests and attendees are built in.
#[async_trait]
pub trait EffectExecutor: Debug + Send + Sync + 'static {
    /// Asked before the intent is written; the answer is stored with it, so that deciding stays pure.
    ///
    /// # Errors
    /// When the account cannot be opened. The effect is begun all the same, as one that only a person can find out about
    /// ([`Quarantine`](Reconciliation::Quarantine)) should its answer be lost.
    async fn reconciliation(&self, effect: &Effect) -> Result<Reconciliation>;

    /// Does it: one request, never sent again here.
    async fn run(&self, effect: &Effect, call: EffectCall<'_>) -> Outcome;

    /// Looks whether it was done.
    async fn look_up(&self, effect: &Effect, around: Option<TimeRange>, call: EffectCall<'_>) -> Lookup;

    /// Takes it back; nothing there is `Done`.
    async fn undo(&self, effect: &Effect, call: EffectCall<'_>) -> Outcome;
}

/// Who carries out which effects.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    providers: Providers,
    custom: HashMap<EffectName, Arc<dyn EffectExecutor>>,
}

impl Effects {
    /// Meetings, guests and attendees through `providers`.
    pub fn new(providers: Providers) -> Self {
        Self { providers, custom: HashMap::new() }
    }

    /// Registers an embedder's own effect.
    #[must_use]
    pub fn with(mut self, name: EffectName, executor: Arc<dyn EffectExecutor>) -> Self {
        self.custom.insert(name, executor);
        self
    }

    /// The providers.
    pub fn providers(&self) -> &Providers {
        &self.providers
    }

    /// The embedder's executor of that name.
    pub fn custom(&self, name: &EffectName) -> Option<&Arc<dyn EffectExecutor>> {
        self.custom.get(name)
    }
}
