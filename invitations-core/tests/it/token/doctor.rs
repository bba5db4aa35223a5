//! What an operator is told about an organisation's connections before anybody asks for a token.

use std::{sync::Arc, sync::atomic::Ordering};

use invitations_core::{
    doctor::{Diagnosis, Doctor, Finding, Need, Question, Verdict},
    ids::{ConnectionId, ProviderId, TenantId},
    token::{Connection, ConnectionsDoctor, GrantFailureClass, TokenCommit},
};

use super::world::{Fault, PLANTED, World, drive, ring, secs, tenant};

fn doctor(world: &World) -> ConnectionsDoctor {
    world.connections.doctor(tenant())
}

/// Asks, and proves that asking changes nothing and tells no secret.
async fn diagnose(world: &World, doctor: ConnectionsDoctor) -> Diagnosis {
    let before = (rows(world).await, world.server.requests(), world.server.refreshes());
    let diagnosis = Doctor::new(Arc::new(world.clock.clone())).with(Arc::new(doctor));
    let diagnosis = drive(&world.clock, diagnosis.diagnose()).await;
    assert_eq!(before, (rows(world).await, world.server.requests(), world.server.refreshes()));
    let shown = format!("{diagnosis}\n{diagnosis:?}");
    assert!(!shown.contains(PLANTED), "{shown}");
    diagnosis
}

async fn rows(world: &World) -> Vec<Connection> {
    use invitations_core::token::TokenStore as _;
    world.stored().connections(&tenant(), None).await.unwrap().items
}

fn of(diagnosis: &Diagnosis, question: Question) -> Vec<Finding> {
    diagnosis.of_question(question).cloned().collect()
}

fn only(diagnosis: &Diagnosis, question: Question, verdict: Verdict, detail: &str) -> Finding {
    let found = of(diagnosis, question);
    assert_eq!(found.len(), 1, "{diagnosis}");
    assert_eq!(found[0].verdict, verdict, "{diagnosis}");
    assert!(found[0].detail.contains(detail), "{diagnosis}");
    assert_eq!(found[0].remedy.is_some(), verdict >= Verdict::Warn, "{diagnosis}");
    found[0].clone()
}

fn action(finding: &Finding) -> &str {
    &finding.remedy.as_ref().unwrap().action
}

/// Writes `change` as if it had come about.
async fn become_of(world: &World, id: &ConnectionId, change: impl FnOnce(&mut Connection)) {
    let mut row = world.row(id).await;
    let (epoch, generation) = (row.epoch, row.generation);
    change(&mut row);
    let update = TokenCommit::Update { epoch, generation, fence: None, release: false, to: Box::new(row) };
    world.store.commit_as_is(update).await;
}

#[tokio::test]
async fn healthy_connections_are_counted() {
    let world = World::new();
    for account in ["one", "two"] {
        world.connect(account).await;
    }
    let needs = [Need::new("meetings", ["read"]), Need::new("calendars", ["see", "WRITE"])];
    let diagnosis = diagnose(&world, doctor(&world).with_needs(ProviderId::parse("provider").unwrap(), needs)).await;
    assert_eq!(diagnosis.verdict(), Verdict::Ok, "{diagnosis}");
    only(&diagnosis, Question::CLIENT, Verdict::Ok, "not refused");
    only(&diagnosis, Question::CONNECTION, Verdict::Ok, "2 are connected");
    only(&diagnosis, Question::SCOPES, Verdict::Ok, "2 have");
    only(&diagnosis, Question::KEEP_ALIVE, Verdict::Ok, "none is due");
    only(&diagnosis, Question::SEALING_KEY, Verdict::Ok, "2 can be opened");
}

#[tokio::test]
async fn nobody_is_connected() {
    let world = World::new();
    world.connect("of another tenant").await;
    let doctor = world.connections.doctor(TenantId::parse("other").unwrap());
    let diagnosis = diagnose(&world, doctor).await;
    assert_eq!(diagnosis.iter().count(), 1, "{diagnosis}");
    only(&diagnosis, Question::CONNECTION, Verdict::NotAsked, "nobody");
}

#[tokio::test]
async fn a_used_up_consent_and_its_cause() {
    let world = World::new();
    let (dead, _) = (world.connect("ada").await, world.connect("bert").await);
    world.expire();
    world.server.will([Fault::Fail(GrantFailureClass::GrantDead)]);
    assert!(world.token(&dead).await.is_err());
    let diagnosis = diagnose(&world, doctor(&world)).await;
    let found = of(&diagnosis, Question::CONNECTION);
    assert_eq!((found.len(), found[0].verdict, found[1].verdict), (2, Verdict::Ok, Verdict::Fail), "{diagnosis}");
    assert_eq!(found[1].subject, Some(format!("connection {dead}")));
    assert!(found[1].detail.contains("used up or was taken back") && action(&found[1]).contains("connect the account"));
}

#[tokio::test]
async fn a_refresh_token_that_ended_unused() {
    let world = World::new();
    let id = world.connect("ada").await;
    let now = world.store_time().await;
    become_of(&world, &id, |row| row.refresh_expires_at = Some(now)).await;
    let diagnosis = diagnose(&world, doctor(&world)).await;
    let found = only(&diagnosis, Question::CONNECTION, Verdict::Fail, "ended unused");
    assert!(action(&found).contains("connect the account again"));
}

#[tokio::test]
async fn a_refresh_that_fails_for_the_moment() {
    let world = World::new();
    let id = world.connect("ada").await;
    world.expire();
    world.server.will([Fault::Fail(GrantFailureClass::Transient { acted: false, after: Some(secs(600)) })]);
    assert!(world.token(&id).await.is_err());
    let diagnosis = diagnose(&world, doctor(&world)).await;
    only(&diagnosis, Question::CONNECTION, Verdict::Warn, "unavailable");
}

#[tokio::test]
async fn scopes_that_were_not_granted_are_named_with_what_they_are_for() {
    let world = World::new();
    world.connect("ada").await;
    let provider = ProviderId::parse("provider").unwrap();
    let needs = [Need::new("meetings", ["read"]), Need::new("guests", ["invite", "all"])];
    let diagnosis = diagnose(&world, doctor(&world).with_needs(provider, needs)).await;
    let found = only(&diagnosis, Question::SCOPES, Verdict::Fail, "not granted: invite (for guests)");
    assert!(!found.detail.contains("read") && action(&found).contains("connect again"));

    // what the builder requires counts without being said again
    let provider = ProviderId::parse("provider").unwrap();
    let world = World::with(|_| {}, |builder| builder.require_scopes(provider, ["read"]));
    let id = world.connect("ada").await;
    become_of(&world, &id, |row| row.scopes = vec!["write".to_owned()]).await;
    let diagnosis = diagnose(&world, doctor(&world)).await;
    only(&diagnosis, Question::SCOPES, Verdict::Fail, "not granted: read");
}

#[tokio::test]
async fn a_client_that_is_not_accepted_is_one_finding() {
    let world = World::new();
    let ids = [world.connect("one").await, world.connect("two").await];
    world.expire();
    world.server.will([Fault::Fail(GrantFailureClass::ClientMisconfigured)]);
    assert!(world.token(&ids[0]).await.is_err());
    let diagnosis = diagnose(&world, doctor(&world)).await;
    let found = only(&diagnosis, Question::CLIENT, Verdict::Fail, "does not accept it");
    assert!(action(&found).contains("secret") && found.subject.unwrap().contains("client client"));
    assert!(of(&diagnosis, Question::CONNECTION).is_empty(), "{diagnosis}");
}

#[tokio::test]
async fn a_client_that_is_not_configured_here() {
    let world = World::new();
    let id = world.connect("ada").await;
    become_of(&world, &id, |row| row.client = invitations_core::ids::ClientId::parse("of-last-year").unwrap()).await;
    let diagnosis = diagnose(&world, doctor(&world)).await;
    let found = only(&diagnosis, Question::CLIENT, Verdict::Fail, "not configured here");
    assert!(found.subject.as_ref().unwrap().contains("of-last-year") && action(&found).contains("Register"));
}

#[tokio::test]
async fn nobody_runs_the_keep_alive() {
    let world = World::new();
    let id = world.connect("ada").await;
    let due = world.row(&id).await.refresh_at.unwrap();
    world.clock.advance((due - world.store_time().await).to_std().unwrap() + secs(3600));
    only(&diagnose(&world, doctor(&world)).await, Question::KEEP_ALIVE, Verdict::Ok, "none is due");
    world.clock.advance(secs(1));
    let diagnosis = diagnose(&world, doctor(&world)).await;
    let found = only(&diagnosis, Question::KEEP_ALIVE, Verdict::Warn, "1 due");
    assert!(action(&found).contains("run_once"));
}

#[tokio::test]
async fn a_key_that_the_ring_lacks_is_named_once() {
    let world = World::new();
    for account in ["one", "two"] {
        world.connect(account).await;
    }
    let other = world.other_with_ring(invitations_core::secret::KeyRing::new("new-key", [8; 32]).unwrap());
    let diagnosis = diagnose(&other, doctor(&other)).await;
    let found = only(&diagnosis, Question::SEALING_KEY, Verdict::Fail, "2 under key \"key\" cannot be opened");
    assert!(action(&found).contains("every key"));
    // the same name with another key
    let other = world.other_with_ring(ring([8; 32]));
    let diagnosis = diagnose(&other, doctor(&other)).await;
    only(&diagnosis, Question::SEALING_KEY, Verdict::Fail, "altered");
}

#[tokio::test]
async fn a_store_that_is_down_is_a_finding() {
    let world = World::new();
    world.connect("ada").await;
    world.store.down.store(true, Ordering::SeqCst);
    let diagnosis = Doctor::new(Arc::new(world.clock.clone())).with(Arc::new(doctor(&world))).diagnose().await;
    only(&diagnosis, Question::CONNECTION, Verdict::Fail, "store does not answer");
}

#[tokio::test]
async fn many_are_named_and_the_rest_is_counted() {
    let world = World::new();
    for number in 0..23 {
        let id = world.connect(&format!("account {number}")).await;
        let now = world.store_time().await;
        become_of(&world, &id, |row| row.refresh_expires_at = Some(now)).await;
    }
    let diagnosis = diagnose(&world, doctor(&world)).await;
    let found = of(&diagnosis, Question::CONNECTION);
    assert_eq!((found.len(), found[20].verdict, &*found[20].detail), (21, Verdict::Fail, "and 3 more"), "{diagnosis}");
}
