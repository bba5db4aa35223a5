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
    /// From when to when, UTC; of somebody who is still there, until now.
    pub intervals: Vec<TimeRange>,
}

impl Presence {
    /// A stay.
    pub fn new(who: Option<Attendee>, intervals: Vec<TimeRange>) -> Self {
        Self { who, intervals }
    }
}

/// Who is or was there, for one account.
#[async_trait]
pub trait AttendanceProvider: Debug + Send + Sync + 'static {
    /// The people who have joined so far: of a meeting that is under way, or of one that has ended.
    ///
    /// One empty page without a next one means that surely nobody has joined; somebody is reminded because of it. A provider that knows
    /// less, such as one that reports only afterwards, answers `NotFound` as long as that.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) while nobody can tell, and when there is no such meeting.
    async fn attendance(&self, id: &MeetingId, page: Option<&PageToken>) -> Result<Page<Presence>>;
}
