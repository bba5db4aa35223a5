//! `GET /{directory}/adminconsent`: an administrator accepts at once, or declines.

use http::StatusCode;

use super::knows_directory;
use crate::{
    defaults,
    serve::{Call, Reply, html},
    world::{AuthorizationSide, World},
};

pub(super) fn answer(world: &World, call: &Call) -> Reply {
    let page = |text: &str| html::notice(StatusCode::BAD_REQUEST, "Permissions requested", text);
    if !knows_directory(call, true) {
        return page("AADSTS90002: Tenant not found.");
    }
    let client = world.clients.get(call.parameter("client_id").unwrap_or_default());
    if client.is_none_or(|client| client.side != AuthorizationSide::Microsoft) {
        return page("AADSTS700016: Application was not found in the directory.");
    }
    let redirect = call.parameter("redirect_uri").filter(|uri| defaults::accepts_redirect(uri));
    let Some(mut url) = redirect.and_then(|uri| url::Url::parse(uri).ok()) else {
        return page("AADSTS50011: The redirect URI does not match the redirect URIs configured.");
    };
    let mut query = url.query_pairs_mut();
    if world.entra.deny_consent {
        let words = "AADSTS65004: The resource owner or authorization server denied the request.";
        query.append_pair("error", "permission_denied").append_pair("error_description", words);
    } else {
        query.append_pair("admin_consent", "True").append_pair("tenant", defaults::DIRECTORY_ID);
    }
    if let Some(state) = call.parameter("state") {
        query.append_pair("state", state);
    }
    drop(query);
    Reply::redirect(url.into())
}
