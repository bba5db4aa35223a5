use std::fmt;

use invitations_core::{Error, Result, ids::ClientId, secret::ClientSecret};
use url::Url;

/// Entra's tenant: its id (a GUID), a verified domain, or one of `common`, `organizations`, `consumers`. Called directory here,
/// because tenant is the embedder's organisation.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct DirectoryId(String);

impl DirectoryId {
    /// Checks that it can stand in a URL.
    ///
    /// # Errors
    /// [`InvalidInput`](invitations_core::ErrorKind::InvalidInput) unless it is 1 to 255 letters, digits, dots and hyphens.
    pub fn parse(text: impl AsRef<str>) -> Result<Self> {
        let text = text.as_ref();
        let fine = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'.';
        if text.is_empty() || text.len() > 255 || text.starts_with('.') || !text.bytes().all(fine) {
            return Err(Error::invalid("parse directory", "a directory is a GUID or a domain"));
        }
        Ok(Self(text.to_owned()))
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it names one directory; an application can only sign in to one.
    pub(crate) fn is_single(&self) -> bool {
        !matches!(self.0.as_str(), "common" | "organizations" | "consumers")
    }
}

impl fmt::Display for DirectoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where Graph and Entra are. Tokens of one cloud are worth nothing in another.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Cloud {
    /// The root of Graph, without a version.
    pub graph: Url,
    /// The root of Entra's authority, without a directory.
    pub authority: Url,
}

impl Cloud {
    /// The worldwide cloud (and GCC).
    pub fn global() -> Self {
        Self::known("https://graph.microsoft.com", "https://login.microsoftonline.com")
    }

    /// US Government L4 (GCC High).
    pub fn us_gov_l4() -> Self {
        Self::known("https://graph.microsoft.us", "https://login.microsoftonline.us")
    }

    /// US Government L5 (DoD).
    pub fn us_gov_l5() -> Self {
        Self::known("https://dod-graph.microsoft.us", "https://login.microsoftonline.us")
    }

    /// China, operated by 21Vianet. It has no online meetings through Graph.
    pub fn china() -> Self {
        Self::known("https://microsoftgraph.chinacloudapi.cn", "https://login.chinacloudapi.cn")
    }

    /// Another cloud, or a sandbox.
    pub fn at(graph: Url, authority: Url) -> Self {
        Self { graph, authority }
    }

    #[expect(clippy::expect_used, reason = "constants, each parsed by a test")]
    fn known(graph: &'static str, authority: &'static str) -> Self {
        let parse = |text| Url::parse(text).expect("a constant URL");
        Self::at(parse(graph), parse(authority))
    }
}

impl Default for Cloud {
    fn default() -> Self {
        Self::global()
    }
}

/// What an application proves itself with.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Credential {
    /// A client secret.
    Secret(ClientSecret),
}

/// An application registered in Entra.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct App {
    /// The directory it signs in to.
    pub directory: DirectoryId,
    /// Its application (client) id.
    pub client: ClientId,
    /// What it proves itself with.
    pub credential: Credential,
    /// In which cloud it is.
    pub cloud: Cloud,
}

impl App {
    /// An application with a client secret, in the worldwide cloud.
    pub fn with_secret(directory: DirectoryId, client: ClientId, secret: ClientSecret) -> Self {
        Self { directory, client, credential: Credential::Secret(secret), cloud: Cloud::default() }
    }

    /// Sets the cloud.
    #[must_use]
    pub fn with_cloud(mut self, cloud: Cloud) -> Self {
        self.cloud = cloud;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_clouds_parse() {
        for cloud in [Cloud::global(), Cloud::us_gov_l4(), Cloud::us_gov_l5(), Cloud::china()] {
            assert_eq!((cloud.graph.scheme(), cloud.authority.scheme()), ("https", "https"));
        }
    }

    #[test]
    fn a_directory_cannot_leave_its_segment() {
        for bad in ["", "..", "a/b", "a?b", "a b", "a%2f", ".a"] {
            assert!(DirectoryId::parse(bad).is_err(), "{bad:?}");
        }
        assert!(DirectoryId::parse("contoso.example").unwrap().is_single());
        assert!(!DirectoryId::parse("common").unwrap().is_single());
    }

    #[test]
    fn no_secret_is_shown() {
        let app = App::with_secret(
            DirectoryId::parse("contoso.example").unwrap(),
            ClientId::parse("c").unwrap(),
            ClientSecret::new("planted"),
        );
        assert!(!format!("{app:#?}").contains("planted"));
    }
}
