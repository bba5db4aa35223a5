use bytes::Bytes;
use http::Request;
use invitations_core::{Error, Result};
use serde_json::json;

use super::{ServiceApp, TOKEN};
use crate::wire::{path, post};

/// `POST /applications/{applicationId}/token`; all three members are required.
pub(super) fn token(app: &ServiceApp, organization: &str) -> Result<Request<Bytes>> {
    if app.application.is_empty() || organization.is_empty() {
        return Err(Error::invalid(TOKEN, "name the application and the organisation by their ids"));
    }
    let body = json!({
        "clientId": app.client.as_str(), "clientSecret": app.secret.expose(), "targetOrgId": organization,
    });
    post(&path(&["applications", &app.application, "token"], &[]), &body)
}

#[cfg(test)]
mod tests {
    use invitations_core::{ids::ClientId, secret::ClientSecret};
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_request_names_application_client_and_organisation() {
        let app = ServiceApp::new("app/1", ClientId::parse("C1").unwrap(), ClientSecret::new("s"));
        let sent = token(&app, "org").unwrap();
        assert_eq!((sent.method().as_str(), sent.uri().path()), ("POST", "/v1/applications/app%2F1/token"));
        let body: Value = serde_json::from_slice(sent.body()).unwrap();
        assert_eq!(body, json!({ "clientId": "C1", "clientSecret": "s", "targetOrgId": "org" }));
        assert!(token(&app, "").is_err());
    }
}
