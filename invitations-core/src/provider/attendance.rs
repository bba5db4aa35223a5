use std::{fmt::Debug, time::Duration};

use async_trait::async_trait;

use super::Page;
use crate::{
    Result,
    ids::{MeetingId, PageToken},
    people::Attendee,
    time::TimeRange,
};

/// Somebody's stay in a meeting.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Presence {
    /// Who; `None` for somebody whose address the provider does not know: a caller by phone, a guest.
    pub who: Option<Attendee>,
    /// The name that was shown in the meeting. Whoever joins as a guest chooses it, so it proves nothing.
    pub name: Option<String>,
    /// From when to when, UTC, in order and without overlaps; of somebody who is still there, until now.
    pub intervals: Vec<TimeRange>,
    /// Whether they were still there when the provider last looked.
    pub still_there: bool,
}

impl Presence {
    /// The stay of somebody who has left. The intervals may come in any order and overlap, as those of several devices do.
    pub fn new(who: Option<Attendee>, intervals: Vec<TimeRange>) -> Self {
        let name = who.as_ref().and_then(|who| who.name.clone());
        Self { who, name, intervals: in_order(intervals), still_there: false }
    }

    /// Sets the name that was shown.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Says whether they are still there.
    #[must_use]
    pub fn with_still_there(mut self, still_there: bool) -> Self {
        self.still_there = still_there;
        self
    }
}

fn in_order(mut intervals: Vec<TimeRange>) -> Vec<TimeRange> {
    intervals.sort_by_key(|interval| (interval.from, interval.until));
    let mut merged: Vec<TimeRange> = Vec::with_capacity(intervals.len());
    for interval in intervals {
        match merged.last_mut() {
            Some(last) if interval.from <= last.until => last.until = last.until.max(interval.until),
            _ => merged.push(TimeRange::new(interval.from, interval.until.max(interval.from))),
        }
    }
    merged
}

/// What a provider can tell about attendance.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct AttendanceCapabilities {
    /// It tells while the meeting is under way, not only afterwards.
    pub live: bool,
    /// It can prove that nobody has joined: an empty answer means just that.
    pub absence: bool,
    /// How long somebody who has joined, or left, may go unseen.
    pub lag: Duration,
}

impl AttendanceCapabilities {
    /// It tells after the meeting, only who was there, and at once.
    pub fn new() -> Self {
        Self { live: false, absence: false, lag: Duration::ZERO }
    }

    /// Tells while the meeting is under way.
    #[must_use]
    pub fn with_live(mut self) -> Self {
        self.live = true;
        self
    }

    /// Can prove that nobody has joined.
    #[must_use]
    pub fn with_absence(mut self) -> Self {
        self.absence = true;
        self
    }

    /// Sets how long somebody may go unseen.
    #[must_use]
    pub fn with_lag(mut self, lag: Duration) -> Self {
        self.lag = lag;
        self
    }
}

impl Default for AttendanceCapabilities {
    fn default() -> Self {
        Self::new()
    }
}

/// Who is or was there, for one account.
///
/// Recordings and transcripts are other abilities, and no part of it (decision 0017).
#[async_trait]
pub trait AttendanceProvider: Debug + Send + Sync + 'static {
    /// What this provider can tell. Data, no I/O.
    fn capabilities(&self) -> AttendanceCapabilities;

    /// The people who have joined so far: of a meeting that is under way, or of one that has ended. Who waits in the lobby has not
    /// joined. The same person may be listed more than once, as after coming back. While a meeting is under way, who has left again may be
    /// missing.
    ///
    /// One empty page without a next one means that surely nobody has joined; somebody is reminded because of it. A provider without
    /// [`absence`](AttendanceCapabilities::absence) never gives such a page: it answers `NotFound` as long as it has nobody to list.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) while nobody can tell, and when there is no such meeting. A `page` that came from
    /// elsewhere is refused.
    async fn attendance(&self, id: &MeetingId, page: Option<&PageToken>) -> Result<Page<Presence>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: i64, until: i64) -> TimeRange {
        let at = |second| chrono::DateTime::from_timestamp(second, 0).unwrap();
        TimeRange::new(at(from), at(until))
    }

    #[test]
    fn intervals_are_in_order_and_do_not_overlap() {
        let given = vec![range(50, 60), range(0, 10), range(5, 20), range(20, 30), range(45, 41), range(2, 3)];
        let presence = Presence::new(None, given);
        assert_eq!(presence.intervals, [range(0, 30), range(45, 45), range(50, 60)]);
        assert!(Presence::new(None, Vec::new()).intervals.is_empty());
    }

    #[test]
    fn the_name_is_the_attendees_unless_another_was_shown() {
        let ada = Attendee::new(crate::people::EmailAddress::parse("ada@x.example").unwrap()).with_name("Ada");
        let presence = Presence::new(Some(ada), Vec::new());
        assert_eq!(presence.name.as_deref(), Some("Ada"));
        let shown = presence.with_name("Countess").with_still_there(true);
        assert_eq!((shown.name.as_deref(), shown.still_there), (Some("Countess"), true));
    }
}
