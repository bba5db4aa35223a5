use super::{
    InvitationStoreFixture,
    make::{address, closed, expect, id, insert, invitation, link, tenant, update, with_notice},
};
use crate::{
    ErrorKind, Result,
    conformance::{Verdict, ensure, ensure_kind},
    ids::TenantId,
    invitation::{
        Commit, State,
        machine::{Closed, Invitee, Recipient},
    },
};

/// `b`, which takes what `a` holds, together with the end of `a`.
fn both(old: &State, version: u64) -> Result<Commit> {
    let mut new = old.clone();
    new.id = id("b")?;
    let mut commit = with_notice(insert(new), "invited");
    let mut end = update(version, closed(old.clone(), Closed::Superseded));
    end.kill_links = true;
    commit.replaced = Some(Box::new(end));
    Ok(commit)
}

/// An invitation and the end of the one it replaces are written together; the new one takes what the old one held.
pub async fn replaced_ends_in_the_same_write(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let old = invitation("a", store.now().await?)?;
    let mut first = insert(old.clone());
    first.links.push(link("a", 1)?);
    store.commit(&first).await?;
    let version = store.commit(&both(&old, 1)?).await?;
    ensure(version == 1, || format!("the version of the new one is {version}"))?;
    let ended = store.load(&tenant()?, &old.id).await?;
    let ended = ended.filter(|row| row.version == 2 && row.value.closed() == Some(Closed::Superseded));
    ensure(ended.is_some(), || "the replaced one did not end".to_owned())?;
    let dead = store.find_link(&[1; 12]).await?.is_some_and(|link| link.dead);
    ensure(dead, || "the replaced one's link is alive".to_owned())?;
    let new = store.load(&tenant()?, &id("b")?).await?;
    ensure(new.is_some(), || "the new one is not there".to_owned())
}

/// When either of the two is refused, neither is written.
pub async fn refused_replacing_leaves_both(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let old = invitation("a", store.now().await?)?;
    store.commit(&insert(old.clone())).await?;
    // the old one was changed meanwhile
    ensure_kind(store.commit(&both(&old, 7)?).await, ErrorKind::Conflict, "replace another version")?;
    // the new one wants what a third one holds
    let third = invitation("c", old.created_at)?;
    store.commit(&insert(third)).await?;
    let mut greedy = both(&old, 1)?;
    greedy.state.invitees.push(Invitee::new(Recipient::Address(address("c")?)));
    ensure_kind(store.commit(&greedy).await, ErrorKind::Refused, "replace one and take another's hold")?;
    let untouched = store.load(&tenant()?, &old.id).await?.is_some_and(|row| row.version == 1 && row.value == old);
    ensure(untouched, || "a refused replacing changed the old one".to_owned())?;
    ensure(store.load(&tenant()?, &id("b")?).await?.is_none(), || "a refused replacing left a row".to_owned())?;
    expect(&super::make::claimed(&*store, "worker").await?, &[], "after a refused replacing")
}

/// Only another invitation of the same organisation is replaced, and only one.
pub async fn replaced_is_another_of_the_organisation(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let old = invitation("a", store.now().await?)?;
    store.commit(&insert(old.clone())).await?;
    let mut foreign = old.clone();
    foreign.tenant = TenantId::parse("other")?;
    store.commit(&insert(foreign.clone())).await?;
    let mut abroad = both(&old, 1)?;
    abroad.replaced = Some(Box::new(update(1, closed(foreign, Closed::Superseded))));
    ensure_kind(store.commit(&abroad).await, ErrorKind::InvalidInput, "replace another organisation's")?;
    let mut itself = update(1, old.clone());
    itself.replaced = Some(Box::new(update(1, closed(old.clone(), Closed::Superseded))));
    ensure_kind(store.commit(&itself).await, ErrorKind::InvalidInput, "replace itself")?;
    let row = store.load(&tenant()?, &old.id).await?.map(|row| row.version);
    ensure(row == Some(1), || format!("the version is {row:?} after what is refused, not 1"))
}
