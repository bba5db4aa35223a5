//! T19, T20: the payment of a booking. Whether money has moved is never decided here.

use super::{allowed, live, not_open, one, plan};
use crate::{
    ids::Reference,
    invitation::machine::{Context, Decision, Event, Offer, Phase, Refusal, State},
};

pub(super) fn confirm(state: &State, payment: &Reference, context: &Context) -> Result<Decision, Refusal> {
    allowed(context)?;
    waits_for_payment(state)?;
    live(state, context)?;
    let paid = Event::PaymentConfirmed { payment: Some(payment.clone()) };
    Ok(Decision { events: vec![paid, plan::start(state, context)?], kill_links: true, ..Decision::default() })
}

pub(super) fn fail(state: &State, context: &Context) -> Result<Decision, Refusal> {
    allowed(context)?;
    waits_for_payment(state)?;
    Ok(one(Event::PaymentFailed { at: context.now }))
}

fn waits_for_payment(state: &State) -> Result<(), Refusal> {
    match (&state.offer, &state.phase) {
        (Offer::Booking { .. }, Phase::Pending) => Ok(()),
        (Offer::Booking { .. }, _) if state.payment.is_some() => Err(Refusal::AlreadyYours),
        (Offer::Booking { .. }, _) => Err(not_open(state)),
        _ => Err(Refusal::NotApplicable),
    }
}
