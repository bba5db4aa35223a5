use invitations_core::{Error, ErrorKind, Result, ids::PageToken};
use url::{Host, Url};

/// Scheme, host and port a bearer token may go to, and the path under which the provider's API stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Origin(Url);

impl Origin {
    /// An origin over TLS. A query and a fragment are left out.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for another scheme, a missing host, or a user name or password in it.
    pub fn https(url: Url) -> Result<Self> {
        if url.scheme() != "https" {
            return Err(Error::invalid("check origin", "not https"));
        }
        Self::checked_base(url)
    }

    /// As [`https`](Self::https), but plain http to this machine (`localhost`, 127.0.0.0/8, `::1`) is allowed: for tests, where
    /// the token is worth nothing.
    ///
    /// # Errors
    /// As [`https`](Self::https); plain http to another machine is refused.
    pub fn dangerous_loopback_http(url: Url) -> Result<Self> {
        if url.scheme() != "https" && !is_loopback_http(&url) {
            return Err(Error::invalid("check origin", "neither https nor http on this machine"));
        }
        Self::checked_base(url)
    }

    fn checked_base(mut url: Url) -> Result<Self> {
        if url.host_str().is_none_or(str::is_empty) || has_userinfo(&url) {
            return Err(Error::invalid("check origin", "no host, or a user name or password in it"));
        }
        url.set_query(None);
        url.set_fragment(None);
        Ok(Self(url))
    }

    /// The origin with its base path.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// `path_and_query` under the base path, with or without a slash in front. Escape values before they come here.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for what would leave the base path or change its meaning: dot segments,
    /// backslashes, fragments, control characters.
    pub fn join(&self, path_and_query: &str) -> Result<Url> {
        let refuse = |why: &'static str| Error::invalid("join path", why);
        if path_and_query.contains(['\\', '#']) || path_and_query.contains(char::is_control) {
            return Err(refuse("a backslash, a fragment or a control character"));
        }
        let (path, query) = match path_and_query.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path_and_query, None),
        };
        // a URL parser drops dot segments, also escaped ones: another resource would be asked than the one written
        if path.split('/').any(is_dot_segment) {
            return Err(refuse("a dot segment"));
        }
        // host and port are the origin's own and stay untouched
        let mut joined = self.0.clone();
        let base = self.0.path().trim_end_matches('/');
        joined.set_path(&format!("{base}/{}", path.strip_prefix('/').unwrap_or(path)));
        joined.set_query(query);
        Ok(joined)
    }

    /// A link the provider gave (next page, delta, `Location`), relative or absolute, if it stays on this origin.
    ///
    /// # Errors
    /// [`Protocol`](ErrorKind::Protocol) when it leads anywhere else, or is no link.
    pub fn checked(&self, link: &str) -> Result<Url> {
        let refuse = |why: &'static str| Error::new(ErrorKind::Protocol, "check link").with_detail(why);
        if link.is_empty() || link.len() > PageToken::MAX || link.contains(|c: char| c.is_control() || c == '\\') {
            return Err(refuse("a link is empty, too long, or has characters no link has"));
        }
        let mut url = self.0.join(link).map_err(|_| refuse("a link cannot be read"))?;
        let same = self.is_same(&url);
        #[cfg(seeded)]
        let same = same || invitations_core::seeded::seeded("B14");
        if !same {
            return Err(refuse("a link leads to another origin"));
        }
        url.set_fragment(None);
        Ok(url)
    }

    /// Whether an absolute URI is on this origin; `None` when it is not absolute. What is spelled as the origin itself needs no parser: the
    /// authority ends where the path begins, for every reader alike.
    pub(crate) fn has(&self, uri: &http::Uri) -> Option<bool> {
        let spelled = uri.scheme_str().zip(uri.authority());
        if spelled.is_some_and(|(scheme, authority)| scheme == self.0.scheme() && authority == self.0.authority()) {
            return Some(true);
        }
        Some(self.is_same(&url(uri).ok()?))
    }

    /// Same scheme, host and port, and no user name or password.
    pub(crate) fn is_same(&self, url: &Url) -> bool {
        url.scheme() == self.0.scheme()
            && url.host() == self.0.host()
            && url.port_or_known_default() == self.0.port_or_known_default()
            && !has_userinfo(url)
    }
}

/// A URI as a URL.
pub(crate) fn url(uri: &http::Uri) -> Result<Url, url::ParseError> {
    use std::fmt::Write as _;
    let path = uri.path_and_query().map_or(0, |path| path.as_str().len());
    let mut text = String::with_capacity(path + 64);
    // a string takes it all
    let _ = write!(text, "{uri}");
    Url::parse(&text)
}

/// `.` and `..`, also escaped.
fn is_dot_segment(segment: &str) -> bool {
    // most begin with neither, and cost nothing
    segment.starts_with(['.', '%']) && matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..")
}

fn has_userinfo(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// Plain http that does not leave this machine.
pub(crate) fn is_loopback_http(url: &Url) -> bool {
    url.scheme() == "http"
        && match url.host() {
            Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_is_on_the_origin_exactly_when_its_url_is() {
        for base in ["https://api.example/v1.0", "https://api.example:8443", "https://[::1]:8443/"] {
            let origin = Origin::https(base.parse().unwrap()).unwrap();
            for text in [
                "https://api.example/v1.0/me?x=1",
                "https://api.example",
                "https://api.example?x",
                "https://API.example/",
                "HTTPS://api.example/",
                "https://api.example:443/",
                "https://api.example:8443/x",
                "https://api.example:0443/",
                "http://api.example/",
                "https://api.example./",
                "https://api.example.evil.example/",
                "https://user@api.example/",
                "https://:@api.example/",
                "https://api.example@evil.example/",
                "https://api.example:8443@evil.example/",
                "https://api.example:/",
                "https://[::1]:8443/x",
                "https://[0:0::1]:8443/x",
                "https://api%2eexample/",
            ] {
                let Ok(uri) = text.parse::<http::Uri>() else { continue };
                let by_url = Url::parse(text).ok().map(|url| origin.is_same(&url));
                assert_eq!(origin.has(&uri), by_url, "{text} on {base}");
            }
            assert_eq!(origin.has(&"/v1.0/me".parse().unwrap()), None);
            assert_eq!(origin.has(&"*".parse().unwrap()), None);
        }
    }
}
