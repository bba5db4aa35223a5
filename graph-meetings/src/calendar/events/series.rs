use invitations_core::{
    Result,
    ids::{EventId, PageToken},
    provider::{Page, WriteOptions},
    time::TimeRange,
};

use super::{OutlookEvents, paths, read::all};
use crate::{
    calendar::outlook::{EventKind, OutlookEvent},
    errors::Resource,
};

impl OutlookEvents {
    /// One page of a series' events within a window of at most 1825 days: occurrences, and exceptions as they are now. Mails nobody.
    ///
    /// Their ids work wherever an event's id does: [`patch`](Self::patch) makes an occurrence an exception, [`cancel`](Self::cancel)
    /// and [`delete`](Self::delete) take it out of its series. A move to or over a neighbour's day is refused
    /// (`ErrorOccurrenceCrossingBoundary`, [`InvalidInput`](invitations_core::ErrorKind::InvalidInput)).
    ///
    /// # Errors
    /// As [`view`](Self::view); [`NotFound`](invitations_core::ErrorKind::NotFound) where there is no such series.
    pub async fn instances(
        &self,
        series: &EventId,
        within: TimeRange,
        page: Option<&PageToken>,
    ) -> Result<Page<OutlookEvent>> {
        let operation = "list occurrences";
        let first = paths::instances(operation, &self.session.owner, series, within)?;
        self.page(operation, page, first).await
    }

    /// Every event of a series that was changed on its own, read to the end of the window. Occurrences that were taken away are not
    /// among them. Mails nobody.
    ///
    /// # Errors
    /// As [`instances`](Self::instances).
    pub async fn exceptions(&self, series: &EventId, within: TimeRange) -> Result<Vec<OutlookEvent>> {
        let operation = "list exceptions";
        let request = paths::instances(operation, &self.session.owner, series, within)?;
        let options = WriteOptions::new();
        let found = all(&self.session, operation, request, Resource::Events, &options, OutlookEvent::read).await?;
        Ok(found.into_iter().filter(|event| event.kind == EventKind::Exception).collect())
    }
}
