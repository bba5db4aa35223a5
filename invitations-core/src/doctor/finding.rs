use std::{borrow::Cow, fmt};

use crate::{Error, ErrorKind, Remedy};

/// What is asked, under a name that stays. Whoever asks something of their own makes a new one.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Question(&'static str);

impl Question {
    /// `network`: can the provider be reached: name, connection, TLS, proxy?
    pub const NETWORK: Self = Self("network");
    /// `clock`: is our clock the provider's?
    pub const CLOCK: Self = Self("clock");
    /// `sign_in`: is a token obtainable?
    pub const SIGN_IN: Self = Self("sign_in");
    /// `permissions`: does the application have what the features in use need?
    pub const PERMISSIONS: Self = Self("permissions");
    /// `credential_expiry`: when do the application's credentials end?
    pub const CREDENTIAL_EXPIRY: Self = Self("credential_expiry");
    /// `client`: is the client of users' connections accepted?
    pub const CLIENT: Self = Self("client");
    /// `connection`: does it serve tokens?
    pub const CONNECTION: Self = Self("connection");
    /// `scopes`: did the user grant what the features in use need?
    pub const SCOPES: Self = Self("scopes");
    /// `keep_alive`: are connections refreshed ahead, so that they do not end unused?
    pub const KEEP_ALIVE: Self = Self("keep_alive");
    /// `sealing_key`: can what is stored be opened?
    pub const SEALING_KEY: Self = Self("sealing_key");
    /// `examination`: did the whole examination come to its end?
    pub const EXAMINATION: Self = Self("examination");

    /// A question of one's own: lower case, words joined by `_`.
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// Its name, for machines.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

/// How it stands. Ordered: the worst is the greatest.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[expect(clippy::exhaustive_enums, reason = "whoever reads a diagnosis decides about each")]
pub enum Verdict {
    /// It works.
    Ok,
    /// It could not be asked: an earlier answer is missing, or there is nothing to ask.
    NotAsked,
    /// It works, and may soon not; or only a part of it works.
    Warn,
    /// It does not work now.
    Fail,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::NotAsked => "-",
            Self::Warn => "warn",
            Self::Fail => "FAIL",
        })
    }
}

/// An answer to one question about one subject.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// What was asked.
    pub question: Question,
    /// How it stands.
    pub verdict: Verdict,
    /// About whom or what, where it is not the whole of what was examined: a credential, a connection.
    pub subject: Option<String>,
    /// What was found, in words, without any secret.
    pub detail: Cow<'static, str>,
    /// What somebody should do.
    pub remedy: Option<Remedy>,
}

impl Finding {
    /// An answer. Never put a secret or a reply's body into `detail`.
    pub fn new(question: Question, verdict: Verdict, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { question, verdict, subject: None, detail: detail.into(), remedy: None }
    }

    /// It works.
    pub fn ok(question: Question, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(question, Verdict::Ok, detail)
    }

    /// It could not be asked, for this reason.
    pub fn not_asked(question: Question, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(question, Verdict::NotAsked, detail)
    }

    /// It works, and may soon not.
    pub fn warn(question: Question, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(question, Verdict::Warn, detail)
    }

    /// It does not work now.
    pub fn fail(question: Question, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(question, Verdict::Fail, detail)
    }

    /// It failed with this error: its own level of words, status, request id and remedy.
    pub fn of_error(question: Question, error: &Error) -> Self {
        let mut detail = error.to_string();
        if let Some(status) = error.status() {
            detail.push_str(&format!(", status {status}"));
        }
        if let Some(id) = error.request_id() {
            detail.push_str(&format!(", request {id}"));
        }
        let remedy = error.remedy().cloned().unwrap_or_else(|| Remedy::new(by_kind(error.kind())));
        Self::fail(question, detail).with_remedy(remedy)
    }

    /// Says about whom or what.
    #[must_use]
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Says what somebody should do.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<Option<Remedy>>) -> Self {
        self.remedy = remedy.into();
        self
    }
}

/// Where an error brings no remedy of its own.
fn by_kind(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Unavailable | ErrorKind::Timeout => {
            "Ask again in a few minutes; if it stays so, look at the network first."
        }
        ErrorKind::Throttled => "Ask again later, and send fewer requests.",
        ErrorKind::Protocol => "Check that the configured address is the provider's own.",
        _ => "Check the configuration that this is about.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::RequestId;

    #[test]
    fn an_error_becomes_a_failure_with_a_remedy() {
        let error = Error::new(ErrorKind::Unavailable, "ask")
            .with_status(503)
            .with_request_id(RequestId::parse("r-1").unwrap())
            .with_source(Error::new(ErrorKind::Timeout, "planted"));
        let found = Finding::of_error(Question::SIGN_IN, &error);
        assert_eq!(
            (found.verdict, &*found.detail),
            (Verdict::Fail, "ask failed: unavailable, status 503, request r-1")
        );
        assert!(found.remedy.unwrap().action.contains("Ask again"));
        let error = Error::new(ErrorKind::Misconfigured, "ask").with_remedy(Remedy::new("Mend it."));
        assert_eq!(Finding::of_error(Question::SIGN_IN, &error).remedy.unwrap().action, "Mend it.");
    }
}
