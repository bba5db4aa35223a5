//! `GET /v1/authorize` and `POST /v1/access_token`.

use data_encoding::BASE64;
use http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, error::Failure, scopes};
use crate::{
    defaults,
    serve::{Call, Reply, html},
    sign_in::{self, Asked, pages},
    world::{AuthorizationSide, Granted, World},
};

pub(super) const WEBEX: AuthorizationSide = AuthorizationSide::Webex;
const MALFORMED: &str = "The request could not be understood by the server due to malformed syntax.";

/// A person in a browser chooses; else the hinted one is signed in at once.
pub(super) fn authorize(world: &mut World, call: &Call) -> Reply {
    let client = call.parameter("client_id").unwrap_or_default();
    if world.clients.get(client).is_none_or(|c| c.side != WEBEX) {
        return page("Client Id is invalid");
    }
    let Some(redirect) = call.parameter("redirect_uri").filter(|uri| defaults::accepts_redirect(uri)) else {
        return page("redirect_uri is not registered");
    };
    let asked = Asked::read(WEBEX, call, client, redirect);
    let by_a_person = sign_in::by_a_person(call);
    let hint = asked.hint.as_deref().unwrap_or(defaults::ORGANIZER);
    let user = world.person(hint).map(|person| person.id.clone());
    if user.is_none() && !by_a_person {
        return page("unknown person");
    }
    if call.parameter("response_type") != Some("code") {
        return asked.failed("unsupported_response_type", None);
    }
    if !scopes::are_registered(&asked.scope) {
        return asked.failed("invalid_scope", None);
    }
    match user.filter(|_| !by_a_person) {
        None => pages::begin(world, asked),
        Some(_) if world.webex_tokens.deny_consent => asked.declined(),
        Some(user) => asked.agreed(world, user),
    }
}

fn page(text: &str) -> Reply {
    html::notice(StatusCode::BAD_REQUEST, "Webex", text)
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
            if field("code_verifier").is_some_and(|verifier| !is_verifier(verifier)) {
                return Err(malformed("code_verifier is invalid"));
            }
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

/// 43 to 128 unreserved characters.
fn is_verifier(text: &str) -> bool {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&text.len()) && text.bytes().all(is_unreserved)
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
