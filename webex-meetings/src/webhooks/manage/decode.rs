//! Answers into values. Success statuses only; the others are [`crate::errors`]'.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::Response;
use invitations_core::{Result, secret::WebhookSecret};
use serde_json::Value;

use super::{Filter, Webhook, WebhookId};
use crate::{
    errors::Asked,
    webhooks::{Event, Owner, Resource, Status},
    wire::{items, object, text},
};

const NO_ID: &str = "a webhook has no id";

/// One webhook. `owner` is whose it is where the answer does not say, as far as the question tells.
pub(super) fn webhook(asked: &Asked, reply: &Response<Bytes>, owner: Option<&Owner>) -> Result<Webhook> {
    read(&object(asked, reply)?, owner).ok_or_else(|| asked.unreadable(reply, NO_ID))
}

/// One page of webhooks that are owned so. One that cannot be read fails the page: left out, it would look absent and be made again.
pub(super) fn page(asked: &Asked, reply: &Response<Bytes>, owner: &Owner) -> Result<Vec<Webhook>> {
    let items = items(asked, reply)?;
    items.iter().map(|item| read(item, Some(owner)).ok_or_else(|| asked.unreadable(reply, NO_ID))).collect()
}

fn read(value: &Value, owner: Option<&Owner>) -> Option<Webhook> {
    let word = |name: &str| text(value, name).unwrap_or_default();
    let created: Option<DateTime<Utc>> = text(value, "created").and_then(|text| text.parse().ok());
    Some(Webhook {
        id: WebhookId::parse(text(value, "id")?).ok()?,
        name: word("name"),
        target_url: word("targetUrl"),
        resource: Resource::from(word("resource").as_str()),
        event: Event::from(word("event").as_str()),
        filter: Filter::read(&word("filter")),
        secret: text(value, "secret").map(WebhookSecret::new),
        owner: text(value, "ownedBy").map(|owner| Owner::from(owner.as_str())).or_else(|| owner.cloned()),
        status: text(value, "status").map_or(Status::Active, |status| Status::from(status.as_str())),
        created,
    })
}
