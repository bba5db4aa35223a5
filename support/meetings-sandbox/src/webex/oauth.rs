//! `GET /v1/authorize` and `POST /v1/access_token`.

use data_encoding::BASE64;
use http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, error::Failure};
use crate::{
    defaults,
    serve::{Call, Reply},
    world::{AuthorizationSide, Challenge, Code, Granted, World},
};

pub(super) const WEBEX: AuthorizationSide = AuthorizationSide::Webex;
const MALFORMED: &str = "The request could not be understood by the server due to malformed syntax.";

/// Signs the hinted person in at once and redirects with a code.
pub(super) fn authorize(world: &mut World, call: &Call) -> Reply {
    let client = call.parameter("client_id").unwrap_or_default().to_owned();
    if world.clients.get(&client).is_none_or(|c| c.side != WEBEX) {
        return page("Client Id is invalid");
    }
    let Some(redirect) = call.parameter("redirect_uri").filter(|uri| defaults::accepts_redirect(uri)) else {
        return page("redirect_uri is not registered");
    };
    let Ok(mut url) = url::Url::parse(redirect) else { return page("redirect_uri is not registered") };
    let hint = call.parameter("login_hint").unwrap_or(defaults::ORGANIZER);
    let Some(user) = world.person(hint).map(|p| p.id.clone()) else { return page("unknown person") };
    let scope = call.parameter("scope").unwrap_or_default().to_owned();
    let error = if call.parameter("response_type") != Some("code") {
        Some("unsupported_response_type")
    } else if scope.trim().is_empty() {
        Some("invalid_scope")
    } else if world.webex_tokens.deny_consent {
        Some("access_denied")
    } else {
        None
    };
    let (name, value) = match error {
        Some(error) => ("error", error.to_owned()),
        None => {
            let challenge = call.parameter("code_challenge").map(|value| Challenge {
                value: value.to_owned(),
                s256: call.parameter("code_challenge_method") == Some("S256"),
            });
            let (now, redirect_uri) = (world.now(), redirect.to_owned());
            let nonce = call.parameter("nonce").map(str::to_owned);
            let code = Code { client, user, redirect_uri, scope, challenge, nonce, expires: now, used: false };
            ("code", world.issue_code(WEBEX, code, now))
        }
    };
    url.query_pairs_mut().append_pair(name, &value);
    if let Some(state) = call.parameter("state") {
        url.query_pairs_mut().append_pair("state", state);
    }
    Reply::redirect(url.into())
}

fn page(text: &str) -> Reply {
    let page = format!("<!doctype html><title>Webex</title><p>{text}</p>");
    Reply::text(StatusCode::BAD_REQUEST, "text/html; charset=utf-8", page)
}

pub(super) fn access_token(world: &mut World, call: &Call) -> Answer {
    let mut fields = call.form();
    if let Some((client, secret)) = basic(call) {
        fields.push(("client_id".to_owned(), client));
        fields.push(("client_secret".to_owned(), secret));
    }
    let field = |name: &str| fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).filter(|v| !v.is_empty());
    let required = |name: &str| field(name).ok_or_else(|| malformed(&format!("{name} is required")));
    let (grant, client) = (required("grant_type")?, required("client_id")?);
    world.count_grant(WEBEX, client, grant);
    let known = world.clients.get(client).filter(|c| c.side == WEBEX);
    let known = known.ok_or_else(|| malformed("Client Id is invalid"))?;
    if required("client_secret")? != known.secret {
        return Err(wrong_secret());
    }
    let now = world.now();
    let granted = match grant {
        "authorization_code" => {
            let code = required("code")?;
            world
                .redeem_code(WEBEX, code, client, field("redirect_uri"), field("code_verifier"), now)
                .map_err(|_| malformed("The authorization code provided is expired, revoked, malformed, or invalid."))?
        }
        "refresh_token" => world
            .refresh(WEBEX, required("refresh_token")?, client, None, now)
            .map_err(|_| malformed("The refresh token provided is expired, revoked, malformed, or invalid."))?,
        other => return Err(malformed(&format!("Grant type {other} is not supported"))),
    };
    Ok(Reply::json(StatusCode::OK, &body(world, &granted)))
}

/// Client id and secret of `Authorization: Basic …`.
pub(super) fn basic(call: &Call) -> Option<(String, String)> {
    let text = call.header("authorization")?.strip_prefix("Basic ")?;
    let text = String::from_utf8(BASE64.decode(text.trim().as_bytes()).ok()?).ok()?;
    let (client, secret) = text.split_once(':')?;
    Some((client.to_owned(), secret.to_owned()))
}

pub(super) fn wrong_secret() -> Failure {
    let (message, why) = ("Invalid client credentials", "The provided clientSecret is invalid");
    Failure::described(StatusCode::UNAUTHORIZED, message, why)
}

pub(super) fn malformed(description: &str) -> Failure {
    Failure::described(StatusCode::BAD_REQUEST, MALFORMED, description)
}

/// `refresh_token_expires_in` is the remaining time.
pub(super) fn body(world: &World, granted: &Granted) -> Value {
    json!({
        "access_token": granted.access_token,
        "expires_in": world.webex_tokens.access_seconds,
        "refresh_token": granted.refresh_token,
        "refresh_token_expires_in": granted.refresh_expires.map(|at| (at - world.now()).num_seconds()),
        "token_type": "Bearer",
        "scope": granted.scope,
    })
}
