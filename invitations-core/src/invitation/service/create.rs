use data_encoding::BASE32_NOPAD;
use sha2::{Digest as _, Sha256};

use super::{AccessRequest, Invite, Invited, Standing, TenantInvitations, command::Sender};
use crate::{
    Error, ErrorKind, Result,
    ids::{InvitationId, MeetingKey},
    invitation::{
        Command, Refusal,
        machine::{NewAccessRequest, NewBooking, NewInvitation, Offer},
    },
    people::{Action, Actor, Principal},
    provider::{Account, MeetingDraft},
};

impl TenantInvitations {
    /// Invites. With a [`reference`](Invite::reference), a repeated call answers the invitation that is there.
    ///
    /// # Errors
    /// [`Refused`](ErrorKind::Refused) when `by` may not, or when somebody with that address has an open invitation of the kind already;
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a meeting in the past or of another organisation's account.
    pub async fn invite(&self, by: &Principal, invite: Invite) -> Result<Invited> {
        let id = match &invite.reference {
            Some(reference) => self.derived("invitation", reference.as_str())?,
            None => self.random()?,
        };
        let now = self.inner().store.now().await?;
        let mut expires_at = now + invite.ttl;
        if let Offer::Meeting { draft, organizer } = &invite.offer {
            self.own(organizer)?;
            let start = draft.slot.start_instant();
            if invite.reference.is_none() || self.inner().store.load(&self.tenant, &id).await?.is_none() {
                if start <= now {
                    return Err(Error::invalid("invite", "the meeting would be in the past"));
                }
                expires_at = expires_at.min(start);
            }
        }
        let mut new = NewInvitation::new(
            id.clone(),
            self.tenant.clone(),
            by.id.clone(),
            invite.offer,
            invite.recipients,
            expires_at,
        );
        new.quorum = invite.quorum;
        let sender = Sender { actor: Actor::Principal(by.clone()), link_shown: false, action: Some(Action::Create) };
        self.create(id, &Command::Create(Box::new(new)), &sender).await
    }

    /// Makes the meeting of a paid booking. Never fails because the provider does: the payment stands, the meeting follows.
    /// A repeated call for the same booking answers how it stands.
    ///
    /// # Errors
    /// When the store cannot be reached, or the account is another organisation's.
    pub async fn provision_paid(
        &self,
        booking: MeetingKey,
        draft: MeetingDraft,
        organizer: Account,
    ) -> Result<Standing> {
        self.own(&organizer)?;
        let id = self.derived("booking", booking.as_str())?;
        let new = NewBooking::new(id.clone(), self.tenant.clone(), booking, draft, organizer);
        let made = self.create(id, &Command::ProvisionPaid(Box::new(new)), &Sender::system()).await?;
        drop(self.all.kick(&self.tenant, &made.id));
        self.standing(&made.id).await
    }

    /// The invitation of a booking.
    ///
    /// # Errors
    /// [`Refused`](ErrorKind::Refused) when there is none.
    pub async fn booking(&self, booking: &MeetingKey) -> Result<Standing> {
        self.standing(&self.derived("booking", booking.as_str())?).await
    }

    /// Asks for access and mails the requester a link that proves the address. The answer is the same whether or not somebody with that
    /// address has asked before.
    ///
    /// # Errors
    /// When the store cannot be reached, or the account is another organisation's.
    pub async fn request_access(&self, request: AccessRequest) -> Result<Invited> {
        self.own(&request.access.account)?;
        let now = self.inner().store.now().await?;
        let id = self.random()?;
        let AccessRequest { resource, requester, access, ttl } = request;
        let new = NewAccessRequest::new(id.clone(), self.tenant.clone(), resource, requester, access, now + ttl);
        let asked = self.create(id, &Command::RequestAccess(Box::new(new)), &Sender::system()).await;
        match asked {
            // the link goes to the mailbox and nowhere else: whoever asks has not proven anything
            Ok(asked) => Ok(Invited { link: None, ..asked }),
            Err(error) => match error.refusal() {
                Some(Refusal::Duplicate { of }) => Ok(Invited { id: of.clone(), link: None, new: false }),
                _ => Err(error),
            },
        }
    }

    async fn create(&self, id: InvitationId, command: &Command, sender: &Sender) -> Result<Invited> {
        let decided = self.inner().decide(None, command, sender).await?;
        match self.inner().store.commit(&decided.commit).await {
            Ok(_) => {
                self.inner().bell.ring();
                Ok(Invited { id, link: decided.link, new: true })
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Invited { id, link: None, new: false }),
            Err(error) => Err(error),
        }
    }

    /// An account of another organisation would open its mailbox.
    fn own(&self, account: &Account) -> Result<()> {
        if account.tenant == self.tenant {
            return Ok(());
        }
        Err(Error::invalid("check account", "the account is another organisation's"))
    }

    fn derived(&self, kind: &str, name: &str) -> Result<InvitationId> {
        let text = ["id/1", kind, self.tenant.as_str(), name].join("\0");
        let mut id = BASE32_NOPAD.encode(&Sha256::digest(text.as_bytes()));
        id.truncate(26);
        InvitationId::parse(id.to_ascii_lowercase())
    }

    fn random(&self) -> Result<InvitationId> {
        let mut bytes = [0; 16];
        self.inner().entropy.fill(&mut bytes)?;
        InvitationId::parse(BASE32_NOPAD.encode(&bytes).to_ascii_lowercase())
    }
}
