//! Webhooks at Webex: made, listed, changed, turned on again, deleted.

mod decode;
mod ensure;
mod filter;
mod new;
mod request;
mod secret;
mod webhook;

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use invitations_core::{Result, provider::WriteOptions, secret::WebhookSecret, token::TokenSource};
use meetings_http::Protection;

pub(crate) use ensure::Standing;
pub use ensure::{Ensured, Outcome};
pub use filter::Filter;
pub use new::NewWebhook;
pub use secret::random_secret;
pub use webhook::{Webhook, WebhookChange, WebhookId};

use super::Owner;
use crate::{
    Webex,
    client::Caller,
    errors::{Area, Asked, Effect},
};

const CREATE: &str = "create webhook";
const LIST: &str = "list webhooks";
const UPDATE: &str = "update webhook";

/// The webhooks of one Webex account. Made by [`Webex::my_webhooks`] and [`Webex::webhooks_of`].
///
/// A webhook needs the read scope of its resource (`meeting:schedules_read`, `meeting:participants_read`, `meeting:recordings_read`,
/// `meeting:transcripts_read`); one for the whole organisation needs the administrator's (`meeting:admin_…_read`). It outlives the token
/// that it was made with, and ends with the account. At most 30,000 per user.
#[derive(Clone, Debug)]
pub struct WebexWebhooks {
    pub(super) caller: Caller,
}

impl Webex {
    /// The webhooks of whoever owns these tokens.
    pub fn webhooks_of(&self, tokens: Arc<dyn TokenSource>) -> WebexWebhooks {
        WebexWebhooks { caller: self.caller(tokens, None) }
    }

    /// The webhooks of whoever owns the tokens of [`WebexBuilder::tokens`](crate::WebexBuilder::tokens).
    ///
    /// # Errors
    /// [`Misconfigured`](invitations_core::ErrorKind::Misconfigured) when the builder was given none.
    pub fn my_webhooks(&self) -> Result<WebexWebhooks> {
        Ok(self.webhooks_of(self.tokens("open own webhooks")?))
    }
}

impl WebexWebhooks {
    /// Makes a webhook (`POST /webhooks`). Sent twice it is two webhooks, and every event comes twice: see [`ensure`](Self::ensure).
    ///
    /// # Errors
    /// [`InvalidInput`](invitations_core::ErrorKind::InvalidInput) for what Webex does not take, before anything is sent; otherwise as every
    /// call. After an unclear one [`ensure`](Self::ensure) finds what was made.
    pub async fn create(&self, webhook: &NewWebhook, options: WriteOptions) -> Result<Webhook> {
        let request = request::create(webhook)?;
        let asked = self.asked(CREATE, Effect::Write);
        let reply = self.caller.success(&asked, request, Protection::Findable, &options).await?;
        decode::webhook(&asked, &reply, Some(&webhook.owner))
    }

    /// All webhooks that are owned so, to the last page.
    ///
    /// # Errors
    /// As every call.
    pub async fn list(&self, owner: &Owner) -> Result<Vec<Webhook>> {
        let asked = self.asked(LIST, Effect::Read);
        let mut found: Vec<Webhook> = Vec::new();
        let read = |reply: &Response<Bytes>| {
            for webhook in decode::page(&asked, reply, owner)? {
                // a page may repeat what moved while the listing went on
                if found.iter().all(|known| known.id != webhook.id) {
                    found.push(webhook);
                }
            }
            Ok(())
        };
        self.caller.pages(&asked, request::list(owner)?, &WriteOptions::new(), read).await?;
        Ok(found)
    }

    /// One webhook (`GET /webhooks/{id}`).
    ///
    /// # Errors
    /// [`NotFound`](invitations_core::ErrorKind::NotFound) when there is none; otherwise as every call.
    pub async fn read(&self, id: &WebhookId) -> Result<Webhook> {
        let asked = self.asked("read webhook", Effect::Read);
        let request = request::read(id)?;
        let reply = self.caller.success(&asked, request, Protection::Idempotent, &WriteOptions::new()).await?;
        decode::webhook(&asked, &reply, None)
    }

    /// Changes a webhook (`PUT /webhooks/{id}`). Resource, event and filter stay: for others, make another one.
    ///
    /// # Errors
    /// As [`create`](Self::create), but for what the webhook has already ([`WebhookChange::of`]); [`NotFound`](invitations_core::ErrorKind::NotFound) when there is none.
    pub async fn update(&self, id: &WebhookId, change: &WebhookChange, options: WriteOptions) -> Result<Webhook> {
        let request = request::update(id, change)?;
        let asked = self.asked(UPDATE, Effect::Write);
        let reply = self.caller.success(&asked, request, Protection::Idempotent, &options).await?;
        decode::webhook(&asked, &reply, change.owned())
    }

    /// Turns a webhook on again. Within the next five minutes a single failure turns it off.
    ///
    /// Give the `secret` when there is one: whether Webex keeps it where the change does not name it is not documented, and what comes
    /// without a signature is refused. What the webhook has is sent as it is, be it what [`create`](Self::create) would not take: Webex has
    /// taken it. Where Webex does not tell the secret, the given one is believed to be the webhook's own.
    ///
    /// # Errors
    /// As [`update`](Self::update).
    pub async fn renew(&self, webhook: &Webhook, secret: Option<&WebhookSecret>) -> Result<Webhook> {
        let change = WebhookChange::of(webhook)?.with_own_secret(secret.cloned()).activated();
        self.update(&webhook.id, &change, WriteOptions::new()).await
    }

    /// Deletes a webhook.
    ///
    /// # Errors
    /// [`NotFound`](invitations_core::ErrorKind::NotFound) when there is none, also when it was deleted before; otherwise as every call.
    pub async fn delete(&self, id: &WebhookId, options: WriteOptions) -> Result<()> {
        let asked = self.asked("delete webhook", Effect::Write);
        self.caller.success(&asked, request::delete(id)?, Protection::Idempotent, &options).await.map(drop)
    }

    fn asked(&self, operation: &'static str, effect: Effect) -> Asked {
        self.caller.asked(operation, effect).about(Area::Webhooks)
    }
}
