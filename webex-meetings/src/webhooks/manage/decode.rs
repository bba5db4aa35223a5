//! Answers into values. Success statuses only; the others are [`crate::errors`]'.

use bytes::Bytes;
use http::Response;
use invitations_core::{Result, secret::WebhookSecret};
use serde_json::Value;

use super::{Filter, Webhook, WebhookId};
use crate::{
    errors::Asked,
    webhooks::{Event, Owner, Resource, Status},
    wire::{Members, items, object},
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
    let mut members = Members::of(value);
    let mut word = |name: &str| members.text(name).unwrap_or_default();
    let (name, target_url, filter) = (word("name"), word("targetUrl"), word("filter"));
    Some(Webhook {
        resource: Resource::from(word("resource").as_str()),
        event: Event::from(word("event").as_str()),
        name,
        target_url,
        filter: Filter::read(&filter),
        id: members.parsed("id", |id| WebhookId::parse(id).ok())?,
        secret: members.text("secret").map(WebhookSecret::new),
        owner: members.word("ownedBy").or_else(|| owner.cloned()),
        status: members.word("status").unwrap_or(Status::Active),
        created: members.parsed("created", |text| text.parse().ok()),
        extra: members.left(),
    })
}
