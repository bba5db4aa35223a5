use std::time::Duration;

/// Every choice of a schedule: the same seed throws the same (splitmix64).
#[derive(Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed ^ 0x5851_f42d_4c95_7f2d)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to `n - 1`; 0 when there is no choice.
    pub(super) fn below(&mut self, n: usize) -> usize {
        if n < 2 {
            return 0;
        }
        usize::try_from(self.next() % n as u64).unwrap_or_default()
    }

    /// Once in `n` throws; never for 0.
    pub(super) fn one_in(&mut self, n: u32) -> bool {
        n == 1 || (n > 1 && self.next().is_multiple_of(u64::from(n)))
    }

    pub(super) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// Each of them with even odds.
    pub(super) fn some<T: Copy>(&mut self, of: &[T]) -> Vec<T> {
        of.iter().copied().filter(|_| self.one_in(2)).collect()
    }

    /// Whole milliseconds from 0 up to `most`.
    pub(super) fn up_to(&mut self, most: Duration) -> Duration {
        let most = usize::try_from(most.as_millis()).unwrap_or(usize::MAX - 1);
        Duration::from_millis(self.below(most + 1) as u64)
    }
}
