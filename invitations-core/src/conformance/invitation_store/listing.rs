use chrono::TimeDelta;

use super::{
    InvitationStoreFixture,
    make::{claimed, id, insert, invitation, summary, tenant, working},
};
use crate::{
    ErrorKind,
    conformance::{Finding, Verdict, ensure, ensure_kind},
    ids::TenantId,
    invitation::{InvitationStore, store::Filter},
};

/// More than any listing may take: then it goes round in circles.
pub(super) const MOST_PAGES: usize = 1_000;

/// The ids of all pages.
pub(super) async fn listed(
    store: &dyn InvitationStore,
    tenant: &TenantId,
    mut filter: Filter,
) -> Result<Vec<String>, Finding> {
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

/// A page goes on where the last one ended, whatever was written in between: nothing is lost or repeated.
pub async fn list_goes_on_where_it_was(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now = store.now().await?;
    for number in 0..5 {
        store.commit(&insert(invitation(&number.to_string(), now + TimeDelta::seconds(number))?)).await?;
    }
    let first = store.list(&tenant()?, &Filter::new().with_limit(2)).await?;
    let Some(next) = first.next else { return Err(Finding("two of five rows are all".to_owned())) };
    for (name, at) in [("newer", now + TimeDelta::hours(1)), ("older", now - TimeDelta::hours(1))] {
        store.commit(&insert(invitation(name, at)?)).await?;
    }
    let mut names: Vec<_> = first.items.iter().map(|row| row.value.id.to_string()).collect();
    names.extend(listed(&*store, &tenant()?, Filter::new().with_limit(2).with_page(next)).await?);
    ensure(names == ["4", "3", "2", "1", "0", "older"], || format!("with rows written between pages: {names:?}"))
}

/// A row that cannot be read is an error where it is asked for, is left out of listings, and harms no other row.
pub async fn unreadable_row_is_its_own_error(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now = store.now().await?;
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
    let due = claimed(&*store, "worker").await?;
    let names = summary(&due);
    let both = ["effect a work.0", "effect c work.0"].iter().all(|name| names.iter().any(|found| found == name));
    ensure(both, || format!("claimed beside a row that cannot be read: {names:?}"))
}
