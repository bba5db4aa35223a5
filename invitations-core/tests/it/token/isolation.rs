//! Whose connection it is: an id alone opens nothing.

use futures_util::future::join;
use invitations_core::{
    ErrorKind,
    ids::{ProviderId, TenantId},
    token::{ConnectionStatus, GrantFailureClass, Rejected},
};

use super::world::{Fault, World, drive, provider, tenant};

fn other() -> TenantId {
    TenantId::parse("other").unwrap()
}

#[tokio::test]
async fn abuse_g19_another_organisations_connection_is_not_found() {
    let world = World::new();
    let id = world.connect("ada").await;
    let theirs = world.connections.source(&other(), &provider(), &id);
    let kind = |error: invitations_core::Error| (error.kind(), error.to_string());
    let nothing = kind(drive(&world.clock, theirs.access_token()).await.unwrap_err());
    assert_eq!(nothing.0, ErrorKind::NotFound, "right after it was connected");

    // the owner's token is in memory now
    let token = world.token(&id).await.unwrap();
    assert_eq!(kind(drive(&world.clock, theirs.access_token()).await.unwrap_err()), nothing);
    assert_eq!(kind(drive(&world.clock, theirs.rejected(Rejected::new(token))).await.unwrap_err()).0, nothing.0);

    world.expire();
    assert_eq!(kind(drive(&world.clock, theirs.access_token()).await.unwrap_err()), nothing);
    assert_eq!(world.server.refreshes(), 0, "nobody refreshes for a stranger");

    assert_eq!(world.connections.status(&other(), &id).await.unwrap_err().kind(), ErrorKind::NotFound);
    let error = drive(&world.clock, world.connections.disconnect(&other(), &id)).await.unwrap_err();
    assert_eq!((error.kind(), world.status(&id).await), (ErrorKind::NotFound, ConnectionStatus::Valid));

    world.server.will([Fault::Fail(GrantFailureClass::GrantDead)]);
    assert_eq!(world.token(&id).await.unwrap_err().kind(), ErrorKind::NeedsReconsent);
    let error = drive(&world.clock, theirs.access_token()).await.unwrap_err();
    assert_eq!(kind(error), nothing, "nor does a stranger learn how it stands");
}

#[tokio::test]
async fn abuse_g19_a_stranger_who_asks_at_the_same_moment_shares_nothing() {
    let world = World::new();
    let id = world.connect("ada").await;
    for fresh in [world.other(), world.other()] {
        let (ours, theirs) = (fresh.source(&id), fresh.connections.source(&other(), &provider(), &id));
        let both = join(ours.access_token(), theirs.access_token());
        let (ours, theirs) = drive(&world.clock, both).await;
        assert!(ours.is_ok());
        assert_eq!(theirs.unwrap_err().kind(), ErrorKind::NotFound);
        fresh.expire();
    }
}

#[tokio::test]
async fn a_connection_is_good_for_its_own_provider_only() {
    let world = World::new();
    let id = world.connect("ada").await;
    world.token(&id).await.unwrap();
    let elsewhere = world.connections.source(&tenant(), &ProviderId::parse("another").unwrap(), &id);
    let error = drive(&world.clock, elsewhere.access_token()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "its token must not be sent to another provider");
}
