//! The rules, each of which can be taken away, and what the provider offers.

#[derive(Clone, Copy, Debug)]
pub(super) struct Protocol {
    // what the provider offers
    /// The same key again answers the same object, as long as it lives.
    pub(super) native_key: bool,
    /// A look-up may miss an object that exists.
    pub(super) look_up_may_miss: bool,

    // the rules
    /// Accepting is one conditional write: pending becomes provisioning, with its winner and its planned effect. Without: everybody
    /// reads, creates the object, then marks the invitation.
    pub(super) claim: bool,
    /// The effect is written as in flight, in a commit of its own, before the request is sent.
    pub(super) intent: bool,
    /// A worker writes only while its lease is the current one.
    pub(super) fence: bool,
    /// Nobody looks up or undoes an effect in flight before its request can no longer take effect.
    pub(super) settle_delay: bool,
    /// A worker looks at its lease immediately before it sends.
    pub(super) send_deadline: bool,
    /// What is taken back during or after provisioning is closed only once its object is undone.
    pub(super) compensation: bool,
    /// After a timeout the invitation stays accepted. Without: it is pending again, as if nothing had been sent.
    pub(super) kept_on_timeout: bool,
    /// To undo a create of unknown outcome, the keyed create is sent again to learn the id, which is then deleted.
    pub(super) get_then_undo: bool,
    /// An effect whose create was ever sent is never again "nothing to undo".
    pub(super) taint: bool,
    /// "Not found" by a look-up that may miss is no answer: a person has to look.
    pub(super) quarantine: bool,
}

impl Protocol {
    pub(super) const NATIVE_KEY: Self = Self {
        native_key: true,
        look_up_may_miss: false,
        claim: true,
        intent: true,
        fence: true,
        settle_delay: true,
        send_deadline: true,
        compensation: true,
        kept_on_timeout: true,
        get_then_undo: false,
        taint: true,
        quarantine: false,
    };

    pub(super) const EXACT_LOOK_UP: Self = Self { native_key: false, ..Self::NATIVE_KEY };

    pub(super) const KEY_BESIDE_INEXACT_LOOK_UP: Self =
        Self { look_up_may_miss: true, get_then_undo: true, ..Self::NATIVE_KEY };

    pub(super) const INEXACT_LOOK_UP: Self = Self { look_up_may_miss: true, quarantine: true, ..Self::EXACT_LOOK_UP };
}
