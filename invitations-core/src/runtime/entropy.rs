use std::{
    fmt::Debug,
    sync::{Mutex, PoisonError},
};

use sha2::{Digest as _, Sha256};

use crate::{Error, ErrorKind, Result};

/// Random bytes for secrets and ids.
pub trait Entropy: Debug + Send + Sync + 'static {
    /// Fills `buffer` with unpredictable bytes.
    ///
    /// # Errors
    /// [`Unavailable`](ErrorKind::Unavailable) when the source of randomness gives nothing; never falls back to weak bytes.
    fn fill(&self, buffer: &mut [u8]) -> Result<()>;
}

/// The operating system's random numbers.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "a unit, complete by definition")]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<()> {
        getrandom::fill(buffer)
            .map_err(|error| Error::new(ErrorKind::Unavailable, "draw random bytes").with_detail(error.to_string()))
    }
}

/// Repeatable bytes for tests and simulations. Not for secrets.
#[derive(Debug)]
pub struct SeededEntropy {
    seed: u64,
    drawn: Mutex<u64>,
}

impl SeededEntropy {
    /// The same seed draws the same bytes.
    pub fn new(seed: u64) -> Self {
        Self { seed, drawn: Mutex::new(0) }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<()> {
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in buffer.chunks_mut(32) {
            *drawn += 1;
            let block =
                Sha256::new().chain_update(self.seed.to_le_bytes()).chain_update(drawn.to_le_bytes()).finalize();
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeded_bytes_repeat_and_move_on() {
        let draw = |entropy: &SeededEntropy| {
            let mut bytes = [0; 40];
            entropy.fill(&mut bytes).unwrap();
            bytes
        };
        let (one, same, other) = (SeededEntropy::new(1), SeededEntropy::new(1), SeededEntropy::new(2));
        let first = draw(&one);
        assert_eq!(first, draw(&same));
        assert_ne!(first, draw(&one));
        assert_ne!(first, draw(&other));
    }
}
