//! `/webhooks`.

use data_encoding::BASE64URL_NOPAD;
use http::StatusCode;
use serde_json::{Map, Value};
use url::Url;

use super::{Answer, Turn, error::Failure, meeting_input::text};
use crate::{
    serve::Reply,
    world::{WebexWebhook, has_scope},
};

/// The document's words.
const RESOURCES: [&str; 16] = [
    "attachmentActions",
    "dataSources",
    "memberships",
    "messages",
    "rooms",
    "meetings",
    "recordings",
    "convergedRecordings",
    "meetingParticipants",
    "meetingTranscripts",
    "telephony_calls",
    "telephony_conference",
    "telephony_mwi",
    "uc_counters",
    "serviceApp",
    "adminBatchJobs",
];
/// What a resource tells.
struct Told {
    resource: &'static str,
    events: &'static [&'static str],
    /// The names of its filter, where they are documented.
    filters: Option<&'static [&'static str]>,
    /// The administrator's scope for it.
    scope: Option<&'static str>,
}

const TOLD: [Told; 7] = [
    Told {
        resource: "meetings",
        events: &["created", "updated", "deleted", "started", "ended"],
        filters: Some(&["id", "meetingNumber", "meetingType", "state", "hostEmail", "hostUserId", "siteUrl"]),
        scope: Some("meeting:admin_schedule_read"),
    },
    Told {
        resource: "meetingParticipants",
        events: &["joined", "left"],
        filters: Some(&["id", "meetingId", "state", "hostEmail", "hostPersonId", "siteUrl"]),
        scope: Some("meeting:admin_participants_read"),
    },
    Told {
        resource: "recordings",
        events: &["created", "updated", "deleted"],
        filters: None,
        scope: Some("meeting:admin_recordings_read"),
    },
    Told {
        resource: "meetingTranscripts",
        events: &["created"],
        filters: None,
        scope: Some("meeting:admin_transcripts_read"),
    },
    Told { resource: "memberships", events: MESSAGING, filters: None, scope: None },
    Told { resource: "messages", events: MESSAGING, filters: None, scope: None },
    Told { resource: "rooms", events: MESSAGING, filters: None, scope: None },
];
const MESSAGING: &[&str] = &["created", "updated", "deleted", "all"];

pub(super) fn create(turn: &mut Turn<'_>) -> Answer {
    let body = turn.body()?;
    let (name, target_url) = named(&body)?;
    let (resource, event) = (required(&body, "resource")?, required(&body, "event")?);
    if !RESOURCES.contains(&resource.as_str()) {
        return Err(Failure::invalid(&format!("'resource' {resource} is invalid.")));
    }
    let told = TOLD.iter().find(|told| told.resource == resource);
    if told.is_some_and(|told| !told.events.contains(&event.as_str())) {
        return Err(Failure::invalid(&format!("'event' {event} is invalid for the resource {resource}.")));
    }
    let organization = turn.is_of_organization(text(&body, "ownedBy"), told.and_then(|told| told.scope))?;
    let filter = text(&body, "filter").map(str::to_owned);
    if let Some(part) = filter.as_deref().and_then(|filter| unfit(filter, told.and_then(|told| told.filters))) {
        return Err(Failure::invalid(&format!("'filter' {part} is invalid for the resource {resource}.")));
    }
    let by_host = |filter: &String| {
        filter.split('&').any(|part| part.starts_with("hostEmail=") || part.starts_with("hostUserId="))
    };
    if filter.as_ref().is_some_and(by_host) && !organization {
        return Err(Failure::invalid("Filtering by host needs 'ownedBy' org."));
    }
    let hooks = &turn.world.webex_webhooks;
    let same = |hook: &&WebexWebhook| {
        hook.organization && (&hook.resource, &hook.event, &hook.filter) == (&resource, &event, &filter)
    };
    if organization && hooks.iter().any(|hook| same(&hook)) {
        return Err(Failure::new(StatusCode::CONFLICT, "The organization has such a webhook."));
    }
    let own = hooks.iter().filter(|hook| hook.created_by == turn.caller.id).count();
    if own >= turn.world.settings.webex_webhooks_per_user {
        return Err(Failure::invalid("The limit of webhooks is reached."));
    }
    let id = format!("ciscospark://us/WEBHOOK/{}", turn.world.ids.guid("webhook"));
    let hook = WebexWebhook {
        id: BASE64URL_NOPAD.encode(id.as_bytes()),
        name,
        target_url,
        resource,
        event,
        filter,
        secret: text(&body, "secret").map(str::to_owned),
        organization,
        created_by: turn.caller.id.clone(),
        client: turn.token.client.clone(),
        created: turn.now,
        active: true,
        failures: Vec::new(),
        renewed: None,
    };
    let shown = hook.json();
    turn.world.webex_webhooks.push(hook);
    Ok(Reply::json(StatusCode::OK, &shown))
}

/// The part of a filter that says nothing, or names what the resource has not.
fn unfit<'a>(filter: &'a str, names: Option<&[&str]>) -> Option<&'a str> {
    filter.split('&').find(|part| match part.split_once('=') {
        Some((name, value)) => value.is_empty() || names.is_some_and(|names| !names.contains(&name)),
        None => true,
    })
}

pub(super) fn list(turn: &mut Turn<'_>) -> Answer {
    let organization = turn.is_of_organization(turn.call.parameter("ownedBy"), None)?;
    let hooks =
        turn.world.webex_webhooks.iter().filter(|hook| hook.organization == organization && turn.may_see_webhook(hook));
    super::list::page_sized(turn, hooks.map(WebexWebhook::json).collect(), 100, 100)
}

pub(super) fn read(turn: &mut Turn<'_>) -> Answer {
    Ok(Reply::json(StatusCode::OK, &turn.webhook()?.json()))
}

/// Resource, event and filter stay. What the body does not name stays, too.
pub(super) fn update(turn: &mut Turn<'_>) -> Answer {
    let body = turn.body()?;
    let (name, target_url) = named(&body)?;
    let now = turn.now;
    let activate = match text(&body, "status") {
        None => false,
        Some("active") => true,
        Some(_) => return Err(Failure::invalid("'status' can be set to active only.")),
    };
    let hook = turn.webhook()?;
    (hook.name, hook.target_url) = (name, target_url);
    if let Some(secret) = text(&body, "secret") {
        hook.secret = Some(secret.to_owned());
    }
    if activate {
        hook.renew(now);
    }
    Ok(Reply::json(StatusCode::OK, &hook.json()))
}

pub(super) fn delete(turn: &mut Turn<'_>) -> Answer {
    let id = turn.webhook()?.id.clone();
    turn.world.webex_webhooks.retain(|hook| hook.id != id);
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

fn named(body: &Map<String, Value>) -> Result<(String, String), Failure> {
    let (name, target) = (required(body, "name")?, required(body, "targetUrl")?);
    match Url::parse(&target) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok((name, target)),
        _ => Err(Failure::invalid("'targetUrl' is no URL.")),
    }
}

fn required(body: &Map<String, Value>, name: &str) -> Result<String, Failure> {
    let value = text(body, name).filter(|value| !value.is_empty());
    value.map(str::to_owned).ok_or_else(|| Failure::invalid(&format!("'{name}' cannot be empty")))
}

/// The scopes with which an administrator sees the organisation's webhooks.
fn is_administrator(scope: &str) -> bool {
    TOLD.iter().filter_map(|told| told.scope).any(|needed| has_scope(scope, needed))
}

impl Turn<'_> {
    fn is_of_organization(&self, owner: Option<&str>, scope: Option<&str>) -> Result<bool, Failure> {
        match owner {
            None | Some("" | "creator") => Ok(false),
            Some("org") => {
                let granted = match scope {
                    Some(scope) => has_scope(&self.token.scope, scope),
                    None => is_administrator(&self.token.scope),
                };
                if granted {
                    Ok(true)
                } else {
                    Err(Failure::forbidden("'ownedBy' org needs an administrator's scope."))
                }
            }
            Some(_) => Err(Failure::invalid("'ownedBy' is invalid.")),
        }
    }

    /// One's own, made through the same integration; the organisation's for administrators.
    fn may_see_webhook(&self, hook: &WebexWebhook) -> bool {
        let own = hook.created_by == self.caller.id && hook.client == self.token.client;
        own || hook.organization && is_administrator(&self.token.scope)
    }

    fn webhook(&mut self) -> Result<&mut WebexWebhook, Failure> {
        let found = self.world.webex_webhooks.iter().position(|hook| hook.id == self.id && self.may_see_webhook(hook));
        let found = found.and_then(|at| self.world.webex_webhooks.get_mut(at));
        found.ok_or_else(|| Failure::not_found("Unable to locate a webhook with the provided ID."))
    }
}
