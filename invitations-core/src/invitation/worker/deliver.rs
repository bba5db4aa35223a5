use super::Worker;
use crate::{
    ErrorKind, Result, RetryClass,
    ids::{InvitationId, TenantId},
    invitation::{service::Payload, store::Delivered},
    secret::Sealed,
};

impl Worker {
    #[expect(clippy::too_many_arguments, reason = "the columns of one row")]
    pub(super) async fn deliver(
        &self,
        tenant: &TenantId,
        id: &InvitationId,
        row: u64,
        dedupe: &str,
        payload: &Sealed,
        attempt: u32,
        fence: u64,
    ) -> Result<()> {
        let inner = &self.invitations.0;
        let done = match &inner.seals {
            Some(seals) => match seals.open_row(tenant, id, dedupe, payload).await {
                Ok(Payload::Notice(notice)) => match &inner.notifier {
                    Some(notifier) => notifier.deliver(&notice).await,
                    None => Err(nobody()),
                },
                Ok(Payload::Member(member)) => match &inner.membership {
                    // the state decides, so that an addition and a removal delivered in the wrong order end right
                    Some(membership) => match inner.load(tenant, id).await {
                        Ok(now) if now.value.closed().is_some() => membership.remove(&member).await,
                        Ok(_) => membership.add(&member).await,
                        Err(error) => Err(error),
                    },
                    None => Err(nobody()),
                },
                Err(error) => Err(error),
            },
            None => Err(nobody()),
        };
        let outcome = match done {
            Ok(()) => Delivered::Done,
            Err(error) if error.kind() == ErrorKind::InvalidInput && error.retry() == RetryClass::Never => {
                tracing::warn!(%error, invitation = %id, "a notice was given up");
                Delivered::Done
            }
            Err(error) => {
                tracing::info!(%error, invitation = %id, attempt, "a notice was not delivered");
                let timing = &inner.timing;
                let wait = timing.retry_first.saturating_mul(1 << attempt.min(20)).min(timing.retry_most);
                Delivered::Again(inner.store.now().await? + wait)
            }
        };
        inner.store.delivered(row, fence, outcome).await
    }
}

/// Another process may have the notifier; the row waits for it.
fn nobody() -> crate::Error {
    crate::Error::new(ErrorKind::Misconfigured, "deliver notice")
        .with_remedy(crate::Remedy::new("Pass a notifier to the process that runs the workers."))
}
