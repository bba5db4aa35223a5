use chrono::TimeZone as _;

use super::*;
use crate::{
    ids::{ClientId, PrincipalId, ProviderId, TenantId},
    secret::Sealed,
    token::Subject,
};

const SETTLE: Duration = Duration::from_secs(30);

fn at(second: i64) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap() + TimeDelta::seconds(second)
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn id(text: &str) -> ConnectionId {
    ConnectionId::parse(text).unwrap()
}

/// Refresh from second 75, served until second 90.
fn connection() -> Connection {
    let mut connection = Connection::new(
        id("c"),
        TenantId::parse("t").unwrap(),
        PrincipalId::parse("p").unwrap(),
        ProviderId::parse("same").unwrap(),
        ClientId::parse("app").unwrap(),
        Subject::parse("s").unwrap(),
    );
    connection.tokens = Some(Sealed::from_bytes(vec![1]));
    connection.refresh_at = Some(at(75));
    connection.expires_at = Some(at(90));
    connection
}

fn strict(connection: &Connection, second: i64) -> Step {
    step(connection, at(second), Rotation::Strict, SETTLE)
}

#[test]
fn token_k01_a_new_connection_is_valid_in_generation_one_of_epoch_one() {
    let connection = connection();
    assert_eq!((connection.epoch, connection.generation), (1, 1));
    assert_eq!(strict(&connection, 0), Step::Serve);
}

#[test]
fn token_k02_time_alone_moves_a_valid_connection() {
    let rows = [
        (74, Step::Serve),
        (75, Step::ServeAndRefresh),
        (89, Step::ServeAndRefresh),
        (90, Step::Refresh),
        (9000, Step::Refresh),
    ];
    for (second, expected) in rows {
        assert_eq!(strict(&connection(), second), expected, "at {second} s");
    }
}

#[test]
fn token_k02_a_row_without_tokens_is_never_served() {
    let mut connection = connection();
    connection.tokens = None;
    assert_eq!(strict(&connection, 0), Step::Refresh);
    connection.tokens = Some(Sealed::from_bytes(vec![1]));
    connection.expires_at = None;
    assert_eq!(strict(&connection, 0), Step::Refresh);
}

#[test]
fn token_k03_an_unfinished_refresh_is_waited_for_until_it_is_settled() {
    let mut connection = connection();
    connection.intent = Some(Intent::new(1, 1, at(100)));
    for (second, expected) in [
        (80, Step::Serve),
        (90, Step::Wait { until: at(130) }),
        (129, Step::Wait { until: at(130) }),
        (130, Step::Refresh),
    ] {
        assert_eq!(strict(&connection, second), expected, "at {second} s");
    }
    for rotation in [Rotation::Keep, Rotation::Same] {
        assert_eq!(step(&connection, at(90), rotation, SETTLE), Step::Refresh, "{rotation:?}: the lease is enough");
    }
    assert_eq!(step(&connection, at(90), Rotation::Grace(secs(60)), SETTLE), Step::Wait { until: at(130) });
}

#[test]
fn token_k04_the_intent_of_an_older_generation_means_nothing() {
    let mut connection = connection();
    connection.generation = 2;
    connection.intent = Some(Intent::new(1, 1, at(100)));
    assert_eq!(strict(&connection, 95), Step::Refresh);
    assert_eq!(unfinished(&connection), None);
}

#[test]
fn token_k07_a_passing_fault_never_worsens_the_status() {
    let after = Some(secs(7));
    let surely_nothing = GrantFailureClass::Transient { acted: false, after };
    let perhaps = GrantFailureClass::Transient { acted: true, after };
    for before in [false, true] {
        assert_eq!(after_failure(&surely_nothing, before), AfterFailure::Retry { after });
        assert_eq!(after_failure(&perhaps, before), AfterFailure::Recover { after });
    }
}

#[test]
fn token_k08_an_unknown_outcome_keeps_the_intent() {
    assert_eq!(after_failure(&GrantFailureClass::Unknown, false), AfterFailure::Recover { after: None });
}

#[test]
fn token_k10_a_dead_grant_after_a_lost_answer_is_a_lost_rotation() {
    let dead = GrantFailureClass::GrantDead;
    assert_eq!(after_failure(&dead, false), AfterFailure::NeedsReconsent(Cause::GrantDead));
    assert_eq!(after_failure(&dead, true), AfterFailure::NeedsReconsent(Cause::RotationLost));
    let claims = Some("{}".to_owned());
    let interaction = GrantFailureClass::Interaction { claims: claims.clone() };
    assert_eq!(after_failure(&interaction, true), AfterFailure::NeedsReconsent(Cause::Interaction { claims }));
}

#[test]
fn token_k10_a_stored_need_of_consent_is_answered_without_a_refresh() {
    let mut connection = connection();
    connection.status = ConnectionStatus::NeedsReconsent(Cause::GrantDead);
    assert_eq!(strict(&connection, 0), Step::NeedsReconsent(Cause::GrantDead));
    assert_eq!(strict(&connection, 9000), Step::NeedsReconsent(Cause::GrantDead));
}

#[test]
fn token_k12_the_clients_fault_is_not_the_connections() {
    assert_eq!(after_failure(&GrantFailureClass::ClientMisconfigured, true), AfterFailure::Suspend);
    assert_eq!(after_failure(&GrantFailureClass::Config, true), AfterFailure::Fail);
    let health = suspend(ClientHealth::default(), at(0));
    assert_eq!(gate(&health, at(59)), Gate::Closed { until: at(60) });
    assert_eq!(gate(&health, at(60)), Gate::Probe);
    assert_eq!(gate(&ClientHealth::default(), at(0)), Gate::Open);
}

#[test]
fn token_k12_the_breaker_opens_at_the_third_connection_in_five_minutes() {
    let note = |health, name: &str, second| note_failure(health, &id(name), at(second));
    let two = note(note(ClientHealth::default(), "a", 0), "b", 100);
    assert_eq!(two.suspended_since, None);
    assert_eq!(note(two.clone(), "a", 200).suspended_since, None, "the same connection counts once");
    assert_eq!(note(two.clone(), "c", 299).suspended_since, Some(at(299)));
    assert_eq!(note(two, "c", 300).suspended_since, None, "the first is forgotten after five minutes");
    let probed = note(suspend(ClientHealth::default(), at(0)), "a", 60);
    assert_eq!(gate(&probed, at(119)), Gate::Closed { until: at(120) }, "a failed probe keeps the client suspended");
    assert_eq!((probed.suspended_since, probed.tried_at), (Some(at(0)), Some(at(60))), "since the first refusal");
    let older = ClientHealth { tried_at: None, ..probed };
    assert_eq!(gate(&older, at(59)), Gate::Closed { until: at(60) }, "an older version noted one time only");
}

#[test]
fn token_k15_a_missing_scope_is_seen() {
    let scopes = |all: &[&str]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert!(lacks(&scopes(&["read"]), &scopes(&["read", "write"])));
    assert!(!lacks(&scopes(&["write", "read", "more"]), &scopes(&["read", "write"])));
    assert!(!lacks(&[], &[]));
}

#[test]
fn token_k18_a_connection_that_is_being_taken_back_is_gone() {
    let mut connection = connection();
    for status in [ConnectionStatus::Disconnecting, ConnectionStatus::Revoked] {
        connection.status = status;
        assert_eq!(strict(&connection, 0), Step::Gone);
    }
}

#[test]
fn token_k19_keep_alive_brings_the_refresh_forward() {
    let fortnight = Terms { expires_in: Some(secs(14 * 86_400)), default_life: secs(3300), ..Terms::default() };
    assert_eq!(life(&fortnight, 0).refresh_after, secs(7 * 86_400));
    let daily = Terms { keep_alive: Some(secs(86_400)), ..fortnight.clone() };
    assert_eq!(life(&daily, 0).refresh_after, secs(86_400));
    let short_refresh = Terms { refresh_expires_in: Some(secs(9 * 86_400)), ..fortnight };
    assert_eq!(life(&short_refresh, 0).refresh_after, secs(3 * 86_400));
}

#[test]
fn windows_are_fractions_of_the_life() {
    let of = |expires_in: u64| life(&Terms { expires_in: Some(secs(expires_in)), ..Terms::default() }, 0);
    for (lives, refresh_after, serve_for) in [
        (0, 22_500, 25_000),
        (30, 22_500, 25_000),
        (300, 225_000, 270_000),
        (3600, 2_700_000, 3_540_000),
        (7200, 3_600_000, 7_140_000),
    ] {
        let life = of(lives);
        let shown = (life.refresh_after.as_millis(), life.serve_for.as_millis());
        assert_eq!(shown, (refresh_after, serve_for), "a life of {lives} s");
    }
    let missing = Terms { default_life: secs(3300), ..Terms::default() };
    assert_eq!(life(&missing, 0).serve_for, secs(3240));
}

#[test]
fn a_server_cannot_force_a_refresh_per_call_nor_break_the_arithmetic() {
    let hasty = Terms { expires_in: Some(secs(3600)), refresh_in: Some(Duration::ZERO), ..Terms::default() };
    assert_eq!(life(&hasty, u32::MAX).refresh_after, secs(30));
    let eternal = Terms { expires_in: Some(Duration::MAX), refresh_in: Some(Duration::MAX), ..Terms::default() };
    let life = life(&eternal, u32::MAX);
    assert!(life.refresh_after < life.serve_for);
    assert_eq!(later(at(0), Duration::MAX), DateTime::<Utc>::MAX_UTC);
}

#[test]
fn jitter_is_stable_per_generation_and_within_a_tenth() {
    let terms = Terms { expires_in: Some(secs(3600)), refresh_in: Some(secs(1800)), ..Terms::default() };
    let (earliest, latest) = (life(&terms, u32::MAX).refresh_after, life(&terms, 0).refresh_after);
    assert_eq!(latest, secs(1800));
    assert!(earliest >= secs(1500) && earliest < secs(1501), "{earliest:?}");
    assert_eq!(share(&id("a"), 1), share(&id("a"), 1));
    assert_ne!(share(&id("a"), 1), share(&id("a"), 2));
    assert_ne!(share(&id("a"), 1), share(&id("b"), 1));
}
