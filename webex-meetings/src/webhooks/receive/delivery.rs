use std::fmt;

use invitations_core::ids::MeetingId;
use serde_json::{Map, Value};

use super::DeliveryKey;
use crate::{
    extra::ExtraMembers,
    webhooks::{Event, Owner, Resource, WebhookId},
    wire::{Members, text_of},
};

/// One event, as Webex told it. What it tells of the object may be old, and has neither title nor password: read the object anew, with
/// [`reread`](super::reread).
///
/// `Debug` leaves `data` out: it holds addresses.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Delivery {
    /// The webhook that it came through.
    pub webhook: WebhookId,
    /// What it is about.
    pub resource: Resource,
    /// What happened to it.
    pub event: Event,
    /// The id of the object it happened to: `data.id`. Of a meeting that began or ended it is the instance's.
    pub object: String,
    /// All that Webex tells of the object.
    pub data: Map<String, Value>,
    /// Whose events the webhook tells, where Webex says.
    pub owner: Option<Owner>,
    /// The organisation's id.
    pub organization: Option<String>,
    /// The person who made the webhook.
    pub created_by: Option<String>,
    /// The application that made it.
    pub application: Option<String>,
    /// The person who did it, where Webex tells.
    pub actor: Option<String>,
    /// All else that Webex told of the webhook.
    pub extra: ExtraMembers,
}

impl Delivery {
    /// `None` when it lacks what makes a delivery. Other members may be missing or odd.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let envelope: Value = serde_json::from_slice(body).ok()?;
        let mut members = Members::of(&envelope);
        let data = members.take_with("data", |data| data.as_object().cloned())?;
        let object = data.get("id").and_then(text_of)?;
        Some(Self {
            webhook: members.parsed("id", |id| WebhookId::parse(id).ok())?,
            resource: members.word("resource")?,
            event: members.word("event")?,
            object,
            owner: members.word("ownedBy"),
            organization: members.text("orgId"),
            created_by: members.text("createdBy"),
            application: members.text("appId"),
            actor: members.text("actorId"),
            data,
            extra: members.left(),
        })
    }

    /// The meeting that it is about: itself, or the one of a participant, a recording or a transcript. An instance's or an occurrence's id
    /// begins with its series' id and `_`.
    pub fn meeting(&self) -> Option<MeetingId> {
        let id = match self.resource {
            Resource::Meetings => Some(self.object.as_str()),
            _ => self.data.get("meetingId").and_then(Value::as_str),
        };
        MeetingId::parse(id?).ok()
    }

    /// A text of `data`.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.data.get(name).and_then(Value::as_str)
    }

    /// Whether the object should be there when it is read: not after it was deleted.
    pub fn leaves_object(&self) -> bool {
        self.event != Event::Deleted
    }

    /// What is the same in a second delivery of the same event.
    pub fn key(&self) -> DeliveryKey {
        DeliveryKey::of(self)
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("webhook", &self.webhook)
            .field("resource", &self.resource)
            .field("event", &self.event)
            .field("object", &self.object)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> Option<Delivery> {
        Delivery::read(value.to_string().as_bytes())
    }

    #[test]
    fn a_delivery_has_a_webhook_an_event_and_an_object() {
        let whole = json!({ "id": "w", "resource": "meetings", "event": "ended", "data": { "id": "m_I_1" } });
        let delivery = read(&whole).unwrap();
        assert_eq!((delivery.object.as_str(), delivery.meeting().unwrap().as_str()), ("m_I_1", "m_I_1"));
        assert_eq!(delivery.owner, None, "nobody said whose");
        for missing in ["id", "resource", "event", "data"] {
            for odd in [Value::Null, json!([]), json!(""), json!(true), json!({})] {
                let mut cut = whole.clone();
                cut[missing] = odd;
                assert!(read(&cut).is_none(), "{cut}");
            }
        }
        for odd in [&b""[..], b"[]", b"null", b"{", b"\xff", b"{\"id\":\"w\"}", b"<html>"] {
            assert!(Delivery::read(odd).is_none(), "{odd:?}");
        }
    }

    #[test]
    fn what_this_version_does_not_know_is_kept() {
        let new = json!({
            "id": "w", "resource": "holograms", "event": "dreamt", "ownedBy": "nobody", "new": [1],
            "data": { "id": 7, "meetingId": "m", "more": { "deep": 1 } },
        });
        let delivery = read(&new).unwrap();
        assert_eq!((delivery.resource.as_str(), delivery.event.as_str()), ("holograms", "dreamt"));
        assert_eq!((delivery.owner.as_ref().unwrap().as_str(), delivery.object.as_str()), ("nobody", "7"));
        assert_eq!(delivery.meeting().unwrap().as_str(), "m");
        assert_eq!(delivery.data["more"]["deep"], 1);
    }

    #[test]
    fn debug_shows_no_data() {
        let told = json!({
            "id": "w", "resource": "meetings", "event": "ended", "name": "planted",
            "data": { "id": "m", "hostEmail": "planted@contoso.example" },
        });
        assert!(!format!("{:?}", read(&told).unwrap()).contains("planted"));
    }
}
