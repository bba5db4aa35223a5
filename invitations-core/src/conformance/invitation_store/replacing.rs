use super::{
    InvitationStoreFixture,
    holds::refused_because_of,
    make::{address, claimed, closed, expect, id, insert, invitation, link, tenant, update, with_notice},
};
use crate::{
    ErrorKind, Result,
    conformance::{Finding, Verdict, ensure, ensure_kind},
    ids::{PrincipalId, Reference, Role, TenantId},
    invitation::{
        Commit, InvitationStore, State,
        machine::{Closed, Invitee, Recipient},
    },
    people::Member,
};

/// `b`, which takes what `a` holds, together with the end of `a`.
fn both(old: &State, version: u64) -> Result<Commit> {
    let mut new = old.clone();
    new.id = id("b")?;
    let mut commit = with_notice(insert(new), "invited");
    commit.links.push(link("b", 2)?);
    let mut end = with_notice(update(version, closed(old.clone(), Closed::Superseded)), "ended");
    end.kill_links = true;
    commit.replaced = Some(Box::new(end));
    Ok(commit)
}

/// `a` with link 1, written.
async fn with_one(store: &dyn InvitationStore) -> Result<State, Finding> {
    let old = invitation("a", store.now().await?)?;
    let mut first = insert(old.clone());
    first.links.push(link("a", 1)?);
    store.commit(&first).await?;
    Ok(old)
}

/// A finding unless the link is dead (`true`), alive (`false`) or unknown.
async fn expect_link(store: &dyn InvitationStore, number: u8, dead: Option<bool>, when: &str) -> Verdict {
    let found = store.find_link(&[number; 12]).await?.map(|link| link.dead);
    ensure(found == dead, || format!("{when}: whether link {number} is dead is {found:?}, expected {dead:?}"))
}

/// An invitation and the end of the one it replaces are written together, each with all its parts; the new one takes what the old one
/// held.
pub async fn replaced_ends_in_the_same_write(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let old = with_one(&*store).await?;
    let mut other = insert(invitation("z", old.created_at)?);
    other.links.push(link("z", 9)?);
    store.commit(&other).await?;
    let version = store.commit(&both(&old, 1)?).await?;
    ensure(version == 1, || format!("the version of the new one is {version}"))?;
    let ended = store.load(&tenant()?, &old.id).await?;
    let ended = ended.filter(|row| row.version == 2 && row.value.closed() == Some(Closed::Superseded));
    ensure(ended.is_some(), || "the replaced one did not end".to_owned())?;
    let new = store.load(&tenant()?, &id("b")?).await?;
    ensure(new.is_some(), || "the new one is not there".to_owned())?;
    for (number, dead) in [(1, true), (2, false), (9, false)] {
        expect_link(&*store, number, Some(dead), "after replacing").await?;
    }
    for (name, events) in [("a", 2), ("b", 1)] {
        let kept = store.history(&tenant()?, &id(name)?).await?.len();
        ensure(kept == events, || format!("{kept} events of {name} after replacing, not {events}"))?;
    }
    expect(&claimed(&*store, "worker").await?, &["delivery a ended", "delivery b invited"], "after replacing")?;
    let mut third = old;
    third.id = id("c")?;
    refused_because_of(store.commit(&insert(third)).await, &id("b")?)
}

/// The replaced one's links die when its end says so, and only then.
pub async fn replaced_links_die_when_told(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let old = with_one(&*store).await?;
    let mut commit = both(&old, 1)?;
    commit.kill_links = true;
    if let Some(end) = &mut commit.replaced {
        end.kill_links = false;
    }
    store.commit(&commit).await?;
    for number in [1, 2] {
        expect_link(&*store, number, Some(false), "after replacing without killing").await?;
    }
    Ok(())
}

/// When either of the two is refused, nothing of either is written.
pub async fn refused_replacing_leaves_both(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let old = with_one(&*store).await?;
    let member = Member::new(tenant()?, PrincipalId::parse("ada")?, Role::parse("editor")?, id("b")?);
    for name in ["c", "taken"] {
        store.commit(&insert(invitation(name, old.created_at)?)).await?;
    }
    let mut greedy = both(&old, 1)?;
    greedy.state.invitees.push(Invitee::new(Recipient::Address(address("c")?)));
    let mut again = both(&old, 1)?;
    (again.id, again.state.id) = (id("taken")?, id("taken")?);
    again.links.clear();
    let mut late = again.clone();
    late.expected = Some(7);
    let refused = [
        (both(&old, 7)?, ErrorKind::Conflict, "replace a version to come"),
        (both(&old, 0)?, ErrorKind::Conflict, "replace an earlier version"),
        (greedy, ErrorKind::Refused, "replace one and take what a third one holds"),
        (again, ErrorKind::AlreadyExists, "replace by one that is there already"),
        (late, ErrorKind::Conflict, "replace by another version of one"),
    ];
    for (mut commit, kind, what) in refused {
        commit.members.push(member.clone());
        ensure_kind(store.commit(&commit).await, kind, what)?;
        let row = store.load(&tenant()?, &old.id).await?;
        let untouched = row.is_some_and(|row| row.version == 1 && row.value == old);
        ensure(untouched, || format!("{what}: the old one has changed"))?;
        let events = store.history(&tenant()?, &old.id).await?.len();
        ensure(events == 1, || format!("{what}: the old one has {events} events"))?;
        ensure(store.load(&tenant()?, &id("b")?).await?.is_none(), || format!("{what}: the new one is there"))?;
        expect_link(&*store, 1, Some(false), what).await?;
        expect_link(&*store, 2, None, what).await?;
        expect(&claimed(&*store, "worker").await?, &[], what)?;
        let members = store.members(&tenant()?, None).await?.items;
        ensure(members.is_empty(), || format!("{what}: members {members:?}"))?;
    }
    Ok(())
}

/// Only another invitation of the same organisation is replaced, and only one.
pub async fn replaced_is_another_of_the_organisation(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let old = with_one(&*store).await?;
    let mut foreign = old.clone();
    foreign.tenant = TenantId::parse("other")?;
    store.commit(&insert(foreign.clone())).await?;
    let third = invitation("c", old.created_at)?;
    store.commit(&insert(third.clone())).await?;
    let mut abroad = both(&old, 1)?;
    abroad.replaced = Some(Box::new(update(1, closed(foreign.clone(), Closed::Superseded))));
    let mut itself = update(1, old.clone());
    itself.replaced = Some(Box::new(update(1, closed(old.clone(), Closed::Superseded))));
    let mut chain = both(&old, 1)?;
    if let Some(end) = &mut chain.replaced {
        end.replaced = Some(Box::new(update(1, closed(third.clone(), Closed::Superseded))));
    }
    for (commit, what) in [
        (abroad, "replace another organisation's"),
        (itself, "replace itself"),
        (chain, "replace one that replaces another one"),
    ] {
        ensure_kind(store.commit(&commit).await, ErrorKind::InvalidInput, what)?;
        for state in [&old, &foreign, &third] {
            let row = store.load(&state.tenant, &state.id).await?.map(|row| row.version);
            ensure(row == Some(1), || format!("{what}: {} of {} has version {row:?}", state.id, state.tenant))?;
        }
        ensure(store.load(&tenant()?, &id("b")?).await?.is_none(), || format!("{what}: a row is left"))?;
    }
    Ok(())
}

/// What the replaced one holds for good is not handed on.
pub async fn replaced_keeps_its_payment(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let mut old = invitation("a", store.now().await?)?;
    old.payment = Some(Reference::parse("payment-1")?);
    store.commit(&insert(old.clone())).await?;
    let mut commit = both(&old, 1)?;
    refused_because_of(store.commit(&commit).await, &old.id)?;
    commit.state.payment = None;
    store.commit(&commit).await?;
    let mut later = invitation("c", old.created_at)?;
    later.payment.clone_from(&old.payment);
    refused_because_of(store.commit(&insert(later)).await, &old.id)
}
