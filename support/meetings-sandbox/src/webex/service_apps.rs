//! `POST /applications/{id}/token` and `POST /guests/token`.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Answer, Turn, error::Failure};
use crate::{
    serve::Reply,
    world::{GUEST_SECONDS, has_scope},
};

/// The members of a body, all of them required texts, and no other.
fn texts<const N: usize>(body: &Map<String, Value>, names: [&str; N]) -> Result<[String; N], Failure> {
    if let Some(unknown) = body.keys().find(|key| !names.contains(&key.as_str())) {
        return Err(Failure::invalid(&format!("'{unknown}' is not a member of this request.")));
    }
    let mut texts = [const { String::new() }; N];
    for (text, name) in texts.iter_mut().zip(names) {
        let value = body.get(name).and_then(Value::as_str).filter(|value| !value.trim().is_empty());
        value.ok_or_else(|| Failure::invalid(&format!("'{name}' is required.")))?.clone_into(text);
    }
    Ok(texts)
}

pub(super) fn token(turn: &mut Turn<'_>) -> Answer {
    if !has_scope(&turn.token.scope, "spark:applications_token") {
        return Err(Failure::forbidden("The scope spark:applications_token is missing."));
    }
    let body = turn.call.object().map_err(|error| Failure::invalid(&error))?;
    let [client, secret, organization] = texts(&body, ["clientId", "clientSecret", "targetOrgId"])?;
    let application = turn.id.clone();
    let Some(app) = turn.world.service_apps.get(&application) else {
        return Err(Failure::not_found("No such application."));
    };
    if app.client != client {
        return Err(Failure::invalid("The clientId is not this application's."));
    }
    if turn.world.clients.get(&client).is_none_or(|known| known.secret != secret) {
        return Err(Failure::invalid("The clientSecret is invalid."));
    }
    if !app.organizations.contains(&organization) {
        return Err(Failure::forbidden(
            "The application is not authorized by a full administrator of this organization.",
        ));
    }
    let granted = turn.world.grant_service_app(&application, &organization, turn.now);
    Ok(Reply::json(
        StatusCode::OK,
        &json!({
            "access_token": granted.access_token,
            "expires_in": turn.world.webex_tokens.access_seconds,
            "refresh_token": granted.refresh_token,
            "refresh_token_expires_in": granted.refresh_expires.map(|at| (at - turn.now).num_seconds()),
            "token_type": "Bearer",
        }),
    ))
}

pub(super) fn guest(turn: &mut Turn<'_>) -> Answer {
    let client = turn.token.client.clone();
    let service_app = turn.world.service_apps.values().any(|app| app.client == client);
    if !service_app || !has_scope(&turn.token.scope, "guest-issuer:write") {
        return Err(Failure::forbidden("A service app's token with the scope guest-issuer:write is needed."));
    }
    let body = turn.call.object().map_err(|error| Failure::invalid(&error))?;
    let [subject, name] = texts(&body, ["subject", "displayName"])?;
    let (id, guest, token) = turn.world.guest_token(&client, &subject, &name, turn.now);
    Ok(Reply::json(
        StatusCode::OK,
        &json!({
            "id": id,
            "subject": guest.subject,
            "displayName": guest.name,
            "email": guest.address,
            "accessToken": token,
            "expiresIn": GUEST_SECONDS,
        }),
    ))
}
