//! A look at a meeting long after it was made or taken away.

use super::{Effect, EffectCall, EffectKind, EffectStatus, Effects, provider::gone};
use crate::{
    ErrorKind, Result,
    ids::MeetingId,
    provider::{Idempotency, MeetingProvider},
};

/// What a sweep has found and done.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Swept {
    /// How many meetings were taken away that should not have been there.
    pub(crate) removed: usize,
    /// Whether the meeting that should be there is not.
    pub(crate) missing: bool,
}

impl Effects {
    /// Takes away every copy but the recorded one; after an undo, that one too. Never by sending the create again, which would bring a
    /// cancelled meeting back: by look-up where there is one, else by the recorded id.
    pub(crate) async fn sweep(&self, effect: &Effect, call: EffectCall<'_>) -> Result<Swept> {
        let EffectKind::CreateMeeting(draft) = &effect.kind else { return Ok(Swept::default()) };
        let provider = self.providers().meetings(&effect.account).await?;
        let recorded = effect.found.as_ref().map(|found| MeetingId::parse(&found.id)).transpose()?;
        let mut ids: Vec<MeetingId> = match provider.capabilities().idempotency {
            Idempotency::ExactLookup | Idempotency::InexactLookup { .. } => {
                self.copies(effect, draft).await?.into_iter().map(|copy| copy.id).collect()
            }
            Idempotency::NativeKey | Idempotency::None => Vec::new(),
        };
        // a look-up may miss it, and it may have moved out of the window
        if let Some(id) = recorded.as_ref().filter(|id| !ids.contains(id))
            && exists(&*provider, id).await?
        {
            ids.push(id.clone());
        }
        let keep = recorded.filter(|_| effect.status == EffectStatus::Done);
        #[cfg(seeded)]
        if crate::seeded::seeded("S01") && keep.is_some() {
            ids.retain(|id| Some(id) == keep.as_ref());
        }
        let missing = keep.as_ref().is_some_and(|keep| !ids.contains(keep));
        let mut removed = 0;
        for id in ids.iter().filter(|id| Some(*id) != keep.as_ref()) {
            gone(&*provider, id, &call).await?;
            removed += 1;
        }
        Ok(Swept { removed, missing })
    }
}

async fn exists(provider: &dyn MeetingProvider, id: &MeetingId) -> Result<bool> {
    match provider.read(id).await {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
