//! `POST /{directory}/oauth2/v2.0/token`.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use http::StatusCode;
use serde_json::{Value, json};

use super::{client, error::Failure, knows_directory};
use crate::{
    defaults,
    serve::{Call, Reply},
    world::{AuthorizationSide, DEVICE_GRANT, Granted, World, has_scope},
};

const MICROSOFT: AuthorizationSide = AuthorizationSide::Microsoft;

/// The fields of a token request, Basic credentials included.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn read(call: &Call) -> Self {
        let mut fields = call.form();
        let basic = call.header("authorization").and_then(|h| h.strip_prefix("Basic "));
        let basic =
            basic.and_then(|text| BASE64.decode(text.trim().as_bytes()).ok()).and_then(|b| String::from_utf8(b).ok());
        if let Some((client, secret)) = basic.as_deref().and_then(|text| text.split_once(':')) {
            let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
            fields.push(("client_id".to_owned(), decoded(client)));
            fields.push(("client_secret".to_owned(), decoded(secret)));
        }
        Self(fields)
    }

    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, Failure> {
        self.field(name).ok_or_else(|| Failure::missing(name))
    }
}

pub(super) fn answer(world: &mut World, call: &Call) -> Reply {
    match granted(world, call) {
        Ok(body) => Reply::json(StatusCode::OK, &body).with("cache-control", "no-store, no-cache"),
        Err(failure) => failure.into_reply(world, call),
    }
}

fn granted(world: &mut World, call: &Call) -> Result<Value, Failure> {
    let form = Form::read(call);
    let grant = form.required("grant_type")?.to_owned();
    let client = form.required("client_id")?.to_owned();
    world.count_grant(MICROSOFT, &client, &grant);
    if !knows_directory(call, grant != "client_credentials") {
        return Err(Failure::unknown_directory(call.segments.first().map_or("", String::as_str)));
    }
    client::check(world, call, &form, &client)?;
    let now = world.now();
    match grant.as_str() {
        "client_credentials" => {
            let scope = form.required("scope")?;
            if !names_graph(scope) {
                return Err(Failure::invalid_scope(scope));
            }
            let access_token = world.issue_access(MICROSOFT, &client, None, scope, now);
            let seconds = world.entra.access_seconds;
            Ok(json!({
                "token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": access_token,
            }))
        }
        "authorization_code" => {
            let code = form.required("code")?;
            let (redirect, verifier) = (form.field("redirect_uri"), form.field("code_verifier"));
            let granted =
                world.redeem_code(MICROSOFT, code, &client, redirect, verifier, now).map_err(Failure::code)?;
            Ok(user_reply(world, call, &client, granted))
        }
        "refresh_token" => {
            let token = form.required("refresh_token")?;
            let granted =
                world.refresh(MICROSOFT, token, &client, form.field("scope"), now).map_err(Failure::refresh)?;
            Ok(user_reply(world, call, &client, granted))
        }
        DEVICE_GRANT => {
            let code = form.required("device_code")?;
            let granted = world.ask_device(MICROSOFT, code, &client, now).map_err(Failure::device)?;
            Ok(user_reply(world, call, &client, granted))
        }
        other => Err(Failure::unsupported_grant(other)),
    }
}

/// One resource, `…/.default`: Graph in any cloud, or this sandbox.
fn names_graph(scope: &str) -> bool {
    let Some(resource) = scope.strip_suffix("/.default") else { return false };
    let Ok(url) = url::Url::parse(resource) else { return false };
    url.host_str().is_some_and(|host| host.contains("graph") || matches!(host, "127.0.0.1" | "localhost"))
}

fn user_reply(world: &World, call: &Call, client: &str, granted: Granted) -> Value {
    let seconds = world.entra.access_seconds;
    let mut body = json!({
        "token_type": "Bearer", "scope": granted.scope, "expires_in": seconds, "ext_expires_in": seconds,
        "access_token": granted.access_token,
    });
    if let Some(refresh_token) = granted.refresh_token {
        body["refresh_token"] = refresh_token.into();
    }
    if has_scope(&granted.scope, "openid") {
        body["id_token"] = id_token(world, call, client, &granted.user, granted.nonce).into();
    }
    body
}

/// A JWT with a dummy signature: Graph clients read it, nobody may trust it.
fn id_token(world: &World, call: &Call, client: &str, user: &str, nonce: Option<String>) -> String {
    let now = world.now().timestamp();
    let user = world.user(user);
    let personal = user.is_some_and(|user| user.personal);
    let directory = if personal { defaults::PERSONAL_DIRECTORY_ID } else { defaults::DIRECTORY_ID };
    let mut claims = json!({
        "aud": client,
        "iss": format!("{}/{directory}/v2.0", call.origin),
        "iat": now, "nbf": now, "exp": now + 3600,
        "name": user.map(|u| &u.name),
        "oid": user.map(|u| &u.id),
        "preferred_username": user.map(|u| &u.upn),
        "sub": user.map(|u| format!("sub-{}", u.id)),
        "tid": directory,
        "ver": "2.0",
    });
    if let Some(nonce) = nonce {
        claims["nonce"] = nonce.into();
    }
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let header = json!({ "typ": "JWT", "alg": "RS256", "kid": "sandbox" });
    format!("{}.{}.{}", part(&header), part(&claims), BASE64URL_NOPAD.encode(b"sandbox-signature"))
}
