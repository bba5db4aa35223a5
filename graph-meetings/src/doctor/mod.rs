//! What a [`Doctor`](invitations_core::doctor::Doctor) asks of an application at Entra.

mod claims;
mod consent;
mod feature;
mod numbers;
mod organizer;
mod policy;
mod sign_in;

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use invitations_core::{
    Remedy,
    doctor::{Diagnose, Ending, Examination, Finding, Missing, Need, Question, expiry},
    ids::UserId,
    secret::TokenText,
};
use meetings_http::{Origin, Transport};

use crate::client::{App, CredentialKind, Graph};
use claims::Carries;
pub use feature::Feature;

const SECRETS_PAGE: &str = "https://learn.microsoft.com/entra/identity-platform/how-to-add-credentials";

/// Asks how the application stands: is Entra reached, is the clock right, does each credential get a token, which permissions does
/// the token carry, when do the credentials end? Made by [`Graph::doctor`].
///
/// One token request per credential is all that is sent, and a few reads for each of the [`organizers`](Self::organizers). Nothing is made.
#[derive(Clone, Debug)]
pub struct GraphDoctor {
    graph: Graph,
    features: BTreeSet<Feature>,
    organizers: Vec<UserId>,
}

/// What a doctor needs of the client.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) authority: Origin,
}

impl GraphDoctor {
    pub(crate) fn new(graph: Graph) -> Self {
        Self { graph, features: BTreeSet::new(), organizers: Vec::new() }
    }

    /// What the application does, so that its permissions can be judged.
    #[must_use]
    pub fn features(mut self, features: impl IntoIterator<Item = Feature>) -> Self {
        self.features.extend(features);
        self
    }

    /// Whose meetings and calendars the application is to write, by object id or address: each is asked about. Are they known, have
    /// they a licence, is the Teams application access policy granted, is the mailbox reached?
    #[must_use]
    pub fn organizers(mut self, organizers: impl IntoIterator<Item = UserId>) -> Self {
        self.organizers.extend(organizers);
        self
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Diagnose for GraphDoctor {
    fn subject(&self) -> String {
        let app = self.graph.app();
        format!("Microsoft application {} in directory {}", app.client, app.directory)
    }

    async fn diagnose(&self, examination: &mut Examination<'_>) {
        let token = self.sign_in(examination).await;
        examination.note(self.permissions(token.as_ref()));
        if token.is_some() {
            self.organizers_of(examination).await;
        }
        let app = self.graph.app();
        app.gauge_expiry();
        for finding in expiry(&endings(app), examination.now(), &renew(app)) {
            examination.note(finding);
        }
    }
}

impl GraphDoctor {
    fn permissions(&self, token: Option<&TokenText>) -> Finding {
        let question = Question::PERMISSIONS;
        let Some(token) = token else { return Finding::not_asked(question, "there is no token to look at") };
        let (kind, names, needs) = match claims::of_token(token.expose()) {
            Carries::Roles(roles) => ("permissions", roles, self.needs(Feature::application_needs)),
            Carries::Scopes(scopes) => ("scopes of a user", scopes, self.needs(Feature::delegated_needs)),
            Carries::Unknown => {
                return Finding::warn(question, "cannot tell: the token does not say what it carries").with_remedy(
                    Remedy::new(
                        "Look at them: Entra admin center > App registrations > API permissions, column Status.",
                    ),
                );
            }
        };
        let carries = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        if self.features.is_empty() {
            return Finding::not_asked(
                question,
                format!("carries {kind}: {carries}; no features were named to judge by"),
            );
        }
        let missing = Missing::of(&needs, &names);
        if missing.is_empty() {
            return Finding::ok(question, format!("carries {kind}: {carries}"));
        }
        let detail = format!("missing: {missing}; carries {kind}: {carries}");
        let names: Vec<&str> = missing.names().collect();
        Finding::fail(question, detail).with_remedy(consent::remedy(self.graph.app(), &names))
    }

    fn needs(&self, of: impl Fn(Feature) -> Vec<Need>) -> Vec<Need> {
        self.features.iter().flat_map(|feature| of(*feature)).collect()
    }
}

/// Somebody else's assertions have no end of their own, unless one was given.
fn endings(app: &App) -> Vec<Ending> {
    let ends = |dated: &&crate::DatedCredential| {
        dated.credential.kind() != CredentialKind::Assertion || dated.expires.is_some()
    };
    let named = app.credentials.iter().enumerate().filter(|(_, dated)| ends(dated));
    named.map(|(place, dated)| Ending { name: name(app, place), at: dated.expires }).collect()
}

/// A credential, by its kind and its place: "secret 0".
fn name(app: &App, place: usize) -> String {
    let kind = app.credentials.get(place).map_or(CredentialKind::Secret, |dated| dated.credential.kind());
    format!("{kind} {place}")
}

fn renew(app: &App) -> Remedy {
    Remedy::new(format!(
        "Make a new one: Entra admin center > App registrations > {} > Certificates & secrets; give it beside the old one \
         (App::and_credential), and take the old one out when it has ended.",
        app.client
    ))
    .with_docs(SECRETS_PAGE)
}
