use std::time::Duration;

use data_encoding::BASE32_NOPAD;
use sha2::{Digest as _, Sha256};

use super::{
    AccessRequest, Invite, Invited, Standing, TenantInvitations,
    command::{Sender, TRIES},
};
use crate::{
    Error, ErrorKind, Result,
    ids::{InvitationId, MeetingKey, Reference},
    invitation::{
        Command, Refusal,
        machine::{Closed, CustomEffect, NewAccessRequest, NewBooking, NewInvitation, Offer, Phase, Policy},
    },
    people::{Action, Actor, Principal},
    provider::{Account, MeetingDraft},
};

/// A booking that was paid after it had expired is another invitation.
const LATE_BOOKING: &str = "late booking";

impl TenantInvitations {
    /// Invites. With a [`reference`](Invite::reference), a repeated call answers the invitation that is there.
    ///
    /// # Errors
    /// [`Refused`](ErrorKind::Refused) when `by` may not, or when somebody with that address has an open invitation of the kind already;
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a meeting in the past or of another organisation's account, or when an effect of the
    /// policy has no executor.
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
        new.inviter_name.clone_from(&by.name);
        if let Some(policy) = invite.policy {
            self.registered(&policy)?;
            new.policy = policy;
        }
        let sender = Sender::new(Actor::Principal(by.clone())).with_action(Action::Create);
        let command = Command::Create(Box::new(new));
        if invite.replacing {
            self.replace(id, &command, &sender).await
        } else {
            self.create(id, &command, &sender).await
        }
    }

    /// Found out now, by whoever invites, and not by whoever accepts.
    fn registered(&self, policy: &Policy) -> Result<()> {
        let missing = |effect: &&CustomEffect| self.inner().effects.custom(&effect.name).is_none();
        match policy.effects.iter().find(missing) {
            Some(effect) => Err(Error::invalid("invite", format!("no executor is registered as {}", effect.name))),
            None => Ok(()),
        }
    }

    /// As [`create`](Self::create); an open invitation of the same kind for the same person ends in the same write.
    async fn replace(&self, id: InvitationId, command: &Command, sender: &Sender) -> Result<Invited> {
        let mut decided = self.inner().decide(None, command, sender).await?;
        let mut tries = 0;
        loop {
            let error = match self.inner().store.commit(&decided.commit).await {
                Ok(_) => {
                    self.inner().bell.ring();
                    return Ok(Invited { id, link: decided.link, new: true });
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    return Ok(Invited { id, link: None, new: false });
                }
                Err(error) => error,
            };
            let of = match error.refusal() {
                Some(Refusal::Duplicate { of }) => of.clone(),
                // the old one was answered or changed meanwhile: look again
                _ if error.kind() == ErrorKind::Conflict => match decided.commit.replaced.take() {
                    Some(old) => old.id,
                    None => return Err(error),
                },
                _ => return Err(error),
            };
            tries += 1;
            if tries > TRIES {
                return Err(error);
            }
            let old = self.inner().load(&self.tenant, &of).await?;
            let end = self.inner().decide(Some(&old), &Command::Supersede { by: id.clone() }, sender).await?;
            decided.commit.replaced = Some(Box::new(end.commit));
        }
    }

    /// Prepares a booking that is not paid yet. It waits for [`confirm_payment`](Self::confirm_payment) as long as `ttl`, and makes
    /// nothing before.
    ///
    /// # Errors
    /// [`Refused`](ErrorKind::Refused) when `by` may not; [`InvalidInput`](ErrorKind::InvalidInput) for another organisation's account.
    pub async fn book(
        &self,
        by: &Principal,
        booking: MeetingKey,
        draft: MeetingDraft,
        organizer: Account,
        ttl: Duration,
    ) -> Result<Invited> {
        self.own(&organizer)?;
        let id = self.derived("booking", booking.as_str())?;
        let expires_at = self.inner().store.now().await? + ttl;
        let offer = Offer::Booking { booking, draft: Box::new(draft), organizer };
        let tenant = self.tenant.clone();
        let new = NewInvitation::new(id.clone(), tenant, by.id.clone(), offer, Vec::new(), expires_at);
        let sender = Sender::new(Actor::Principal(by.clone())).with_action(Action::Create);
        self.create(id, &Command::Create(Box::new(new)), &sender).await
    }

    /// The booking is paid: makes its meeting. The payment said again, by a webhook's repetition or a button, changes nothing.
    ///
    /// # Errors
    /// [`Refused`](ErrorKind::Refused): there is no such booking, it has expired ([`provision_paid`](Self::provision_paid) makes the
    /// meeting all the same), it is paid by another payment, or the payment belongs to another booking.
    pub async fn confirm_payment(&self, booking: &MeetingKey, payment: &Reference) -> Result<Standing> {
        let id = self.derived("booking", booking.as_str())?;
        let command = Command::ConfirmPayment { payment: payment.clone() };
        match self.inner().execute(&self.tenant, &id, &command, &Sender::system(), None, false).await {
            Ok(_) => {}
            Err(error) if error.refusal() == Some(&Refusal::AlreadyYours) => {}
            Err(error) => return Err(error),
        }
        self.settle(&id, self.wait).await
    }

    /// A payment was tried in vain; the booking waits on. Only noted in the history.
    ///
    /// # Errors
    /// [`Refused`](ErrorKind::Refused) when the booking does not wait for a payment.
    pub async fn payment_failed(&self, booking: &MeetingKey) -> Result<Standing> {
        let id = self.derived("booking", booking.as_str())?;
        let failed = Command::PaymentFailed;
        let executed = self.inner().execute(&self.tenant, &id, &failed, &Sender::system(), None, false).await?;
        self.describe(&executed.state).await
    }

    /// Makes the meeting of a paid booking. Never fails because the provider does: the payment stands, the meeting follows.
    /// A repeated call for the same booking answers how it stands; one that was prepared with [`book`](Self::book) takes the booking's key
    /// for the payment's.
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
        let mut command = NewBooking::new(id.clone(), self.tenant.clone(), booking.clone(), draft, organizer);
        let made = self.create(id, &Command::ProvisionPaid(Box::new(command.clone())), &Sender::system()).await?;
        if made.new || !self.pay_prepared(&made.id, &booking).await? {
            return self.settle(&made.id, self.wait).await;
        }
        // too late for what was prepared; what is paid is made all the same
        command.id = self.derived(LATE_BOOKING, booking.as_str())?;
        let late = command.id.clone();
        self.create(late.clone(), &Command::ProvisionPaid(Box::new(command)), &Sender::system()).await?;
        self.settle(&late, self.wait).await
    }

    /// What was prepared is paid, if it waits for that. Whether it had expired.
    async fn pay_prepared(&self, id: &InvitationId, booking: &MeetingKey) -> Result<bool> {
        let payment = Reference::parse(booking.as_str())?;
        loop {
            match self.standing(id).await?.phase {
                Phase::Pending => match self.confirm_payment(booking, &payment).await {
                    // somebody else was faster: how does it stand now?
                    Err(error) if matches!(error.refusal(), Some(Refusal::Closed(_) | Refusal::NotApplicable)) => {}
                    done => return done.map(|_| false),
                },
                phase => return Ok(phase == Phase::Closed(Closed::Expired)),
            }
        }
    }

    /// The invitation of a booking.
    ///
    /// # Errors
    /// [`Refused`](ErrorKind::Refused) when there is none.
    pub async fn booking(&self, booking: &MeetingKey) -> Result<Standing> {
        let standing = self.standing(&self.derived("booking", booking.as_str())?).await?;
        if standing.phase != Phase::Closed(Closed::Expired) {
            return Ok(standing);
        }
        let late = self.standing(&self.derived(LATE_BOOKING, booking.as_str())?).await;
        match late {
            Err(error) if error.refusal() == Some(&Refusal::NotFound) => Ok(standing),
            late => late,
        }
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
        let AccessRequest { resource, requester, access, ttl, verified } = request;
        let mut new = NewAccessRequest::new(id.clone(), self.tenant.clone(), resource, requester, access, now + ttl);
        new.verified = verified;
        let asked = self.create(id, &Command::RequestAccess(Box::new(new)), &Sender::system()).await;
        match asked {
            // the link goes to the mailbox and nowhere else: whoever asks has not proven anything
            Ok(asked) => {
                if verified {
                    drop(self.all.kick(&self.tenant, &asked.id));
                }
                Ok(Invited { link: None, ..asked })
            }
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
    pub(super) fn own(&self, account: &Account) -> Result<()> {
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
