use std::time::Duration;

use crate::{
    ids::EffectName,
    invitation::{EffectKind, machine::Offer},
};

/// How long before a meeting people are reminded unless something else is said.
pub(super) const SHORTLY: Duration = Duration::from_secs(15 * 60);

/// How an invitation behaves where its makers may choose.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Policy {
    /// How many members must approve before it is sent; 0: none.
    pub approvals: u8,
    /// Whether invitees of a meeting may offer other times.
    pub counters: bool,
    /// Whether a meeting is cancelled when so many withdraw that the quorum is lost.
    pub cancel_on_quorum_loss: bool,
    /// Whether everybody is asked anew when an accepted meeting is moved.
    pub ask_again_when_moved: bool,
    /// When to remind whom.
    pub reminders: Vec<Reminder>,
    /// What the embedder makes besides a meeting, in this order, after it; undone before it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<CustomEffect>,
}

/// An embedder's own effect, carried out by the [`EffectExecutor`](crate::invitation::effect::EffectExecutor) registered under its name.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[non_exhaustive]
pub struct CustomEffect {
    /// Under which name it was registered.
    pub name: EffectName,
    /// Its own data; no secret, for it sits in rows.
    pub payload: serde_json::Value,
}

impl Default for Policy {
    /// No approval, counters allowed, a meeting survives withdrawals and moves, no reminders.
    fn default() -> Self {
        Self {
            approvals: 0,
            counters: true,
            cancel_on_quorum_loss: false,
            ask_again_when_moved: false,
            reminders: Vec::new(),
            effects: Vec::new(),
        }
    }
}

impl Policy {
    /// Whether its effects can be planned for the offer: it makes something with an account, and each name is told from every other.
    pub(super) fn fits(&self, offer: &Offer) -> bool {
        let unique = |(place, effect): (usize, &CustomEffect)| {
            !EffectKind::BUILT_IN.contains(&effect.name.as_str())
                && !self.effects[..place].iter().any(|earlier| earlier.name == effect.name)
        };
        let place = matches!(offer, Offer::Meeting { .. } | Offer::Booking { .. });
        self.effects.is_empty() || (place && self.effects.iter().enumerate().all(unique))
    }

    /// What suits the offer: a meeting reminds 15 minutes before its start; a place at an event is given back when its only guest
    /// withdraws.
    pub fn for_offer(offer: &Offer) -> Self {
        let reminders = match offer {
            Offer::Meeting { .. } | Offer::Booking { .. } => vec![Reminder::before_start(SHORTLY)],
            Offer::Membership { .. } | Offer::Access { .. } => Vec::new(),
        };
        Self { cancel_on_quorum_loss: matches!(offer, Offer::Access { .. }), reminders, ..Self::default() }
    }

    /// So many members must approve before it is sent.
    #[must_use]
    pub fn with_approvals(mut self, members: u8) -> Self {
        self.approvals = members;
        self
    }

    /// Says whether invitees may offer other times.
    #[must_use]
    pub fn with_counters(mut self, allowed: bool) -> Self {
        self.counters = allowed;
        self
    }

    /// Says whether losing the quorum cancels the meeting.
    #[must_use]
    pub fn with_cancel_on_quorum_loss(mut self, cancel: bool) -> Self {
        self.cancel_on_quorum_loss = cancel;
        self
    }

    /// Says whether everybody is asked anew when an accepted meeting is moved.
    #[must_use]
    pub fn with_ask_again_when_moved(mut self, ask: bool) -> Self {
        self.ask_again_when_moved = ask;
        self
    }

    /// Sets when to remind whom; empty: never.
    #[must_use]
    pub fn with_reminders(mut self, reminders: impl IntoIterator<Item = Reminder>) -> Self {
        self.reminders = reminders.into_iter().collect();
        self
    }

    /// Makes this besides the meeting, by the executor that is registered under `name`
    /// ([`Effects::with`](crate::invitation::effect::Effects::with)): after the meeting and what was asked for before, each under a key of
    /// its own. The invitation is accepted when all is made; when this is refused for good, the meeting is cancelled again. One effect
    /// per name, and only besides a meeting or a booking.
    #[must_use]
    pub fn with_effect(mut self, name: EffectName, payload: serde_json::Value) -> Self {
        self.effects.push(CustomEffect { name, payload });
        self
    }
}

/// One reminder, sent at most once for what is offered at that time.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reminder {
    /// So long before the invitation expires, to those who have to answer.
    BeforeExpiry {
        /// Seconds before.
        seconds: u64,
    },
    /// So long before the meeting starts (a series: its first meeting), to those who come and to the inviter.
    BeforeStart {
        /// Seconds before.
        seconds: u64,
    },
    /// So long after the start when nobody has joined, to the inviter. Only where the provider can tell.
    NobodyJoined {
        /// Seconds after.
        seconds: u64,
    },
}

impl Reminder {
    /// So long before the invitation expires (whole seconds).
    pub fn before_expiry(before: Duration) -> Self {
        Self::BeforeExpiry { seconds: before.as_secs() }
    }

    /// So long before the meeting starts (whole seconds).
    pub fn before_start(before: Duration) -> Self {
        Self::BeforeStart { seconds: before.as_secs() }
    }

    /// So long after the start when nobody has joined (whole seconds).
    pub fn nobody_joined(after: Duration) -> Self {
        Self::NobodyJoined { seconds: after.as_secs() }
    }

    /// A word for it, which makes its notice the same notice in every try.
    pub fn step(self) -> String {
        match self {
            Self::BeforeExpiry { seconds } => format!("before_expiry_{seconds}"),
            Self::BeforeStart { seconds } => format!("before_start_{seconds}"),
            Self::NobodyJoined { seconds } => format!("nobody_joined_{seconds}"),
        }
    }
}
