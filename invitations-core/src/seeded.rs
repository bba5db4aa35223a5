//! Bugs on purpose, in builds with `--cfg seeded` only: a check that does not catch them is worth nothing.
//!
//! One build has them all; which one is there is chosen at run time, for the thread that chooses.

use std::cell::Cell;

use crate::{
    ids::{MeetingKey, TenantId},
    invitation::{Command, Effect, EffectKind, Reconciliation, effect::EffectReport},
};

/// Every bug of the invitations: its name and what is wrong. Those with a B are what others have got wrong; those with an S show what one rule of the
/// simulator is for.
pub const BUGS: &[(&str, &str)] = &[
    ("B01", "the provider is called before the intent is written"),
    ("B02", "each attempt has a key of its own"),
    ("B03", "an acceptance is written whatever version is there"),
    ("B04", "a revocation while effects run closes without undoing"),
    ("B08", "an empty inexact look-up is believed at once"),
    ("B09", "a report is written without the lease's fence and for any attempt"),
    ("B10", "a guest is invited again without looking who is there"),
    ("B11", "an unclear outcome is tried again without look-up"),
    ("B12", "an unclear outcome is taken as failed for good"),
    ("B17", "links live on after the acceptance"),
    ("S01", "a sweep of what is done takes no copies away"),
    ("S02", "where to join is not kept"),
    ("S03", "who was let into an event is not taken off it again"),
    ("S04", "a later acceptance is the one that won"),
    ("S05", "what is accepted can be revoked"),
    ("S06", "what is stored says more than what happened"),
    ("S07", "what nobody has answered ends as cancelled"),
    ("S08", "another organisation's account does the work"),
    ("S09", "what waits for a person is tried again without a wait"),
    ("S10", "what is refused is tried again next year"),
    ("S11", "providers are given another key than was planned"),
    ("S12", "what was done is written without the lease's fence"),
    ("S13", "nothing is open only once"),
];

/// Those of a token's life, which checks of their own must catch.
pub const TOKEN_BUGS: &[(&str, &str)] = &[
    ("B05", "the access token is written before its refresh token"),
    ("B06", "a refresh asks for no lease"),
    ("B07", "what is refused is marked without a look at what is there now"),
    ("B21", "a token is shown by its `Debug`"),
    ("B23", "a token that is not accepted is refreshed again and again"),
];

/// Those of the road to a provider, which checks of `meetings-http` must catch.
pub const REQUEST_BUGS: &[(&str, &str)] = &[
    ("B14", "a link to another origin is followed"),
    ("B16", "a wait that ended in the past is no wait, without end"),
    ("B20", "a listing that repeats under other links is followed on"),
    ("B22", "an error shows the address that was asked"),
    ("B23", "a token that is not accepted is replaced again and again"),
];

/// Those of a provider's own rules, which checks of the provider's crate must catch.
pub const PROVIDER_BUGS: &[(&str, &str)] = &[
    ("B15", "a delivery that proves nothing is taken"),
    ("B24", "what is listed under a key is deleted without a look at it"),
];

thread_local! {
    static CHOSEN: Cell<&'static str> = const { Cell::new("") };
}

/// From now on this thread has this bug, and no other; an empty name is none.
pub fn choose(bug: &'static str) {
    CHOSEN.set(bug);
}

/// Whether this thread has the bug.
pub fn seeded(bug: &str) -> bool {
    CHOSEN.get() == bug
}

/// The effect as an executor with S11 sees it.
pub(crate) fn with_another_key(effect: &Effect) -> Effect {
    let text = effect.key.as_str();
    let changes = seeded("S11") && !text.ends_with('x');
    if changes { with_key(effect, format!("{text}x")) } else { effect.clone() }
}

/// The effect as an executor with B02 (or S11) sees it when it makes something.
pub(crate) fn with_key_of_the_attempt(effect: &Effect) -> Effect {
    if seeded("B02") { with_key(effect, format!("{}{}", effect.key, effect.attempt)) } else { with_another_key(effect) }
}

fn with_key(effect: &Effect, text: String) -> Effect {
    let mut effect = effect.clone();
    if let Ok(key) = MeetingKey::parse(text) {
        effect.key = key;
    }
    effect
}

/// The account as a plan with S08 sees it.
pub(crate) fn with_another_account(mut effect: Effect) -> Effect {
    if seeded("S08")
        && let Ok(tenant) = TenantId::parse("another")
    {
        effect.account.tenant = tenant;
    }
    effect
}

/// B09 and S12: the second one only where what is written is true.
pub(crate) fn writes_without_the_lease(command: &Command) -> bool {
    let Command::Report { report, .. } = command else { return false };
    seeded("B09") || seeded("S12") && matches!(report, EffectReport::Succeeded(_))
}

/// Whether an effect can be looked up: there the bugs about look-ups show.
pub(crate) fn is_looked_up(effect: &Effect, reconciliation: Reconciliation) -> bool {
    matches!(effect.kind, EffectKind::CreateMeeting(_)) && matches!(reconciliation, Reconciliation::LookUp { .. })
}
