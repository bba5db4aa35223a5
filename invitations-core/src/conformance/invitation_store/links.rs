use super::{
    InvitationStoreFixture,
    make::{insert, invitation, link, update},
};
use crate::conformance::{Verdict, ensure};

/// A link is found by its selector as it was given; an unknown selector finds nothing.
pub async fn link_is_found_by_its_selector(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now = store.now().await?;
    let (mut one, two) = (link("a", 1)?, link("a", 2)?);
    one.live_until = Some(now);
    let mut commit = insert(invitation("a", now)?);
    commit.links = vec![one.clone(), two.clone()];
    store.commit(&commit).await?;
    for stored in [one, two] {
        let found = store.find_link(&stored.selector).await?;
        ensure(found.as_ref() == Some(&stored), || format!("stored {stored:?}, found {found:?}"))?;
    }
    let unknown = store.find_link(&[3; 12]).await?;
    ensure(unknown.is_none(), || format!("an unknown selector found {unknown:?}"))
}

/// `kill_links` kills the invitation's earlier links, and neither those of the same commit nor another invitation's.
pub async fn links_are_killed_before_new_ones(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let state = invitation("a", store.now().await?)?;
    let mut first = insert(state.clone());
    first.links.push(link("a", 1)?);
    store.commit(&first).await?;
    let mut other = insert(invitation("b", state.created_at)?);
    other.links.push(link("b", 2)?);
    store.commit(&other).await?;
    let mut second = update(1, state.clone());
    second.links.push(link("a", 3)?);
    store.commit(&second).await?;
    let mut third = update(2, state);
    (third.kill_links, third.links) = (true, vec![link("a", 4)?]);
    store.commit(&third).await?;
    for (number, dead) in [(1, true), (2, false), (3, true), (4, false)] {
        let found = store.find_link(&[number; 12]).await?.map(|link| link.dead);
        ensure(found == Some(dead), || format!("link {number}: dead is {found:?}, expected {dead}"))?;
    }
    Ok(())
}
