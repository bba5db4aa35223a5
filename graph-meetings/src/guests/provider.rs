use async_trait::async_trait;
use invitations_core::{
    Error, ErrorKind, Result,
    ids::GuestId,
    people::{EmailAddress, Guest, GuestDirectory, GuestDraft},
    provider::WriteOptions,
};
use meetings_http::{PageGuard, Protection};

use super::{
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
/// already there comes back without a redeem link.
#[derive(Clone, Debug)]
pub struct Guests {
    session: Session,
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
            next = wire::get(&self.session.path_of(&link)?)?;
        }
    }

    /// Whoever has this address; a guest before a member, because a guest was invited.
    async fn known(
        &self,
        operation: &'static str,
        email: &EmailAddress,
        options: &WriteOptions,
    ) -> Result<Option<Guest>> {
        let users = self.users(operation, email, options).await?;
        let first = users.iter().find(|user| user.is_guest()).or(users.first());
        first.map(|user| user.guest_of(operation, email.clone())).transpose()
    }

    async fn user(&self, operation: &'static str, id: &GuestId, options: &WriteOptions) -> Result<User> {
        let request = request::read(id)?;
        decode::user(operation, &self.session.read_within(operation, Resource::Users, request, options).await?)
    }
}

#[async_trait]
impl GuestDirectory for Guests {
    async fn invite(&self, draft: &GuestDraft, options: WriteOptions) -> Result<Guest> {
        let operation = "invite guest";
        request::check(&draft.email)?;
        let graph = &self.session.graph;
        let budget = Budget::new(graph, &options);
        if let Some(guest) = self.known(operation, &draft.email, &budget.options(graph, operation)?).await? {
            return Ok(guest);
        }
        let request = request::invite(draft)?;
        let options = budget.options(graph, operation)?;
        let sent = self.session.send(operation, Resource::Invitations, request, Protection::Findable, &options).await;
        let error = match sent {
            Ok(reply) => return decode::invited(operation, &draft.email, &reply),
            Err(error) => error,
        };
        // "already exists in the directory" has no code of its own: whatever was refused, somebody who is there is success
        if matches!(error.status(), Some(400 | 409 | 500)) {
            let options = budget.options(graph, operation)?;
            if let Ok(Some(guest)) = self.known(operation, &draft.email, &options).await {
                return Ok(guest);
            }
        }
        Err(error)
    }

    async fn guest(&self, id: &GuestId) -> Result<Guest> {
        let operation = "read guest";
        self.user(operation, id, &WriteOptions::new()).await?.guest(operation)
    }

    async fn find_by_address(&self, email: &EmailAddress) -> Result<Vec<Guest>> {
        let operation = "find guest";
        let users = self.users(operation, email, &WriteOptions::new()).await?;
        users.iter().map(|user| user.guest_of(operation, email.clone())).collect()
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
