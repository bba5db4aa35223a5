//! `GET /{directory}/oauth2/v2.0/authorize`: signs the hinted user in at once and redirects with a code.

use http::StatusCode;

use super::knows_directory;
use crate::{
    defaults,
    serve::{Call, Reply},
    world::{AuthorizationSide, Challenge, Code, World},
};

pub(super) fn answer(world: &mut World, call: &Call) -> Reply {
    let side = AuthorizationSide::Microsoft;
    if !knows_directory(call, true) {
        return page("AADSTS90002: Tenant not found.");
    }
    let client = call.parameter("client_id").unwrap_or_default().to_owned();
    if world.clients.get(&client).is_none_or(|c| c.side != side) {
        return page("AADSTS700016: Application was not found in the directory.");
    }
    let Some(redirect) = call.parameter("redirect_uri").filter(|uri| defaults::accepts_redirect(uri)) else {
        return page(
            "AADSTS50011: The redirect URI specified in the request does not match the redirect URIs configured.",
        );
    };
    let user = match call.parameter("login_hint") {
        Some(hint) => world.user_by_address(hint),
        None => world.user_by_address(defaults::ORGANIZER),
    };
    let directory = call.segments.first().map_or("", String::as_str);
    let signs_in_here = |personal: bool| directory == "common" || personal == (directory == "consumers");
    let Some(user) = user.filter(|u| signs_in_here(u.personal)).map(|u| u.id.clone()) else {
        return page("AADSTS50034: The user account does not exist in the directory.");
    };
    let scope = call.parameter("scope").unwrap_or_default().to_owned();
    let error = if call.parameter("response_type") != Some("code") {
        Some(("unsupported_response_type", "AADSTS700054: response_type is not enabled for the application."))
    } else if scope.trim().is_empty() {
        Some(("invalid_request", "AADSTS900144: The request must contain the following parameter: 'scope'."))
    } else if world.entra.deny_consent {
        Some(("access_denied", "AADSTS65004: User declined to consent to access the app."))
    } else {
        None
    };
    if let Some((error, description)) = error {
        return back(call, redirect, &[("error", error), ("error_description", description)]);
    }
    let challenge = call.parameter("code_challenge").map(|value| Challenge {
        value: value.to_owned(),
        s256: call.parameter("code_challenge_method") == Some("S256"),
    });
    let now = world.now();
    let code = Code {
        client,
        user,
        redirect_uri: redirect.to_owned(),
        scope,
        challenge,
        nonce: call.parameter("nonce").map(str::to_owned),
        expires: now,
        used: false,
    };
    let code = world.issue_code(side, code, now);
    back(call, redirect, &[("code", &code)])
}

/// Redirects with the given pairs and the caller's state.
fn back(call: &Call, redirect: &str, pairs: &[(&str, &str)]) -> Reply {
    let Ok(mut url) = url::Url::parse(redirect) else { return page("AADSTS50011: bad redirect URI") };
    let state = call.parameter("state").map(|state| ("state", state));
    let pairs = pairs.iter().copied().chain(state);
    match call.parameter("response_mode") {
        None | Some("query") => {
            url.query_pairs_mut().extend_pairs(pairs);
        }
        Some("fragment") => {
            let text = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
            url.set_fragment(Some(&text));
        }
        Some(other) => {
            return Reply::text(
                StatusCode::NOT_IMPLEMENTED,
                "text/plain",
                format!("this sandbox does not model response_mode {other}"),
            );
        }
    }
    Reply::redirect(url.into())
}

/// What a person would see instead of a redirect.
fn page(text: &str) -> Reply {
    let page = format!("<!doctype html><title>Sign in</title><p>{text}</p>");
    Reply::text(StatusCode::BAD_REQUEST, "text/html; charset=utf-8", page)
}
