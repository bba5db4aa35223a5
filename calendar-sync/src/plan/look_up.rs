use invitations_core::{Result, provider::EventDraft};

use super::Step;
use crate::{Desired, Mapping, Op, canonical};

/// What follows from looking for the event of an unclear write.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum After {
    /// The write may still arrive, so nothing follows yet.
    Wait,
    /// It is there and says what is desired.
    Confirmed,
    /// Go on with this; an event that was found is ours.
    Then(Step),
}

/// `found` is what the event says, if it was found; `settled`: the earlier write has arrived by now or never will.
///
/// Being there is proof at any time, except for a delete that is on its way. Not being there is proof only when settled.
pub(crate) fn after_look_up(
    desired: &Desired,
    mapping: &Mapping,
    found: Option<&EventDraft>,
    settled: bool,
) -> Result<After> {
    let deleting = mapping.in_doubt() == Some(Op::Delete);
    if !settled && (found.is_none() || deleting) {
        return Ok(After::Wait);
    }
    Ok(match (found, &desired.event) {
        (Some(_), None) => After::Then(Step::Delete),
        // the row cannot say which of several tries this is, so the content decides
        (Some(found), Some(event)) if canonical::agrees(found, event) => After::Confirmed,
        (Some(_), Some(_)) => After::Then(Step::Update),
        // deleted before and wanted again: a new event needs a new key
        (None, Some(_)) => After::Then(Step::Create(mapping.incarnation + u32::from(deleting))),
        (None, None) => After::Then(Step::Forget),
    })
}
