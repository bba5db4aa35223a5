use std::fmt::Debug;

use async_trait::async_trait;

use super::Page;
use crate::{
    Result,
    ids::{MeetingId, PageToken},
    people::Attendee,
    time::TimeRange,
};

/// Somebody's stay in a meeting.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Presence {
    /// Who; `None` for somebody who joined without a name the provider knows.
    pub who: Option<Attendee>,
    /// From when to when, UTC.
    pub intervals: Vec<TimeRange>,
}

impl Presence {
    /// A stay.
    pub fn new(who: Option<Attendee>, intervals: Vec<TimeRange>) -> Self {
        Self { who, intervals }
    }
}

/// Who was there, for one account.
#[async_trait]
pub trait AttendanceProvider: Debug + Send + Sync + 'static {
    /// The people of a meeting that has ended.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) while there is no report yet.
    async fn attendance(&self, id: &MeetingId, page: Option<&PageToken>) -> Result<Page<Presence>>;
}
