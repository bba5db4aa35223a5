//! Microsoft Graph v1.0, as far as meetings, calendars and guests go.

mod batch;
mod calendar_view;
mod calendars;
mod delta;
mod directory;
mod error;
mod event_answers;
mod event_body;
mod event_categories;
mod event_filter;
mod event_mails;
mod event_shape;
mod events;
mod find_times;
mod guests;
mod lists;
mod mailbox;
mod meeting_body;
mod meeting_settings;
mod meetings;
mod route;
mod schedule;
mod series;
mod users;
pub(crate) mod zones;

use http::StatusCode;

pub(crate) use error::Failure;
pub(crate) use route::{Route, route};

use crate::{
    serve::{Call, Reply},
    world::{AccessToken, AuthorizationSide, World},
};

/// One request at work: everything a handler needs.
pub(crate) struct Turn<'a> {
    pub(crate) world: &'a mut World,
    pub(crate) call: &'a Call,
    pub(crate) route: &'a Route,
    pub(crate) token: AccessToken,
    pub(crate) now: chrono::DateTime<chrono::Utc>,
}

pub(crate) type Answer = Result<Reply, Failure>;

impl Turn<'_> {
    /// The path segment that the route kept at this place.
    pub(crate) fn id(&self, at: usize) -> &str {
        self.route.ids.get(at).map_or("", String::as_str)
    }
}

/// Carries a request out, with the headers every Graph answer has.
pub(crate) fn answer(world: &mut World, call: &Call, route: &Route) -> Reply {
    let request_id = world.ids.guid("request");
    let result = carry_out(world, call, route);
    finish(world, call, &request_id, result)
}

fn carry_out(world: &mut World, call: &Call, route: &Route) -> Answer {
    let now = world.now();
    let side = AuthorizationSide::Microsoft;
    let token = world.access_token(side, call.bearer(), now).ok_or_else(|| Failure::unauthenticated(call.bearer()))?;
    let Some(handler) = route.handler else { return Err(Failure::not_modelled(&route.operation)) };
    handler(&mut Turn { world, call, route, token, now })
}

fn finish(world: &mut World, call: &Call, request_id: &str, result: Answer) -> Reply {
    let client_request_id = call.header("client-request-id").unwrap_or(request_id).to_owned();
    let reply = result.unwrap_or_else(|failure| failure.into_reply(world.now(), request_id, &client_request_id));
    reply.with("request-id", request_id).with("client-request-id", client_request_id)
}

/// An error answer from outside of any handler: faults and limits.
pub(crate) fn failing(world: &mut World, call: &Call, failure: Failure) -> Reply {
    let request_id = world.ids.guid("request");
    finish(world, call, &request_id, Err(failure))
}

/// The failure that goes with an injected status.
pub(crate) fn fault(status: StatusCode) -> Failure {
    match status {
        StatusCode::TOO_MANY_REQUESTS => {
            Failure::new(status, "TooManyRequests", "Too many requests. Please retry later.")
        }
        StatusCode::UNAUTHORIZED => Failure::unauthenticated(None),
        StatusCode::SERVICE_UNAVAILABLE => {
            Failure::new(status, "serviceNotAvailable", "The service is temporarily unavailable. Please retry later.")
        }
        _ => Failure::new(status, "UnknownError", "An error occurred while processing the request."),
    }
}
