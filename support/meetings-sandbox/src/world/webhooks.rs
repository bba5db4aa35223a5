//! Webhooks of Webex, and the events that go to them.

use aws_lc_rs::hmac;
use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::World;
use crate::{defaults, time::whole_seconds};

/// So many failures within [`window`] turn a webhook off.
const FAILURES: usize = 100;

fn window() -> TimeDelta {
    TimeDelta::minutes(5)
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct WebexWebhook {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) target_url: String,
    pub(crate) resource: String,
    pub(crate) event: String,
    pub(crate) filter: Option<String>,
    pub(crate) secret: Option<String>,
    pub(crate) organization: bool,
    /// Person id.
    pub(crate) created_by: String,
    /// OAuth client.
    pub(crate) client: String,
    pub(crate) created: DateTime<Utc>,
    pub(crate) active: bool,
    /// The failures that count.
    pub(crate) failures: Vec<DateTime<Utc>>,
    pub(crate) renewed: Option<DateTime<Utc>>,
}

/// One delivery on its way.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    pub(crate) webhook: String,
    pub(crate) target: String,
    pub(crate) body: String,
    pub(crate) signature: Option<String>,
    resource: String,
    event: String,
    object: String,
}

/// One delivery of a webhook, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct WebhookDelivery {
    /// Sandbox time, UTC.
    pub at: DateTime<Utc>,
    /// The webhook's id.
    pub webhook: String,
    /// Its resource.
    pub resource: String,
    /// Its event.
    pub event: String,
    /// The id of the object.
    pub object: String,
    /// The status that the target answered; `None` where there was no answer, or nothing was sent.
    pub status: Option<u16>,
    /// The fault that was applied; `elsewhere` for a target that is not on this machine, which is never asked.
    pub fault: Option<String>,
}

impl WebexWebhook {
    pub(crate) fn json(&self) -> Value {
        let mut body = json!({
            "id": self.id,
            "name": self.name,
            "targetUrl": self.target_url,
            "resource": self.resource,
            "event": self.event,
            "status": if self.active { "active" } else { "inactive" },
            "created": whole_seconds(self.created),
            "ownedBy": if self.organization { "org" } else { "creator" },
            "orgId": defaults::WEBEX_ORGANIZATION_ID,
            "createdBy": self.created_by,
            "appId": self.client,
        });
        for (name, value) in [("filter", &self.filter), ("secret", &self.secret)] {
            if let Some(value) = value {
                body[name] = value.clone().into();
            }
        }
        body
    }

    /// Every condition of the filter names a member of the object and its value.
    fn lets_through(&self, object: &Value) -> bool {
        let conditions = self.filter.as_deref().unwrap_or_default().split('&').filter(|part| !part.is_empty());
        conditions.filter_map(|part| part.split_once('=')).all(|(name, value)| match &object[name] {
            Value::String(text) => text.eq_ignore_ascii_case(value),
            other => {
                let text = other.to_string();
                text == value
            }
        })
    }

    fn fail(&mut self, now: DateTime<Utc>) {
        self.failures.retain(|at| *at > now - window());
        self.failures.push(now);
        let just_renewed = self.renewed.is_some_and(|renewed| now < renewed + window());
        if just_renewed || self.failures.len() >= FAILURES {
            self.active = false;
        }
    }

    /// Turns it on again; what failed before no longer counts.
    pub(crate) fn renew(&mut self, now: DateTime<Utc>) {
        if !self.active {
            (self.active, self.renewed) = (true, Some(now));
            self.failures.clear();
        }
    }
}

impl Outgoing {
    pub(crate) fn ended(&self, at: DateTime<Utc>, status: Option<u16>, fault: Option<&str>) -> WebhookDelivery {
        let (webhook, resource) = (self.webhook.clone(), self.resource.clone());
        let (event, object, fault) = (self.event.clone(), self.object.clone(), fault.map(str::to_owned));
        WebhookDelivery { at, webhook, resource, event, object, status, fault }
    }
}

impl World {
    /// Something happened to an object of `host` (a person id): it goes to every webhook that tells it. `data` is the object as webhooks
    /// show it, with its `id`.
    pub(crate) fn emit(&mut self, resource: &str, event: &str, host: &str, data: &Value) {
        self.emit_filtered(resource, event, host, data, data);
    }

    /// As [`emit`](Self::emit), with filters that look at more than is told.
    pub(super) fn emit_filtered(&mut self, resource: &str, event: &str, host: &str, data: &Value, seen: &Value) {
        let told: Vec<Outgoing> = self
            .webex_webhooks
            .iter()
            .filter(|hook| hook.active && hook.resource == resource && hook.event == event)
            .filter(|hook| hook.organization || hook.created_by == host)
            .filter(|hook| hook.lets_through(seen))
            .map(|hook| outgoing(hook, data))
            .collect();
        self.outgoing.extend(told);
    }

    /// As [`emit`](Self::emit), for an address; false where nobody has it.
    pub(crate) fn emit_for(&mut self, resource: &str, event: &str, address: &str, data: &Value) -> bool {
        let Some(host) = self.person(address).map(|person| person.id.clone()) else { return false };
        self.emit(resource, event, &host, data);
        true
    }

    /// What became of a delivery. A webhook that was deleted meanwhile counts nothing.
    pub(crate) fn webhook_answered(&mut self, id: &str, well: bool) {
        let now = self.now();
        if let Some(hook) = self.webex_webhooks.iter_mut().find(|hook| hook.id == id)
            && !well
        {
            hook.fail(now);
        }
    }

    /// Removes a person; their webhooks are turned off. False for an unknown one.
    pub(crate) fn remove_webex_user(&mut self, address: &str) -> bool {
        let Some(person) = self.people.get(&address.to_lowercase()).cloned() else { return false };
        // while they are known; by their id, as a user of Microsoft may have the same address
        self.expire_access(None, Some(&person.id));
        self.revoke_refresh(&person.id);
        self.people.remove(&address.to_lowercase());
        for hook in self.webex_webhooks.iter_mut().filter(|hook| hook.created_by == person.id) {
            hook.active = false;
        }
        true
    }
}

fn outgoing(hook: &WebexWebhook, data: &Value) -> Outgoing {
    let mut envelope = hook.json();
    envelope["orgId"] = defaults::WEBEX_ORGANIZATION_ID.into();
    envelope["createdBy"] = hook.created_by.clone().into();
    envelope["appId"] = hook.client.clone().into();
    envelope["data"] = data.clone();
    if let Some(envelope) = envelope.as_object_mut() {
        envelope.remove("secret");
    }
    let body = envelope.to_string();
    let signature = hook.secret.as_ref().map(|secret| {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
        HEXLOWER.encode(hmac::sign(&key, body.as_bytes()).as_ref())
    });
    let object = data["id"].as_str().unwrap_or_default().to_owned();
    let (webhook, target) = (hook.id.clone(), hook.target_url.clone());
    Outgoing { webhook, target, body, signature, resource: hook.resource.clone(), event: hook.event.clone(), object }
}
