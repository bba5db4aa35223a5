//! `/_sandbox/...`: what tests and demos change, and what they look at.

use http::StatusCode;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    control_webex,
    faults::FaultPlan,
    sandbox::{Hub, Shared},
    serve::{Call, Reply, html},
    sign_in::{device, pages},
    world::{AuthorizationSide, Client, MicrosoftCredential, MicrosoftUser, Rotation, WebexUser, World},
};

type Outcome = Result<Value, String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Users {
    #[serde(default)]
    microsoft: Vec<MicrosoftUser>,
    #[serde(default)]
    webex: Vec<WebexUser>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewClient {
    id: String,
    secret: String,
    provider: AuthorizationSide,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCredential {
    client: String,
    credential: MicrosoftCredential,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Roles {
    client: String,
    roles: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Policies {
    grant: Vec<String>,
    #[serde(default)]
    settling_requests: u32,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Whose {
    client: Option<String>,
    user: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Issue {
    provider: AuthorizationSide,
    client: Option<String>,
    user: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PerProvider<T> {
    entra: Option<T>,
    webex: Option<T>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockMove {
    advance_seconds: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GraphKnobs {
    guest_hidden_reads: Option<u32>,
    guest_invitations_disabled: Option<bool>,
    meeting_hidden_reads: Option<u32>,
    duplicate_transaction_ids_conflict: Option<bool>,
    deleted_transaction_ids_remembered: Option<bool>,
    categories_denied: Option<bool>,
    calendar_ids_differ: Option<bool>,
    mailbox_concurrency: Option<u32>,
    #[serde(default)]
    forget_delta_tokens: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GuestBlock {
    email: String,
    blocked: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RunMeeting {
    id: String,
    in_progress: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WebexKnobs {
    webhooks_per_user: Option<usize>,
    index_lag_seconds: Option<f64>,
    participant_lag_seconds: Option<f64>,
    daily_quota: Option<usize>,
    empty_page_first: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeviceDecision {
    user_code: String,
    /// Who signs in and agrees; missing: nobody does, the user declines.
    address: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Authorization {
    application: String,
    organization: String,
    authorized: bool,
}

/// Something that happened to an object of a host, for webhooks.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    resource: String,
    event: String,
    host: String,
    data: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Address {
    address: String,
}

#[derive(Deserialize)]
struct Email {
    email: String,
}

/// Answers a control call; `None` for paths outside of `/_sandbox`.
pub(crate) fn answer(shared: &Shared, call: &Call) -> Option<Reply> {
    let (first, rest) = call.segments.split_first()?;
    if first != "_sandbox" {
        return None;
    }
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    match (call.method.as_str(), rest.as_slice()) {
        ("POST", ["reset"]) => {
            shared.reset();
            return Some(Reply::json(StatusCode::OK, &json!({ "reset": true })));
        }
        ("POST", ["release"]) => {
            shared.release();
            return Some(Reply::json(StatusCode::OK, &json!({ "released": true })));
        }
        ("GET", ["device"]) => return Some(device::page(&mut shared.lock().world, call)),
        ("POST", ["device"]) => return Some(by_hand(shared, call, device::answer)),
        ("POST", ["sign-in"]) => return Some(by_hand(shared, call, pages::answer)),
        _ => {}
    }
    let mut hub = shared.lock();
    let outcome = match call.method.as_str() {
        "GET" => look(&hub, &rest),
        _ => change(&mut hub, call, &rest),
    };
    let outcome = match (call.method.as_str(), outcome?) {
        ("GET", outcome) => outcome,
        (_, outcome) => outcome.and_then(|value| shared.save(&hub).map(|()| value).map_err(|error| error.to_string())),
    };
    shared.send_webhooks(&mut hub);
    Some(match outcome {
        Ok(value) => Reply::json(StatusCode::OK, &value),
        Err(error) => Reply::json(StatusCode::BAD_REQUEST, &json!({ "error": error })),
    })
}

/// What a person did at a page.
fn by_hand(shared: &Shared, call: &Call, act: fn(&mut World, &Call) -> Reply) -> Reply {
    // browsers say whose form it is; what sends no origin is no browser
    if call.header("origin").is_some_and(|origin| origin != call.origin) {
        return html::notice(
            StatusCode::FORBIDDEN,
            "Sign in",
            "This form was sent from another site. Nothing was done.",
        );
    }
    let mut hub = shared.lock();
    let reply = act(&mut hub.world, call);
    match shared.save(&hub) {
        Ok(()) => reply,
        Err(error) => Reply::text(StatusCode::INTERNAL_SERVER_ERROR, "text/plain", error.to_string()),
    }
}

fn look(hub: &Hub, rest: &[&str]) -> Option<Outcome> {
    let shown = match rest {
        ["state"] => Ok(hub.world.view()),
        ["journal"] => serde_json::to_value(hub.journal.entries()),
        ["mails"] => serde_json::to_value(&hub.world.mails),
        ["faults"] => serde_json::to_value(&hub.world.faults),
        ["deliveries"] => serde_json::to_value(&hub.deliveries),
        ["clock"] => Ok(json!({ "now": hub.world.now() })),
        _ => return None,
    };
    Some(shown.map_err(|error| error.to_string()))
}

pub(crate) fn read<T: DeserializeOwned>(call: &Call) -> Result<T, String> {
    let body: &[u8] = if call.body.is_empty() { b"{}" } else { &call.body };
    serde_json::from_slice(body).map_err(|error| format!("the body does not fit: {error}"))
}

fn change(hub: &mut Hub, call: &Call, rest: &[&str]) -> Option<Outcome> {
    Some(match (call.method.as_str(), rest) {
        ("PUT" | "POST", ["faults"]) => read::<FaultPlan>(call).map(|plan| {
            hub.world.faults = plan;
            json!({ "rules": hub.world.faults.rules.len() })
        }),
        ("DELETE", ["faults"]) => {
            hub.world.faults = FaultPlan::new();
            Ok(json!({ "rules": 0 }))
        }
        ("POST", ["clock"]) => read::<ClockMove>(call).map(|step| {
            hub.world.clock.advance(milliseconds(step.advance_seconds));
            json!({ "now": hub.world.now() })
        }),
        ("POST", ["users"]) => read::<Users>(call).map(|users| add_users(hub, &users)),
        ("POST", ["clients"]) => read::<NewClient>(call).map(|new| {
            hub.world.clients.insert(new.id.clone(), Client::new(new.provider, new.secret));
            json!({ "id": new.id })
        }),
        ("POST", ["credentials"]) => read::<NewCredential>(call).and_then(|new| {
            hub.world.add_credential(&new.client, &new.credential)?;
            Ok(json!({ "client": new.client }))
        }),
        ("POST", ["roles"]) => read::<Roles>(call).and_then(|new| {
            let known = hub.world.set_roles(&new.client, new.roles.clone());
            known.then(|| json!({ "roles": new.roles })).ok_or_else(|| format!("no Microsoft client {}", new.client))
        }),
        ("POST", ["devices"]) => read::<DeviceDecision>(call).and_then(|decision| {
            let DeviceDecision { user_code, address } = decision;
            let decided = hub.world.decide_device(&user_code, address.as_deref());
            if decided { Ok(json!({ "decided": true })) } else { Err("no such open code, or no such user".to_owned()) }
        }),
        ("POST", ["service-apps"]) => read::<Authorization>(call).and_then(|wanted| {
            let Authorization { application, organization, authorized } = wanted;
            let known = hub.world.authorize_service_app(&application, &organization, authorized);
            if known { Ok(json!({ "authorized": authorized })) } else { Err("no such service app".to_owned()) }
        }),
        ("POST", ["policies"]) => read::<Policies>(call).and_then(|policies| grant(hub, &policies)),
        ("DELETE", ["policies"]) => {
            hub.world.policy.granted.clear();
            Ok(json!({ "granted": [] }))
        }
        ("POST", ["guests", "redeem"]) => read::<Email>(call).and_then(|guest| {
            let now = hub.world.now();
            let known = hub.world.redeem_guest(&guest.email, now);
            if known {
                Ok(json!({ "state": "Accepted" }))
            } else {
                Err(format!("no guest has the address {}", guest.email))
            }
        }),
        ("POST", ["guests", "block"]) => read::<GuestBlock>(call).and_then(|guest| {
            if hub.world.block_guest(&guest.email, guest.blocked) {
                Ok(json!({ "blocked": guest.blocked }))
            } else {
                Err(format!("no guest has the address {}", guest.email))
            }
        }),
        ("POST", ["tokens", "issue"]) => read::<Issue>(call).and_then(|wanted| {
            let token = hub.issue_token(wanted.provider, wanted.client.as_deref(), wanted.user.as_deref());
            token.map(|token| json!({ "access_token": token })).ok_or_else(|| "no such user".to_owned())
        }),
        ("POST", ["tokens", "expire"]) => read::<Whose>(call)
            .map(|whose| json!({ "expired": hub.world.expire_access(whose.client.as_deref(), whose.user.as_deref()) })),
        ("POST", ["tokens", "revoke"]) => read::<Whose>(call).and_then(|whose| {
            let user = whose.user.ok_or("name a user")?;
            Ok(json!({ "revoked": hub.world.revoke_refresh(&user) }))
        }),
        ("POST", ["rotation"]) => read::<PerProvider<Rotation>>(call).map(|wanted| {
            hub.world.entra.rotation = wanted.entra.unwrap_or(hub.world.entra.rotation);
            hub.world.webex_tokens.rotation = wanted.webex.unwrap_or(hub.world.webex_tokens.rotation);
            json!({ "entra": hub.world.entra.rotation, "webex": hub.world.webex_tokens.rotation })
        }),
        ("POST", ["consent"]) => read::<PerProvider<String>>(call).map(|wanted| {
            let (entra, webex) = (&mut hub.world.entra.deny_consent, &mut hub.world.webex_tokens.deny_consent);
            *entra = wanted.entra.map_or(*entra, |word| word == "deny");
            *webex = wanted.webex.map_or(*webex, |word| word == "deny");
            json!({ "entra": *entra, "webex": *webex })
        }),
        ("POST", ["graph"]) => read::<GraphKnobs>(call).map(|knobs| {
            let settings = &mut hub.world.settings;
            settings.guest_hidden_reads = knobs.guest_hidden_reads.unwrap_or(settings.guest_hidden_reads);
            settings.guest_invitations_disabled =
                knobs.guest_invitations_disabled.unwrap_or(settings.guest_invitations_disabled);
            settings.meeting_hidden_reads = knobs.meeting_hidden_reads.unwrap_or(settings.meeting_hidden_reads);
            settings.mailbox_concurrency = knobs.mailbox_concurrency.unwrap_or(settings.mailbox_concurrency);
            for (knob, setting) in [
                (knobs.duplicate_transaction_ids_conflict, &mut settings.duplicate_transaction_ids_conflict),
                (knobs.deleted_transaction_ids_remembered, &mut settings.deleted_transaction_ids_remembered),
                (knobs.categories_denied, &mut settings.categories_denied),
                (knobs.calendar_ids_differ, &mut settings.calendar_ids_differ),
            ] {
                *setting = knob.unwrap_or(*setting);
            }
            if knobs.forget_delta_tokens {
                hub.world.change += 1;
                hub.world.oldest_delta = hub.world.change;
            }
            json!(hub.world.settings)
        }),
        ("POST", ["meetings"]) => read::<RunMeeting>(call).and_then(|wanted| {
            let known = hub.world.run_meeting(&wanted.id, wanted.in_progress);
            known
                .then(|| json!({ "in_progress": wanted.in_progress }))
                .ok_or_else(|| "no such Teams meeting".to_owned())
        }),
        ("POST", ["webex"]) => read::<WebexKnobs>(call).map(|knobs| {
            let settings = &mut hub.world.settings;
            settings.index_lag_milliseconds =
                knobs.index_lag_seconds.map_or(settings.index_lag_milliseconds, milliseconds);
            settings.participant_lag_milliseconds =
                knobs.participant_lag_seconds.map_or(settings.participant_lag_milliseconds, milliseconds);
            settings.webex_daily_quota = knobs.daily_quota.unwrap_or(settings.webex_daily_quota);
            settings.webex_empty_page_first = knobs.empty_page_first.unwrap_or(settings.webex_empty_page_first);
            settings.webex_webhooks_per_user = knobs.webhooks_per_user.unwrap_or(settings.webex_webhooks_per_user);
            json!(hub.world.settings)
        }),
        ("POST", ["webex", "events"]) => read::<Event>(call).and_then(|new| {
            let Event { resource, event, host, data } = new;
            let told = hub.world.emit_for(&resource, &event, &host, &data);
            told.then(|| json!({ "told": event })).ok_or_else(|| format!("no person {host}"))
        }),
        ("DELETE", ["webex", "users"]) => read::<Address>(call).and_then(|who| {
            let known = hub.world.remove_webex_user(&who.address);
            known.then(|| json!({ "removed": who.address })).ok_or_else(|| format!("no person {}", who.address))
        }),
        _ => return control_webex::change(&mut hub.world, call, rest),
    })
}

fn add_users(hub: &mut Hub, users: &Users) -> Value {
    let now = hub.world.now();
    let add = |user: &MicrosoftUser| json!({ "address": user.address, "id": hub.world.add_microsoft_user(user, now) });
    let microsoft: Vec<Value> = users.microsoft.iter().map(add).collect();
    let add = |user: &WebexUser| json!({ "address": user.address, "id": hub.world.add_webex_user(user) });
    let webex: Vec<Value> = users.webex.iter().map(add).collect();
    json!({ "microsoft": microsoft, "webex": webex })
}

fn grant(hub: &mut Hub, policies: &Policies) -> Outcome {
    for who in &policies.grant {
        if !hub.world.grant_policy(who) {
            return Err(format!("no user {who}"));
        }
    }
    hub.world.policy.settling_requests = policies.settling_requests;
    Ok(json!({ "granted": hub.world.policy.granted }))
}

fn milliseconds(seconds: f64) -> i64 {
    (seconds * 1000.0) as i64
}
