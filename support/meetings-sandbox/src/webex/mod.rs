//! Webex: `/v1/...`.

mod acting;
mod device;
mod error;
mod hosts;
mod instances;
mod invitees;
mod join;
mod list;
mod media;
mod meeting_change;
mod meeting_fields;
mod meeting_input;
mod meetings;
mod oauth;
mod participants;
mod people;
mod recordings;
mod reports;
mod scopes;
mod service_apps;
mod shape;
mod times;
mod transcripts;
mod webhooks;

use http::StatusCode;

use error::Failure;

use crate::{
    serve::{Call, Reply},
    world::{AccessToken, AuthorizationSide, GUEST_SCOPE, Person, World, has_scope},
};

/// The first segment of links to files, which stand on another host.
pub(crate) const FILES: &str = "nbr";

/// One request at work: everything a handler needs.
pub(crate) struct Turn<'a> {
    pub(crate) world: &'a mut World,
    pub(crate) call: &'a Call,
    pub(crate) token: AccessToken,
    pub(crate) caller: Person,
    /// The caller, or on whose behalf an administrator calls.
    pub(crate) acting: Person,
    pub(crate) now: chrono::DateTime<chrono::Utc>,
    /// The id in the path.
    pub(crate) id: String,
}

/// What counts, also when it is refused.
const CREATE: &str = "webex.meetings.create";
/// The one thing that guests may do.
const JOIN: &str = "webex.meetings.join";

pub(crate) type Answer = Result<Reply, Failure>;
type Handler = fn(&mut Turn<'_>) -> Answer;

fn route(call: &Call) -> Option<(&'static str, Handler)> {
    let rest: Vec<&str> = call.segments.iter().skip(1).map(String::as_str).collect();
    Some(match (call.method.as_str(), rest.as_slice()) {
        ("GET", ["people", "me"]) => ("webex.people.me", people::me),
        ("GET", ["meetingPreferences", "sites"]) => ("webex.sites.list", people::sites),
        ("DELETE", ["authorizations"]) => ("webex.authorizations.delete", people::revoke),
        ("POST", ["applications", _, "token"]) => ("webex.applications.token", service_apps::token),
        ("POST", ["guests", "token"]) => ("webex.guests.token", service_apps::guest),
        ("POST", ["meetings"]) => (CREATE, meetings::create),
        ("GET", ["meetings"]) => ("webex.meetings.list", list::list),
        ("GET", ["meetings", _]) => ("webex.meetings.get", meetings::read),
        ("POST", ["meetings", "join"]) => (JOIN, join::join),
        ("POST", ["meetings", _, "end"]) => ("webex.meetings.end", instances::end),
        ("POST", ["meetings", "reassignHost"]) => ("webex.meetings.reassignHost", hosts::reassign),
        ("PATCH", ["meetings", _]) => ("webex.meetings.patch", meeting_change::change),
        ("PUT", ["meetings", _]) => ("webex.meetings.put", meeting_change::change),
        ("DELETE", ["meetings", _]) => ("webex.meetings.delete", meetings::delete),
        ("POST", ["meetingInvitees"]) => ("webex.invitees.create", invitees::create),
        ("POST", ["meetingInvitees", "bulkInsert"]) => ("webex.invitees.bulkInsert", invitees::create_many),
        ("GET", ["meetingInvitees"]) => ("webex.invitees.list", invitees::list),
        ("GET", ["meetingInvitees", _]) => ("webex.invitees.get", invitees::read),
        ("PUT", ["meetingInvitees", _]) => ("webex.invitees.put", invitees::update),
        ("DELETE", ["meetingInvitees", _]) => ("webex.invitees.delete", invitees::delete),
        ("GET", ["meetingParticipants"]) => ("webex.participants.list", participants::list),
        ("POST", ["meetingParticipants", "query"]) => ("webex.participants.query", participants::query),
        ("POST", ["meetingParticipants", "admit"]) => ("webex.participants.admit", participants::admit),
        ("GET", ["meetingParticipants", _]) => ("webex.participants.get", participants::read),
        ("PUT", ["meetingParticipants", _]) => ("webex.participants.put", participants::update),
        ("GET", ["recordings"]) => ("webex.recordings.list", recordings::list),
        ("GET", ["recordings", _]) => ("webex.recordings.get", recordings::read),
        ("DELETE", ["recordings", _]) => ("webex.recordings.delete", recordings::delete),
        ("GET", ["meetingTranscripts"]) => ("webex.transcripts.list", transcripts::list),
        ("GET", ["meetingTranscripts", _, "download"]) => ("webex.transcripts.download", transcripts::download),
        ("GET", ["meetingTranscripts", _, "snippets"]) => ("webex.transcripts.snippets", transcripts::snippets),
        ("GET", ["meetingReports", "attendees"]) => ("webex.reports.attendees", reports::attendees),
        ("POST", ["webhooks"]) => ("webex.webhooks.create", webhooks::create),
        ("GET", ["webhooks"]) => ("webex.webhooks.list", webhooks::list),
        ("GET", ["webhooks", _]) => ("webex.webhooks.get", webhooks::read),
        ("PUT", ["webhooks", _]) => ("webex.webhooks.put", webhooks::update),
        ("DELETE", ["webhooks", _]) => ("webex.webhooks.delete", webhooks::delete),
        _ => return None,
    })
}

/// The name of what this call asks for.
pub(crate) fn operation(call: &Call) -> String {
    let rest: Vec<&str> = call.segments.iter().skip(1).map(String::as_str).collect();
    if call.segments.first().is_some_and(|first| first == FILES) {
        return "webex.recordings.download".to_owned();
    }
    match (call.method.as_str(), rest.as_slice()) {
        ("GET", ["authorize"]) => "webex.authorize".to_owned(),
        ("POST", ["access_token"]) => "webex.accessToken".to_owned(),
        ("POST", ["device", "authorize"]) => "webex.device.authorize".to_owned(),
        ("POST", ["device", "token"]) => "webex.device.token".to_owned(),
        _ => route(call).map_or_else(|| format!("{} {}", call.method, call.path), |(name, _)| name.to_owned()),
    }
}

pub(crate) fn answer(world: &mut World, call: &Call) -> Reply {
    let result = match operation(call).as_str() {
        "webex.authorize" => return oauth::authorize(world, call),
        "webex.recordings.download" => return recordings::file(world, call),
        "webex.accessToken" => oauth::access_token(world, call),
        "webex.device.authorize" => device::authorize(world, call),
        "webex.device.token" => device::token(world, call),
        _ => carry_out(world, call).map(|reply| media::told(reply, call)),
    };
    finish(world, result)
}

fn carry_out(world: &mut World, call: &Call) -> Answer {
    let now = world.now();
    let token =
        world.access_token(AuthorizationSide::Webex, call.bearer(), now).ok_or_else(Failure::unauthenticated)?;
    let caller = token.user.as_deref().and_then(|id| world.person(id)).cloned().ok_or_else(Failure::unauthenticated)?;
    let Some((_, handler)) = route(call) else { return Err(Failure::not_modelled(&operation(call))) };
    if has_scope(&token.scope, GUEST_SCOPE) && !["webex.people.me", JOIN].contains(&operation(call).as_str()) {
        return Err(Failure::forbidden("Guests can join meetings only."));
    }
    media::check(call)?;
    let acting = acting::acting(world, call, &operation(call), &token, &caller);
    let id = call.segments.get(2).cloned().unwrap_or_default();
    let (acting, refused) = match acting {
        Ok(acting) => (acting, None),
        Err(refused) => (caller.clone(), Some(refused)),
    };
    let mut turn = Turn { world, call, token, caller, acting, now, id };
    match refused {
        None => handler(&mut turn),
        Some(refused) => {
            if operation(call) == CREATE {
                turn.spend_quota()?;
            }
            Err(refused)
        }
    }
}

fn finish(world: &mut World, result: Answer) -> Reply {
    let tracking_id = format!("ROUTER_{}", world.ids.guid("tracking").to_uppercase());
    let reply = result.unwrap_or_else(|failure| failure.into_reply(&tracking_id));
    reply.with("trackingid", tracking_id)
}

/// The answer that goes with an injected status.
pub(crate) fn failing(world: &mut World, status: StatusCode, retry_after: Option<&str>) -> Reply {
    let failure = match status {
        StatusCode::TOO_MANY_REQUESTS => Failure::too_many_requests(),
        StatusCode::UNAUTHORIZED => Failure::unauthenticated(),
        _ => Failure::new(status, "Server is overloaded with requests. Try again later."),
    };
    let reply = finish(world, Err(failure));
    match retry_after {
        Some(value) => reply.with("retry-after", value),
        None => reply,
    }
}
