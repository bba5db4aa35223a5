use std::sync::{Mutex, PoisonError};

use futures_channel::oneshot;

/// Wakes the workers of this process when something was written that they may have to do. Those of other processes look now and then.
#[derive(Debug, Default)]
pub(in crate::invitation) struct Bell(Mutex<Vec<oneshot::Sender<()>>>);

impl Bell {
    /// Resolves at the next [`ring`](Self::ring). Taken before a look, so that nothing falls between the look and the wait.
    pub(super) fn next(&self) -> oneshot::Receiver<()> {
        let (ring, heard) = oneshot::channel();
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|one| !one.is_canceled());
        waiting.push(ring);
        heard
    }

    pub(in crate::invitation) fn ring(&self) {
        for one in std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)) {
            // whoever stopped listening needs no waking
            let _ = one.send(());
        }
    }
}
