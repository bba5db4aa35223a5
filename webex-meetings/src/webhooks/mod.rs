//! Webhooks: [kept](WebexWebhooks) at Webex, [received](Receiver), and [watched](Watchdog).
//!
//! Webex posts one JSON object for each event of one resource (<https://developer.webex.com/docs/api/guides/webhooks>). A delivery carries
//! neither an id nor a time, nothing says how often it is tried again, and what it tells may be old: it is a reason to read the object
//! anew, no more. So a replay is harmless, and so is a delivery that comes twice.
//!
//! Webex turns a webhook off after 100 deliveries without a 2xx within five minutes, and never turns it on again: that is the watchdog's.

mod manage;
mod receive;
mod watchdog;
mod words;

pub(crate) use manage::Standing;
pub use manage::{
    Ensured, Filter, NewWebhook, Outcome, WebexWebhooks, Webhook, WebhookChange, WebhookId, random_secret,
};
pub use receive::{
    Delivery, DeliveryKey, MemorySeenDeliveries, Received, Receiver, Refused, RefusedBecause, RereadOptions,
    SeenDeliveries, busy, reread,
};
pub use watchdog::{Watch, Watchdog};
pub use words::{Event, Owner, Resource, Status};
