//! Rows that a released version has written. They must be readable for ever: a file here is never changed, only added.

use std::{fmt::Debug, path::PathBuf, time::Duration};

use calendar_sync::{Mapping, MappingState, Op, SourceId};
use chrono::{DateTime, TimeDelta, Utc};
use invitations_core::{
    ids::{
        ClientId, ConnectionId, EffectId, EffectName, Etag, EventId, InvitationId, MeetingId, MeetingKey, PrincipalId,
        ProviderId, UserId,
    },
    invitation::{
        Effect, EffectKind, Event, Reconciliation, State,
        effect::{ExternalRef, Problem},
        link::{LinkPurpose, StoredLink},
        machine::{BlockCause, Closed},
        stored,
    },
    people::EmailAddress,
    provider::{Account, Gathering, MeetingDraft},
    secret::Sealed,
    time::TimeRange,
    token::{Cause, ClientHealth, Connection, ConnectionStatus, Flow, Intent, Revocation, Subject},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::fixture::{invitation, tenant};

pub(crate) fn at() -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_800_000_000_123_456).unwrap()
}

pub(crate) fn effect_id() -> EffectId {
    EffectId::parse("create_meeting.1").unwrap()
}

pub(crate) fn account() -> Account {
    let user = UserId::parse("organizer@school.example").unwrap();
    Account::application(tenant(), ProviderId::parse("microsoft").unwrap(), user)
}

fn effects() -> Vec<Effect> {
    let slot = TimeRange::new(at(), at() + TimeDelta::hours(1));
    let draft = MeetingDraft::new("Maths", slot.from..slot.until);
    let kinds = [
        ("create_meeting.1", EffectKind::CreateMeeting(Box::new(draft))),
        (
            "welcome.1",
            EffectKind::Custom {
                name: EffectName::parse("welcome").unwrap(),
                payload: serde_json::json!({ "room": 7 }),
            },
        ),
    ];
    kinds
        .into_iter()
        .map(|(id, kind)| {
            let key = MeetingKey::parse(id).unwrap();
            Effect::planned(EffectId::parse(id).unwrap(), kind, account(), key, at())
        })
        .collect()
}

pub(crate) fn found() -> Box<ExternalRef> {
    let found = ExternalRef::new(account(), "meeting-1").with_join(Sealed::from_bytes(vec![1, 2, 250]));
    Box::new(found.with_gathering(Gathering::Meeting(MeetingId::parse("meeting-1").unwrap())))
}

pub(crate) fn problem() -> Problem {
    let mut problem = Problem::new("create meeting failed: throttled");
    problem.remedy = Some("Wait.".to_owned());
    problem
}

pub(crate) fn state() -> State {
    let mut state = invitation("ada", at()).state;
    state.since = None;
    state.effects = effects();
    if let Some(effect) = state.effects.first_mut() {
        effect.found = Some(*found());
        effect.problem = Some(problem());
        effect.reconciliation = Some(Reconciliation::LookUp { exact: false, lag: Duration::from_millis(1500) });
        effect.request_deadline = Some(at());
    }
    state.attention = Some(problem());
    state.claimed_at = Some(at());
    state
}

/// One of each kind.
fn events() -> Vec<Event> {
    let (effect, by) = (effect_id(), PrincipalId::parse("ada").unwrap());
    vec![
        Event::Created { state: Box::new(state()) },
        Event::RequesterVerified { at: None },
        Event::ApprovalRecorded { by: Some(by.clone()) },
        Event::InviteeAccepted { invitee: 0, by: by.clone() },
        Event::InviteeDeclined { invitee: 1, by: None },
        Event::Won { winner: by.clone() },
        Event::ProvisioningStarted { epoch: 1, effects: effects(), at: at() },
        Event::EffectAdded { effect: Box::new(effects().remove(0)) },
        Event::EffectStarted {
            effect: effect.clone(),
            attempt: 1,
            reconciliation: Reconciliation::Reissue,
            request_deadline: at(),
            reconcile_at: at(),
        },
        Event::EffectDone { effect: effect.clone(), found: Some(found()), at: at() },
        Event::EffectRetry { effect: effect.clone(), at: at(), problem: problem() },
        Event::EffectUnknown { effect: effect.clone(), reconcile_at: at(), problem: problem() },
        Event::EffectNotSeen { effect: effect.clone(), reconcile_at: at() },
        Event::EffectAbsent { effect: effect.clone(), at: at() },
        Event::EffectFailed { effect: effect.clone(), problem: problem() },
        Event::UndoPlanned { effect: effect.clone(), at: at() },
        Event::EffectUndone { effect: effect.clone() },
        Event::Fulfilled { at: None },
        Event::CompensationStarted { target: Closed::Cancelled, at: None },
        Event::Blocked {
            cause: BlockCause::NeedsReconsent,
            effect: effect.clone(),
            problem: problem(),
            blocking: None,
        },
        Event::Quarantined { effect, problem: problem(), at: None },
        Event::Resumed { at: at(), probe: false },
        Event::Closed { how: Closed::Cancelled, by: Some(by), at: None },
    ]
}

fn connection() -> Connection {
    let mut connection = Connection::new(
        ConnectionId::parse("connection-1").unwrap(),
        tenant(),
        PrincipalId::parse("ada").unwrap(),
        ProviderId::parse("webex").unwrap(),
        ClientId::parse("client").unwrap(),
        Subject::parse("person").unwrap(),
    );
    connection.scopes = vec!["meeting:schedules_write".to_owned()];
    connection.status = ConnectionStatus::NeedsReconsent(Cause::Interaction { claims: Some("{}".to_owned()) });
    connection.tokens = Some(Sealed::from_bytes(vec![0, 255]));
    (connection.expires_at, connection.refresh_at) = (Some(at()), Some(at()));
    connection.refresh_expires_at = Some(at());
    connection.intent = Some(Intent::new(1, 2, at()));
    connection
}

/// One that the provider has yet to be told of, with all that was added since.
fn disconnecting() -> Connection {
    let mut connection = connection();
    connection.status = ConnectionStatus::Disconnecting;
    connection.address = Some(EmailAddress::parse("Ada@school.example").unwrap());
    connection.since = Some(at());
    connection.revocation = Some(Revocation::Pending { tries: 3, give_up_at: at() });
    connection
}

fn revoked(revocation: Revocation) -> Connection {
    let mut connection = disconnecting();
    connection.status = ConnectionStatus::Revoked;
    connection.revocation = Some(revocation);
    connection
}

fn rebinding() -> Flow {
    let mut flow = flow();
    flow.renews = Some(ConnectionId::parse("connection-1").unwrap());
    flow.rebinds = true;
    flow
}

pub(crate) fn flow() -> Flow {
    let owner = PrincipalId::parse("ada").unwrap();
    let provider = ProviderId::parse("webex").unwrap();
    Flow::new([7; 32], tenant(), owner, provider, "/settings", Sealed::from_bytes(vec![9]), at())
}

fn health() -> ClientHealth {
    let mut health = ClientHealth::default();
    health.failures.push((ConnectionId::parse("connection-1").unwrap(), at()));
    health.suspended_since = Some(at());
    health
}

fn link() -> StoredLink {
    let id = InvitationId::parse("ada").unwrap();
    let mut link = StoredLink::new(tenant(), id, LinkPurpose::VerifyAddress, 2, [1; 12], [2; 32]);
    link.live_until = Some(at());
    link
}

fn mapping(state: MappingState) -> Mapping {
    let mut mapping = Mapping::new(SourceId::parse("essay-7").unwrap(), 3, state);
    (mapping.slot, mapping.incarnation, mapping.pushed) = (1, 2, [7; 32]);
    (mapping.external, mapping.etag) = (Some(EventId::parse("AAMk").unwrap()), Some(Etag::parse("W/1").unwrap()));
    (mapping.settled_at, mapping.unclear) = (Some(at()), Some(Op::Delete));
    mapping.problem = Some("write events failed: timed out".to_owned());
    mapping
}

/// Whether everything that `old` says is in `new`, which may say more.
fn kept(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            old.iter().all(|(name, old)| new.get(name).is_some_and(|new| kept(old, new)))
        }
        (Value::Array(old), Value::Array(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| kept(old, new))
        }
        _ => old == new,
    }
}

/// `WRITE_STORED=1` writes a file that is not there yet, and no other.
pub(crate) fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(name: &str, value: &T) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/stored/v1").join(format!("{name}.json"));
    if std::env::var_os("WRITE_STORED").is_some() && !path.exists() {
        let value: Value = serde_json::from_str(&stored::encode(value).unwrap()).unwrap();
        std::fs::write(&path, format!("{value:#}\n")).unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(&stored::decode::<T>(&text).unwrap(), value, "{name} is read as something else");
    let (old, new): (Value, Value) =
        (serde_json::from_str(&text).unwrap(), serde_json::from_str(&stored::encode(value).unwrap()).unwrap());
    assert!(kept(&old, &new), "{name} is written differently: {new}");
}

pub(crate) fn name(event: &Event) -> String {
    let value = serde_json::to_value(event).unwrap();
    format!("event_{}", value.get("kind").and_then(Value::as_str).unwrap())
}

#[test]
fn rows_of_version_1_are_read() {
    check("state", &state());
    check("connection", &connection());
    check("connection_disconnecting", &disconnecting());
    check("connection_revoked", &revoked(Revocation::Done));
    check("connection_revoked_unsupported", &revoked(Revocation::Unsupported));
    check("connection_revoked_given_up", &revoked(Revocation::GivenUp));
    check("flow", &flow());
    check("flow_rebinding", &rebinding());
    check("client_health", &health());
    check("link", &link());
    for (name, state) in [
        ("mapping_intent_create", MappingState::Intent(Op::Create)),
        ("mapping_intent_update", MappingState::Intent(Op::Update)),
        ("mapping_intent_delete", MappingState::Intent(Op::Delete)),
        ("mapping_live", MappingState::Live),
        ("mapping_blocked", MappingState::Blocked { until: None }),
        ("mapping_blocked_until", MappingState::Blocked { until: Some(at()) }),
        ("mapping_detached", MappingState::Detached),
        ("mapping_tombstone", MappingState::Tombstone),
    ] {
        check(name, &mapping(state));
    }
}

#[test]
fn events_of_version_1_are_read() {
    for event in events() {
        check(&name(&event), &event);
    }
}

#[test]
fn a_kept_row_may_only_grow() {
    let old = serde_json::json!({ "a": [1, { "b": null }] });
    assert!(kept(&old, &serde_json::json!({ "a": [1, { "b": null, "c": 2 }], "d": 1 })));
    for other in [serde_json::json!({ "a": [1] }), serde_json::json!({ "a": [1, {}] }), serde_json::json!({})] {
        assert!(!kept(&old, &other), "{other}");
    }
}
