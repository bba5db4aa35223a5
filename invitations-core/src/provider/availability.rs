use std::fmt::Debug;

use async_trait::async_trait;

use crate::{Result, people::EmailAddress, time::TimeRange};

/// One person's free and busy times.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Availability {
    /// Whose.
    pub who: EmailAddress,
    /// What is known, UTC. Time that no slot covers is unknown.
    pub slots: Vec<(TimeRange, Busy)>,
}

impl Availability {
    /// What is known about `who`.
    pub fn new(who: EmailAddress, slots: Vec<(TimeRange, Busy)>) -> Self {
        Self { who, slots }
    }
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

/// Free and busy times, for one account.
#[async_trait]
pub trait AvailabilityProvider: Debug + Send + Sync + 'static {
    /// One entry per person asked for, in the same order.
    ///
    /// # Errors
    /// When nobody's times can be read; a single unknown person is an entry with [`Busy::Unknown`].
    async fn availability(&self, who: &[EmailAddress], within: TimeRange) -> Result<Vec<Availability>>;
}
