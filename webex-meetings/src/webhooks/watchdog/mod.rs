//! Looks after webhooks that are to be there: Webex turns them off and never on again.

use invitations_core::Result;

use super::{Ensured, NewWebhook, Outcome, WebexWebhooks};

/// Looks after a set of webhooks. Run it every few minutes from a job, on as many machines as you like: events are lost while a webhook is
/// off, and after a renewal read anew what may have changed.
#[derive(Clone, Debug)]
pub struct Watchdog {
    webhooks: WebexWebhooks,
    wanted: Vec<NewWebhook>,
}

/// What one run found and did, in the order of the set.
#[derive(Debug)]
#[non_exhaustive]
pub struct Watch {
    /// One for each webhook.
    pub webhooks: Vec<Ensured>,
}

impl Watch {
    /// Whether events may have been lost since the last run: a webhook was missing or off, was signed
    /// otherwise than the receiver expects, or could not be looked after.
    pub fn has_gap(&self) -> bool {
        let gap = |ensured: &Ensured| !matches!(ensured.outcome, Outcome::Kept);
        self.webhooks.iter().any(gap)
    }

    /// Those that could not be looked after.
    pub fn failed(&self) -> impl Iterator<Item = &Ensured> {
        self.webhooks.iter().filter(|ensured| matches!(ensured.outcome, Outcome::Failed(_)))
    }
}

impl Watchdog {
    /// Looks after `wanted` with `webhooks`' account.
    pub fn new(webhooks: WebexWebhooks, wanted: impl IntoIterator<Item = NewWebhook>) -> Self {
        Self { webhooks, wanted: wanted.into_iter().collect() }
    }

    /// Turns on what is off, makes what is missing, deletes what is there twice. Twice is once.
    ///
    /// # Errors
    /// As [`WebexWebhooks::ensure`]. What a single webhook says stands in its outcome.
    pub async fn run_once(&self) -> Result<Watch> {
        let webhooks = self.webhooks.ensure(&self.wanted).await?;
        for ensured in &webhooks {
            report(ensured);
        }
        Ok(Watch { webhooks })
    }
}

fn report(ensured: &Ensured) {
    let (resource, event) = (ensured.resource.as_str(), ensured.event.as_str());
    let removed = ensured.removed.len();
    match &ensured.outcome {
        Outcome::Kept if removed == 0 => tracing::debug!(resource, event, "the webhook is there"),
        Outcome::Kept | Outcome::Changed | Outcome::Created => {
            tracing::info!(resource, event, removed, outcome = ?ensured.outcome, "the webhook was looked after");
        }
        Outcome::Renewed => {
            tracing::warn!(resource, event, removed, "the webhook was off, and is on again; events may be lost");
        }
        Outcome::Failed(error) => tracing::error!(resource, event, %error, "the webhook could not be looked after"),
    }
}
