//! Cases for any [`GuestDirectory`].

use std::{future::Future, sync::Arc};

use url::Url;

use super::{Finding, Verdict, ensure, ensure_kind};
use crate::{
    ErrorKind,
    people::{EmailAddress, Guest, GuestDirectory, GuestDraft},
    provider::WriteOptions,
};

/// Opens the directory under test.
pub trait GuestFixture: Send + Sync {
    /// A directory without the guests of [`address`](Self::address).
    fn directory(&self) -> impl Future<Output = Arc<dyn GuestDirectory>> + Send;

    /// The address of a guest of the suite. A fixture for a live directory makes it unique per run.
    ///
    /// # Errors
    /// A finding when the name makes no address.
    fn address(&self, name: &str) -> Result<EmailAddress, Finding> {
        Ok(EmailAddress::parse(format!("suite-{name}@guests.example"))?)
    }
}

async fn invite(
    fixture: &impl GuestFixture,
    directory: &Arc<dyn GuestDirectory>,
    name: &str,
) -> Result<Guest, Finding> {
    let redirect = Url::parse("https://app.example/welcome").map_err(|error| Finding::new(error.to_string()))?;
    let draft = GuestDraft::new(fixture.address(name)?, redirect).with_mail(false);
    Ok(directory.invite(&draft, WriteOptions::new()).await?)
}

/// Inviting somebody twice is one guest.
///
/// # Errors
/// The finding.
pub async fn inviting_twice_is_one_guest(fixture: &impl GuestFixture) -> Verdict {
    let directory = fixture.directory().await;
    let (first, again) = (invite(fixture, &directory, "twice").await?, invite(fixture, &directory, "twice").await?);
    ensure(first.id == again.id, || format!("one address became {} and {}", first.id, again.id))?;
    let other = invite(fixture, &directory, "twice-other").await?;
    ensure(first.id != other.id, || "two addresses became one guest".to_owned())
}

/// An invited guest is found by address, in any letter case, and nobody else is.
///
/// # Errors
/// The finding.
pub async fn found_by_address(fixture: &impl GuestFixture) -> Verdict {
    let directory = fixture.directory().await;
    let nobody = directory.find_by_address(&fixture.address("find")?).await?;
    ensure(nobody.is_empty(), || format!("{} guests before the first invitation", nobody.len()))?;
    let guest = invite(fixture, &directory, "find").await?;
    invite(fixture, &directory, "find-other").await?;
    let loud = EmailAddress::parse(fixture.address("find")?.canonical().to_ascii_uppercase())?;
    for address in [fixture.address("find")?, loud] {
        let found: Vec<_> = directory.find_by_address(&address).await?.into_iter().map(|guest| guest.id).collect();
        ensure(found == [guest.id.clone()], || format!("looking for {}, found {found:?}", guest.id))?;
    }
    Ok(())
}

/// An invited guest can be read by id.
///
/// # Errors
/// The finding.
pub async fn invited_can_be_read(fixture: &impl GuestFixture) -> Verdict {
    let directory = fixture.directory().await;
    let guest = invite(fixture, &directory, "read").await?;
    let read = directory.guest(&guest.id).await?;
    ensure(read.id == guest.id && read.email == guest.email, || format!("invited {}, read {}", guest.id, read.id))
}

/// A removed guest is gone for reads and look-ups; the others stay.
///
/// # Errors
/// The finding.
pub async fn removed_is_gone(fixture: &impl GuestFixture) -> Verdict {
    let directory = fixture.directory().await;
    let (gone, kept) = (invite(fixture, &directory, "gone").await?, invite(fixture, &directory, "kept").await?);
    directory.remove(&gone.id, WriteOptions::new()).await?;
    ensure_kind(directory.guest(&gone.id).await, ErrorKind::NotFound, "read of a removed guest")?;
    let found = directory.find_by_address(&gone.email).await?;
    ensure(found.is_empty(), || "a removed guest is still found by address".to_owned())?;
    directory.guest(&kept.id).await?;
    Ok(())
}

/// Removing somebody who is not there is success.
///
/// # Errors
/// The finding.
pub async fn removing_twice_is_success(fixture: &impl GuestFixture) -> Verdict {
    let directory = fixture.directory().await;
    let guest = invite(fixture, &directory, "remove").await?;
    directory.remove(&guest.id, WriteOptions::new()).await?;
    directory.remove(&guest.id, WriteOptions::new()).await?;
    Ok(())
}

/// Neither the guest's `Debug` nor the directory's shows the redeem link.
///
/// # Errors
/// The finding.
pub async fn debug_hides_the_redeem_url(fixture: &impl GuestFixture) -> Verdict {
    let directory = fixture.directory().await;
    let guest = invite(fixture, &directory, "debug").await?;
    let Some(link) = &guest.redeem_url else { return Ok(()) };
    let path = link.expose().path();
    for (what, text) in [("the guest", format!("{guest:?}")), ("the directory", format!("{directory:?}"))] {
        ensure(path.len() <= 1 || !text.contains(path), || format!("Debug of {what} shows the redeem link"))?;
    }
    Ok(())
}

/// One test per case of [`guest_directory`](mod@crate::conformance::guest_directory), over a
/// [`GuestFixture`](crate::conformance::guest_directory::GuestFixture).
#[macro_export]
macro_rules! guest_directory_suite {
    ($(#[$test:meta])+ $fixture:expr) => {
        $crate::__suite! {
            $(#[$test])+ $fixture;
            guest_directory: inviting_twice_is_one_guest, found_by_address, invited_can_be_read, removed_is_gone,
            removing_twice_is_success, debug_hides_the_redeem_url
        }
    };
}
