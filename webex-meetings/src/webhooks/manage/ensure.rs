//! A set of webhooks that is to be there: looked up, then made, turned on or changed where it is not. Any number of machines may do so
//! at the same time.

use invitations_core::{Error, ErrorKind, Result, provider::WriteOptions};

use super::{Filter, NewWebhook, WebexWebhooks, Webhook, WebhookChange, WebhookId};
use crate::webhooks::{Event, Owner, Resource, Status};

const ENSURE: &str = "ensure webhooks";

/// What became of one webhook that is to be there.
#[derive(Debug)]
#[non_exhaustive]
pub struct Ensured {
    /// What it is about.
    pub resource: Resource,
    /// What happens to it.
    pub event: Event,
    /// Which of these events.
    pub filter: Filter,
    /// The one that is there now.
    pub id: Option<WebhookId>,
    /// What had to be done.
    pub outcome: Outcome,
    /// Others that told the same to the same place; they were deleted.
    pub removed: Vec<WebhookId>,
}

/// What had to be done to have a webhook.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// Nothing.
    Kept,
    /// It was missing and was made.
    Created,
    /// It was turned off, after failed deliveries, and is on again.
    Renewed,
    /// It was signed with another secret.
    Changed,
    /// It could not be done. The next run looks again, and finds what may have been made.
    Failed(Error),
}

/// What the listing says of one webhook that is to be there. Pure.
#[derive(Debug)]
pub(crate) struct Standing<'a> {
    pub(crate) kept: Option<&'a Webhook>,
    pub(crate) surplus: Vec<&'a Webhook>,
}

impl<'a> Standing<'a> {
    pub(crate) fn of(wanted: &NewWebhook, there: &'a [Webhook]) -> Self {
        let mut same: Vec<&Webhook> = there.iter().filter(|webhook| is_same(wanted, webhook)).collect();
        // the oldest, whatever else: every machine keeps the same one
        same.sort_by_key(|webhook| (webhook.created.is_none(), webhook.created, webhook.id.clone()));
        let mut same = same.into_iter();
        Self { kept: same.next(), surplus: same.collect() }
    }
}

/// Whether both tell the same to the same place.
fn is_same(wanted: &NewWebhook, there: &Webhook) -> bool {
    let target = url::Url::parse(&there.target_url).is_ok_and(|url| url == wanted.target_url);
    target
        && there.resource == wanted.resource
        && there.event == wanted.event
        && there.owner.as_ref() == Some(&wanted.owner)
        && there.filter.is_same(&wanted.filter)
}

/// Whether it is signed with another secret, or with none where one is wanted: Webex tells of the secret, so one that is not told is not there.
fn is_signed_otherwise(wanted: &NewWebhook, there: &Webhook) -> bool {
    match (&wanted.secret, &there.secret) {
        (Some(wanted), Some(there)) => wanted.expose() != there.expose(),
        (Some(_), None) => true,
        (None, _) => false,
    }
}

impl WebexWebhooks {
    /// Sees to it that each of these webhooks is there once, is on, and is signed with its secret. Doing it again changes nothing; any number
    /// of machines may do it, and what two of them made at the same time is one again after the next run.
    ///
    /// Webhooks are told apart by target, resource, event, filter and owner. Others are left alone. One that fails does not stop the rest.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput), before anything is sent, when one could not be made or two are the same; what the listing
    /// says, for without it nothing is known to be missing.
    pub async fn ensure(&self, wanted: &[NewWebhook]) -> Result<Vec<Ensured>> {
        for (at, webhook) in wanted.iter().enumerate() {
            super::request::create(webhook)?;
            if wanted[..at].iter().any(|before| are_same(before, webhook)) {
                return Err(Error::invalid(ENSURE, "two of the webhooks tell the same to the same place"));
            }
        }
        let there = self.standing(wanted).await?;
        let mut done = Vec::with_capacity(wanted.len());
        for webhook in wanted {
            done.push(self.ensure_one(webhook, &there).await);
        }
        Ok(done)
    }

    /// What is there of the kinds of owners that are wanted.
    pub(crate) async fn standing(&self, wanted: &[NewWebhook]) -> Result<Vec<Webhook>> {
        let mut there: Vec<Webhook> = Vec::new();
        for owner in [Owner::Creator, Owner::Organization] {
            if wanted.iter().any(|webhook| webhook.owner == owner) {
                let listed = self.list(&owner).await?;
                // whether the two lists overlap is not documented
                there.extend(listed.into_iter().filter(|webhook| webhook.owner.as_ref() == Some(&owner)));
            }
        }
        Ok(there)
    }

    async fn ensure_one(&self, wanted: &NewWebhook, there: &[Webhook]) -> Ensured {
        let standing = Standing::of(wanted, there);
        let kept = standing.kept.map(|webhook| webhook.id.clone());
        let (id, outcome) = match self.mend(wanted, standing.kept).await {
            Ok((id, outcome)) => (Some(id), outcome),
            Err(error) => (kept, Outcome::Failed(error)),
        };
        let mut removed = Vec::new();
        // not before there is one that works
        if !matches!(outcome, Outcome::Failed(_)) {
            for webhook in standing.surplus {
                match self.delete(&webhook.id, WriteOptions::new()).await {
                    Ok(()) => removed.push(webhook.id.clone()),
                    // another machine was there first
                    Err(error) if error.kind() == ErrorKind::NotFound => {}
                    Err(error) => {
                        tracing::warn!(%error, webhook = %webhook.id, "a second webhook could not be deleted")
                    }
                }
            }
        }
        let (resource, event) = (wanted.resource.clone(), wanted.event.clone());
        Ensured { resource, event, filter: wanted.filter.clone(), id, outcome, removed }
    }

    async fn mend(&self, wanted: &NewWebhook, kept: Option<&Webhook>) -> Result<(WebhookId, Outcome)> {
        if let Some(kept) = kept {
            let outcome = match (kept.status == Status::Active, is_signed_otherwise(wanted, kept)) {
                (true, false) => return Ok((kept.id.clone(), Outcome::Kept)),
                (true, true) => Outcome::Changed,
                (false, _) => Outcome::Renewed,
            };
            let mut change = WebhookChange::of(kept)?.with_secret(wanted.secret.clone());
            if matches!(outcome, Outcome::Renewed) {
                change = change.activated();
            }
            match self.update(&kept.id, &change, WriteOptions::new()).await {
                Ok(webhook) => return Ok((webhook.id, outcome)),
                // deleted since the listing
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        let made = self.create(wanted, WriteOptions::new()).await?;
        Ok((made.id, Outcome::Created))
    }
}

fn are_same(one: &NewWebhook, other: &NewWebhook) -> bool {
    one.target_url == other.target_url
        && one.resource == other.resource
        && one.event == other.event
        && one.owner == other.owner
        && one.filter.is_same(&other.filter)
}
