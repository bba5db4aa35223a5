use chrono::{DateTime, Utc};

use super::{Event, Recipient};
use crate::{
    ids::{MeetingKey, PrincipalId},
    invitation::link::LinkPurpose,
    people::{Actor, Member, Verdict},
    runtime::Timing,
};

/// Everything a decision needs from outside.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Context {
    /// The store's time, UTC.
    pub now: DateTime<Utc>,
    /// Who acts.
    pub actor: Actor,
    /// What the embedder's rules say.
    pub verdict: Verdict,
    /// What they say of the inviter: may they still invite to this? Asked for an acceptance.
    pub inviter: Verdict,
    /// The revision the actor has seen; `None`: whatever counts now.
    pub revision: Option<u32>,
    /// Whether the actor showed a live link of this invitation for the command's purpose.
    pub link_shown: bool,
    /// The waits of the protocol.
    pub timing: Timing,
    /// Between 0 and 1: spreads retries.
    pub jitter: f64,
    /// The keys of the plan's effects are derived by this; set by the service.
    pub key_of: fn(&super::State, &str, u32) -> crate::Result<MeetingKey>,
}

impl Context {
    /// A context in which `actor` may do everything.
    pub fn new(now: DateTime<Utc>, actor: Actor) -> Self {
        Self {
            now,
            actor,
            verdict: Verdict::Allowed { ceiling: None },
            inviter: Verdict::Allowed { ceiling: None },
            revision: None,
            link_shown: false,
            timing: Timing::default(),
            jitter: 0.5,
            key_of: |state, name, epoch| crate::invitation::effect::derive_key(&state.tenant, &state.id, name, epoch),
        }
    }
}

/// What a command does. Nothing of it has happened yet.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Decision {
    /// What happens; the new state is their fold.
    pub events: Vec<Event>,
    /// Which links to make.
    pub links: Vec<LinkPurpose>,
    /// Whether all links made before die.
    pub kill_links: bool,
    /// Whom to tell what; the service adds the links and seals it.
    pub notices: Vec<NoticePlan>,
    /// Who becomes a member.
    pub members: Vec<Member>,
    /// Who is no longer one.
    pub leaving: Vec<Member>,
}

/// A notice to be written.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct NoticePlan {
    /// To whom.
    pub to: Told,
    /// What.
    pub tell: Tell,
}

impl NoticePlan {
    /// A notice.
    pub fn new(to: Told, tell: Tell) -> Self {
        Self { to, tell }
    }
}

/// To whom a notice goes.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Told {
    /// An invitee or requester.
    Recipient(Recipient),
    /// Somebody the embedder knows.
    Principal(PrincipalId),
    /// Those who may approve; the embedder knows them.
    Approvers,
    /// The embedder's support.
    Operators,
}

/// What a notice says.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Tell {
    /// Prove that the address is yours (with the link just made).
    ConfirmAddress,
    /// You are invited (with the link just made).
    Invited,
    /// Somebody asks to be let in.
    ApprovalWanted,
    /// It is on (with where to join).
    Accepted,
    /// They said no.
    Declined,
    /// It is off.
    Cancelled,
    /// The answer to an access request is no.
    Rejected,
    /// What you are invited to has changed (with the link just made).
    Updated,
    /// Your answer is awaited (with the link just made).
    AnswerWanted,
    /// It begins soon (with where to join).
    StartsSoon,
    /// It has begun, and nobody has joined.
    NobodyJoined,
    /// An invitee offers other times.
    CounterProposed,
    /// The times you offered do not suit.
    CounterDeclined,
    /// It takes place at another time (with where to join).
    Rescheduled,
    /// The account that should act needs its owner's consent again.
    ReconnectWanted,
    /// Something needs a person of the embedder's support.
    OperatorAlert {
        /// What to do.
        remedy: String,
    },
}
