use std::{fmt, sync::Arc};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use invitations_core::{
    Result,
    doctor::ENDS_SOON,
    secret::{ClientAssertion, ClientSecret},
};
use meetings_http::AssertionSource;

#[cfg(feature = "certificate")]
use super::ClientCertificate;

/// What an application proves itself with.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Credential {
    /// A client secret.
    Secret(ClientSecret),
    /// A certificate and its key: each token request carries an assertion of its own, signed with PS256 (RFC 7523;
    /// <https://learn.microsoft.com/entra/identity-platform/certificate-credentials>).
    #[cfg(feature = "certificate")]
    #[cfg_attr(docsrs, doc(cfg(feature = "certificate")))]
    Certificate(ClientCertificate),
    /// Assertions that somebody else signs: a federated credential of the application, as with workload identities
    /// (<https://learn.microsoft.com/entra/workload-id/workload-identity-federation>). Asked for once per token request.
    Assertion(Arc<dyn AssertionSource>),
}

impl Credential {
    /// Assertions out of a closure, for instance from the file that a cluster projects into a pod.
    ///
    /// ```
    /// use graph_meetings::{Credential, core::{Error, ErrorKind, secret::ClientAssertion}};
    ///
    /// let credential = Credential::assertions(|| async {
    ///     let file = std::env::var("AZURE_FEDERATED_TOKEN_FILE").unwrap_or_default();
    ///     let text = std::fs::read_to_string(file)
    ///         .map_err(|error| Error::new(ErrorKind::Misconfigured, "read assertion").with_source(error))?;
    ///     Ok(ClientAssertion::new(text.trim()))
    /// });
    /// # assert!(format!("{credential:?}").contains("Assertion"));
    /// ```
    pub fn assertions<F, T>(ask: F) -> Self
    where
        F: Fn() -> T + Send + Sync + 'static,
        T: Future<Output = Result<ClientAssertion>> + Send + 'static,
    {
        Self::Assertion(Arc::new(Asked(ask)))
    }

    /// Says when it ends, so that [`App::expiring`](super::App::expiring) can tell in time.
    #[must_use]
    pub fn with_expiry(self, at: DateTime<Utc>) -> DatedCredential {
        DatedCredential { credential: self, expires: Some(at) }
    }

    pub(crate) fn kind(&self) -> CredentialKind {
        match self {
            Self::Secret(_) => CredentialKind::Secret,
            #[cfg(feature = "certificate")]
            Self::Certificate(_) => CredentialKind::Certificate,
            Self::Assertion(_) => CredentialKind::Assertion,
        }
    }
}

/// A credential and, where somebody noted it, its end.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DatedCredential {
    /// The credential.
    pub credential: Credential,
    /// When it ends. Only for telling in time: a credential is used until Entra refuses it.
    pub expires: Option<DateTime<Utc>>,
}

impl From<Credential> for DatedCredential {
    fn from(credential: Credential) -> Self {
        Self { credential, expires: None }
    }
}

/// A credential that ends within 30 days, or has ended.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ExpiringCredential {
    /// Its place among the application's credentials, from 0.
    pub place: usize,
    /// Of which kind it is.
    pub kind: CredentialKind,
    /// When it ends or ended.
    pub at: DateTime<Utc>,
}

/// The kinds of credentials.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum CredentialKind {
    /// A client secret.
    Secret,
    /// A certificate.
    Certificate,
    /// Somebody else's assertions.
    Assertion,
}

impl fmt::Display for CredentialKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Secret => "secret",
            Self::Certificate => "certificate",
            Self::Assertion => "assertion",
        })
    }
}

/// Those that end within 30 days of `now`, or have ended.
pub(super) fn expiring(all: &[DatedCredential], now: DateTime<Utc>) -> Vec<ExpiringCredential> {
    let soon = now.checked_add_signed(ENDS_SOON).unwrap_or(DateTime::<Utc>::MAX_UTC);
    let dated = all.iter().enumerate().filter_map(|(place, dated)| {
        Some(ExpiringCredential { place, kind: dated.credential.kind(), at: dated.expires? })
    });
    dated.filter(|ending| ending.at <= soon).collect()
}

/// A closure that gives assertions.
struct Asked<F>(F);

impl<F> fmt::Debug for Asked<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("closure")
    }
}

#[async_trait]
impl<F, T> AssertionSource for Asked<F>
where
    F: Fn() -> T + Send + Sync + 'static,
    T: Future<Output = Result<ClientAssertion>> + Send + 'static,
{
    async fn assertion(&self) -> Result<ClientAssertion> {
        (self.0)().await
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn what_ends_within_thirty_days_is_named() {
        let now: DateTime<Utc> = "2026-07-01T00:00:00Z".parse().unwrap();
        let secret = || Credential::Secret(ClientSecret::new("planted"));
        let ends = |days: i64| secret().with_expiry(now + TimeDelta::days(days));
        let never = secret().with_expiry(DateTime::<Utc>::MAX_UTC);
        let all = [secret().into(), ends(31), ends(30), ends(-1), never];
        let named = expiring(&all, now);
        assert_eq!(named.iter().map(|found| found.place).collect::<Vec<_>>(), [2, 3]);
        assert_eq!((named[0].at, named[0].kind), (now + TimeDelta::days(30), CredentialKind::Secret));
        assert_eq!(expiring(&all, DateTime::<Utc>::MAX_UTC).len(), 4, "no overflow");
    }
}
