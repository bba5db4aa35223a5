//! `POST /v1/device/authorize` and `POST /v1/device/token`.

use http::StatusCode;
use serde_json::json;

use super::{
    Answer,
    error::Failure,
    oauth::{WEBEX, basic, body, malformed, wrong_secret},
    scopes,
};
use crate::{
    serve::{Call, Reply},
    world::{DEVICE_GRANT, DeviceRefusal, World},
};

/// Seconds that the codes live, and between two questions.
const LIFE_AND_INTERVAL: (i64, i64) = (300, 2);

pub(super) fn authorize(world: &mut World, call: &Call) -> Answer {
    let form = call.form();
    let required = |name: &str| required(&form, name);
    let (client, scope) = (required("client_id")?, required("scope")?);
    if world.clients.get(client).is_none_or(|known| known.side != WEBEX) {
        return Err(malformed("Client Id is invalid"));
    }
    if !scopes::are_registered(scope) {
        return Err(malformed("invalid_scope"));
    }
    let (client, scope, now) = (client.to_owned(), scope.to_owned(), world.now());
    let (device_code, user_code) = world.begin_device(WEBEX, &client, &scope, LIFE_AND_INTERVAL, now);
    let page = format!("{}/_sandbox/device", call.origin);
    Ok(Reply::json(
        StatusCode::OK,
        &json!({
            "device_code": device_code,
            "user_code": user_code,
            "verification_uri": page,
            "verification_uri_complete": format!("{page}?userCode={user_code}"),
            "expires_in": LIFE_AND_INTERVAL.0,
            "interval": LIFE_AND_INTERVAL.1,
        }),
    ))
}

pub(super) fn token(world: &mut World, call: &Call) -> Answer {
    let form = call.form();
    let required = |name: &str| required(&form, name);
    let grant = required("grant_type")?;
    let Some((client, secret)) = basic(call) else { return Err(wrong_secret()) };
    world.count_grant(WEBEX, &client, grant);
    if grant != DEVICE_GRANT {
        return Err(malformed("unsupported_grant_type"));
    }
    if world.clients.get(&client).is_none_or(|known| known.side != WEBEX || known.secret != secret) {
        return Err(wrong_secret());
    }
    let (code, now) = (required("device_code")?, world.now());
    let granted = world.ask_device(WEBEX, code, &client, now).map_err(|refusal| match refusal {
        DeviceRefusal::Pending => Failure::described(
            StatusCode::PRECONDITION_REQUIRED,
            "The request could not be completed yet.",
            "authorization_pending",
        ),
        DeviceRefusal::SlowDown => malformed("slow_down"),
        DeviceRefusal::Denied => malformed("access_denied"),
        DeviceRefusal::Expired => malformed("expired_token"),
        DeviceRefusal::Unknown => malformed("invalid_grant"),
    })?;
    Ok(Reply::json(StatusCode::OK, &body(world, &granted)))
}

fn required<'a>(form: &'a [(String, String)], name: &str) -> Result<&'a str, Failure> {
    let value = form.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty());
    value.ok_or_else(|| malformed(&format!("{name} is required")))
}
