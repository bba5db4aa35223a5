//! What a [`Doctor`](invitations_core::doctor::Doctor) asks of Webex.

mod feature;
mod read_only;
mod webhooks;

use std::sync::Arc;

use async_trait::async_trait;
use http::StatusCode;
use invitations_core::{
    Error, Remedy, Result,
    doctor::{Diagnose, Examination, Finding, Missing, Need, Question, Verdict},
    provider::WriteOptions,
    token::TokenSource,
};
use meetings_http::{Call, Pipeline, Probe, Protection, RetryPolicy, Transport};

use crate::{
    Webex,
    errors::{Asked, Effect, failure},
    webhooks::NewWebhook,
    wire::get,
};
pub use feature::Feature;
use read_only::ReadOnly;

const OPERATION: &str = "read own person";
const SCOPES_PAGE: &str = "https://developer.webex.com/docs/integrations";

/// Asks how Webex stands: is it reached, is the clock right, is the application's own token accepted, does the integration ask users
/// for enough? Made by [`Webex::doctor`]. Users' connections are asked apart: [`Connections::doctor`], with
/// [`Feature::user_needs`].
///
/// One read of `/v1/people/me` is all that is sent, and what [`webhooks`](Self::webhooks) asks for; without a token of the application's own it goes without one, and its refusal
/// shows that Webex is reached.
///
/// [`Connections::doctor`]: invitations_core::token::Connections::doctor
#[derive(Clone, Debug)]
pub struct WebexDoctor {
    webex: Webex,
    needs: Vec<Need>,
    named: bool,
    wanted: Vec<NewWebhook>,
}

/// What a doctor needs of the client.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) client: invitations_core::ids::ClientId,
    pub(crate) scopes: Vec<String>,
}

impl WebexDoctor {
    pub(crate) fn new(webex: Webex) -> Self {
        Self { webex, needs: Vec::new(), named: false, wanted: Vec::new() }
    }

    /// What is done with users' consent, so that the scopes that the integration asks for can be judged.
    #[must_use]
    pub fn features(mut self, features: impl IntoIterator<Item = Feature>) -> Self {
        self.needs.extend(features.into_iter().flat_map(Feature::user_needs));
        self.named = true;
        self
    }

    /// The webhooks that should be there: whether they are and are on is asked with the application's own token, and their target, without
    /// one, whether it answers from here (`GET`; a [`Receiver`](crate::webhooks::Receiver) says 405).
    #[must_use]
    pub fn webhooks(mut self, wanted: impl IntoIterator<Item = NewWebhook>) -> Self {
        self.wanted.extend(wanted);
        self
    }

    /// What is done for other hosts (`hostEmail`), with the consent of an administrator.
    #[must_use]
    pub fn features_for_other_hosts(mut self, features: impl IntoIterator<Item = Feature>) -> Self {
        self.needs.extend(features.into_iter().flat_map(Feature::admin_needs));
        self.named = true;
        self
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Diagnose for WebexDoctor {
    fn subject(&self) -> String {
        format!("Webex integration {}", self.webex.parts().client)
    }

    async fn diagnose(&self, examination: &mut Examination<'_>) {
        self.reach(examination).await;
        examination.note(self.scopes());
        self.look_at_webhooks(examination).await;
    }
}

impl WebexDoctor {
    async fn reach(&self, examination: &mut Examination<'_>) {
        let given = match self.webex.own_tokens() {
            None => None,
            Some(tokens) => {
                let Some(asked) = examination.within(Question::SIGN_IN, tokens.access_token()).await else { return };
                match asked {
                    Ok(token) => Some(Arc::new(ReadOnly(token)) as Arc<dyn TokenSource>),
                    Err(error) => {
                        examination.note(Finding::of_error(Question::SIGN_IN, &error));
                        None
                    }
                }
            }
        };
        let (probe, has_token) = (self.probe(), given.is_some());
        let limit = examination.limit() * 4 / 5;
        let asked = examination.within(Question::NETWORK, self.person(&probe, given, limit)).await;
        if asked.is_some() {
            examination.note(probe.network());
        }
        examination.note(probe.clock());
        let reached = asked.is_some() && probe.network().verdict == Verdict::Ok;
        if let Some(finding) = self.signed_in(has_token, reached, asked) {
            examination.note(finding);
        }
    }

    /// What the answer says of the token.
    fn signed_in(&self, has_token: bool, reached: bool, asked: Option<Result<(), Error>>) -> Option<Finding> {
        let question = Question::SIGN_IN;
        if !has_token {
            let none = "no token of its own: users sign in, and their connections are asked apart";
            return self.webex.own_tokens().is_none().then(|| Finding::not_asked(question, none));
        }
        Some(match asked {
            _ if !reached => Finding::not_asked(question, "the network first"),
            Some(Ok(())) => Finding::ok(question, "its own token is accepted"),
            Some(Err(error)) if error.status() == Some(StatusCode::UNAUTHORIZED.as_u16()) => {
                let renew = "Put in a fresh access token: one out of the developer portal ends after hours; for good, use an integration or a \
                             service application.";
                Finding::of_error(question, &error).with_remedy(Remedy::new(renew).with_docs(SCOPES_PAGE))
            }
            // it may lack this scope and have all that are needed, and 403 looks the same for scope, role and licence
            Some(Err(error)) if error.status() == Some(StatusCode::FORBIDDEN.as_u16()) => {
                let detail = "its own token is known, and may not read its person: what it may do cannot be told";
                Finding::warn(question, detail)
                    .with_remedy(Remedy::new("Grant it spark:people_read, or try a call that it is meant for."))
            }
            Some(Err(error)) => Finding::of_error(question, &error),
            None => Finding::not_asked(question, "there was no answer"),
        })
    }

    fn probe(&self) -> Arc<Probe> {
        Arc::new(Probe::new(Arc::clone(&self.webex.parts().transport), self.webex.clock_shared()))
    }

    /// Once, whatever comes of it; a refused token is not renewed.
    async fn person(
        &self,
        probe: &Arc<Probe>,
        tokens: Option<Arc<dyn TokenSource>>,
        limit: std::time::Duration,
    ) -> Result<()> {
        let origin = self.webex.origin().clone();
        let request = get(origin.join("/v1/people/me")?.as_str())?;
        let mut pipeline = Pipeline::builder(crate::provider_id(), Arc::clone(probe) as _, origin)
            .clock(self.webex.clock_shared())
            .retry(RetryPolicy::never());
        if let Some(tokens) = tokens {
            pipeline = pipeline.tokens(tokens);
        }
        let options = WriteOptions::new().with_timeout(limit);
        let call = Call::new(OPERATION, request, Protection::Idempotent).with_options(&options);
        let reply = pipeline.build()?.send(call).await?;
        if reply.status().is_success() {
            return Ok(());
        }
        Err(failure(&Asked::new(OPERATION, Effect::Read, false), &reply, None))
    }

    /// Of the configuration alone: what a token carries, Webex does not say.
    fn scopes(&self) -> Finding {
        let question = Question::PERMISSIONS;
        let asked = &self.webex.parts().scopes;
        let said = if asked.is_empty() { "nothing".to_owned() } else { asked.join(", ") };
        if !self.named {
            return Finding::not_asked(question, format!("asks users for {said}; no features were named to judge by"));
        }
        let missing = Missing::of(&self.needs, asked);
        if missing.is_empty() {
            return Finding::ok(question, format!("asks users for {said}"));
        }
        let detail = format!("does not ask for {missing}; asks for {said}");
        let action = "developer.webex.com > My Webex Apps > the integration > Scopes: tick them; name them in \
                      Integration::with_scopes; users who are connected already have to connect again.";
        Finding::fail(question, detail).with_remedy(Remedy::new(action).with_docs(SCOPES_PAGE))
    }
}
