use async_trait::async_trait;
use invitations_core::{
    Error, ErrorKind, Result,
    ids::GuestId,
    people::{EmailAddress, Guest, GuestDirectory, GuestDraft},
    provider::WriteOptions,
};
use meetings_http::{PageGuard, Protection};

use super::{
    DirectoryGuest, GuestInvitation, InviteOutcome,
    decode::{self, User},
    request,
};
use crate::{
    client::{Budget, Session},
    errors::Resource,
    wire,
};

/// The guests of the directory. Needs `User.Invite.All`, and `User.Read.All` for look-ups.
///
/// Inviting looks up first: Graph documents no idempotency, and a member of the directory cannot be invited. So a guest who is
/// already there comes back without a redeem link. A new guest is waited for until the directory shows them.
///
/// [`invite_with`](Self::invite_with) has Graph's own options and tells who was found;
/// [`attendee`](Self::attendee) and [`guest_attendee`](crate::guest_attendee) make attendees of guests.
#[derive(Clone, Debug)]
pub struct Guests {
    pub(super) session: Session,
}

impl Guests {
    pub(crate) fn new(session: Session) -> Self {
        Self { session }
    }

    async fn users(&self, operation: &'static str, email: &EmailAddress, options: &WriteOptions) -> Result<Vec<User>> {
        let (mut found, mut guard) = (Vec::new(), PageGuard::new());
        let mut next = request::find(email)?;
        loop {
            let reply = self.session.read_within(operation, Resource::Users, next, options).await?;
            let page: wire::Page<User> = wire::page(operation, &reply)?;
            found.extend(page.value);
            let Some(link) = page.next else { return Ok(found) };
            guard.check(&link)?;
            next = wire::get(&self.session.address_of(&link)?)?;
        }
    }

    /// Whoever has this address; a guest before a member, because a guest was invited.
    pub(super) async fn known(
        &self,
        operation: &'static str,
        email: &EmailAddress,
        options: &WriteOptions,
    ) -> Result<Option<DirectoryGuest>> {
        Ok(self.all_known(operation, email, options).await?.into_iter().next())
    }

    /// Everybody with this address, guests first.
    pub(super) async fn all_known(
        &self,
        operation: &'static str,
        email: &EmailAddress,
        options: &WriteOptions,
    ) -> Result<Vec<DirectoryGuest>> {
        let mut users = self.users(operation, email, options).await?;
        users.sort_by_key(|user| !user.is_guest());
        users.iter().map(|user| user.known(operation, Some(email))).collect()
    }

    pub(super) async fn user(&self, operation: &'static str, id: &GuestId, options: &WriteOptions) -> Result<User> {
        let request = request::read(id)?;
        decode::user(operation, &self.session.read_within(operation, Resource::Users, request, options).await?)
    }
}

#[async_trait]
impl GuestDirectory for Guests {
    async fn invite(&self, draft: &GuestDraft, options: WriteOptions) -> Result<Guest> {
        self.invite_with(&GuestInvitation::from(draft), options).await.map(InviteOutcome::into_guest)
    }

    async fn guest(&self, id: &GuestId) -> Result<Guest> {
        let operation = "read guest";
        Ok(self.user(operation, id, &WriteOptions::new()).await?.known(operation, None)?.guest)
    }

    async fn find_by_address(&self, email: &EmailAddress) -> Result<Vec<Guest>> {
        let operation = "find guest";
        let known = self.all_known(operation, email, &WriteOptions::new()).await?;
        Ok(known.into_iter().map(|known| known.guest).collect())
    }

    /// Refuses to remove a member: what is removed here is a person's account.
    async fn remove(&self, id: &GuestId, options: WriteOptions) -> Result<()> {
        let operation = "remove guest";
        let gone = |error: &Error| error.kind() == ErrorKind::NotFound;
        let budget = Budget::new(&self.session.graph, &options);
        let user = match self.user(operation, id, &budget.options(&self.session.graph, operation)?).await {
            Ok(user) => user,
            Err(error) if gone(&error) => return Ok(()),
            Err(error) => return Err(error),
        };
        if !user.is_guest() {
            return Err(Error::new(ErrorKind::PermissionDenied, operation)
                .with_provider(crate::provider_id())
                .with_detail("a member of the directory is not a guest"));
        }
        let options = budget.options(&self.session.graph, operation)?;
        let request = request::remove(id)?;
        match self.session.send(operation, Resource::Users, request, Protection::Idempotent, &options).await {
            Err(error) if gone(&error) => Ok(()),
            sent => sent.map(drop),
        }
    }
}
