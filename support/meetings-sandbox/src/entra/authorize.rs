//! `GET /{directory}/oauth2/v2.0/authorize`: a person in a browser chooses; else the hinted user is signed in at once.

use http::StatusCode;

use super::knows_directory;
use crate::{
    defaults,
    serve::{Call, Reply, html},
    sign_in::{self, Asked, pages},
    world::{AuthorizationSide, World},
};

pub(super) fn answer(world: &mut World, call: &Call) -> Reply {
    let asked = match asked(world, call) {
        Ok(asked) => asked,
        Err(page) => return page,
    };
    let by_a_person = sign_in::by_a_person(call);
    let user = if by_a_person { None } else { Some(hinted(world, &asked)) };
    if user == Some(None) {
        return page("AADSTS50034: The user account does not exist in the directory.");
    }
    if call.parameter("response_type") != Some("code") {
        let description = "AADSTS700054: response_type is not enabled for the application.";
        return asked.failed("unsupported_response_type", Some(description));
    }
    if asked.scope.trim().is_empty() {
        let description = "AADSTS900144: The request must contain the following parameter: 'scope'.";
        return asked.failed("invalid_request", Some(description));
    }
    match user.flatten() {
        None => pages::begin(world, asked),
        Some(_) if world.entra.deny_consent => asked.declined(),
        Some(user) => asked.agreed(world, user),
    }
}

/// Nobody is sent back before client and redirect are known.
fn asked(world: &World, call: &Call) -> Result<Asked, Reply> {
    let side = AuthorizationSide::Microsoft;
    if !knows_directory(call, true) {
        return Err(page("AADSTS90002: Tenant not found."));
    }
    let client = call.parameter("client_id").unwrap_or_default();
    if world.clients.get(client).is_none_or(|c| c.side != side) {
        return Err(page("AADSTS700016: Application was not found in the directory."));
    }
    let Some(redirect) = call.parameter("redirect_uri").filter(|uri| defaults::accepts_redirect(uri)) else {
        return Err(page(
            "AADSTS50011: The redirect URI specified in the request does not match the redirect URIs configured.",
        ));
    };
    let mut asked = Asked::read(side, call, client, redirect);
    asked.fragment = match call.parameter("response_mode") {
        None | Some("query") => false,
        Some("fragment") => true,
        Some(other) => {
            let text = format!("this sandbox does not model response_mode {other}");
            return Err(Reply::text(StatusCode::NOT_IMPLEMENTED, "text/plain", text));
        }
    };
    asked.personal = match call.segments.first().map(String::as_str) {
        Some("common") => None,
        directory => Some(directory == Some("consumers")),
    };
    Ok(asked)
}

fn hinted(world: &World, asked: &Asked) -> Option<String> {
    let user = world.user_by_address(asked.hint.as_deref().unwrap_or(defaults::ORGANIZER))?;
    asked.personal.is_none_or(|personal| personal == user.personal).then(|| user.id.clone())
}

/// What a person would see instead of a redirect.
fn page(text: &str) -> Reply {
    html::notice(StatusCode::BAD_REQUEST, "Sign in", text)
}
