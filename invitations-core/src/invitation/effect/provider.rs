//! The built-in effects, through the provider traits.

use std::time::Duration;

use super::{Effect, EffectCall, EffectKind, EffectStatus, Effects, Lookup, Made, Outcome, Reconciliation};
use crate::{
    Error, ErrorKind, Result, RetryClass,
    ids::{GuestId, MeetingId},
    people::{Attendee, EmailAddress, Guest, GuestDirectory, GuestDraft},
    provider::{
        AttendeeChange, Gathering, Idempotency, Meeting, MeetingDraft, MeetingPatch, MeetingProvider, Resend,
        WriteOptions,
    },
    time::TimeRange,
};

/// A day either side: providers round and shift times, and a look-up that misses is worse than one that reads more.
const AROUND: Duration = Duration::from_secs(24 * 3600);

impl Effects {
    pub(crate) async fn reconciliation(&self, effect: &Effect) -> Result<Reconciliation> {
        match &effect.kind {
            EffectKind::CreateMeeting(_) => {
                let provider = self.providers().meetings(&effect.account).await?;
                Ok(match provider.capabilities().idempotency {
                    Idempotency::NativeKey => Reconciliation::Reissue,
                    Idempotency::ExactLookup => Reconciliation::LookUp { exact: true, lag: Duration::ZERO },
                    Idempotency::InexactLookup { lag } => Reconciliation::LookUp { exact: false, lag },
                    Idempotency::None => Reconciliation::Quarantine,
                })
            }
            // the address is the key: inviting or adding somebody who is there already is success
            EffectKind::InviteGuest(_)
            | EffectKind::AddToEvent { .. }
            | EffectKind::AddToMeeting { .. }
            | EffectKind::RemoveFromMeeting { .. }
            // and the same change again is the same change
            | EffectKind::UpdateMeeting(_) => Ok(Reconciliation::Reissue),
            EffectKind::Custom { .. } => self.executor(effect)?.reconciliation(effect).await,
        }
    }

    pub(crate) async fn run(&self, effect: &Effect, call: EffectCall<'_>) -> Outcome {
        let done = match &effect.kind {
            EffectKind::CreateMeeting(draft) => self.create(effect, draft, &call).await,
            EffectKind::InviteGuest(draft) => self.invite(effect, draft, &call).await,
            EffectKind::AddToEvent { calendar, event, attendee } => {
                let gathering = Gathering::Event { calendar: calendar.clone(), event: event.clone() };
                self.add(effect, gathering, attendee, &call).await
            }
            EffectKind::AddToMeeting { attendee } => match made_meeting(call.earlier) {
                Some(id) => self.add(effect, Gathering::Meeting(id), attendee, &call).await,
                None => Err(no_meeting("add attendee")),
            },
            EffectKind::RemoveFromMeeting { attendee } => match made_meeting(call.earlier) {
                Some(id) => return done(self.remove(effect, Gathering::Meeting(id), attendee, &call).await),
                None => Err(no_meeting("remove attendee")),
            },
            EffectKind::UpdateMeeting(patch) => match made_meeting(call.earlier) {
                Some(id) => return done(self.update(effect, &id, patch, &call).await),
                None => Err(no_meeting("update meeting")),
            },
            EffectKind::Custom { .. } => match self.executor(effect) {
                Ok(executor) => return executor.run(effect, call).await,
                Err(error) => Err(error),
            },
        };
        match done {
            Ok(made) => Outcome::Done(Some(made)),
            Err(error) => error.into(),
        }
    }

    pub(crate) async fn look_up(&self, effect: &Effect, call: EffectCall<'_>) -> Lookup {
        match &effect.kind {
            EffectKind::CreateMeeting(draft) => match self.copies(effect, draft).await {
                Ok(copies) if copies.is_empty() => Lookup::Absent,
                Ok(copies) => Lookup::Found(copies.into_iter().map(made).collect()),
                Err(error) => Lookup::Unknown(error),
            },
            EffectKind::Custom { .. } => match self.executor(effect) {
                Ok(executor) => executor.look_up(effect, None, call).await,
                Err(error) => Lookup::Unknown(error),
            },
            // never asked: these are sent again instead
            EffectKind::InviteGuest(_)
            | EffectKind::AddToEvent { .. }
            | EffectKind::AddToMeeting { .. }
            | EffectKind::RemoveFromMeeting { .. }
            | EffectKind::UpdateMeeting(_) => Lookup::Unknown(Error::new(ErrorKind::Unsupported, "look up effect")),
        }
    }

    pub(crate) async fn undo(&self, effect: &Effect, call: EffectCall<'_>) -> Outcome {
        let undone = match &effect.kind {
            EffectKind::CreateMeeting(draft) => self.cancel(effect, draft, &call).await,
            EffectKind::InviteGuest(draft) => self.uninvite(effect, draft, &call).await,
            EffectKind::RemoveFromMeeting { .. } | EffectKind::UpdateMeeting(_) => Ok(()),
            EffectKind::AddToEvent { calendar, event, attendee } => {
                let gathering = Gathering::Event { calendar: calendar.clone(), event: event.clone() };
                self.remove(effect, gathering, attendee, &call).await
            }
            EffectKind::AddToMeeting { attendee } => match made_meeting(call.earlier) {
                Some(id) => self.remove(effect, Gathering::Meeting(id), attendee, &call).await,
                None => Ok(()),
            },
            EffectKind::Custom { .. } => match self.executor(effect) {
                Ok(executor) => return executor.undo(effect, call).await,
                Err(error) => Err(error),
            },
        };
        match undone {
            Ok(()) => Outcome::Done(None),
            Err(error) if error.kind() == ErrorKind::NotFound => Outcome::Done(None),
            Err(error) => error.into(),
        }
    }

    /// What a person has found under this id: a meeting is read, so that its link is known.
    pub(crate) async fn adopt(&self, effect: &Effect, id: &str) -> Result<Made> {
        match effect.kind {
            EffectKind::CreateMeeting(_) => {
                let provider = self.providers().meetings(&effect.account).await.map_err(not_sent)?;
                provider.read(&MeetingId::parse(id)?).await.map(made)
            }
            _ => Ok(Made::new(id)),
        }
    }

    fn executor(&self, effect: &Effect) -> Result<&std::sync::Arc<dyn super::EffectExecutor>> {
        let EffectKind::Custom { name, .. } = &effect.kind else {
            return Err(Error::new(ErrorKind::Unsupported, "find executor"));
        };
        self.custom(name).ok_or_else(|| {
            Error::new(ErrorKind::Misconfigured, "find executor")
                .with_detail(format!("no executor named {name}"))
                .with_remedy(crate::Remedy::new("Register the executor with Effects::with."))
        })
    }

    async fn create(&self, effect: &Effect, draft: &MeetingDraft, call: &EffectCall<'_>) -> Result<Made> {
        let provider = self.providers().meetings(&effect.account).await.map_err(not_sent)?;
        #[cfg(seeded)]
        let effect = &crate::seeded::with_key_of_the_attempt(effect);
        provider.create(&effect.key, draft, options(call)).await.map(made)
    }

    async fn update(&self, effect: &Effect, id: &MeetingId, patch: &MeetingPatch, call: &EffectCall<'_>) -> Result<()> {
        let provider = self.providers().meetings(&effect.account).await.map_err(not_sent)?;
        provider.update(id, patch, options(call)).await.map(drop)
    }

    /// Inviting again would mail again: who is there already, by an earlier try or before, is only found.
    async fn invite(&self, effect: &Effect, draft: &GuestDraft, call: &EffectCall<'_>) -> Result<Made> {
        let guests = self.providers().guests(&effect.account).await.map_err(not_sent)?;
        let invited = |earlier: &Effect| matches!(earlier.kind, EffectKind::InviteGuest(_));
        let again = effect.attempt > 1 || call.earlier.iter().any(invited);
        let looked = again || draft.temporary;
        #[cfg(seeded)]
        let looked = looked && !crate::seeded::seeded("B10");
        if looked && let Some(guest) = there(&*guests, &draft.email).await.map_err(not_sent)? {
            return Ok(Made::new(guest.id.as_str()));
        }
        let made = Made::new(guests.invite(draft, options(call)).await?.id.as_str());
        // nobody was there: if there is somebody now, an earlier try of ours or this one has put them there
        Ok(if looked { made.newly_created() } else { made })
    }

    /// A guest may have been there before and may be needed elsewhere: the directory keeps it, unless it surely is ours and was meant
    /// to go.
    async fn uninvite(&self, effect: &Effect, draft: &GuestDraft, call: &EffectCall<'_>) -> Result<()> {
        let Some(found) = effect.found.as_ref().filter(|found| found.created && draft.temporary) else { return Ok(()) };
        let guests = self.providers().guests(&effect.account).await.map_err(not_sent)?;
        guests.remove(&GuestId::parse(&found.id)?, options(call)).await
    }

    async fn add(&self, effect: &Effect, to: Gathering, who: &Attendee, call: &EffectCall<'_>) -> Result<Made> {
        let mut who = who.clone();
        let guest = call.earlier.iter().find(|one| matches!(one.kind, EffectKind::InviteGuest(_)));
        if let Some(found) = guest.and_then(|one| one.found.as_ref()) {
            who.guest = Some(GuestId::parse(&found.id)?);
        }
        let list = self.providers().attendees(&effect.account).await.map_err(not_sent)?;
        match list.add(&to, &who, options(call)).await? {
            AttendeeChange::Added | AttendeeChange::AlreadyThere => {
                Ok(Made::new(who.email.canonical()).with_gathering(to))
            }
            AttendeeChange::Removed | AttendeeChange::NotThere => {
                Err(Error::new(ErrorKind::Protocol, "add attendee").with_detail("the list answered a removal"))
            }
        }
    }

    async fn remove(&self, effect: &Effect, from: Gathering, who: &Attendee, call: &EffectCall<'_>) -> Result<()> {
        #[cfg(seeded)]
        if crate::seeded::seeded("S03") && matches!(from, Gathering::Event { .. }) {
            return Ok(());
        }
        let list = self.providers().attendees(&effect.account).await.map_err(not_sent)?;
        list.remove(&from, who, options(call)).await.map(drop)
    }

    /// A create whose answer was lost is not "nothing to undo": it is got again by key, or looked up, and then taken away. Where copies
    /// are possible, all of them go.
    async fn cancel(&self, effect: &Effect, draft: &MeetingDraft, call: &EffectCall<'_>) -> Result<()> {
        let provider = self.providers().meetings(&effect.account).await.map_err(not_sent)?;
        #[cfg(seeded)]
        let effect = &crate::seeded::with_another_key(effect);
        let mut ids = Vec::new();
        if let Some(found) = &effect.found {
            ids.push(MeetingId::parse(&found.id)?);
        }
        match provider.capabilities().idempotency {
            Idempotency::NativeKey if ids.is_empty() => {
                ids.push(provider.create(&effect.key, draft, options(call)).await?.id);
            }
            Idempotency::NativeKey | Idempotency::None => {}
            Idempotency::ExactLookup | Idempotency::InexactLookup { .. } => {
                let copies = self.copies(effect, draft).await.map_err(not_sent)?.into_iter().map(|copy| copy.id);
                ids.extend(copies.filter(|id| effect.found.as_ref().is_none_or(|found| found.id != id.as_str())));
            }
        }
        for id in ids {
            gone(&*provider, &id, call).await?;
        }
        Ok(())
    }

    pub(super) async fn copies(&self, effect: &Effect, draft: &MeetingDraft) -> Result<Vec<Meeting>> {
        let provider = self.providers().meetings(&effect.account).await.map_err(not_sent)?;
        let around: TimeRange = draft.slot.range().widened(AROUND);
        #[cfg(seeded)]
        let effect = &crate::seeded::with_another_key(effect);
        provider.find_by_key(&effect.key, around).await
    }
}

pub(super) async fn gone(provider: &dyn MeetingProvider, id: &MeetingId, call: &EffectCall<'_>) -> Result<()> {
    match provider.cancel(id, options(call)).await {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn options(call: &EffectCall<'_>) -> WriteOptions {
    WriteOptions::new().with_resend(Resend::Caller).with_timeout(call.timeout).with_send_before(call.send_before)
}

fn made(meeting: Meeting) -> Made {
    Made::new(meeting.id.as_str()).with_join(meeting.join_url)
}

/// Somebody with this address. A directory that cannot be searched answers for itself when asked to invite.
async fn there(guests: &dyn GuestDirectory, email: &EmailAddress) -> Result<Option<Guest>> {
    match guests.find_by_address(email).await {
        Ok(found) => Ok(found.into_iter().next()),
        Err(error) if error.kind() == ErrorKind::Unsupported => Ok(None),
        Err(error) => Err(error),
    }
}

/// The meeting that is there now: one made anew comes after the one it replaces.
fn made_meeting(earlier: &[Effect]) -> Option<MeetingId> {
    let live =
        |effect: &&Effect| matches!(effect.kind, EffectKind::CreateMeeting(_)) && effect.status != EffectStatus::Undone;
    let meeting = earlier.iter().rev().find(live)?;
    MeetingId::parse(&meeting.found.as_ref()?.id).ok()
}

fn no_meeting(operation: &'static str) -> Error {
    Error::invalid(operation, "no meeting was made before")
}

fn done(result: Result<()>) -> Outcome {
    match result {
        Ok(()) => Outcome::Done(None),
        Err(error) => error.into(),
    }
}

/// An error from before anything was sent that could act: whatever it is, nothing was done.
fn not_sent(error: Error) -> Error {
    let passing = matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Unavailable | ErrorKind::Protocol);
    match error.retry() {
        RetryClass::Unclear { after } => error.with_retry(RetryClass::Safe { after }),
        RetryClass::Never if passing => error.with_retry(RetryClass::Safe { after: None }),
        _ => error,
    }
}

/// What a provider's error says about the effect. When in doubt, it may have been done.
impl From<Error> for Outcome {
    fn from(error: Error) -> Self {
        match (error.retry(), error.kind()) {
            (RetryClass::Unclear { .. }, _) => Self::Unknown(error),
            (RetryClass::Safe { .. }, _) | (_, ErrorKind::Throttled | ErrorKind::Conflict) => Self::Retry(error),
            (
                _,
                ErrorKind::NeedsReconsent
                | ErrorKind::PermissionDenied
                | ErrorKind::Misconfigured
                | ErrorKind::Unauthenticated,
            ) => Self::NeedsAction(error),
            (_, ErrorKind::Timeout | ErrorKind::Unavailable | ErrorKind::Protocol) => Self::Unknown(error),
            (_, _) => Self::Permanent(error),
        }
    }
}
