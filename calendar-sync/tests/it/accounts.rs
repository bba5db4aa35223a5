//! What concerns the account stops the run and is an error; nothing follows from it for the records.

use calendar_sync::{Desired, VecSource};
use invitations_core::ErrorKind;

use crate::world::{LATER, wish, world};

#[tokio::test]
async fn a_lost_consent_is_an_error_and_deletes_nothing() {
    let world = world();
    world.push(&[wish("essay", 1, "Essay")]).await;
    world.calendar.inner.refuse_next(ErrorKind::NeedsReconsent);
    let changed = [wish("essay", 2, "Long essay")];
    let error = world.sync.push(&world.binding, &changed).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NeedsReconsent);
    assert_eq!(world.titles(), ["Essay"]);
    // the lease was given back, and after connecting again all is well
    world.clock.advance(LATER);
    assert_eq!(world.push(&changed).await.updated, 1);
}

#[tokio::test]
async fn a_refused_account_is_not_asked_for_every_record() {
    let world = world();
    let records: Vec<Desired> = (0..200).map(|number| wish(&format!("record-{number}"), 1, "Same")).collect();
    // one round is four calls of twenty
    for _ in 0..4 {
        world.calendar.inner.refuse_next(ErrorKind::Unauthenticated);
    }
    let error = world.sync.sync_now(&world.binding, &VecSource::new(records)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    let calls = world.calendar.take().calls;
    assert_eq!(calls.iter().filter(|call| **call == "write").count(), 4);
    assert!(world.titles().is_empty());
}

#[tokio::test]
async fn a_provider_nobody_registered_is_misconfigured() {
    let world = world();
    let mut elsewhere = world.binding.clone();
    elsewhere.account.provider = invitations_core::ids::ProviderId::parse("elsewhere").unwrap();
    let error = world.sync.push(&elsewhere, &[]).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Misconfigured && error.remedy().is_some());
}
