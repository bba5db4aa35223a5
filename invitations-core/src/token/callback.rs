//! The way back from the provider: what came with the browser, and where to send it.

use std::{collections::HashMap, sync::Arc};

use url::{Url, form_urlencoded};

use super::{
    ConnectionState, ConnectionView, Connections, Flow, Grant,
    connect::{Kept, context, digest},
    connections::Registered,
    consent::Whose,
    return_to, vault,
};
use crate::{
    Error, ErrorKind, Result,
    ids::PrincipalId,
    secret::{AuthorizationCode, PkceVerifier},
};

/// A finished connect flow.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Connected {
    /// The connection.
    pub connection: ConnectionView,
    /// The relative path that was given at the start.
    pub return_to: String,
}

/// How a connect flow ended, for a handler that has a browser to send somewhere.
#[derive(Debug)]
#[non_exhaustive]
pub struct CallbackOutcome {
    /// The path that was given at the start, with `connect=ok`, `connect=denied&code=…` or `connect=failed&code=…` in its query.
    /// `None` when the state is not one that this owner began: nobody knows where they came from.
    pub return_to: Option<String>,
    /// What did not go well. Also set for a connection that came about but needs consent to more.
    pub code: Option<ConnectCode>,
    /// The connection, or what to log.
    pub result: Result<ConnectionView>,
}

/// Why a connect flow did not lead to a connection that can be used. Safe to show: never a stranger's text.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ConnectCode {
    /// The user or an administrator said no.
    AccessDenied,
    /// The state is unknown, used, over or somebody else's.
    StateUnknown,
    /// The answer comes from another issuer than expected (RFC 9207).
    OtherIssuer,
    /// Another account came back than the one to renew.
    OtherAccount,
    /// Less was granted than is needed.
    ScopeMissing,
    /// The provider did not go along, or did not accept the code.
    Refused,
    /// The provider or the store cannot be reached: worth another try.
    Unavailable,
    /// The operator's matter.
    Misconfigured,
    /// Anything else.
    Failed,
}

impl ConnectCode {
    /// The word in `code=`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessDenied => "access_denied",
            Self::StateUnknown => "state_unknown",
            Self::OtherIssuer => "other_issuer",
            Self::OtherAccount => "other_account",
            Self::ScopeMissing => "scope_missing",
            Self::Refused => "refused",
            Self::Unavailable => "unavailable",
            Self::Misconfigured => "misconfigured",
            Self::Failed => "failed",
        }
    }

    /// The word in `connect=`.
    pub(super) fn outcome(self) -> &'static str {
        if self == Self::AccessDenied { "denied" } else { "failed" }
    }
}

/// An error and what a browser may be told of it.
#[derive(Debug)]
pub(super) struct Failed(pub(super) ConnectCode, pub(super) Error);

impl Failed {
    pub(super) fn into_error(self) -> Error {
        self.1
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        let code = match error.kind() {
            ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Throttled => ConnectCode::Unavailable,
            ErrorKind::Misconfigured => ConnectCode::Misconfigured,
            _ => ConnectCode::Failed,
        };
        Self(code, error)
    }
}

impl Connections {
    /// Finishes a flow with the query of the callback. `owner` is who is signed in now: it must be who began. The state is used up,
    /// however it ends.
    ///
    /// The account the owner already connected is renewed: one account is one connection.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a query without its parts;
    /// [`PermissionDenied`](ErrorKind::PermissionDenied) for a state that is unknown, used, over or somebody else's, for a wrong
    /// issuer, and when the provider or the user said no; [`Conflict`](ErrorKind::Conflict) when another account came back than
    /// the one to renew.
    pub async fn complete(&self, callback_query: &str, owner: &PrincipalId) -> Result<Connected> {
        let flow = self.flow(callback_query, owner).await.map_err(Failed::into_error)?;
        let return_to = flow.return_to.clone();
        let connection = self.redeem(callback_query, flow).await.map_err(Failed::into_error)?;
        Ok(Connected { connection, return_to })
    }

    /// [`complete`](Self::complete) for a web handler: whatever happens, it says where the browser goes, and why in a word that is
    /// safe to show.
    pub async fn callback(&self, callback_query: &str, owner: &PrincipalId) -> CallbackOutcome {
        let (return_to, result) = match self.flow(callback_query, owner).await {
            Ok(flow) => (Some(flow.return_to.clone()), self.redeem(callback_query, flow).await),
            Err(failed) => (None, Err(failed)),
        };
        let (code, result) = match result {
            Ok(view) => {
                let lacking = matches!(view.state, ConnectionState::NeedsReconsent(_));
                (lacking.then_some(ConnectCode::ScopeMissing), Ok(view))
            }
            Err(Failed(code, error)) => (Some(code), Err(error)),
        };
        CallbackOutcome { return_to: return_to.map(|path| return_to::with_outcome(&path, code)), code, result }
    }

    /// Takes the flow that the state belongs to, even if the rest of the query is in disorder: a state works once.
    async fn flow(&self, query: &str, owner: &PrincipalId) -> Result<Flow, Failed> {
        let mut pairs = form_urlencoded::parse(query.trim_start_matches('?').as_bytes());
        let (_, state) = pairs.find(|(name, _)| name == "state").ok_or_else(|| invalid("the callback has no state"))?;
        let flow = self.0.store.take_flow(&digest(&state)).await?;
        let flow = flow.ok_or_else(|| unknown("the state is unknown, used or over; begin again"))?;
        if flow.owner == *owner { Ok(flow) } else { Err(unknown("somebody else began this; begin again")) }
    }

    async fn redeem(&self, query: &str, flow: Flow) -> Result<ConnectionView, Failed> {
        let query = parse_query(query)?;
        let plain = self.0.sealer.open(&context(&flow), &flow.sealed).await;
        let plain = plain.map_err(|error| vault::sealer_failed("complete connect", error))?;
        let kept: Kept =
            serde_json::from_slice(plain.expose()).map_err(|_| unknown("the flow cannot be read; begin again"))?;
        let (verifier, client) = (PkceVerifier::new(kept.verifier), kept.client);
        let fits = |known: &Registered| known.redirect.is_some() && known.server.profile().client == client;
        let known = self.0.find(&flow.provider, fits)?.clone();
        if let Some(issuer) = &known.server.profile().issuer {
            let same = query.get("iss").is_some_and(|iss| Url::parse(iss).is_ok_and(|iss| iss == *issuer));
            if !same {
                return Err(Failed(ConnectCode::OtherIssuer, denied("the callback comes from another issuer")));
            }
        }
        if let Some(error) = query.get("error") {
            return Err(provider_said(error));
        }
        let code = query.get("code").ok_or_else(|| invalid("the callback has no code"))?;
        let Some(redirect) = known.redirect.clone() else { return Err(unknown("the flow has no way back")) };
        let grant = Grant::AuthorizationCode { code: AuthorizationCode::new(code.as_str()), verifier, redirect };
        // the code works once: what it brings must be stored even if the browser hangs up
        let inner = Arc::clone(&self.0);
        self.0
            .detached("complete connect", async move { Ok(inner.finish(&known, Whose::from(flow), &grant).await) })
            .await?
    }
}

/// Each parameter once (RFC 6749 section 3.1).
fn parse_query(query: &str) -> Result<HashMap<String, String>, Failed> {
    let mut parts = HashMap::new();
    for (name, value) in form_urlencoded::parse(query.trim_start_matches('?').as_bytes()) {
        if parts.insert(name.into_owned(), value.into_owned()).is_some() {
            return Err(invalid("the callback has a parameter twice"));
        }
    }
    Ok(parts)
}

/// RFC 6749 section 4.1.2.1.
fn provider_said(error: &str) -> Failed {
    let code = match error {
        "access_denied" => ConnectCode::AccessDenied,
        "temporarily_unavailable" | "server_error" => ConnectCode::Unavailable,
        "invalid_request" | "unauthorized_client" | "unsupported_response_type" | "invalid_scope" => {
            ConnectCode::Misconfigured
        }
        _ => ConnectCode::Refused,
    };
    Failed(code, denied(format!("the provider answered {}", error_code(error))))
}

/// What has the form of a code; anything else could be a text for our log's readers.
fn error_code(text: &str) -> &str {
    let code = (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if code { text } else { "something that is no error code" }
}

fn invalid(detail: &'static str) -> Failed {
    Error::invalid("complete connect", detail).into()
}

fn unknown(detail: &'static str) -> Failed {
    Failed(ConnectCode::StateUnknown, denied(detail))
}

pub(super) fn denied(detail: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::PermissionDenied, "complete connect").with_detail(detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_text_is_no_error_code() {
        assert_eq!(error_code("access_denied"), "access_denied");
        for text in ["", "<b>", "access denied", "a\nb", &"a".repeat(65)] {
            assert_eq!(error_code(text), "something that is no error code");
        }
        assert!(parse_query("state=a&state=b").is_err());
        assert_eq!(parse_query("?state=a%20b").unwrap()["state"], "a b");
    }
}
