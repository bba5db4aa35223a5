use bytes::Bytes;
use http::{Request, Response};
use invitations_core::{
    Result,
    ids::{EventId, PageToken},
    provider::{Marker, Page, WriteOptions},
    time::TimeRange,
};
use meetings_http::PageGuard;

use super::{OutlookEvents, paths};
use crate::{
    calendar::outlook::{Members, OutlookEvent},
    client::Session,
    errors::Resource,
    wire,
};

impl OutlookEvents {
    /// Reads an event, an occurrence, or a series. Mails nobody.
    ///
    /// # Errors
    /// [`NotFound`](invitations_core::ErrorKind::NotFound) when there is none.
    pub async fn read(&self, id: &EventId) -> Result<OutlookEvent> {
        let operation = "read event";
        let request = paths::read(&self.session.owner, &self.calendar, id)?;
        OutlookEvent::decode(operation, &self.session.read(operation, Resource::Events, request).await?)
    }

    /// One page of the calendar's events: single ones and series, not their occurrences. Mails nobody.
    ///
    /// A page may be empty although there is a next one; only a listing without a next page is complete.
    ///
    /// # Errors
    /// [`Protocol`](invitations_core::ErrorKind::Protocol) for a page that leads to another origin or path;
    /// [`InvalidInput`](invitations_core::ErrorKind::InvalidInput), before anything is sent, for a token that this listing never named.
    pub async fn list(&self, page: Option<&PageToken>) -> Result<Page<OutlookEvent>> {
        self.page("list events", page, paths::list(&self.session.owner, &self.calendar)?).await
    }

    /// One page of what takes place within a window of at most 1825 days: a series as its occurrences. Mails nobody.
    ///
    /// # Errors
    /// As [`list`](Self::list); [`InvalidInput`](invitations_core::ErrorKind::InvalidInput) for a window that is empty or too long.
    pub async fn view(&self, within: TimeRange, page: Option<&PageToken>) -> Result<Page<OutlookEvent>> {
        let operation = "list events";
        self.page(operation, page, paths::view(operation, &self.session.owner, &self.calendar, within)?).await
    }

    /// Every live event of this calendar that was made with this key. Mails nobody.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub async fn find(&self, marker: &Marker) -> Result<Vec<OutlookEvent>> {
        self.find_within(marker, &WriteOptions::new()).await
    }

    /// The same within the limits of a write.
    pub(super) async fn find_within(&self, marker: &Marker, options: &WriteOptions) -> Result<Vec<OutlookEvent>> {
        let request = paths::find(&self.session.owner, &self.calendar, marker)?;
        let found = all(&self.session, "find event", request, Resource::Events, options, OutlookEvent::read).await?;
        Ok(found.into_iter().filter(|event| !event.is_cancelled).collect())
    }

    pub(super) async fn page(
        &self,
        operation: &'static str,
        page: Option<&PageToken>,
        first: Request<Bytes>,
    ) -> Result<Page<OutlookEvent>> {
        one(&self.session, operation, first, page, OutlookEvent::read).await
    }
}

/// One page of the listing that `first` begins.
pub(super) async fn one<T>(
    session: &Session,
    operation: &'static str,
    first: Request<Bytes>,
    page: Option<&PageToken>,
    read: impl Fn(&'static str, Members) -> Result<T>,
) -> Result<Page<T>> {
    let listing = first.uri().clone();
    let request = session.page(operation, first, page)?;
    let (items, next) = items(operation, &session.read(operation, Resource::Events, request).await?, read)?;
    Ok(Page { items, next: next.map(|link| session.next(&listing, &link)).transpose()? })
}

/// What is on a page, and where it says that the listing goes on.
fn items<T>(
    operation: &'static str,
    reply: &Response<Bytes>,
    read: impl Fn(&'static str, Members) -> Result<T>,
) -> Result<(Vec<T>, Option<String>)> {
    let page: wire::Page<Members> = wire::page(operation, reply)?;
    let items = page.value.into_iter().map(|one| read(operation, one)).collect::<Result<_>>()?;
    Ok((items, page.next))
}

/// Every page.
pub(super) async fn all<T>(
    session: &Session,
    operation: &'static str,
    mut request: Request<Bytes>,
    resource: Resource,
    options: &WriteOptions,
    read: impl Fn(&'static str, Members) -> Result<T>,
) -> Result<Vec<T>> {
    let (mut found, mut guard) = (Vec::new(), PageGuard::new());
    loop {
        let reply = session.read_within(operation, resource, request, options).await?;
        let (items, next) = items(operation, &reply, &read)?;
        found.extend(items);
        let Some(link) = next else { return Ok(found) };
        guard.check(&link)?;
        request = paths::page(&session.address_of(&link)?)?;
    }
}
