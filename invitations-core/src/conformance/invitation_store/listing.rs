use chrono::{TimeDelta, Utc};

use super::{
    InvitationStoreFixture,
    make::{address, closed, id, insert, invitation, tenant, update, working},
};
use crate::{
    ErrorKind, Result,
    conformance::{Finding, Verdict, ensure, ensure_kind},
    ids::{PrincipalId, Role, TenantId},
    invitation::{
        InvitationStore,
        machine::{Closed, Invitee, Phase, Recipient, Status},
        store::Filter,
    },
    people::{EmailAddress, Member},
};

/// More than any listing may take: then it goes round in circles.
const MOST_PAGES: usize = 1_000;

/// The ids of all pages.
async fn listed(store: &dyn InvitationStore, tenant: &TenantId, mut filter: Filter) -> Result<Vec<String>, Finding> {
    let mut names = Vec::new();
    for _ in 0..MOST_PAGES {
        let page = store.list(tenant, &filter).await?;
        if let Some(limit) = filter.limit.filter(|limit| page.items.len() > *limit) {
            return Err(Finding(format!("{} rows on a page of {limit}", page.items.len())));
        }
        names.extend(page.items.iter().map(|row| row.value.id.to_string()));
        match page.next {
            Some(next) => filter = filter.with_page(next),
            None => return Ok(names),
        }
    }
    Err(Finding(format!("the listing has not ended after {MOST_PAGES} pages: {names:?}")))
}

/// Newest first by the time they were made; pages neither lose nor repeat a row, also among equal times.
pub async fn list_pages_newest_first(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now = store.now().await?;
    // not in the order of their times, which is the order of their names
    for number in [3, 1, 4, 0, 2] {
        store.commit(&insert(invitation(&number.to_string(), now + TimeDelta::microseconds(number))?)).await?;
    }
    for limit in [1, 2, 3, 500] {
        let names = listed(&*store, &tenant()?, Filter::new().with_limit(limit)).await?;
        ensure(names == ["4", "3", "2", "1", "0"], || format!("in pages of {limit}: {names:?}"))?;
    }
    for number in 5..9 {
        store.commit(&insert(invitation(&number.to_string(), now - TimeDelta::seconds(1))?)).await?;
    }
    let mut names = listed(&*store, &tenant()?, Filter::new().with_limit(2)).await?;
    let newest_count = names.len().min(5);
    let (newest, rest) = names.split_at_mut(newest_count);
    rest.sort();
    ensure(newest == ["4", "3", "2", "1", "0"] && rest == ["5", "6", "7", "8"], || {
        format!("with equal times, in pages of 2: {newest:?}, {rest:?}")
    })
}

/// The filter's statuses and its recipient both count; the recipient by the canonical address.
pub async fn list_filters(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now = store.now().await?;
    for (number, name) in (0..).zip(["a", "b", "c"]) {
        store.commit(&insert(invitation(name, now + TimeDelta::seconds(number))?)).await?;
    }
    store.commit(&update(1, closed(invitation("b", now + TimeDelta::seconds(1))?, Closed::Revoked))).await?;
    store.commit(&update(1, working("c", now + TimeDelta::seconds(2), &[])?)).await?;
    let mut foreign = invitation("x", now)?;
    foreign.tenant = TenantId::parse("other")?;
    foreign.invitees = invitation("a", now)?.invitees;
    store.commit(&insert(foreign)).await?;
    let mut held_back = invitation("d", now + TimeDelta::seconds(3))?;
    held_back.phase = Phase::AwaitingApproval;
    held_back.invitees.push(Invitee::new(Recipient::Principal(PrincipalId::parse("dora")?)));
    store.commit(&insert(held_back)).await?;
    let shouted = EmailAddress::parse("A@PEOPLE.EXAMPLE")?;
    let to = |name: &str| -> Result<Recipient> { Ok(Recipient::Address(address(name)?)) };
    let dora = Recipient::Principal(PrincipalId::parse("dora")?);
    let expected: [(Filter, &[&str]); 12] = [
        (Filter::new(), &["d", "c", "b", "a"]),
        (Filter::new().with_status(Status::Pending), &["d", "a"]),
        // what must be approved first cannot be answered yet
        (Filter::new().answerable(), &["a"]),
        (Filter::new().answerable().with_recipient(dora.clone()), &[]),
        (Filter::new().with_recipient(dora.clone()), &["d"]),
        // any of them will do, and one that is found twice is listed once
        (Filter::new().with_recipient(to("a")?).with_recipient(to("c")?), &["c", "a"]),
        (Filter::new().with_recipient(to("d")?).with_recipient(dora), &["d"]),
        (Filter::new().with_status(Status::Cancelling), &["c"]),
        (Filter::new().with_status(Status::Revoked).with_status(Status::Pending), &["d", "b", "a"]),
        (Filter::new().with_recipient(Recipient::Address(shouted)), &["a"]),
        (Filter::new().with_recipient(Recipient::Address(address("b")?)).with_status(Status::Pending), &[]),
        (Filter::new().with_recipient(Recipient::Address(address("b")?)).with_status(Status::Revoked), &["b"]),
    ];
    for (filter, names) in expected {
        let found = listed(&*store, &tenant()?, filter.clone().with_limit(1)).await?;
        ensure(found == names, || format!("{filter:?}: listed {found:?}, expected {names:?}"))?;
        let count = store.count(&tenant()?, &filter).await?;
        ensure(count == names.len() as u64, || format!("{filter:?}: counted {count}, expected {}", names.len()))?;
    }
    let row = store.list(&tenant()?, &Filter::new().with_status(Status::Revoked)).await?.items.pop();
    ensure(row.is_some_and(|row| row.version == 2), || "a listed row has not the version of its last commit".to_owned())
}

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

/// Who leaves is no longer listed; who was not there may leave too.
pub async fn members_leave(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let state = invitation("a", store.now().await?)?;
    let member = |name: &str| -> Result<Member> {
        Ok(Member::new(tenant()?, PrincipalId::parse(name)?, Role::parse("editor")?, id("a")?))
    };
    let mut joined = insert(state.clone());
    joined.members = vec![member("ada")?, member("bob")?];
    store.commit(&joined).await?;
    let mut left = update(1, state);
    left.leaving = vec![member("ada")?, member("nobody")?];
    store.commit(&left).await?;
    let rest = store.members(&tenant()?, None).await?.items;
    ensure(rest == [member("bob")?], || format!("after one has left: {rest:?}"))
}

/// A row that cannot be read is an error where it is asked for, is left out of listings, and harms no other row.
pub async fn unreadable_row_is_its_own_error(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now: chrono::DateTime<Utc> = store.now().await?;
    for name in ["a", "b", "c"] {
        store.commit(&insert(working(name, now, &[now])?)).await?;
    }
    if !fixture.spoil(&tenant()?, &id("b")?).await {
        return Ok(());
    }
    ensure_kind(store.load(&tenant()?, &id("b")?).await, ErrorKind::Protocol, "load a row that cannot be read")?;
    for limit in [1, 50] {
        let mut names = listed(&*store, &tenant()?, Filter::new().with_limit(limit)).await?;
        names.sort();
        ensure(names == ["a", "c"], || format!("listed beside a row that cannot be read: {names:?}"))?;
    }
    let others = store.load(&tenant()?, &id("a")?).await?;
    ensure(others.is_some(), || "a row beside one that cannot be read is gone".to_owned())?;
    let due = super::make::claimed(&*store, "worker").await?;
    let names = super::make::summary(&due);
    let both = ["effect a work.0", "effect c work.0"].iter().all(|name| names.iter().any(|found| found == name));
    ensure(both, || format!("claimed beside a row that cannot be read: {names:?}"))
}
