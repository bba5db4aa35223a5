//! Bugs on purpose in the life of a token: each is caught by a check that holds without it.

use std::{future::Future, pin::Pin};

use invitations_core::{
    seeded::{TOKEN_BUGS, choose},
    token::{AfterReject, ConnectionStatus, GrantFailureClass, Rejected},
};

use super::world::{Fault, PLANTED, World, drive, secs, settle};
use crate::models::token::{Invariant, Kind, Rules, breaks};

/// Whether something is wrong.
type Check = Pin<Box<dyn Future<Output = bool>>>;

fn check(bug: &str) -> Check {
    match bug {
        "B05" => searched(Rules::all(Kind::Strict).unharmed(), Invariant::PairIsWhole),
        "B06" => searched(Rules::all(Kind::Strict).unharmed(), Invariant::FamilyLives),
        "B07" => Box::pin(a_new_consent_is_marked()),
        "B21" => Box::pin(a_token_is_shown()),
        "B23" => Box::pin(rejections_never_end()),
        _ => panic!("no check for {bug}"),
    }
}

fn searched(rules: Rules, expected: Invariant) -> Check {
    let found = breaks(rules);
    assert!(found.is_none_or(|found| found == expected), "{found:?}");
    Box::pin(std::future::ready(found.is_some()))
}

/// The owner connects again while a refresh of the old consent is out, and that is then refused.
async fn a_new_consent_is_marked() -> bool {
    let world = World::new();
    let id = world.connect("account").await;
    let other = world.other();
    world.expire();
    world.server.will([Fault::Slow(secs(5))]);
    let asking = tokio::spawn({
        let source = world.source(&id);
        async move { source.access_token().await }
    });
    settle().await;
    assert_eq!(world.server.refreshes(), 1, "the refresh is out");
    other.connect("account").await;
    world.server.will([Fault::Fail(GrantFailureClass::GrantDead)]);
    // with the bug it is an error, which is as good
    let _token = drive(&world.clock, asking).await.unwrap();
    world.status(&id).await != ConnectionStatus::Valid
}

async fn a_token_is_shown() -> bool {
    let world = World::new();
    let id = world.connect("account").await;
    let token = world.token(&id).await.unwrap();
    let source = world.source(&id);
    format!("{token:?} {source:?} {:?}", Rejected::new(token.clone())).contains(PLANTED)
}

/// A resource that accepts nothing, and a caller who tries again as long as that is what to do.
async fn rejections_never_end() -> bool {
    let world = World::new();
    let id = world.connect("account").await;
    let source = world.source(&id);
    for _ in 0..10 {
        let token = world.token(&id).await.unwrap();
        if drive(&world.clock, source.rejected(Rejected::new(token))).await.unwrap() == AfterReject::GiveUp {
            return false;
        }
    }
    true
}

#[tokio::test]
async fn each_bug_is_caught() {
    let mut survivors = Vec::new();
    for (bug, what) in TOKEN_BUGS {
        assert!(!check(bug).await, "wrong without {bug}");
        choose(bug);
        let caught = check(bug).await;
        choose("");
        println!("{bug} {what}: {}", if caught { "caught" } else { "SURVIVED" });
        if !caught {
            survivors.push(*bug);
        }
    }
    println!("count: {} bugs of tokens", TOKEN_BUGS.len());
    assert_eq!(survivors, Vec::<&str>::new(), "not caught");
}
