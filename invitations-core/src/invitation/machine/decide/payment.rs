//! T19, T20: the payment of a booking. Whether money has moved is never decided here.

use super::{allowed, not_open, one, plan};
use crate::{
    ids::Reference,
    invitation::machine::{Context, Decision, Event, Offer, Phase, Refusal, State},
};

pub(super) fn confirm(state: &State, payment: &Reference, context: &Context) -> Result<Decision, Refusal> {
    allowed(context)?;
    // also after its end, as long as that has not been written: money has moved
    waits_for_payment(state, Some(payment))?;
    let paid = Event::PaymentConfirmed { payment: Some(payment.clone()) };
    Ok(Decision { events: vec![paid, plan::start(state, context)?], kill_links: true, ..Decision::default() })
}

pub(super) fn fail(state: &State, context: &Context) -> Result<Decision, Refusal> {
    allowed(context)?;
    waits_for_payment(state, None)?;
    Ok(one(Event::PaymentFailed { at: context.now }))
}

fn waits_for_payment(state: &State, payment: Option<&Reference>) -> Result<(), Refusal> {
    match (&state.offer, &state.phase) {
        (Offer::Booking { .. }, Phase::Pending) => Ok(()),
        // said again, or by somebody who does not name payments; a second payment is for people to give back
        (Offer::Booking { .. }, _) if payment.is_some() && [payment, None].contains(&state.payment.as_ref()) => {
            Err(Refusal::AlreadyYours)
        }
        (Offer::Booking { .. }, _) if payment.is_some() => Err(Refusal::NotApplicable),
        (Offer::Booking { .. }, _) if state.payment.is_some() => Err(Refusal::AlreadyYours),
        (Offer::Booking { .. }, _) => Err(not_open(state)),
        _ => Err(Refusal::NotApplicable),
    }
}
