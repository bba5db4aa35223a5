//! What has to be made for an offer. Effects run in order: only the first is due, each one done makes the next due.

use std::iter;

use chrono::{DateTime, Utc};

use crate::{
    ids::EffectId,
    invitation::{
        Effect, EffectKind, EffectStatus,
        machine::{Context, CustomEffect, Event, Invitee, Offer, Refusal, State},
    },
    people::{Attendee, EmailAddress, GuestDraft},
    provider::{Account, MeetingDraft, MeetingPatch},
    time::Slot,
};

/// The effects of the offer. Empty: nothing to make outside.
pub(super) fn start(state: &State, context: &Context) -> Result<Event, Refusal> {
    let epoch = state.epoch + 1;
    let effects = match &state.offer {
        Offer::Meeting { draft, organizer } => {
            let mut draft = draft.clone();
            for address in accepted_addresses(state) {
                if !draft.attendees.iter().any(|attendee| attendee.email == *address) {
                    draft.attendees.push(Attendee::new(address.clone()));
                }
            }
            meeting(state, draft, organizer)
        }
        Offer::Booking { draft, organizer, .. } => meeting(state, draft.clone(), organizer),
        Offer::Membership { .. } => Vec::new(),
        Offer::Access { access, .. } => {
            let address = recipient_address(state.invitees.first()).ok_or(Refusal::NotApplicable)?;
            let mut guest = GuestDraft::new(address.clone(), access.redirect.clone()).with_mail(access.send_mail);
            guest.temporary = access.remove_guest;
            let (calendar, event) = (access.calendar.clone(), access.event.clone());
            let attendee = Attendee::new(address.clone());
            vec![
                (EffectKind::InviteGuest(Box::new(guest)), &access.account),
                (EffectKind::AddToEvent { calendar, event, attendee }, &access.account),
            ]
        }
    };
    let effects = effects
        .into_iter()
        .map(|(kind, account)| {
            let id = format!("{}.{epoch}", kind.name());
            effect(state, kind, account.clone(), &id, epoch, context.now, context)
        })
        .collect::<Result<_, _>>()?;
    Ok(Event::ProvisioningStarted { at: context.now, epoch, effects })
}

/// The meeting, then what the embedder makes besides it.
fn meeting<'a>(state: &State, draft: Box<MeetingDraft>, organizer: &'a Account) -> Vec<(EffectKind, &'a Account)> {
    let custom = |CustomEffect { name, payload }| EffectKind::Custom { name, payload };
    let besides = state.policy.effects.iter().cloned().map(custom);
    iter::once(EffectKind::CreateMeeting(draft)).chain(besides).map(|kind| (kind, organizer)).collect()
}

/// One attendee more on a meeting that exists (T55).
pub(super) fn one_more(state: &State, place: usize, context: &Context) -> Result<Option<Event>, Refusal> {
    let Offer::Meeting { organizer, .. } = &state.offer else { return Ok(None) };
    let Some(address) = recipient_address(state.invitees.get(place)) else { return Ok(None) };
    let kind = EffectKind::AddToMeeting { attendee: Attendee::new(address.clone()) };
    again(state, kind, organizer, place, context)
}

/// Whether somebody is or may be on the meeting: also who has not answered since it was moved.
pub(super) fn is_listed(state: &State, address: &EmailAddress) -> bool {
    state.effects.iter().fold(false, |listed, effect| match &effect.kind {
        EffectKind::CreateMeeting(draft) => draft.attendees.iter().any(|attendee| attendee.email == *address),
        EffectKind::AddToMeeting { attendee } if attendee.email == *address => true,
        EffectKind::RemoveFromMeeting { attendee } if attendee.email == *address => {
            listed && effect.status == EffectStatus::Undone
        }
        _ => listed,
    })
}

/// One attendee fewer on it (T56).
pub(super) fn one_fewer(
    state: &State,
    place: usize,
    address: &EmailAddress,
    context: &Context,
) -> Result<Option<Event>, Refusal> {
    let Offer::Meeting { organizer, .. } = &state.offer else { return Ok(None) };
    let kind = EffectKind::RemoveFromMeeting { attendee: Attendee::new(address.clone()) };
    again(state, kind, organizer, place, context)
}

/// People come and go: the third number tells their place, the fourth how often there was something to do for it.
fn again(
    state: &State,
    kind: EffectKind,
    organizer: &Account,
    place: usize,
    context: &Context,
) -> Result<Option<Event>, Refusal> {
    let stem = format!("{}.{}.{place}", kind.name(), state.epoch);
    let times = state.effects.iter().filter(|effect| effect.id.as_str().starts_with(&stem)).count();
    let id = if times == 0 { stem } else { format!("{stem}.{times}") };
    let effect = effect(state, kind, organizer.clone(), &id, state.epoch, context.now, context)?;
    Ok(Some(Event::EffectAdded { effect: Box::new(effect) }))
}

/// The change that moves the meeting (T58). Its id holds the revision: a meeting may be moved often.
pub(super) fn update(state: &State, slot: &Slot, revision: u32, context: &Context) -> Result<Effect, Refusal> {
    let (Offer::Meeting { draft, organizer } | Offer::Booking { draft, organizer, .. }) = &state.offer else {
        return Err(Refusal::NotApplicable);
    };
    let mut patch = MeetingPatch::new().with_slot(slot.clone());
    patch.notify = draft.notify;
    let kind = EffectKind::UpdateMeeting(Box::new(patch));
    let id = format!("{}.{}.{revision}", kind.name(), state.epoch);
    effect(state, kind, organizer.clone(), &id, state.epoch, context.now, context)
}

fn effect(
    state: &State,
    kind: EffectKind,
    account: Account,
    id: &str,
    epoch: u32,
    due: DateTime<Utc>,
    context: &Context,
) -> Result<Effect, Refusal> {
    let key = (context.key_of)(state, kind.name(), epoch).map_err(|_| Refusal::NotApplicable)?;
    let id = EffectId::parse(id).map_err(|_| Refusal::NotApplicable)?;
    let effect = Effect::planned(id, kind, account, key, due);
    #[cfg(seeded)]
    let effect = crate::seeded::with_another_account(effect);
    Ok(effect)
}

fn accepted_addresses(state: &State) -> impl Iterator<Item = &EmailAddress> {
    let accepted = |invitee: &&Invitee| invitee.response == crate::invitation::machine::Response::Accepted;
    state.invitees.iter().filter(accepted).filter_map(|invitee| recipient_address(Some(invitee)))
}

fn recipient_address(invitee: Option<&Invitee>) -> Option<&EmailAddress> {
    invitee?.recipient.address()
}
