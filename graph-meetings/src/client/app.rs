use chrono::{DateTime, Utc};
use invitations_core::{ids::ClientId, secret::ClientSecret};

use super::{Cloud, Credential, DatedCredential, DirectoryId, ExpiringCredential, credential};

/// An application registered in Entra.
///
/// ```
/// use graph_meetings::{App, Credential, DirectoryId, core::{ids::ClientId, secret::ClientSecret}};
///
/// // the old secret goes on working while the new one is rolled out, and the other way round
/// let directory = DirectoryId::parse("contoso.example")?;
/// let app = App::new(directory, ClientId::parse("client")?, Credential::Secret(ClientSecret::new("old")))
///     .and_credential(Credential::Secret(ClientSecret::new("new")).with_expiry("2028-07-01T00:00:00Z".parse()?));
/// assert!(app.expiring("2026-07-01T00:00:00Z".parse()?).is_empty());
/// assert_eq!(app.expiring("2028-06-15T00:00:00Z".parse()?)[0].place, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct App {
    /// The directory it signs in to.
    pub directory: DirectoryId,
    /// Its application (client) id.
    pub client: ClientId,
    /// What it proves itself with. While Entra answers `invalid_client`, the next one is tried in the same call; the one that works
    /// is used first from then on.
    pub credentials: Vec<DatedCredential>,
    /// In which cloud it is.
    pub cloud: Cloud,
}

impl App {
    /// An application in the worldwide cloud.
    pub fn new(directory: DirectoryId, client: ClientId, credential: impl Into<DatedCredential>) -> Self {
        Self { directory, client, credentials: vec![credential.into()], cloud: Cloud::default() }
    }

    /// An application with a client secret, in the worldwide cloud.
    pub fn with_secret(directory: DirectoryId, client: ClientId, secret: ClientSecret) -> Self {
        Self::new(directory, client, Credential::Secret(secret))
    }

    /// Adds a credential, for when those before it are refused.
    #[must_use]
    pub fn and_credential(mut self, credential: impl Into<DatedCredential>) -> Self {
        self.credentials.push(credential.into());
        self
    }

    /// Sets the cloud.
    #[must_use]
    pub fn with_cloud(mut self, cloud: Cloud) -> Self {
        self.cloud = cloud;
        self
    }

    /// The credentials that end within 30 days of `now`, or have ended, as far as their end was given
    /// ([`Credential::with_expiry`]).
    pub fn expiring(&self, now: DateTime<Utc>) -> Vec<ExpiringCredential> {
        credential::expiring(&self.credentials, now)
    }

    /// Sets the gauge of each credential whose end was given. A moment in time and not a span: it stays true without being set again.
    #[cfg(feature = "metrics")]
    pub(crate) fn gauge_expiry(&self) {
        for (place, dated) in self.credentials.iter().enumerate() {
            if let Some(at) = dated.expires {
                let (client, kind) = (self.client.as_str().to_owned(), dated.credential.kind().to_string());
                metrics::gauge!("graph_meetings_credential_expiry_timestamp_seconds", "client" => client, "credential" => place.to_string(), "kind" => kind)
                    .set(at.timestamp() as f64);
            }
        }
    }

    #[cfg(not(feature = "metrics"))]
    #[expect(clippy::unused_self, reason = "with the feature there is something to tell")]
    pub(crate) fn gauge_expiry(&self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_shown() {
        let directory = DirectoryId::parse("contoso.example").unwrap();
        let app = App::with_secret(directory, ClientId::parse("c").unwrap(), ClientSecret::new("planted"));
        let app =
            app.and_credential(Credential::Secret(ClientSecret::new("planted")).with_expiry(DateTime::UNIX_EPOCH));
        assert!(!format!("{app:#?}").contains("planted"));
    }
}
