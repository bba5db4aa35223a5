use std::fmt::Debug;

use async_trait::async_trait;

use crate::{Result, people::EmailAddress, time::TimeRange};

/// One person's free and busy times.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Availability {
    /// Whose.
    pub who: EmailAddress,
    /// What is known, UTC, in order and without overlaps. Time that no slot covers is unknown.
    pub slots: Vec<(TimeRange, Busy)>,
}

impl Availability {
    /// What is known about `who`.
    pub fn new(who: EmailAddress, slots: Vec<(TimeRange, Busy)>) -> Self {
        Self { who, slots }
    }

    /// What is known about `who` within a window, out of pieces in any order that may overlap. Where they differ the one that
    /// promises least counts: busy, then unknown, then tentative, then free. What no piece covers stays unknown.
    pub fn of_pieces(
        who: EmailAddress,
        within: TimeRange,
        pieces: impl IntoIterator<Item = (TimeRange, Busy)>,
    ) -> Self {
        let clipped = pieces
            .into_iter()
            .map(|(range, busy)| (TimeRange::new(range.from.max(within.from), range.until.min(within.until)), busy));
        Self { who, slots: layered(clipped.filter(|(range, _)| !range.is_empty())) }
    }

    /// How somebody stands for the whole of a range: busy when they are at any time of it, unknown when any time of it is unknown,
    /// tentative when any time of it is, and free when all of it is. An empty range is unknown.
    pub fn standing(&self, range: TimeRange) -> Busy {
        let mut slots: Vec<_> = self.slots.iter().filter(|(slot, _)| slot.overlaps(&range)).collect();
        slots.sort_by_key(|(slot, _)| slot.from);
        let mut covered = range.from;
        for (slot, _) in &slots {
            if slot.from > covered {
                break;
            }
            covered = covered.max(slot.until);
        }
        let gap = (range.is_empty() || covered < range.until).then_some(Busy::Unknown);
        slots.iter().map(|(_, busy)| *busy).chain(gap).max_by_key(|busy| busy.rank()).unwrap_or(Busy::Unknown)
    }
}

/// Slots in order without overlaps; in each the highest rank of all pieces that cover it.
fn layered(pieces: impl Iterator<Item = (TimeRange, Busy)>) -> Vec<(TimeRange, Busy)> {
    // at an instant: how many pieces of each rank begin, less those that end
    let mut edges = std::collections::BTreeMap::new();
    for (range, busy) in pieces {
        edges.entry(range.from).or_insert([0_i64; RANKS.len()])[busy.rank()] += 1;
        edges.entry(range.until).or_insert([0_i64; RANKS.len()])[busy.rank()] -= 1;
    }
    let mut slots: Vec<(TimeRange, Busy)> = Vec::new();
    let mut open = [0_i64; RANKS.len()];
    let mut since = None;
    for (at, changes) in edges {
        let highest = (0..RANKS.len()).rev().find(|rank| open[*rank] > 0).map(|rank| RANKS[rank]);
        if let (Some(from), Some(busy)) = (since, highest) {
            match slots.last_mut() {
                Some((last, same)) if *same == busy && last.until == from => last.until = at,
                _ => slots.push((TimeRange::new(from, at), busy)),
            }
        }
        for (count, change) in open.iter_mut().zip(changes) {
            *count += change;
        }
        since = Some(at);
    }
    slots
}

/// Whether somebody has time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Busy {
    /// Has time.
    Free,
    /// May have time.
    Tentative,
    /// Has no time.
    Busy,
    /// Not known; never to be read as free.
    Unknown,
}

/// By what they promise, the most first.
const RANKS: [Busy; 4] = [Busy::Free, Busy::Tentative, Busy::Unknown, Busy::Busy];

impl Busy {
    fn rank(self) -> usize {
        match self {
            Self::Free => 0,
            Self::Tentative => 1,
            Self::Unknown => 2,
            Self::Busy => 3,
        }
    }
}

/// Free and busy times, for one account.
#[async_trait]
pub trait AvailabilityProvider: Debug + Send + Sync + 'static {
    /// One entry per person asked for, in the same order; somebody who is asked for twice has two. Slots lie within the window.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for an empty window, before any I/O. Else when nobody's times can be read; a
    /// single unknown person is an entry with [`Busy::Unknown`], or without slots.
    async fn availability(&self, who: &[EmailAddress], within: TimeRange) -> Result<Vec<Availability>>;
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use proptest::prelude::*;

    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(minute * 60, 0).unwrap()
    }

    fn range(from: i64, until: i64) -> TimeRange {
        TimeRange::new(at(from), at(until))
    }

    fn ada() -> EmailAddress {
        EmailAddress::parse("ada@contoso.example").unwrap()
    }

    fn pieced(within: TimeRange, pieces: &[(TimeRange, Busy)]) -> Availability {
        Availability::of_pieces(ada(), within, pieces.iter().copied())
    }

    #[test]
    fn the_piece_that_promises_least_counts() {
        let known = pieced(
            range(0, 60),
            &[
                (range(-10, 70), Busy::Free),
                (range(10, 30), Busy::Tentative),
                (range(20, 40), Busy::Unknown),
                (range(35, 50), Busy::Busy),
                (range(50, 50), Busy::Busy),
                (range(55, 52), Busy::Busy),
            ],
        );
        let expected = [
            (range(0, 10), Busy::Free),
            (range(10, 20), Busy::Tentative),
            (range(20, 35), Busy::Unknown),
            (range(35, 50), Busy::Busy),
            (range(50, 60), Busy::Free),
        ];
        assert_eq!(known.slots, expected);
    }

    #[test]
    fn a_gap_is_unknown() {
        let known = pieced(
            range(0, 60),
            &[(range(0, 20), Busy::Free), (range(20, 30), Busy::Free), (range(40, 60), Busy::Busy)],
        );
        assert_eq!(known.slots, [(range(0, 30), Busy::Free), (range(40, 60), Busy::Busy)]);
        for (asked, standing) in [
            (range(0, 30), Busy::Free),
            (range(5, 6), Busy::Free),
            (range(0, 31), Busy::Unknown),
            (range(-1, 10), Busy::Unknown),
            (range(35, 36), Busy::Unknown),
            (range(30, 41), Busy::Busy),
            (range(59, 61), Busy::Busy),
            (range(10, 10), Busy::Unknown),
            (range(20, 10), Busy::Unknown),
        ] {
            assert_eq!(known.standing(asked), standing, "{asked:?}");
        }
        assert_eq!(Availability::new(ada(), Vec::new()).standing(range(0, 1)), Busy::Unknown);
    }

    proptest! {
        #[test]
        fn pieces_and_a_look_at_each_minute_agree(
            pieces in proptest::collection::vec((-5..65_i64, 0..30_i64, 0..4_usize), 0..12),
        ) {
            let pieces: Vec<_> = pieces.iter().map(|(from, long, rank)| (range(*from, from + long), RANKS[*rank])).collect();
            let known = pieced(range(0, 60), &pieces);
            for minute in -5..65 {
                let covering = pieces.iter().filter(|(piece, _)| piece.contains(at(minute)));
                let inside = (0..60).contains(&minute);
                let expected = covering.map(|(_, busy)| *busy).max_by_key(|busy| busy.rank()).filter(|_| inside);
                prop_assert_eq!(known.standing(range(minute, minute + 1)), expected.unwrap_or(Busy::Unknown), "{}", minute);
            }
            for pair in known.slots.windows(2) {
                prop_assert!(pair[0].0.until <= pair[1].0.from);
                prop_assert!(pair[0].0.until < pair[1].0.from || pair[0].1 != pair[1].1);
            }
        }
    }
}
