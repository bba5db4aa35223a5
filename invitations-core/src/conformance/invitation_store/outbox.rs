use chrono::{DateTime, Utc};

use super::{
    InvitationStoreFixture,
    make::{LATER, LEASE, SOON, claimed, expect, insert, invitation, sealed, update, with_notice},
};
use crate::{
    conformance::{Finding, Verdict, ensure},
    invitation::{Claimed, InvitationStore, store::Delivered},
};

/// Row, fence and attempt of the only row, which must be a delivery.
fn only_delivery(rows: &[Claimed]) -> Result<(u64, u64, u32), Finding> {
    match rows {
        [Claimed::Delivery { row, fence, attempt, .. }] => Ok((*row, *fence, *attempt)),
        other => Err(Finding(format!("expected one delivery, claimed {other:?}"))),
    }
}

async fn with_one_notice(store: &dyn InvitationStore) -> Result<DateTime<Utc>, Finding> {
    let now = store.now().await?;
    store.commit(&with_notice(insert(invitation("a", now)?), "invited")).await?;
    Ok(now)
}

/// A notice is handed out at once, as it was given, to one asker at a time.
pub async fn outbox_row_is_claimed_once(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    with_one_notice(&*store).await?;
    let rows = claimed(&*store, "one").await?;
    match rows.as_slice() {
        [Claimed::Delivery { dedupe, payload, attempt: 0, .. }] if dedupe == "invited" => {
            ensure(*payload == sealed("invited"), || "the payload is not what was given".to_owned())?;
        }
        other => return Err(Finding(format!("expected the notice in its first attempt, claimed {other:?}"))),
    }
    expect(&claimed(&*store, "two").await?, &[], "while somebody delivers")?;
    fixture.pass(LEASE).await;
    let (_, _, attempt) = only_delivery(&claimed(&*store, "two").await?)?;
    ensure(attempt == 0, || format!("{attempt} failed attempts although none was reported"))
}

/// A delivered notice never comes back, whatever is said about it later.
pub async fn outbox_done_is_final(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now = with_one_notice(&*store).await?;
    let (row, fence, _) = only_delivery(&claimed(&*store, "one").await?)?;
    store.delivered(row, fence, Delivered::Done).await?;
    expect(&claimed(&*store, "one").await?, &[], "after the delivery")?;
    let next = store.next_due().await?;
    ensure(next.is_none(), || format!("a delivered notice is due at {next:?}"))?;
    store.delivered(row, fence, Delivered::Again(now)).await?;
    store.delivered(row + 1, fence, Delivered::Again(now)).await?;
    fixture.pass(LATER).await;
    expect(&claimed(&*store, "one").await?, &[], "long after the delivery")
}

/// A notice that was not delivered comes back at its time with its payload, and counts the failure.
pub async fn outbox_row_comes_back_at_its_time(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    with_one_notice(&*store).await?;
    for failures in 0..3 {
        let rows = claimed(&*store, "one").await?;
        let (row, fence, attempt) = only_delivery(&rows)?;
        ensure(attempt == failures, || format!("{attempt} failed attempts instead of {failures}"))?;
        let kept = matches!(rows.as_slice(), [Claimed::Delivery { payload, .. }] if *payload == sealed("invited"));
        ensure(kept, || "the payload is lost although nothing was delivered".to_owned())?;
        let at = store.now().await? + SOON;
        store.delivered(row, fence, Delivered::Again(at)).await?;
        expect(&claimed(&*store, "two").await?, &[], "before its time")?;
        fixture.pass(SOON).await;
    }
    expect(&claimed(&*store, "two").await?, &["delivery a invited"], "at its time")
}

/// What is said under an old lease is ignored.
pub async fn outbox_stale_fence_is_ignored(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now = with_one_notice(&*store).await?;
    let (row, old, _) = only_delivery(&claimed(&*store, "one").await?)?;
    fixture.pass(LEASE).await;
    let (_, new, _) = only_delivery(&claimed(&*store, "two").await?)?;
    ensure(new > old, || format!("fence {new} after {old}"))?;
    store.delivered(row, old, Delivered::Again(now)).await?;
    expect(&claimed(&*store, "three").await?, &[], "after a late report, while somebody delivers")?;
    store.delivered(row, old, Delivered::Done).await?;
    fixture.pass(LEASE).await;
    let (_, _, attempt) = only_delivery(&claimed(&*store, "three").await?)?;
    ensure(attempt == 0, || "a late report counted as a failed attempt".to_owned())
}

/// A dedupe value is written once per invitation, even when the first row was delivered long ago.
pub async fn outbox_dedupe_is_kept_for_good(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now = with_one_notice(&*store).await?;
    let state = invitation("a", now)?;
    store.commit(&with_notice(update(1, state.clone()), "invited")).await?;
    store.commit(&with_notice(with_notice(update(2, state.clone()), "accepted"), "accepted")).await?;
    store.commit(&with_notice(insert(invitation("b", now)?), "invited")).await?;
    let rows = claimed(&*store, "one").await?;
    let expected = ["delivery a accepted", "delivery a invited", "delivery b invited"];
    expect(&rows, &expected, "after writing the same notices again")?;
    for row in &rows {
        let (row, fence, _) = only_delivery(std::slice::from_ref(row))?;
        store.delivered(row, fence, Delivered::Done).await?;
    }
    store.commit(&with_notice(update(3, state), "invited")).await?;
    expect(&claimed(&*store, "one").await?, &[], "after writing a delivered notice again")
}
