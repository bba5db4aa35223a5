use std::collections::HashMap;

use invitations_core::{Error, ErrorKind, Remedy, Result, secret::OAuthState};
use meetings_http::Origin;
use subtle::ConstantTimeEq as _;
use url::{Url, form_urlencoded};

use crate::client::{App, DirectoryId};

const WRITE: &str = "write admin consent URL";
const READ: &str = "read admin consent";
const PAGE: &str = "https://learn.microsoft.com/entra/identity-platform/v2-admin-consent";

/// An administrator granted the application its permissions in a directory, as the browser brought it back.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct AdminConsent {
    /// The directory, by its id.
    pub directory: DirectoryId,
}

/// Admin consent (<https://learn.microsoft.com/entra/identity-platform/v2-admin-consent>).
impl App {
    /// Where an administrator grants the application the permissions it is registered with. `redirect` is one of its registered
    /// addresses; make a new `state` each time and bind it to the administrator's session.
    ///
    /// ```
    /// # use graph_meetings::{App, DirectoryId, core::{ids::ClientId, secret::{ClientSecret, OAuthState}}};
    /// # let directory = DirectoryId::parse("9f4a3c1e-0000-4000-8000-000000000001")?;
    /// # let app = App::with_secret(directory, ClientId::parse("client")?, ClientSecret::new("secret"));
    /// let state = OAuthState::new("random, of this session");
    /// let url = app.admin_consent_url(&"https://app.example/consented".parse()?, &state)?;
    /// # assert!(url.as_str().starts_with("https://login.microsoftonline.com/9f4a3c1e-0000-4000-8000-000000000001/adminconsent?"));
    /// // later, out of the redirect
    /// let query = "admin_consent=True&tenant=9f4a3c1e-0000-4000-8000-000000000001&state=random%2C+of+this+session";
    /// let consent = app.admin_consented(query, &state)?;
    /// println!("granted in {}", consent.directory);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for an empty state and a redirect with a fragment;
    /// [`Misconfigured`](ErrorKind::Misconfigured) for a directory that has no administrators, and for hosts that do not belong
    /// together.
    pub fn admin_consent_url(&self, redirect: &Url, state: &OAuthState) -> Result<Url> {
        if state.expose().is_empty() {
            return Err(invalid(WRITE, "no state"));
        }
        if redirect.fragment().is_some() {
            return Err(invalid(WRITE, "the redirect has a fragment"));
        }
        if self.directory.is_personal() == Some(true) {
            return Err(Error::new(ErrorKind::Misconfigured, WRITE)
                .with_provider(crate::provider_id())
                .with_detail("personal accounts have no administrator")
                .with_remedy(Remedy::new("Name the organisation's directory.").with_docs(PAGE)));
        }
        self.cloud.check()?;
        let authority = Origin::dangerous_loopback_http(self.cloud.authority.clone())?;
        let mut url = authority.join(&format!("/{}/adminconsent", self.directory.as_str()))?;
        url.query_pairs_mut()
            .append_pair("client_id", self.client.as_str())
            .append_pair("redirect_uri", redirect.as_str())
            .append_pair("state", state.expose());
        Ok(url)
    }

    /// Reads the query of the redirect. It came through a browser and proves nothing by itself: whether the permissions are there,
    /// the first call shows.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a query without its parts, or with one of them twice;
    /// [`PermissionDenied`](ErrorKind::PermissionDenied) for another state, another directory than the one configured, and when the
    /// administrator said no.
    pub fn admin_consented(&self, callback_query: &str, state: &OAuthState) -> Result<AdminConsent> {
        let query = once_each(callback_query)?;
        let found = query.get("state").ok_or_else(|| invalid(READ, "the answer has no state"))?;
        if state.expose().is_empty() || !bool::from(found.as_bytes().ct_eq(state.expose().as_bytes())) {
            return Err(denied("the state is another one", "Begin again."));
        }
        if let Some(error) = query.get("error") {
            let plain = (1..=64).contains(&error.len()) && error.bytes().all(|c| c.is_ascii_lowercase() || c == b'_');
            let code = if plain { error } else { "an error" };
            return Err(denied(
                format!("Entra answered {code}"),
                "Ask an administrator of the directory to open the link and to accept.",
            ));
        }
        if !query.get("admin_consent").is_some_and(|word| word.eq_ignore_ascii_case("true")) {
            return Err(invalid(READ, "the answer does not say admin_consent=True"));
        }
        let directory = query.get("tenant").ok_or_else(|| invalid(READ, "the answer names no directory"))?;
        let directory = DirectoryId::parse(directory).ok().filter(DirectoryId::is_id);
        let directory = directory.ok_or_else(|| invalid(READ, "the directory in the answer is no GUID"))?;
        let (ours, theirs) = (self.directory.as_str(), directory.as_str());
        if self.directory.is_id() && !ours.eq_ignore_ascii_case(theirs) {
            return Err(denied(
                "the consent is for another directory",
                "Sign in with an account of the right directory.",
            ));
        }
        Ok(AdminConsent { directory })
    }
}

/// What stands there twice could be read in two ways.
fn once_each(query: &str) -> Result<HashMap<String, String>> {
    let mut found = HashMap::new();
    for (name, value) in form_urlencoded::parse(query.trim_start_matches('?').as_bytes()).into_owned() {
        if found.insert(name, value).is_some() {
            return Err(invalid(READ, "the answer says something twice"));
        }
    }
    Ok(found)
}

fn invalid(operation: &'static str, detail: &'static str) -> Error {
    Error::invalid(operation, detail).with_provider(crate::provider_id())
}

fn denied(detail: impl Into<std::borrow::Cow<'static, str>>, action: &'static str) -> Error {
    Error::new(ErrorKind::PermissionDenied, READ)
        .with_provider(crate::provider_id())
        .with_detail(detail)
        .with_remedy(Remedy::new(action).with_docs(PAGE))
}

#[cfg(test)]
mod tests {
    use invitations_core::{ids::ClientId, secret::ClientSecret};

    use super::*;

    const HERE: &str = "5a1d0c7e-0000-4000-8000-00000c0a7050";

    fn app(directory: &str) -> App {
        let directory = DirectoryId::parse(directory).unwrap();
        App::with_secret(directory, ClientId::parse("client 1").unwrap(), ClientSecret::new("planted-secret"))
    }

    fn state() -> OAuthState {
        OAuthState::new("planted state")
    }

    fn read(directory: &str, query: &str) -> Result<DirectoryId> {
        app(directory).admin_consented(query, &state()).map(|consent| consent.directory)
    }

    #[test]
    fn the_url_names_client_redirect_and_state() {
        let url = app(HERE).admin_consent_url(&"https://app.example/back?a=1".parse().unwrap(), &state()).unwrap();
        assert_eq!(
            url.as_str(),
            "https://login.microsoftonline.com/5a1d0c7e-0000-4000-8000-00000c0a7050/adminconsent?client_id=client+1\
             &redirect_uri=https%3A%2F%2Fapp.example%2Fback%3Fa%3D1&state=planted+state"
        );
        let back: Url = "https://app.example/back".parse().unwrap();
        for (app, redirect, state) in [
            (app("consumers"), back.clone(), state()),
            (app(HERE), back.clone(), OAuthState::new("")),
            (app(HERE), "https://app.example/#x".parse().unwrap(), state()),
        ] {
            app.admin_consent_url(&redirect, &state).unwrap_err();
        }
        let mut torn = app(HERE);
        torn.cloud.authority = "https://login.evil.example".parse().unwrap();
        assert_eq!(torn.admin_consent_url(&back, &state()).unwrap_err().kind(), ErrorKind::Misconfigured);
    }

    #[test]
    fn consent_is_read() {
        let query = format!("?admin_consent=True&tenant={HERE}&state=planted+state&scope=x");
        for directory in [HERE, "5A1D0C7E-0000-4000-8000-00000C0A7050", "contoso.example", "organizations", "common"] {
            assert_eq!(read(directory, &query).unwrap().as_str(), HERE, "{directory}");
        }
    }

    #[test]
    fn abuse_f01_what_does_not_fit_is_no_consent() {
        let other = "5a1d0c7e-0000-4000-8000-00000c0a7051";
        for (query, kind) in [
            (format!("admin_consent=True&tenant={HERE}"), ErrorKind::InvalidInput),
            (format!("admin_consent=True&tenant={HERE}&state=planted"), ErrorKind::PermissionDenied),
            (format!("admin_consent=True&tenant={HERE}&state="), ErrorKind::PermissionDenied),
            (format!("admin_consent=True&tenant={other}&state=planted+state"), ErrorKind::PermissionDenied),
            (format!("admin_consent=True&tenant={other}&tenant={HERE}&state=planted+state"), ErrorKind::InvalidInput),
            (format!("admin_consent=False&tenant={HERE}&state=planted+state"), ErrorKind::InvalidInput),
            (format!("tenant={HERE}&state=planted+state"), ErrorKind::InvalidInput),
            ("admin_consent=True&state=planted+state".to_owned(), ErrorKind::InvalidInput),
            ("admin_consent=True&tenant=common&state=planted+state".to_owned(), ErrorKind::InvalidInput),
            ("admin_consent=True&tenant=contoso.example&state=planted+state".to_owned(), ErrorKind::InvalidInput),
            (
                "error=permission_denied&error_description=planted+words&state=planted+state".to_owned(),
                ErrorKind::PermissionDenied,
            ),
            ("error=planted+code&admin_consent=True&state=planted+state".to_owned(), ErrorKind::PermissionDenied),
        ] {
            let error = read(HERE, &query).unwrap_err();
            assert_eq!(error.kind(), kind, "{query}");
            assert!(!format!("{error} {error:?}").contains("planted"), "{error:?}");
        }
        let refused = read(HERE, "error=permission_denied&state=planted+state").unwrap_err();
        assert_eq!(refused.detail(), Some("Entra answered permission_denied"));
        assert!(refused.remedy().is_some());
    }
}
