use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};
use invitations_core::{Error, ErrorKind, Remedy, Result, ids::MeetingId, secret::WebhookSecret};
use url::Url;

use super::{Filter, UPDATE, new::host};
use crate::{
    extra::ExtraMembers,
    webhooks::{Event, Owner, Resource, Status},
};

/// A webhook's id. Opaque; 1 to 1024 bytes, no control characters, not `.` or `..`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct WebhookId(Arc<str>);

impl WebhookId {
    /// Checks `text` and keeps it unchanged.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) when it is no id.
    pub fn parse(text: impl AsRef<str>) -> Result<Self> {
        // the same rules as for ids that all providers have
        MeetingId::parse(text).map(|id| Self(id.as_str().into()))
    }

    /// The id as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WebhookId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A webhook as Webex tells of it. `Debug` shows the host of its target alone, and no secret.
#[derive(Clone)]
#[non_exhaustive]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// A name for people.
    pub name: String,
    /// Where events go.
    pub target_url: String,
    /// What it is about.
    pub resource: Resource,
    /// What happens to it.
    pub event: Event,
    /// Which of these events.
    pub filter: Filter,
    /// What signs deliveries, where Webex tells.
    pub secret: Option<WebhookSecret>,
    /// Whose events. `None`: Webex did not say, and neither did the question; a list has those that it was asked for.
    pub owner: Option<Owner>,
    /// Whether Webex delivers.
    pub status: Status,
    /// Since when there is one, UTC.
    pub created: Option<DateTime<Utc>>,
    /// All else that Webex told.
    pub extra: ExtraMembers,
}

/// What a change sets. Name and target are always sent: Webex asks for them.
#[derive(Clone)]
#[non_exhaustive]
pub struct WebhookChange {
    /// The name from now on.
    pub name: String,
    /// The target from now on.
    pub target_url: Url,
    /// What signs deliveries from now on; `None`: not said.
    pub secret: Option<WebhookSecret>,
    /// Whose events; `None`: not said.
    pub owner: Option<Owner>,
    /// Whether it is turned on again. Webex turns none off when asked.
    pub activate: bool,
    /// What the webhook has now, where that is known.
    now: Option<Now>,
}

#[derive(Clone)]
struct Now {
    name: String,
    target_url: Url,
    secret: Option<WebhookSecret>,
    owner: Option<Owner>,
}

impl WebhookChange {
    /// Name and target alone.
    pub fn new(name: impl Into<String>, target_url: Url) -> Self {
        Self { name: name.into(), target_url, secret: None, owner: None, activate: false, now: None }
    }

    /// What `webhook` has now. What stays so is sent whatever it is; what is changed has to be as for a new webhook.
    ///
    /// # Errors
    /// [`Protocol`](ErrorKind::Protocol) when its target, as Webex tells it, is no URL.
    pub fn of(webhook: &Webhook) -> Result<Self> {
        let target = Url::parse(&webhook.target_url).map_err(|error| {
            let remedy = Remedy::new("Delete the webhook and make it anew: its target is no URL.");
            let error = Error::new(ErrorKind::Protocol, UPDATE).with_source(error).with_remedy(remedy);
            error.with_provider(crate::provider_id())
        })?;
        let now = Now {
            name: webhook.name.clone(),
            target_url: target.clone(),
            secret: webhook.secret.clone(),
            owner: webhook.owner.clone(),
        };
        let owner = webhook.owner.clone().filter(|owner| *owner == Owner::Organization);
        let change = Self::new(webhook.name.clone(), target);
        Ok(Self { owner, secret: webhook.secret.clone(), now: Some(now), ..change })
    }

    /// As [`with_secret`](Self::with_secret), where it is the webhook's own unless Webex told another.
    pub(super) fn with_own_secret(mut self, secret: Option<WebhookSecret>) -> Self {
        if let Some(now) = &mut self.now
            && now.secret.is_none()
        {
            now.secret.clone_from(&secret);
        }
        self.with_secret(secret)
    }

    pub(super) fn keeps_name(&self) -> bool {
        self.now.as_ref().is_some_and(|now| now.name == self.name)
    }

    pub(super) fn keeps_target(&self) -> bool {
        self.now.as_ref().is_some_and(|now| now.target_url == self.target_url)
    }

    pub(super) fn keeps_secret(&self) -> bool {
        let text = |secret: &Option<WebhookSecret>| secret.as_ref().map(|secret| secret.expose().to_owned());
        self.now.as_ref().is_some_and(|now| text(&now.secret) == text(&self.secret))
    }

    /// Whose events they are afterwards, as far as that is known.
    pub(super) fn owned(&self) -> Option<&Owner> {
        self.owner.as_ref().or_else(|| self.now.as_ref()?.owner.as_ref())
    }

    /// Signs with another secret, or with the known one for `None`.
    #[must_use]
    pub fn with_secret(mut self, secret: impl Into<Option<WebhookSecret>>) -> Self {
        self.secret = secret.into().or(self.secret);
        self
    }

    /// Whose events.
    #[must_use]
    pub fn with_owner(mut self, owner: Owner) -> Self {
        self.owner = Some(owner);
        self
    }

    /// Turns it on again.
    #[must_use]
    pub fn activated(mut self) -> Self {
        self.activate = true;
        self
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("host", &host(&self.target_url))
            .field("resource", &self.resource)
            .field("event", &self.event)
            .field("filter", &self.filter)
            .field("secret", &self.secret)
            .field("owner", &self.owner)
            .field("status", &self.status)
            .field("created", &self.created)
            .field("extra", &self.extra)
            .finish()
    }
}

impl fmt::Debug for WebhookChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookChange")
            .field("name", &self.name)
            .field("host", &host(self.target_url.as_str()))
            .field("secret", &self.secret)
            .field("owner", &self.owner)
            .field("activate", &self.activate)
            .finish()
    }
}
