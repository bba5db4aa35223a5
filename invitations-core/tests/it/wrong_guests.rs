//! For each case of the suite one directory that is wrong in just that way, and that the case reports.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use invitations_core::{
    Error, ErrorKind, Result,
    conformance::guest_directory::{self as suite, GuestFixture},
    ids::{GuestId, ProviderId},
    memory::MemoryGuests,
    people::{EmailAddress, Guest, GuestDirectory, GuestDraft},
    provider::WriteOptions,
};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    FindsEverybody,
    InvitesAnew,
    KeepsTheRemoved,
    ReadsNobody,
    SecondRemoveFails,
    ShowsLinks,
}

struct Wrong(MemoryGuests, Fault);

impl fmt::Debug for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            Fault::ShowsLinks => write!(f, "Wrong(https://login.example/redeem/guest-1)"),
            _ => f.write_str("Wrong"),
        }
    }
}

#[async_trait]
impl GuestDirectory for Wrong {
    async fn invite(&self, draft: &GuestDraft, options: WriteOptions) -> Result<Guest> {
        if self.1 == Fault::InvitesAnew {
            for guest in self.0.find_by_address(&draft.email).await? {
                self.0.remove(&guest.id, WriteOptions::new()).await?;
            }
        }
        self.0.invite(draft, options).await
    }
    async fn guest(&self, id: &GuestId) -> Result<Guest> {
        match self.1 {
            Fault::ReadsNobody => Err(Error::new(ErrorKind::NotFound, "read guest")),
            _ => self.0.guest(id).await,
        }
    }
    async fn find_by_address(&self, email: &EmailAddress) -> Result<Vec<Guest>> {
        match self.1 {
            Fault::FindsEverybody => Ok(self.0.guests()),
            _ => self.0.find_by_address(email).await,
        }
    }
    async fn remove(&self, id: &GuestId, options: WriteOptions) -> Result<()> {
        match self.1 {
            Fault::KeepsTheRemoved => return Ok(()),
            Fault::SecondRemoveFails => self.0.guest(id).await.map(drop)?,
            _ => {}
        }
        self.0.remove(id, options).await
    }
}

struct With(Fault);

impl GuestFixture for With {
    async fn directory(&self) -> Arc<dyn GuestDirectory> {
        Arc::new(Wrong(MemoryGuests::new(ProviderId::parse("memory").unwrap()), self.0))
    }
}

macro_rules! reports { ($($case:ident: $fault:ident;)+) => {$(
    #[tokio::test]
    async fn $case() {
        suite::$case(&With(Fault::$fault)).await.expect_err("the case reports the fault");
    }
)+}}

reports! {
    inviting_twice_is_one_guest: InvitesAnew;
    found_by_address: FindsEverybody;
    invited_can_be_read: ReadsNobody;
    removed_is_gone: KeepsTheRemoved;
    removing_twice_is_success: SecondRemoveFails;
    debug_hides_the_redeem_url: ShowsLinks;
}
