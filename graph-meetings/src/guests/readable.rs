use std::time::Duration;

use invitations_core::{Error, ErrorKind, Remedy, Result, RetryClass, ids::GuestId};

use super::Guests;
use crate::client::Budget;

/// The first wait for a new guest; it doubles, up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(4);
/// So long a new guest is waited for where the caller names no shorter time. Graph documents no bound.
const WHOLE_WAIT: Duration = Duration::from_secs(30);

impl Guests {
    /// Waits until a new guest can be read: directories replicate, and an event or a meeting would not know the guest either.
    pub(super) async fn await_readable(&self, operation: &'static str, id: &GuestId, budget: &Budget) -> Result<()> {
        let clock = self.session.graph.clock();
        let start = clock.instant();
        let until = budget.until().map_or(WHOLE_WAIT, |until| until.saturating_duration_since(start)).min(WHOLE_WAIT);
        let mut wait = FIRST_WAIT;
        loop {
            let left = until.saturating_sub(clock.instant().saturating_duration_since(start));
            // used up: the guest is there all the same, so this is not the budget's own error, which says that nothing happened
            let Ok(mut options) = budget.options(&self.session.graph, operation) else {
                return Err(unseen(operation, None));
            };
            options.timeout = Some(left);
            let Err(error) = self.user(operation, id, &options).await else { return Ok(()) };
            if error.kind() != ErrorKind::NotFound {
                return Err(unseen(operation, Some(error)));
            }
            let spent = clock.instant().saturating_duration_since(start);
            if spent + wait >= until {
                return Err(unseen(operation, Some(error)));
            }
            clock.sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }
}

/// The guest was made and was not seen.
fn unseen(operation: &'static str, cause: Option<Error>) -> Error {
    let error = Error::new(ErrorKind::Timeout, operation)
        .with_provider(crate::provider_id())
        .with_detail("Graph took the invitation, but the guest could not be read yet")
        .with_retry(RetryClass::Unclear { after: Some(LONGEST_WAIT) })
        .with_remedy(Remedy::new("Look the guest up by address after a while; do not invite again before that."));
    match cause {
        Some(cause) => error.with_source(cause),
        None => error,
    }
}
