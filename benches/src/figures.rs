//! Figures for a person to read.

use std::{fmt, time::Duration};

/// The middle of several figures and how far they lie apart; none is left out.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Spread {
    /// Half are below.
    pub median: f64,
    /// A tenth are below.
    pub low: f64,
    /// A tenth are above.
    pub high: f64,
}

impl Spread {
    /// Of these.
    #[must_use]
    pub fn of(mut figures: Vec<f64>) -> Self {
        figures.sort_by(f64::total_cmp);
        let at = |share| place(&figures, share).copied().unwrap_or(f64::NAN);
        Self { median: at(0.5), low: at(0.1), high: at(0.9) }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // a rate needs no decimals
        let digits = if self.median >= 100.0 { 0 } else { 2 };
        write!(f, "{:.digits$} [{:.digits$} – {:.digits$}]", self.median, self.low, self.high)
    }
}

/// How long something took, many times.
#[derive(Clone, Debug)]
pub struct Times(Vec<Duration>);

impl Times {
    /// Of these.
    #[must_use]
    pub fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// The time that a share of them (0 to 1) stays within.
    #[must_use]
    pub fn within(&self, share: f64) -> Duration {
        place(&self.0, share).copied().unwrap_or_default()
    }

    /// The longest.
    #[must_use]
    pub fn most(&self) -> Duration {
        self.0.last().copied().unwrap_or_default()
    }

    /// The mean.
    #[must_use]
    pub fn mean(&self) -> Duration {
        let many = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.0.iter().sum::<Duration>().checked_div(many).unwrap_or_default()
    }
}

/// Nearest rank, in a sorted list.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "small numbers"
)]
fn place<T>(sorted: &[T], share: f64) -> Option<&T> {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1).min(sorted.len().saturating_sub(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_the_nearest() {
        let spread = Spread::of((1..=15).rev().map(f64::from).collect());
        assert_eq!(spread, Spread { median: 8.0, low: 2.0, high: 14.0 });
        assert_eq!(spread.to_string(), "8.00 [2.00 – 14.00]");
        assert!(Spread::of(Vec::new()).median.is_nan());
    }

    #[test]
    fn the_longest_time_is_not_hidden() {
        let times = Times::of((1..=200).map(Duration::from_millis).collect());
        let of = [times.within(0.5), times.within(0.99), times.most()].map(|time| time.as_millis());
        assert_eq!(of, [100, 198, 200]);
        assert_eq!(times.mean(), Duration::from_micros(100_500));
        assert_eq!(Times::of(Vec::new()).mean(), Duration::ZERO);
    }
}
