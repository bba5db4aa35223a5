use std::{sync::Arc, time::Duration};

use invitations_core::{
    Result,
    runtime::Clock,
    token::{AuthorizationServer, ServerProfile},
};
use meetings_http::{
    ClientCredentials, DeviceClient, OAuthClient, OAuthEndpoints, OAuthStyle, Origin, SubjectFrom, Transport,
};
use serde_json::Value;
use url::Url;

use super::classify::classify;
use crate::client::App;

/// A refresh token goes stale after 90 days without use; a connection is refreshed well before.
const KEEP_ALIVE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// For users: the scopes are what they are asked for.
pub(crate) fn delegated_server(
    app: &App,
    authority: &Origin,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    credentials: ClientCredentials,
    scopes: Vec<String>,
) -> Result<Arc<DeviceClient>> {
    let client = server(app, authority, transport, clock, credentials, scopes)?;
    Ok(Arc::new(DeviceClient::new(client, super::device::style(app, authority)?)))
}

/// For the application itself: exactly one resource, with all that was granted to it there.
pub(crate) fn application_server(
    app: &App,
    authority: &Origin,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    credentials: ClientCredentials,
) -> Result<Arc<dyn AuthorizationServer>> {
    let scope = format!("{}/.default", app.cloud.graph.as_str().trim_end_matches('/'));
    Ok(server(app, authority, transport, clock, credentials, vec![scope])?)
}

fn server(
    app: &App,
    authority: &Origin,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    credentials: ClientCredentials,
    scopes: Vec<String>,
) -> Result<Arc<OAuthClient>> {
    let at = |what: &str| endpoint(authority, app, what);
    let endpoints = OAuthEndpoints { authorize: at("authorize")?, token: at("token")?, revoke: None };
    let mut profile = ServerProfile::new(crate::provider_id(), app.client.clone());
    profile.keep_alive = Some(KEEP_ALIVE);
    profile.consent_page.clone_from(&app.cloud.consent_page);
    let style = OAuthStyle {
        scopes,
        extra_authorize: Vec::new(),
        classify,
        subject: SubjectFrom::IdToken { subject, address },
        issuers: issuers(app),
    };
    Ok(Arc::new(OAuthClient::new(profile, transport, clock, endpoints, credentials, style)))
}

/// Authorize or token, out of the configuration alone.
pub(super) fn endpoint(authority: &Origin, app: &App, what: &str) -> Result<Url> {
    authority.join(&format!("/{}/oauth2/v2.0/{what}", app.directory.as_str()))
}

/// Who may have issued an id token of this directory (the `issuer` of the v2.0 metadata).
fn issuers(app: &App) -> Vec<String> {
    let directory = app.directory.in_issuer();
    app.cloud.issuers().iter().map(|authority| format!("{authority}/{directory}/v2.0")).collect()
}

/// `oid` is the user in the directory `tid`; neither changes when the address does.
fn subject(claims: &Value) -> Option<String> {
    let claim = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    Some(format!("{}:{}", claim("tid")?, claim("oid")?))
}

/// What the user signs in with, which mostly is an address; `email` comes only where the application asked for it.
fn address(claims: &Value) -> Option<String> {
    let claim = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| text.contains('@'));
    claim("preferred_username").or_else(|| claim("email")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_subject_is_the_object_in_its_directory() {
        assert_eq!(subject(&json!({ "oid": "o", "tid": "t", "sub": "s" })).as_deref(), Some("t:o"));
        for broken in [json!({}), json!({ "oid": "o" }), json!({ "oid": "", "tid": "t" }), json!(["oid"])] {
            assert_eq!(subject(&broken), None, "{broken}");
        }
    }

    #[test]
    fn an_address_is_what_the_user_signs_in_with() {
        let address = |claims: Value| address(&claims);
        let both = json!({ "preferred_username": "ada@school.example", "email": "a@mail.example" });
        assert_eq!(address(both).as_deref(), Some("ada@school.example"));
        let phone = json!({ "preferred_username": "+49 30 1", "email": "a@mail.example" });
        assert_eq!(address(phone).as_deref(), Some("a@mail.example"));
        assert_eq!(address(json!({ "email": 7 })), None);
    }
}
