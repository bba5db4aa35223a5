use super::{
    InvitationStoreFixture,
    make::{claimed, closed, expect, id, insert, invitation, link, tenant, update, with_notice},
};
use crate::{
    ErrorKind, Result,
    conformance::{Finding, Verdict, ensure, ensure_kind},
    ids::{InvitationId, Reference, TenantId},
    invitation::{Refusal, machine::Closed},
};

/// A finding unless it was refused as a duplicate of this one.
pub(super) fn refused_because_of(result: Result<u64>, holder: &InvitationId) -> Verdict {
    match result {
        Err(error) if error.refusal() == Some(&Refusal::Duplicate { of: holder.clone() }) => Ok(()),
        other => Err(Finding(format!("expected to be refused as a duplicate of {holder}, got {other:?}"))),
    }
}

/// Two open invitations cannot hold one name; the refusal says which one has it.
pub async fn hold_refuses_a_second_invitation(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let first = invitation("a", store.now().await?)?;
    store.commit(&insert(first.clone())).await?;
    let mut second = first.clone();
    second.id = id("b")?;
    refused_because_of(store.commit(&insert(second.clone())).await, &first.id)?;
    // the holder itself may go on
    let version = store.commit(&update(1, first.clone())).await?;
    ensure(version == 2, || format!("the holder's second version is {version}"))?;
    // neither can an invitation take a name later
    second.invitees = invitation("b", second.created_at)?.invitees;
    store.commit(&insert(second.clone())).await?;
    second.invitees.clone_from(&first.invitees);
    refused_because_of(store.commit(&update(1, second.clone())).await, &first.id)?;
    // twice the same name in one invitation is one name
    let mut twice = invitation("c", second.created_at)?;
    twice.invitees.extend(twice.invitees.clone());
    store.commit(&insert(twice)).await?;
    Ok(())
}

/// A closed invitation holds nothing, and may be closed although its name went to another one.
pub async fn hold_is_freed_by_closing(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let first = invitation("a", store.now().await?)?;
    store.commit(&insert(first.clone())).await?;
    store.commit(&update(1, closed(first.clone(), Closed::Revoked))).await?;
    let mut second = first.clone();
    second.id = id("b")?;
    store.commit(&insert(second.clone())).await?;
    store.commit(&update(2, closed(first.clone(), Closed::Revoked))).await?;
    let mut third = first;
    third.id = id("c")?;
    refused_because_of(store.commit(&insert(third)).await, &second.id)
}

/// An insert that is refused as a duplicate leaves no row, link, notice or event.
pub async fn refused_insert_leaves_nothing(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let first = invitation("a", store.now().await?)?;
    store.commit(&insert(first.clone())).await?;
    let mut second = first.clone();
    second.id = id("b")?;
    let mut commit = with_notice(insert(second.clone()), "invited");
    commit.links.push(link("b", 1)?);
    ensure_kind(store.commit(&commit).await, ErrorKind::Refused, "insert a duplicate")?;
    ensure(store.load(&tenant()?, &second.id).await?.is_none(), || "a refused insert left a row".to_owned())?;
    ensure(store.history(&tenant()?, &second.id).await?.is_empty(), || "a refused insert left events".to_owned())?;
    ensure(store.find_link(&[1; 12]).await?.is_none(), || "a refused insert left a link".to_owned())?;
    expect(&claimed(&*store, "worker").await?, &[], "after a refused insert")
}

/// A payment stays taken in its organisation although its booking is over; the other names are free then.
pub async fn payment_is_held_for_good(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let mut first = invitation("a", store.now().await?)?;
    first.payment = Some(Reference::parse("payment-1")?);
    store.commit(&insert(first.clone())).await?;
    let over = closed(first.clone(), Closed::Cancelled);
    store.commit(&update(1, over.clone())).await?;
    let mut second = first.clone();
    second.id = id("b")?;
    refused_because_of(store.commit(&insert(second.clone())).await, &first.id)?;
    // a swept invitation is written again long after its end
    store.commit(&update(2, over)).await?;
    refused_because_of(store.commit(&insert(second.clone())).await, &first.id)?;
    let mut foreign = second.clone();
    foreign.tenant = TenantId::parse("other")?;
    store.commit(&insert(foreign)).await?;
    second.payment = None;
    store.commit(&insert(second)).await?;
    Ok(())
}
