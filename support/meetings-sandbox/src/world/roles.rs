//! The application permissions of Microsoft clients, and the tokens that say them.

use chrono::{DateTime, Utc};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use super::{AuthorizationSide, World};
use crate::defaults;

impl World {
    /// Replaces the application permissions; false for an unknown client.
    pub(crate) fn set_roles(&mut self, client: &str, roles: Vec<String>) -> bool {
        let client = self.clients.get_mut(client).filter(|client| client.side == AuthorizationSide::Microsoft);
        client.is_some_and(|client| {
            client.roles = Some(roles);
            true
        })
    }

    /// An application's access token as Entra writes it: a JWT whose `roles` are its permissions, missing where it has none. The
    /// signature is a dummy.
    pub(super) fn application_token(&mut self, client: &str, now: DateTime<Utc>, expires: DateTime<Utc>) -> String {
        let default = || defaults::APPLICATION_ROLES.map(str::to_owned).to_vec();
        let roles = self.clients.get(client).and_then(|client| client.roles.clone()).unwrap_or_else(default);
        let mut claims = json!({
            "aud": "https://graph.microsoft.com",
            "iss": format!("https://sts.windows.net/{}/", defaults::DIRECTORY_ID),
            "iat": now.timestamp(), "nbf": now.timestamp(), "exp": expires.timestamp(),
            "appid": client,
            "idtyp": "app",
            "tid": defaults::DIRECTORY_ID,
            "ver": "1.0",
        });
        if !roles.is_empty() {
            claims["roles"] = roles.into();
        }
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let header = part(&json!({ "typ": "JWT", "alg": "RS256", "kid": "sandbox" }));
        let signature = BASE64URL_NOPAD.encode(format!("sandbox-at-{}", self.ids.opaque("access")).as_bytes());
        format!("{header}.{}.{signature}", part(&claims))
    }
}
