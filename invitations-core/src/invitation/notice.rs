use std::fmt::Debug;

use async_trait::async_trait;

use crate::{
    Result,
    ids::{InvitationId, PrincipalId, TenantId},
    people::EmailAddress,
    secret::{InvitationLink, JoinUrl},
    time::Slot,
};

/// Something to tell somebody. Holds secrets (links), so it is sealed wherever it is stored.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Notice {
    /// In which organisation.
    pub tenant: TenantId,
    /// About which invitation.
    pub invitation: InvitationId,
    /// To which address; `None` when the embedder knows how to reach `principal`.
    pub to: Option<EmailAddress>,
    /// To whom, where the embedder knows the person.
    pub principal: Option<PrincipalId>,
    /// A title for people: the meeting's subject, the role, the resource.
    pub subject: String,
    /// What happened.
    pub about: About,
    /// Stable: a receiver may drop a second notice with the same value.
    pub dedupe: String,
    /// The revision of the invitation (iTIP SEQUENCE).
    pub revision: u32,
    /// When the meeting takes place, where it is about one.
    pub slot: Option<Slot>,
}

impl Notice {
    /// A notice to nobody in particular.
    pub fn new(
        tenant: TenantId,
        invitation: InvitationId,
        subject: impl Into<String>,
        about: About,
        dedupe: impl Into<String>,
    ) -> Self {
        Self {
            tenant,
            invitation,
            to: None,
            principal: None,
            subject: subject.into(),
            about,
            dedupe: dedupe.into(),
            revision: 0,
            slot: None,
        }
    }

    /// Sets the address.
    #[must_use]
    pub fn to_address(mut self, address: EmailAddress) -> Self {
        self.to = Some(address);
        self
    }

    /// Sets the person.
    #[must_use]
    pub fn to_principal(mut self, principal: PrincipalId) -> Self {
        self.principal = Some(principal);
        self
    }
}

/// What happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum About {
    /// Prove that the address is yours.
    ConfirmAddress {
        /// Proves it.
        link: InvitationLink,
    },
    /// You are invited.
    Invited {
        /// Accepts it; `None` when the person finds it in the application.
        link: Option<InvitationLink>,
    },
    /// Somebody asks to be let in.
    ApprovalWanted,
    /// It is on.
    Accepted {
        /// Where to join.
        join: Option<JoinUrl>,
    },
    /// They said no.
    Declined,
    /// It is off.
    Cancelled,
    /// The answer to an access request is no.
    Rejected,
    /// What you are invited to has changed: answer again.
    Updated {
        /// Accepts it; earlier links are dead. `None` when the person finds it in the application.
        link: Option<InvitationLink>,
    },
    /// Your answer is awaited.
    AnswerWanted {
        /// Accepts it; earlier links live on. `None` when the person finds it in the application.
        link: Option<InvitationLink>,
    },
    /// It begins soon.
    StartsSoon {
        /// Where to join.
        join: Option<JoinUrl>,
    },
    /// It has begun, and nobody has joined.
    NobodyJoined,
    /// An invitee offers other times.
    CounterProposed {
        /// Which.
        slots: Vec<Slot>,
    },
    /// The times you offered do not suit.
    CounterDeclined,
    /// It takes place at another time ([`Notice::slot`]).
    Rescheduled {
        /// Where to join.
        join: Option<JoinUrl>,
    },
    /// The account that should act needs its owner's consent again.
    ReconnectWanted,
    /// Something needs a person of the embedder's support.
    OperatorAlert {
        /// What to do.
        remedy: String,
    },
}

/// Brings notices to people.
#[async_trait]
pub trait Notifier: Debug + Send + Sync + 'static {
    /// Delivers at least once; called again after an error or a crash, with the same `dedupe`.
    ///
    /// # Errors
    /// Any error is tried again later, unless its retry class is `Never` and its kind `InvalidInput`: then the notice is given up.
    async fn deliver(&self, notice: &Notice) -> Result<()>;
}
