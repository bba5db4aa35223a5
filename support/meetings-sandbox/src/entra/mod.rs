//! The Microsoft identity platform: `/{directory}/oauth2/v2.0/{authorize,devicecode,token}` and `/{directory}/adminconsent`.

mod authorize;
mod client;
mod consent;
mod device;
mod error;
mod token;

use http::StatusCode;

use crate::{
    defaults,
    serve::{Call, Reply},
    world::World,
};

/// The name of what this call asks for.
pub(crate) fn operation(call: &Call) -> String {
    match (call.method.as_str(), tail(call).as_slice()) {
        ("POST", ["v2.0", "token"]) => "entra.token".to_owned(),
        ("POST", ["v2.0", "devicecode"]) => "entra.devicecode".to_owned(),
        ("GET", ["v2.0", "authorize"]) => "entra.authorize".to_owned(),
        ("GET", []) if call.segments.last().is_some_and(|last| last == "adminconsent") => {
            "entra.adminconsent".to_owned()
        }
        _ => format!("{} {}", call.method, call.path),
    }
}

pub(crate) fn answer(world: &mut World, call: &Call) -> Reply {
    match operation(call).as_str() {
        "entra.token" => token::answer(world, call),
        "entra.devicecode" => device::answer(world, call),
        "entra.authorize" => authorize::answer(world, call),
        "entra.adminconsent" => consent::answer(world, call),
        other => error::Failure::not_modelled(other).into_reply(world, call),
    }
}

/// The fault answer of this service.
pub(crate) fn failing(world: &mut World, call: &Call, status: StatusCode) -> Reply {
    error::Failure::unavailable(status).into_reply(world, call)
}

fn tail(call: &Call) -> Vec<&str> {
    call.segments.iter().skip(2).map(String::as_str).collect()
}

/// Whether the first path segment names our directory; the shared names do only where users sign in.
fn knows_directory(call: &Call, users_sign_in: bool) -> bool {
    let directory = call.segments.first().map_or("", String::as_str);
    directory.eq_ignore_ascii_case(defaults::DIRECTORY_ID)
        || directory.eq_ignore_ascii_case(defaults::DIRECTORY_DOMAIN)
        || (users_sign_in && matches!(directory, "common" | "organizations" | "consumers"))
}
