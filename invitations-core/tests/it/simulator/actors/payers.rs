//! Payments of bookings: by a webhook, which comes twice, late, or first.

use super::{
    Act, act,
    making::{book, booking, payment},
};
use crate::simulator::swarm::{Kind, Plan};

pub(super) const ACTS: &[Act] = &[
    act("pay", prepared, |at| {
        Box::pin(async move { at.org.confirm_payment(&booking(&at.plan)?, &payment(&at.plan)?).await.map(Some) })
    })
    .patient(),
    act("pay again", prepared, |at| {
        Box::pin(async move { at.org.confirm_payment(&booking(&at.plan)?, &payment(&at.plan)?).await.map(Some) })
    })
    .one_in(2),
    act("payment failed", prepared, |at| {
        Box::pin(async move { at.org.payment_failed(&booking(&at.plan)?).await.map(Some) })
    })
    .one_in(4),
    act(
        "make what is paid",
        |plan| plan.kind == Kind::Booking,
        |at| Box::pin(async move { book(&at.world, &at.plan, &at.org).await.map(Some) }),
    )
    .one_in(2),
];

fn prepared(plan: &Plan) -> bool {
    plan.kind == Kind::Booking && plan.prepared
}
