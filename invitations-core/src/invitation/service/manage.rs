//! What members, inviters and operators do with an invitation that exists.

use chrono::{DateTime, Utc};

use super::{
    Invited, Standing, TenantInvitations,
    command::{Executed, Sender},
};
use crate::{
    Result,
    ids::InvitationId,
    invitation::{
        Command,
        machine::{Amendment, Drift, OccurrenceChange},
    },
    people::{Action, Actor, Principal},
    provider::Account,
    time::Slot,
};

impl TenantInvitations {
    /// Lets a requester in, or lets an invitation be sent that had to be approved.
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused), with the reason.
    pub async fn approve(&self, id: &InvitationId, by: &Principal) -> Result<Standing> {
        self.administer(id, by, &Command::Approve, Action::Approve).await?;
        self.settle(id, self.wait).await
    }

    /// Does not let a requester in, or does not let an invitation be sent.
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused), with the reason.
    pub async fn reject(&self, id: &InvitationId, by: &Principal) -> Result<Standing> {
        let executed = self.administer(id, by, &Command::Reject, Action::Approve).await?;
        self.describe(&executed.state).await
    }

    /// Takes an invitation back that is not yet fulfilled. While effects run the answer is "cancelling": a worker undoes them.
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused), with the reason.
    pub async fn revoke(&self, id: &InvitationId, by: &Principal) -> Result<Standing> {
        self.administer(id, by, &Command::Revoke, Action::Revoke).await?;
        self.settle(id, self.wait).await
    }

    /// Undoes what it made: a cancelled lesson's meeting goes away, a member leaves. Before it has made anything, as
    /// [`revoke`](Self::revoke).
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused), with the reason.
    pub async fn cancel(&self, id: &InvitationId, by: &Principal) -> Result<Standing> {
        self.administer(id, by, &Command::Cancel, Action::Cancel).await?;
        self.settle(id, self.wait).await
    }

    /// Changes what is offered before anybody's acceptance counts. Everybody is asked anew; earlier links die, and the new one is in the
    /// answer.
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused), with the reason.
    pub async fn amend(&self, id: &InvitationId, by: &Principal, amendment: Amendment) -> Result<Invited> {
        self.send_anew(id, by, &Command::Amend(Box::new(amendment)), Action::Amend).await
    }

    /// Sends it again. Earlier links die, and the new one is in the answer ("copy link").
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused), with the reason; too soon after the last time it is
    /// [`Cooldown`](crate::invitation::Refusal::Cooldown).
    pub async fn resend(&self, id: &InvitationId, by: &Principal) -> Result<Invited> {
        self.send_anew(id, by, &Command::Resend, Action::Resend).await
    }

    async fn send_anew(&self, id: &InvitationId, by: &Principal, command: &Command, action: Action) -> Result<Invited> {
        let executed = self.administer(id, by, command, action).await?;
        Ok(Invited { id: id.clone(), link: executed.link, new: false })
    }

    /// Lets it live until another time (UTC), at most [`Timing::life_most`](crate::runtime::Timing::life_most) from its beginning and not
    /// beyond the meeting's start.
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused), with the reason.
    pub async fn extend(&self, id: &InvitationId, by: &Principal, until: DateTime<Utc>) -> Result<Standing> {
        let executed = self.administer(id, by, &Command::Extend { until }, Action::Amend).await?;
        self.describe(&executed.state).await
    }

    /// Takes one of the times that an invitee has offered, by its place. The others are asked anew, unless that already is enough.
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused), with the reason.
    pub async fn accept_counter(&self, id: &InvitationId, by: &Principal, slot: usize) -> Result<Standing> {
        self.administer(id, by, &Command::AcceptCounter { slot }, Action::Amend).await?;
        self.follow_up(id).await
    }

    /// Takes none of them: what was offered before still is.
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused), with the reason.
    pub async fn decline_counter(&self, id: &InvitationId, by: &Principal) -> Result<Standing> {
        let executed = self.administer(id, by, &Command::DeclineCounter, Action::Amend).await?;
        self.describe(&executed.state).await
    }

    /// Moves the meeting that was made. Until the provider has it the old time is valid; a provider that refuses leaves it.
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused), with the reason.
    pub async fn reschedule(&self, id: &InvitationId, by: &Principal, slot: Slot) -> Result<Standing> {
        self.administer(id, by, &Command::Reschedule { slot }, Action::Amend).await?;
        self.settle(id, self.wait).await
    }

    /// Makes the meeting anew, with a new link: the old one, if it is still there, goes first.
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused), with the reason.
    pub async fn regenerate(&self, id: &InvitationId, by: &Principal) -> Result<Standing> {
        self.administer(id, by, &Command::Regenerate, Action::Amend).await?;
        self.settle(id, self.wait).await
    }

    /// Notes that what exists is no longer what was made, as a calendar sync has seen it. Nothing is mended by itself; operators are told.
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused) unless the invitation is accepted; said again, it changes nothing.
    pub async fn observe(&self, id: &InvitationId, drift: Drift) -> Result<Standing> {
        let command = Command::ExternalChanged { drift };
        match self.inner().execute(&self.tenant, id, &command, &Sender::system(), None, false).await {
            Ok(executed) => self.describe(&executed.state).await,
            Err(error) if error.refusal() == Some(&crate::invitation::Refusal::AlreadyYours) => self.standing(id).await,
            Err(error) => Err(error),
        }
    }

    /// One meeting of a series cannot be changed here: no key that all providers know names it. The refusal says so by name; change it in
    /// the organizer's calendar and [`observe`](Self::observe) it.
    ///
    /// # Errors
    /// Always [`Refused`](crate::ErrorKind::Refused): [`WholeSeriesOnly`](crate::invitation::Refusal::WholeSeriesOnly) for a series,
    /// [`NotApplicable`](crate::invitation::Refusal::NotApplicable) for anything else.
    pub async fn change_occurrence(
        &self,
        id: &InvitationId,
        by: &Principal,
        start: DateTime<Utc>,
        change: OccurrenceChange,
    ) -> Result<Standing> {
        let executed = self.administer(id, by, &Command::ChangeOccurrence { start, change }, Action::Amend).await?;
        self.describe(&executed.state).await
    }

    /// Somebody else's account makes the meeting. Only while the invitation is blocked and nothing was sent that may have acted.
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused), with the reason.
    pub async fn reassign_organizer(&self, id: &InvitationId, by: &Principal, organizer: Account) -> Result<Standing> {
        self.own(&organizer)?;
        self.administer(id, by, &Command::ReassignOrganizer { organizer }, Action::Resolve).await?;
        self.settle(id, self.wait).await
    }

    pub(super) async fn administer(
        &self,
        id: &InvitationId,
        by: &Principal,
        command: &Command,
        action: Action,
    ) -> Result<Executed> {
        let sender = Sender::new(Actor::Principal(by.clone())).with_action(action).seeing(self.revision);
        self.inner().execute(&self.tenant, id, command, &sender, None, false).await
    }
}
