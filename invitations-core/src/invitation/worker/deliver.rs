use super::Worker;
use crate::{
    Error, ErrorKind, Result, RetryClass,
    ids::{InvitationId, TenantId},
    invitation::{service::Payload, store::Delivered},
    people::{Member, Membership},
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
                    Some(membership) => self.tell(&**membership, &member).await,
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

    /// The state decides, so that an addition and a removal delivered in the wrong order end right. It decides again afterwards: whoever
    /// was held up may have said what is no longer so.
    async fn tell(&self, membership: &dyn Membership, member: &Member) -> Result<()> {
        let left = async || {
            let current = self.invitations.0.load(&member.tenant, &member.invitation).await?;
            Ok::<_, Error>(current.value.closed().is_some())
        };
        let mut gone = left().await?;
        loop {
            if gone {
                membership.remove(member).await?;
            } else {
                membership.add(member).await?;
            }
            let now = left().await?;
            if now == gone {
                return Ok(());
            }
            gone = now;
        }
    }
}

/// Another process may have the notifier; the row waits for it.
fn nobody() -> Error {
    Error::new(ErrorKind::Misconfigured, "deliver notice")
        .with_remedy(crate::Remedy::new("Pass a notifier to the process that runs the workers."))
}
