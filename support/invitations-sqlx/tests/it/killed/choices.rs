//! A small generator: what it chooses follows from the seed alone, so that a failing round can be run again.

use std::time::Duration;

#[derive(Clone, Debug)]
pub(crate) struct Choices(u64);

impl Choices {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// For the `number`-th matter of this name, whichever process it falls to, and whenever.
    pub(crate) fn about(seed: u64, name: &str, number: usize) -> Self {
        let named = name.bytes().fold(seed, |sum, byte| Self(sum ^ u64::from(byte)).next());
        Self(named.wrapping_add(number as u64))
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    pub(crate) fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }

    pub(crate) fn up_to(&mut self, most: Duration) -> Duration {
        Duration::from_micros(self.below(most.as_micros() as u64 + 1))
    }

    /// splitmix64: neighbouring seeds have nothing in common.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

#[test]
fn the_same_seed_chooses_the_same_and_another_does_not() {
    let ten = |mut choices: Choices| -> Vec<u64> { (0..10).map(|_| choices.below(100)).collect() };
    assert_eq!(ten(Choices::about(7, "key", 1)), ten(Choices::about(7, "key", 1)));
    for other in [Choices::about(8, "key", 1), Choices::about(7, "kez", 1), Choices::about(7, "key", 2)] {
        assert_ne!(ten(Choices::about(7, "key", 1)), ten(other));
    }
}
