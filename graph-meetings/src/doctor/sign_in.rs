use std::sync::Arc;

use invitations_core::{
    Error, Remedy, Result,
    doctor::{Examination, Finding, Question, Verdict},
    secret::TokenText,
    token::{Grant, GrantFailure, TokenReply},
};
use meetings_http::Probe;

use super::{GraphDoctor, name, numbers};
use crate::auth;

impl GraphDoctor {
    /// A token, if there is one; notes how it was come by.
    pub(super) async fn sign_in(&self, examination: &mut Examination<'_>) -> Option<TokenText> {
        if let Some(tokens) = self.graph.given_tokens() {
            let asked = examination.within(Question::SIGN_IN, tokens.access_token()).await?;
            let detail = "the application's tokens come from elsewhere";
            examination.note(Finding::not_asked(Question::NETWORK, detail));
            return match asked {
                Ok(token) => {
                    examination.note(Finding::ok(Question::SIGN_IN, "a token was given"));
                    Some(TokenText::new(token.expose()))
                }
                Err(error) => {
                    examination.note(refused(&error));
                    None
                }
            };
        }
        if !self.graph.app().directory.is_single() {
            let detail = "users sign in here, the application itself does not: its directory is not a single one";
            examination.note(Finding::not_asked(Question::SIGN_IN, detail));
            return None;
        }
        self.each_credential(examination).await
    }

    /// Each by itself: the client falls back to the next one, and nobody sees that the first is no good.
    async fn each_credential(&self, examination: &mut Examination<'_>) -> Option<TokenText> {
        let (mut token, mut findings) = (None, Vec::new());
        let mut reached = None;
        for place in 0..self.graph.app().credentials.len() {
            let subject = name(self.graph.app(), place);
            if reached == Some(false) {
                findings.push(Finding::not_asked(Question::SIGN_IN, "the network first").about(subject));
                continue;
            }
            let probe = Arc::new(Probe::new(Arc::clone(&self.graph.parts().transport), self.graph.clock_shared()));
            // so that the transport's own words come first
            let request_limit = examination.limit() * 4 / 5;
            let asked = examination.within(Question::SIGN_IN, self.ask(place, &probe, request_limit)).await;
            if reached.is_none() && (probe.has_sent() || asked.is_none()) {
                let network = probe.network();
                reached = Some(network.verdict == Verdict::Ok);
                examination.note(network);
                examination.note(probe.clock());
            }
            match asked {
                None => {}
                Some(Ok(reply)) => {
                    findings.push(Finding::ok(Question::SIGN_IN, "a token was given").about(subject));
                    token.get_or_insert(reply.access);
                }
                Some(Err(GrantFailure { error, .. })) => {
                    let helped = self.helped(refused(&error), &probe);
                    findings.push(helped.about(subject));
                }
            }
        }
        if reached.is_none() {
            examination.note(Finding::not_asked(Question::NETWORK, "nothing was sent: no credential could be shown"));
        }
        for mut finding in findings {
            if finding.verdict == Verdict::Fail && token.is_some() {
                // another credential does
                finding.verdict = Verdict::Warn;
            }
            examination.note(finding);
        }
        token
    }

    /// One token request with one credential.
    async fn ask(
        &self,
        place: usize,
        probe: &Arc<Probe>,
        limit: std::time::Duration,
    ) -> Result<TokenReply, GrantFailure> {
        let server = self
            .server(place, probe)
            .map_err(|error| GrantFailure::new(invitations_core::token::GrantFailureClass::Config, error))?;
        server.token(&Grant::ClientCredentials, limit).await
    }

    fn server(
        &self,
        place: usize,
        probe: &Arc<Probe>,
    ) -> Result<Arc<dyn invitations_core::token::AuthorizationServer>> {
        let mut app = self.graph.app().clone();
        app.credentials = app.credentials.into_iter().skip(place).take(1).collect();
        let authority = &self.graph.parts().authority;
        let (clock, entropy) = (self.graph.clock_shared(), self.graph.entropy_shared());
        let credentials = auth::client_credentials(&app, authority, &clock, &entropy)?;
        auth::application_server(&app, authority, Arc::clone(probe) as _, clock, credentials)
    }

    /// With the number of the refusal, and with what it means.
    fn helped(&self, mut finding: Finding, probe: &Probe) -> Finding {
        let Some(number) = probe.refusal().and_then(|refusal| numbers::number(&refusal)) else { return finding };
        finding.detail = format!("{}, AADSTS{number}", finding.detail).into();
        if let Some(action) = numbers::action(number, self.graph.app()) {
            finding.remedy = Some(Remedy::new(action).with_docs(ERRORS_PAGE));
        }
        finding
    }
}

const ERRORS_PAGE: &str = "https://learn.microsoft.com/entra/identity-platform/reference-error-codes";

fn refused(error: &Error) -> Finding {
    Finding::of_error(Question::SIGN_IN, error)
}
