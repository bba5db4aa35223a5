//! Deliveries that came before.

use std::{
    collections::{HashSet, VecDeque},
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use data_encoding::HEXLOWER;
use invitations_core::Result;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Delivery;
use crate::webhooks::{Event, Resource};

/// What is the same in a second delivery of the same event: the webhook, what happened to what, and the object's state and start. There is
/// no delivery's id.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct DeliveryKey {
    digest: String,
    once: bool,
}

impl DeliveryKey {
    pub(super) fn of(delivery: &Delivery) -> Self {
        let of_data = |name: &str| match delivery.data.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        let (state, start) = (of_data("state"), of_data("start"));
        let parts = [
            delivery.webhook.as_str(),
            delivery.resource.as_str(),
            delivery.event.as_str(),
            &delivery.object,
            &state,
            &start,
        ];
        let mut hash = Sha256::new();
        for part in parts {
            // with its length, so that no two keys run into each other
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        let once = match delivery.event {
            Event::Created | Event::Deleted => true,
            // an instance begins and ends once
            Event::Started | Event::Ended => delivery.resource == Resource::Meetings,
            _ => false,
        };
        Self { digest: HEXLOWER.encode(&hash.finalize()), once }
    }

    /// 64 hexadecimal digits, for a store's primary key.
    pub fn as_str(&self) -> &str {
        &self.digest
    }

    /// Whether the same event cannot happen to the same object a second time. A meeting can be changed again, and somebody who left can
    /// come back, under the same key: leaving the second one out would lose it. Nothing but reading the object anew tells.
    pub fn happens_once(&self) -> bool {
        self.once
    }
}

/// Remembers which deliveries came before, for [`Receiver::handle`](super::Receiver::handle).
///
/// Implement it over the table into which deliveries are written, as one insert that does nothing where the key is there, and keep keys for
/// some days. Whoever cannot take a new delivery answers with [`Received::busy`](super::Received::busy), which forgets it. A process that ends
/// between remembering and working has lost the delivery; where that matters, write both in one transaction, with [`Receiver::receive`](super::Receiver::receive) and [`Delivery::key`].
#[async_trait]
pub trait SeenDeliveries: Send + Sync {
    /// Remembers `key`. False when it was there before.
    ///
    /// # Errors
    /// The store cannot tell; the delivery then counts as new.
    async fn is_first(&self, key: &DeliveryKey) -> Result<bool>;

    /// Forgets `key`, for the delivery was not taken: the next one is the first again. Fine where it is not there.
    ///
    /// # Errors
    /// The store cannot forget it; a second delivery would then count as told before.
    async fn forget(&self, key: &DeliveryKey) -> Result<()>;
}

/// In memory, for one process: the last so many.
#[derive(Debug)]
pub struct MemorySeenDeliveries {
    most: usize,
    seen: Mutex<(HashSet<DeliveryKey>, VecDeque<DeliveryKey>)>,
}

impl MemorySeenDeliveries {
    /// Remembers `most` deliveries, and forgets the oldest first. 0 remembers none.
    pub fn new(most: usize) -> Self {
        Self { most, seen: Mutex::default() }
    }
}

#[async_trait]
impl SeenDeliveries for MemorySeenDeliveries {
    async fn is_first(&self, key: &DeliveryKey) -> Result<bool> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (keys, order) = &mut *seen;
        if keys.contains(key) {
            return Ok(false);
        }
        keys.insert(key.clone());
        order.push_back(key.clone());
        while order.len() > self.most {
            if let Some(oldest) = order.pop_front() {
                keys.remove(&oldest);
            }
        }
        Ok(true)
    }

    async fn forget(&self, key: &DeliveryKey) -> Result<()> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (keys, order) = &mut *seen;
        if keys.remove(key) {
            order.retain(|known| known != key);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use serde_json::json;

    use super::*;

    fn key(change: impl FnOnce(&mut Value)) -> DeliveryKey {
        let mut told = json!({
            "id": "w", "resource": "meetings", "event": "ended", "created": "2026-01-01T00:00:00Z",
            "data": { "id": "m_I_1", "state": "ended", "start": "2026-01-01T00:00:00Z", "end": "2026-01-01T01:00:00Z" },
        });
        change(&mut told);
        Delivery::read(told.to_string().as_bytes()).unwrap().key()
    }

    #[test]
    fn the_same_event_has_the_same_key_and_no_other() {
        let one = key(|_| ());
        for (pointer, same) in [
            ("/id", false),
            ("/resource", false),
            ("/event", false),
            ("/data/id", false),
            ("/data/state", false),
            ("/data/start", false),
            // no part of what happened
            ("/created", true),
            ("/data/end", true),
        ] {
            let other = key(|told| *told.pointer_mut(pointer).unwrap() = "x".into());
            assert_eq!(other.as_str() == one.as_str(), same, "{pointer}");
        }
        let shifted = key(|told| (told["id"], told["resource"]) = ("wm".into(), "eetings".into()));
        assert_ne!(shifted.as_str(), one.as_str());
    }

    #[test]
    fn what_can_happen_again_is_never_left_out() {
        for (resource, event, once) in [
            ("meetings", "created", true),
            ("meetings", "updated", false),
            ("meetings", "deleted", true),
            ("meetings", "started", true),
            ("meetings", "ended", true),
            ("meetingParticipants", "joined", false),
            ("meetingParticipants", "left", false),
            ("recordings", "created", true),
            ("recordings", "updated", false),
            ("meetingTranscripts", "created", true),
            ("serviceApp", "authorized", false),
            ("serviceApp", "deauthorized", false),
            ("holograms", "started", false),
            ("holograms", "dreamt", false),
        ] {
            let key = key(|told| (told["resource"], told["event"]) = (resource.into(), event.into()));
            assert_eq!(key.happens_once(), once, "{resource} {event}");
        }
    }

    #[test]
    fn memory_is_bounded() {
        let seen = MemorySeenDeliveries::new(2);
        let key = |id: u32| key(|told| told["data"]["id"] = id.into());
        let first = |id| seen.is_first(&key(id)).now_or_never().unwrap().unwrap();
        assert!(first(1) && !first(1) && first(2) && !first(1) && first(3));
        assert!(first(1), "the oldest was forgotten");
        assert!(!first(3));
        assert_eq!(seen.seen.lock().unwrap().0.len(), 2);
        // what was forgotten takes no place
        seen.forget(&key(3)).now_or_never().unwrap().unwrap();
        seen.forget(&key(9)).now_or_never().unwrap().unwrap();
        assert!(first(3) && !first(1) && !first(3));
        let none = MemorySeenDeliveries::new(0);
        assert!((0..2).all(|_| none.is_first(&key(1)).now_or_never().unwrap().unwrap()));
    }
}
