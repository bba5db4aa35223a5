//! `POST /{directory}/oauth2/v2.0/devicecode`.

use http::StatusCode;
use serde_json::{Value, json};

use super::{error::Failure, knows_directory, token::Form};
use crate::{
    serve::{Call, Reply},
    world::{AuthorizationSide, World},
};

/// Seconds that the codes live, and between two questions.
const LIFE_AND_INTERVAL: (i64, i64) = (900, 5);

pub(super) fn answer(world: &mut World, call: &Call) -> Reply {
    match begun(world, call) {
        Ok(body) => Reply::json(StatusCode::OK, &body).with("cache-control", "no-store, no-cache"),
        Err(failure) => failure.into_reply(world, call),
    }
}

fn begun(world: &mut World, call: &Call) -> Result<Value, Failure> {
    let form = Form::read(call);
    let (client, scope) = (form.required("client_id")?, form.required("scope")?);
    let directory = call.segments.first().map_or("", String::as_str);
    if !knows_directory(call, true) {
        return Err(Failure::unknown_directory(directory));
    }
    let side = AuthorizationSide::Microsoft;
    if world.clients.get(client).is_none_or(|known| known.side != side) {
        return Err(Failure::unknown_client(client, directory));
    }
    let now = world.now();
    let (device_code, user_code) = world.begin_device(side, client, scope, LIFE_AND_INTERVAL, now);
    let page = format!("{}/_sandbox/device", call.origin);
    Ok(json!({
        "device_code": device_code,
        "user_code": user_code,
        "verification_uri": page,
        "expires_in": LIFE_AND_INTERVAL.0,
        "interval": LIFE_AND_INTERVAL.1,
        "message": format!("To sign in, use a web browser to open the page {page} and enter the code {user_code} to authenticate."),
    }))
}
