use super::{
    InvitationStoreFixture,
    listing::MOST_PAGES,
    make::{id, insert, invitation, tenant, update},
};
use crate::{
    ErrorKind, Result,
    conformance::{Verdict, ensure, ensure_kind},
    ids::{PrincipalId, Role, TenantId},
    people::Member,
};

/// Members are kept with their role, listed by principal, page by page; the same member is kept once.
pub async fn members_are_kept_in_order(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let state = invitation("a", store.now().await?)?;
    let member = |number: u32, role: &str| -> Result<Member> {
        // spread over the numbers, so that they do not come in order
        let principal = PrincipalId::parse(format!("member-{:03}", number * 7 % 250))?;
        Ok(Member::new(tenant()?, principal, Role::parse(role)?, id("a")?))
    };
    let mut commit = insert(state.clone());
    commit.members = (0..250).map(|number| member(number, "editor")).collect::<Result<_>>()?;
    store.commit(&commit).await?;
    let mut again = update(1, state);
    again.members = vec![member(3, "editor")?];
    store.commit(&again).await?;
    let (mut found, mut page) = (Vec::new(), None);
    for _ in 0..MOST_PAGES {
        let part = store.members(&tenant()?, page.as_ref()).await?;
        found.extend(part.items);
        page = part.next;
        if page.is_none() {
            break;
        }
    }
    let mut expected = commit.members;
    expected.sort_by(|one, other| one.principal.cmp(&other.principal));
    ensure(found == expected, || {
        format!("{} members of {}, or in another order: {found:?}", found.len(), expected.len())
    })?;
    let others = store.members(&TenantId::parse("other")?, None).await?.items.len();
    ensure(others == 0, || "another organisation's members are shown".to_owned())
}

/// Who leaves is no longer listed, unless another invitation made them a member too; who is not there may leave all the same.
pub async fn members_leave(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let state = invitation("a", store.now().await?)?;
    let member = |name: &str, by: &str| -> Result<Member> {
        Ok(Member::new(tenant()?, PrincipalId::parse(name)?, Role::parse("editor")?, id(by)?))
    };
    let mut joined = insert(state.clone());
    joined.members = vec![member("ada", "a")?, member("bob", "a")?];
    store.commit(&joined).await?;
    let mut other = insert(invitation("b", state.created_at)?);
    other.members = vec![member("ada", "b")?];
    store.commit(&other).await?;
    let mut left = update(7, state.clone());
    left.leaving = vec![member("ada", "a")?, member("nobody", "a")?];
    ensure_kind(store.commit(&left).await, ErrorKind::Conflict, "let members leave in another version")?;
    let all = store.members(&tenant()?, None).await?.items;
    ensure(all.len() == 3, || format!("after a conflict, of three members: {all:?}"))?;
    for version in [1, 2] {
        left.expected = Some(version);
        store.commit(&left).await?;
        let rest = store.members(&tenant()?, None).await?.items;
        ensure(rest == [member("ada", "b")?, member("bob", "a")?], || format!("after one has left: {rest:?}"))?;
    }
    let mut back = update(3, state);
    back.members = vec![member("ada", "a")?];
    store.commit(&back).await?;
    let all = store.members(&tenant()?, None).await?.items;
    ensure(all.len() == 3, || format!("after one came back, of three members: {all:?}"))
}
