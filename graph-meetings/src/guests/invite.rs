use invitations_core::{
    Error, ErrorKind, Remedy, Result,
    ids::GuestId,
    people::{Attendee, AttendeeRole, EmailAddress, Guest, Redemption},
    provider::WriteOptions,
};
use meetings_http::Protection;

use super::{DirectoryGuest, GuestInvitation, GuestKind, Guests, InviteOutcome, decode, known, request};
use crate::{client::Budget, errors::Resource};

const RESET_PAGE: &str = "https://learn.microsoft.com/entra/external-id/reset-redemption-status";

impl Guests {
    /// Invites, with Graph's own options. Looks up first, by every form an address can have in the directory; who is there is not
    /// invited again. A new guest is waited for until the directory shows them.
    ///
    /// # Errors
    /// - [`InvalidInput`](ErrorKind::InvalidInput), before any I/O: an address that Microsoft does not take, more than one copy. Also an
    ///   address whose mail system cannot be found.
    /// - [`PermissionDenied`](ErrorKind::PermissionDenied): invitations are disabled, or the guest's account is blocked.
    /// - [`Conflict`](ErrorKind::Conflict): an account of the directory has the address, and cannot be seen.
    /// - [`Timeout`](ErrorKind::Timeout), unclear: invited, but not to be seen in 30 s or in the caller's time.
    pub async fn invite_with(&self, invitation: &GuestInvitation, options: WriteOptions) -> Result<InviteOutcome> {
        let operation = "invite guest";
        invitation.check(operation)?;
        let graph = &self.session.graph;
        let budget = Budget::new(graph, &options);
        let email = &invitation.email;
        if let Some(known) = self.known(operation, email, &budget.options(graph, operation)?).await? {
            return Ok(already(known));
        }
        let error = match self.post(operation, invitation, None, &budget).await {
            Ok(guest) => {
                self.await_readable(operation, &guest.id, &budget).await?;
                return Ok(InviteOutcome::Invited(guest));
            }
            Err(error) => error,
        };
        // somebody may have come in meanwhile: whatever was refused, somebody who is there is success
        if matches!(error.status(), Some(400 | 409 | 500))
            && let Ok(options) = budget.options(graph, operation)
            && let Ok(Some(known)) = self.known(operation, email, &options).await
        {
            return Ok(already(known));
        }

        Err(error)
    }

    /// Everybody with this address, guests before members, and how far they have come.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub async fn find_known(&self, email: &EmailAddress) -> Result<Vec<DirectoryGuest>> {
        self.all_known("find guest", email, &WriteOptions::new()).await
    }

    /// How far a guest has come, and since when. Graph tells it only where it is selected.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) when there is none.
    pub async fn redemption(&self, id: &GuestId) -> Result<DirectoryGuest> {
        let operation = "read guest";
        self.user(operation, id, &WriteOptions::new()).await?.known(operation, None)
    }

    /// Invites a guest again who has not accepted: the mail once more, and a redeem link.
    ///
    /// # Errors
    /// - [`InvalidInput`](ErrorKind::InvalidInput): the invitation is for another address than the guest's.
    /// - [`Conflict`](ErrorKind::Conflict): already accepted, or a member.
    /// - [`NotFound`](ErrorKind::NotFound): no such guest.
    /// - [`PermissionDenied`](ErrorKind::PermissionDenied): the guest's account is blocked.
    /// - Unclear: the mail may have been sent. It is not sent a second time by itself.
    pub async fn resend(&self, id: &GuestId, invitation: &GuestInvitation, options: WriteOptions) -> Result<Guest> {
        let operation = "resend guest invitation";
        invitation.check(operation)?;
        let budget = Budget::new(&self.session.graph, &options);
        let user = self.user(operation, id, &budget.options(&self.session.graph, operation)?).await?;
        if !user.has(&invitation.email) {
            return Err(Error::invalid(operation, "the guest has another address")
                .with_remedy(Remedy::new("Reset the redemption to move the guest to another address.")));
        }
        match user.redemption() {
            Redemption::Pending => self.same(operation, id, self.post(operation, invitation, None, &budget).await?),
            Redemption::Accepted => Err(conflict(operation, "the guest has accepted already")
                .with_remedy(Remedy::new("Nothing is to be done; reset the redemption for a new sign-in."))),
            _ => Err(conflict(operation, "the account has no invitation to accept").with_remedy(member_remedy())),
        }
    }

    /// Lets a guest redeem anew, with the same or with another address: for somebody who signs in in another way than before. The object
    /// id stays, and with it what the guest was given.
    ///
    /// Needs `User.ReadWrite.All`, by a user's consent also the role Helpdesk Administrator or User Administrator; `User.Invite.All` is not
    /// enough. Once more is the same state, but another mail.
    ///
    /// # Errors
    /// - [`InvalidInput`](ErrorKind::InvalidInput), before any I/O, as for [`invite_with`](Self::invite_with).
    /// - [`Conflict`](ErrorKind::Conflict): one of the directory's own people.
    /// - [`PermissionDenied`](ErrorKind::PermissionDenied): the permission above is missing, or the account is blocked.
    /// - [`NotFound`](ErrorKind::NotFound): no such guest.
    /// - Unclear: it may have been reset; [`redemption`](Self::redemption) tells.
    pub async fn reset_redemption(
        &self,
        id: &GuestId,
        invitation: &GuestInvitation,
        options: WriteOptions,
    ) -> Result<Guest> {
        let operation = "reset redemption";
        invitation.check(operation)?;
        let budget = Budget::new(&self.session.graph, &options);
        let user = self.user(operation, id, &budget.options(&self.session.graph, operation)?).await?;
        if !user.is_guest() && user.redemption() == Redemption::NotNeeded {
            return Err(conflict(operation, "the account is one of the directory's own").with_remedy(member_remedy()));
        }
        match self.post(operation, invitation, Some(id), &budget).await {
            Ok(guest) => self.same(operation, id, guest),
            // the same refusal as where invitations are disabled: azure-docs issue 78054
            Err(error) if error.status() == Some(403) => Err(error.with_remedy(
                Remedy::new("Grant User.ReadWrite.All, and allow guest invitations in the directory's settings.")
                    .with_docs(RESET_PAGE),
            )),
            Err(error) => Err(error),
        }
    }

    /// Somebody as an attendee with a role, by the directory's object id. Presenters and co-organizers have to be in the directory.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) when nobody has the address and the role is more than a plain attendee's: invite the guest first.
    pub async fn attendee(&self, email: &EmailAddress, role: AttendeeRole) -> Result<Attendee> {
        let operation = "find attendee";
        let known = self.known(operation, email, &WriteOptions::new()).await?;
        let plain = Attendee::new(email.clone()).with_role(role);
        known::attendee(operation, known.as_ref().map(|known| &known.guest), plain)
    }

    async fn post(
        &self,
        operation: &'static str,
        invitation: &GuestInvitation,
        reset: Option<&GuestId>,
        budget: &Budget,
    ) -> Result<Guest> {
        let graph = &self.session.graph;
        let sponsors: Result<Vec<_>> =
            invitation.sponsors.iter().map(|id| Ok(graph.absolute(request::sponsor(id)?)?.uri().to_string())).collect();
        let request = request::invite(invitation, reset, &sponsors?)?;
        let options = budget.options(graph, operation)?;
        let reply =
            self.session.send(operation, Resource::Invitations, request, Protection::Findable, &options).await?;
        decode::invited(operation, &invitation.email, &reply)
    }

    /// That Graph answers a repeated invitation with the same guest is not documented, so it is checked.
    fn same(&self, operation: &'static str, id: &GuestId, guest: Guest) -> Result<Guest> {
        if guest.id.as_str().eq_ignore_ascii_case(id.as_str()) {
            return Ok(guest);
        }
        Err(crate::wire::unreadable(operation, "Graph answered with another guest than the one named"))
    }
}

fn already(known: DirectoryGuest) -> InviteOutcome {
    match (known.kind, known.guest.redemption) {
        (GuestKind::Guest, _) | (_, Redemption::Pending | Redemption::Accepted) => InviteOutcome::GuestAlready(known),
        _ => InviteOutcome::MemberAlready(known),
    }
}

fn conflict(operation: &'static str, detail: &'static str) -> Error {
    Error::new(ErrorKind::Conflict, operation).with_provider(crate::provider_id()).with_detail(detail)
}

fn member_remedy() -> Remedy {
    Remedy::new("Use the account as it is: it needs no invitation.")
}
