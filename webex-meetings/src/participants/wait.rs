use std::time::Duration;

use invitations_core::{Error, ErrorKind, Remedy, Result, RetryClass, provider::WriteOptions};

use super::{Participant, READ, WebexParticipants};
use crate::ParticipantId;

/// The first wait; it doubles, up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

impl WebexParticipants {
    /// As [`read`](Self::read) for somebody whom a webhook has named: `NotFound` is asked again, for `within` at most, because Webex's
    /// webhooks are faster than its lists. Ten minutes are enough in 99.5 % of cases.
    ///
    /// Waits in the caller's task; a receiver of webhooks answers first and waits then.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound), to be tried later, when the time is over. Any other error at once.
    pub async fn read_when_known(&self, id: &ParticipantId, within: Duration) -> Result<Participant> {
        let caller = &self.resource.caller;
        let (began, mut wait) = (caller.began(), FIRST_WAIT);
        loop {
            let whole = WriteOptions::new().with_timeout(within);
            let error = match self.read_within(id, &caller.rest_of(&whole, began)).await {
                Err(error) if error.kind() == ErrorKind::NotFound => error,
                other => return other,
            };
            let spent = caller.began().saturating_duration_since(began);
            if spent.saturating_add(wait) >= within {
                return Err(unseen(error));
            }
            caller.clock_shared().sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }
}

fn unseen(cause: Error) -> Error {
    Error::new(ErrorKind::NotFound, READ)
        .with_provider(crate::provider_id())
        .with_detail("Webex does not show the participant yet, or there is none")
        .with_retry(RetryClass::Safe { after: Some(LONGEST_WAIT) })
        .with_remedy(Remedy::new("Look again after ten minutes; Webex shows people later than its webhooks name them."))
        .with_source(cause)
}
