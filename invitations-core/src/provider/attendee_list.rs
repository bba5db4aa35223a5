use std::{fmt::Debug, sync::Arc};

use async_trait::async_trait;

use super::WriteOptions;
use crate::{
    Result,
    ids::{CalendarId, EventId, MeetingId},
    people::Attendee,
};

/// What attendees are added to.
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Gathering {
    /// A provider's meeting.
    Meeting(MeetingId),
    /// A calendar event.
    Event {
        /// In which calendar.
        calendar: CalendarId,
        /// Which event.
        event: EventId,
    },
}

/// What became of the list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum AttendeeChange {
    /// Now on the list.
    Added,
    /// Was on the list.
    AlreadyThere,
    /// Now off the list.
    Removed,
    /// Was not on the list.
    NotThere,
}

/// One attendee at a time; nobody else is lost, whoever writes at the same moment. Safe to replay.
#[async_trait]
pub trait AttendeeList: Debug + Send + Sync + 'static {
    /// Adds one attendee.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) when there is no such gathering; [`Conflict`](crate::ErrorKind::Conflict) when other
    /// writers kept winning; [`Unsupported`](crate::ErrorKind::Unsupported) for a kind of gathering the provider does not have.
    async fn add(&self, to: &Gathering, attendee: &Attendee, options: WriteOptions) -> Result<AttendeeChange>;

    /// Removes one attendee.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    async fn remove(&self, from: &Gathering, attendee: &Attendee, options: WriteOptions) -> Result<AttendeeChange>;

    /// The attendees as they stand.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    async fn attendees(&self, of: &Gathering) -> Result<Vec<Attendee>>;
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<T: AttendeeList + ?Sized> AttendeeList for Arc<T> {
    async fn add(&self, to: &Gathering, attendee: &Attendee, options: WriteOptions) -> Result<AttendeeChange> {
        (**self).add(to, attendee, options).await
    }
    async fn remove(&self, from: &Gathering, attendee: &Attendee, options: WriteOptions) -> Result<AttendeeChange> {
        (**self).remove(from, attendee, options).await
    }
    async fn attendees(&self, of: &Gathering) -> Result<Vec<Attendee>> {
        (**self).attendees(of).await
    }
}
