//! Values into requests. Caller mistakes are found here, before any I/O.

use bytes::Bytes;
use http::Request;
use invitations_core::{Error, Result};
use serde_json::{Map, Value};

use super::{
    CREATE, NewWebhook, UPDATE, WebhookChange, WebhookId,
    new::{named, target},
    secret,
};
use crate::{
    webhooks::Owner,
    wire::{self, get, path, post, put},
};

const WEBHOOKS: &str = "webhooks";
/// The default; more is not documented.
const PAGE: &str = "100";

/// `POST /webhooks`.
pub(super) fn create(webhook: &NewWebhook) -> Result<Request<Bytes>> {
    if let Some(why) = webhook.fault() {
        return Err(Error::invalid(CREATE, why));
    }
    let mut body = Map::new();
    let mut set = |name: &str, value: &str| body.insert(name.to_owned(), value.into());
    set("name", &webhook.name);
    set("targetUrl", webhook.target_url.as_str());
    set("resource", webhook.resource.as_str());
    set("event", webhook.event.as_str());
    if !webhook.filter.is_empty() {
        set("filter", &webhook.filter.to_string());
    }
    if let Some(secret) = &webhook.secret {
        set("secret", secret.expose());
    }
    if webhook.owner != Owner::Creator {
        set("ownedBy", webhook.owner.as_str());
    }
    post(&path(&[WEBHOOKS], &[]), &body)
}

/// `GET /webhooks`.
pub(super) fn list(owner: &Owner) -> Result<Request<Bytes>> {
    let owner = (*owner != Owner::Creator).then(|| owner.as_str());
    get(&path(&[WEBHOOKS], &[("max", Some(PAGE)), ("ownedBy", owner)]))
}

/// `GET /webhooks/{id}`.
pub(super) fn read(id: &WebhookId) -> Result<Request<Bytes>> {
    get(&path(&[WEBHOOKS, id.as_str()], &[]))
}

/// `PUT /webhooks/{id}`.
pub(super) fn update(id: &WebhookId, change: &WebhookChange) -> Result<Request<Bytes>> {
    // what the webhook has already, Webex has taken: without it the webhook could not be turned on again
    let faults = [
        named(&change.name).filter(|_| !change.keeps_name()),
        target(&change.target_url).filter(|_| !change.keeps_target()),
        secret::fault(change.secret.as_ref()).filter(|_| !change.keeps_secret()),
    ];
    if let Some(why) = faults.into_iter().flatten().next() {
        return Err(Error::invalid(UPDATE, why));
    }
    let mut body: Map<String, Value> = Map::new();
    let mut set = |name: &str, value: &str| body.insert(name.to_owned(), value.into());
    set("name", &change.name);
    set("targetUrl", change.target_url.as_str());
    if let Some(secret) = &change.secret {
        set("secret", secret.expose());
    }
    if let Some(owner) = &change.owner {
        set("ownedBy", owner.as_str());
    }
    if change.activate {
        set("status", "active");
    }
    put(&path(&[WEBHOOKS, id.as_str()], &[]), &body)
}

/// `DELETE /webhooks/{id}`.
pub(super) fn delete(id: &WebhookId) -> Result<Request<Bytes>> {
    wire::delete(&path(&[WEBHOOKS, id.as_str()], &[]))
}
