//! Webex's authorization server: <https://developer.webex.com/docs/login-with-webex>.

mod classify;
mod device;

use std::{sync::Arc, time::Duration};

use invitations_core::{
    Result,
    runtime::Clock,
    token::{Rotation, ServerProfile},
};
use meetings_http::{DeviceClient, OAuthClient, OAuthEndpoints, OAuthStyle, Origin, SubjectFrom, Transport};
use serde_json::Value;

use crate::Integration;

/// A third of the 90 days that a refresh token lives without use.
const KEEP_ALIVE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Codes, devices, refreshes and the person id, over the same transport as everything else.
pub(crate) fn server(
    integration: &Integration,
    origin: &Origin,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
) -> Result<Arc<DeviceClient>> {
    let mut profile = ServerProfile::new(crate::provider_id(), integration.client.clone());
    profile.keep_alive = Some(KEEP_ALIVE);
    // a refresh answers with a refresh token, and the old one goes on working
    profile.rotation = Rotation::Same;
    let endpoints = OAuthEndpoints {
        authorize: origin.join("/v1/authorize")?,
        token: origin.join("/v1/access_token")?,
        revoke: None,
    };
    let style = OAuthStyle {
        scopes: integration.scopes.clone(),
        extra_authorize: Vec::new(),
        classify: classify::classify,
        subject: SubjectFrom::Get { url: origin.join("/v1/people/me")?, subject: person_id, address },
        issuers: Vec::new(),
    };
    let client = OAuthClient::new(profile, transport, clock, endpoints, integration.secret.clone(), style);
    Ok(Arc::new(DeviceClient::new(Arc::new(client), device::style(origin)?)))
}

/// The person id stays when the address changes.
fn person_id(person: &Value) -> Option<String> {
    person.get("id").and_then(Value::as_str).map(str::to_owned)
}

/// The first is the one that the person signs in with.
fn address(person: &Value) -> Option<String> {
    person.get("emails")?.get(0)?.as_str().map(str::to_owned)
}
