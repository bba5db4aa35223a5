//! Are the webhooks there that should be, are they on, and does their target answer?

use std::{collections::BTreeSet, sync::Arc};

use bytes::Bytes;
use http::{Request, StatusCode};
use invitations_core::{
    Remedy, Result,
    doctor::{Examination, Finding, Question},
    token::TokenSource,
};
use meetings_http::TransportError;
use url::Url;

use super::{WebexDoctor, read_only::ReadOnly};
use crate::webhooks::{NewWebhook, Standing, Status, Webhook};

/// `webhook`: is each webhook there, and on?
const WEBHOOK: Question = Question::new("webhook");
/// `webhook_target`: does the place answer to which Webex posts?
const TARGET: Question = Question::new("webhook_target");
const PAGE: &str = "https://developer.webex.com/docs/api/guides/webhooks";

impl WebexDoctor {
    pub(super) async fn look_at_webhooks(&self, examination: &mut Examination<'_>) {
        if self.wanted.is_empty() {
            return;
        }
        let there = examination.within(WEBHOOK, self.listed()).await;
        match there {
            Some(Ok(Some(there))) => {
                for wanted in &self.wanted {
                    examination.note(standing(wanted, &there));
                }
            }
            Some(Ok(None)) => examination.note(Finding::not_asked(WEBHOOK, "no token of its own to list them with")),
            Some(Err(error)) => examination.note(Finding::of_error(WEBHOOK, &error)),
            None => {}
        }
        let targets: BTreeSet<&Url> = self.wanted.iter().map(|webhook| &webhook.target_url).collect();
        for target in targets {
            let limit = examination.limit() * 4 / 5;
            let asked = Request::get(target.as_str()).body(Bytes::new());
            let Ok(request) = asked else { continue };
            // no token: it is not Webex that is asked
            let sent = self.webex.parts().transport.send(request, limit);
            if let Some(reply) = examination.within(TARGET, sent).await {
                examination.note(answer(target, reply.map(|reply| reply.status())));
            }
        }
    }

    /// `None` without a token of its own.
    async fn listed(&self) -> Result<Option<Vec<Webhook>>> {
        let Some(tokens) = self.webex.own_tokens() else { return Ok(None) };
        let tokens: Arc<dyn TokenSource> = Arc::new(ReadOnly(tokens.access_token().await?));
        self.webex.webhooks_of(tokens).standing(&self.wanted).await.map(Some)
    }
}

fn standing(wanted: &NewWebhook, there: &[Webhook]) -> Finding {
    let subject = format!("{} {}", wanted.resource.as_str(), wanted.event.as_str());
    let remedy = |action: &'static str| Remedy::new(action).with_docs(PAGE);
    let standing = Standing::of(wanted, there);
    let finding = match standing.kept {
        None => Finding::fail(WEBHOOK, "it is not there: nothing is told")
            .with_remedy(remedy("Run webhooks::Watchdog with this account; it makes what is missing.")),
        Some(webhook) if webhook.status != Status::Active => {
            let detail = "Webex has turned it off, after failed deliveries or because whoever made it is gone";
            Finding::fail(WEBHOOK, detail).with_remedy(remedy(
                "See that the target answers deliveries with 2xx within seconds, then run webhooks::Watchdog, and read anew what changed \
                 meanwhile.",
            ))
        }
        Some(_) if !standing.surplus.is_empty() => {
            Finding::warn(WEBHOOK, "it is there more than once: every event comes as often")
                .with_remedy(remedy("Run webhooks::Watchdog with this account; it deletes the doubles."))
        }
        Some(_) => Finding::ok(WEBHOOK, "it is there, and on"),
    };
    finding.about(subject)
}

/// A receiver takes POST only, so 405 is its best answer to a question that changes nothing.
fn answer(target: &Url, reply: Result<StatusCode, TransportError>) -> Finding {
    let remedy = || {
        let action =
            "Make the webhooks' target reachable from the internet, and answer requests to it with webhooks::Receiver.";
        Remedy::new(action).with_docs(PAGE)
    };
    let finding = match reply {
        Ok(StatusCode::METHOD_NOT_ALLOWED) => Finding::ok(TARGET, "it answers from here, and takes POST only"),
        Ok(status) if status.is_success() => Finding::ok(TARGET, "it answers from here"),
        Ok(status) => Finding::warn(TARGET, format!("it answers {} from here", status.as_u16())).with_remedy(remedy()),
        Err(_) => Finding::fail(TARGET, "it does not answer from here").with_remedy(remedy()),
    };
    finding.about(target.host_str().unwrap_or("?"))
}
