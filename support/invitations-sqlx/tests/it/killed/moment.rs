//! When to kill: at any time, or while somebody writes. A commit takes so short that kills at random times miss it.

use std::{
    path::Path,
    time::{Duration, SystemTime},
};

use invitations_core::runtime::{Clock as _, SystemClock};

use super::choices::Choices;

/// How long a write is waited for.
const PATIENCE: Duration = Duration::from_millis(100);

/// The moment of a kill is real time, whatever it hits: that is what is tested.
pub(crate) async fn any(choices: &mut Choices, most_ms: u64) {
    SystemClock.sleep(Duration::from_millis(choices.below(most_ms))).await;
}

/// Just after the write-ahead log has changed, when the writer has seldom finished; it may be another process's.
pub(crate) async fn of_a_write(folder: &Path) {
    let log = folder.join("invitations.db-wal");
    let watching = tokio::task::spawn_blocking(move || {
        let (before, end) = (looks(&log), SystemClock.instant() + PATIENCE);
        while looks(&log) == before && SystemClock.instant() < end {
            std::thread::yield_now();
        }
    });
    // a look that fails is no reason not to kill
    let _ = watching.await;
}

fn looks(log: &Path) -> Option<(u64, SystemTime)> {
    let data = std::fs::metadata(log).ok()?;
    Some((data.len(), data.modified().ok()?))
}
