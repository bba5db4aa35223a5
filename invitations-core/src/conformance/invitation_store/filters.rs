use chrono::{DateTime, TimeDelta, Utc};

use super::{
    InvitationStoreFixture,
    listing::listed,
    make::{account, address, closed, insert, invitation, resting, tenant, update, working},
};
use crate::{
    Result,
    conformance::{Finding, Verdict, ensure},
    ids::{MeetingKey, PrincipalId, TenantId},
    invitation::{
        InvitationStore, State,
        machine::{Closed, Invitee, Offer, Phase, Recipient, Status},
        store::Filter,
    },
    people::EmailAddress,
    provider::MeetingDraft,
};

fn to(name: &str) -> Result<Recipient> {
    Ok(Recipient::Address(address(name)?))
}

fn person(name: &str) -> Result<Recipient> {
    Ok(Recipient::Principal(PrincipalId::parse(name)?))
}

/// Lists in pages of one, and counts. A finding unless both say exactly these.
async fn expect_rows(store: &dyn InvitationStore, filter: &Filter, names: &[&str], when: &str) -> Verdict {
    let found = listed(store, &tenant()?, filter.clone().with_limit(1)).await?;
    ensure(found == names, || format!("{when}, {filter:?}: listed {found:?}, expected {names:?}"))?;
    let count = store.count(&tenant()?, filter).await?;
    ensure(usize::try_from(count) == Ok(names.len()), || {
        format!("{when}, {filter:?}: counted {count}, expected {}", names.len())
    })
}

/// A booking that waits for its payment: nobody is invited to it.
fn booking(name: &str, now: DateTime<Utc>) -> Result<State> {
    let mut state = invitation(name, now)?;
    let draft = Box::new(MeetingDraft::new("Maths", now..now + TimeDelta::hours(1)));
    state.offer = Offer::Booking { booking: MeetingKey::parse(name)?, draft, organizer: account()? };
    state.invitees.clear();
    Ok(state)
}

/// Statuses, recipients and whether it can be answered all count, and any of several recipients will do: an address by its canonical
/// form, a person by the id. A count says how many are listed.
pub async fn list_filters(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now = store.now().await?;
    let at = |second: i64| now + TimeDelta::seconds(second);
    let mut states = vec![invitation("a", at(0))?, invitation("b", at(1))?, working("c", at(2), &[])?];
    // what must be approved first cannot be answered yet
    let mut held_back = invitation("d", at(3))?;
    held_back.phase = Phase::AwaitingApproval;
    held_back.invitees.push(Invitee::new(person("dora")?));
    // nor can what nobody is invited to
    states.extend([held_back, booking("e", at(4))?]);
    // a person may be called like somebody's address
    let mut countered = invitation("f", at(5))?;
    (countered.phase, countered.invitees) = (Phase::Countered, vec![Invitee::new(person("a@people.example")?)]);
    states.push(countered);
    for state in states {
        store.commit(&insert(state)).await?;
    }
    store.commit(&update(1, closed(invitation("b", at(1))?, Closed::Revoked))).await?;
    let mut foreign = invitation("x", now)?;
    foreign.tenant = TenantId::parse("other")?;
    foreign.invitees = ["a", "b", "c"].into_iter().map(|name| Ok(Invitee::new(to(name)?))).collect::<Result<_>>()?;
    foreign.invitees.push(Invitee::new(person("dora")?));
    store.commit(&insert(foreign)).await?;
    let shouted = Recipient::Address(EmailAddress::parse("A@PEOPLE.EXAMPLE")?);
    let new = Filter::new;
    let expected: [(Filter, &[&str]); 17] = [
        (new(), &["f", "e", "d", "c", "b", "a"]),
        (new().with_status(Status::Pending), &["f", "e", "d", "a"]),
        (new().with_status(Status::Cancelling), &["c"]),
        (new().with_status(Status::Revoked).with_status(Status::Cancelling), &["c", "b"]),
        (new().with_recipient(shouted.clone()), &["a"]),
        (new().with_recipient(to("b")?).with_status(Status::Pending), &[]),
        (new().with_recipient(to("b")?).with_status(Status::Revoked), &["b"]),
        (new().with_recipient(person("dora")?), &["d"]),
        (new().with_recipient(person("a@people.example")?), &["f"]),
        (new().with_recipient(to("dora")?), &[]),
        (new().with_recipient(to("a")?).with_recipient(to("c")?), &["c", "a"]),
        (new().with_recipient(to("d")?).with_recipient(person("dora")?), &["d"]),
        (new().answerable(), &["f", "a"]),
        (new().answerable().with_status(Status::Revoked), &[]),
        (new().answerable().with_recipient(person("dora")?), &[]),
        (new().answerable().with_recipient(to("b")?).with_recipient(shouted), &["a"]),
        (new().answerable().with_recipient(to("a")?).with_recipient(person("a@people.example")?), &["f", "a"]),
    ];
    for (filter, names) in expected {
        expect_rows(&*store, &filter, names, "filtered").await?;
    }
    let row = store.list(&tenant()?, &new().with_status(Status::Revoked)).await?.items.pop();
    ensure(row.is_some_and(|row| row.version == 2), || "a listed row has not the version of its last commit".to_owned())
}

/// Status, recipients and whether it can be answered are those of the last commit.
pub async fn list_follows_the_last_commit(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let mut state = invitation("a", store.now().await?)?;
    state.phase = Phase::AwaitingApproval;
    store.commit(&insert(state.clone())).await?;
    let (old, new) = (Filter::new().with_recipient(to("a")?), Filter::new().with_recipient(person("ada")?));
    expect_rows(&*store, &old.clone().answerable(), &[], "before it is approved").await?;
    let answerable = |phase: &Phase| matches!(phase, Phase::Pending | Phase::Countered);
    let phases = [Phase::Pending, Phase::AwaitingApproval, Phase::Countered, Phase::Fulfilled, Phase::Pending];
    for (version, phase) in (1..).zip(phases) {
        state.phase = phase;
        store.commit(&update(version, state.clone())).await?;
        let names: &[&str] = if answerable(&state.phase) { &["a"] } else { &[] };
        for filter in [old.clone(), Filter::new()] {
            expect_rows(&*store, &filter.answerable(), names, "in another phase").await?;
        }
    }
    state.invitees = vec![Invitee::new(person("ada")?)];
    store.commit(&update(6, state.clone())).await?;
    for filter in [old, new] {
        let names: &[&str] = if filter.recipients == [person("ada")?] { &["a"] } else { &[] };
        expect_rows(&*store, &filter, names, "with another recipient").await?;
        expect_rows(&*store, &filter.answerable(), names, "with another recipient").await?;
    }
    store.commit(&update(7, closed(state, Closed::Declined))).await?;
    expect_rows(&*store, &Filter::new().with_status(Status::Declined), &["a"], "closed").await?;
    expect_rows(&*store, &Filter::new().answerable(), &[], "closed").await
}

/// A row is listed and counted once, however many of the wanted recipients it has; in the same order whatever the size of a page.
pub async fn list_names_a_row_once(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let now = store.now().await?;
    let wanted = [to("ada")?, person("ada")?, to("lovelace")?];
    for number in 0..7 {
        // of a meeting, which any number may be invited to
        let mut state = resting(&number.to_string(), now, &[])?;
        state.phase = Phase::Pending;
        state.invitees.extend(wanted.iter().skip(number % 3).cloned().map(Invitee::new));
        state.invitees.extend(wanted.iter().take(number % 3).cloned().map(Invitee::new));
        store.commit(&insert(state)).await?;
    }
    let filter = wanted.iter().rev().chain(&wanted).cloned().fold(Filter::new(), Filter::with_recipient);
    for filter in [filter.clone(), filter.answerable()] {
        let all = listed(&*store, &tenant()?, filter.clone()).await?;
        let mut sorted = all.clone();
        sorted.sort();
        ensure(sorted == ["0", "1", "2", "3", "4", "5", "6"], || format!("seven rows are listed as {all:?}"))?;
        for limit in [1, 2, 3] {
            let names = listed(&*store, &tenant()?, filter.clone().with_limit(limit)).await?;
            ensure(names == all, || format!("in pages of {limit}: {names:?}, in one page: {all:?}"))?;
        }
        let count = store.count(&tenant()?, &filter).await?;
        ensure(count == 7, || format!("seven rows are counted as {count}"))?;
    }
    Ok(())
}

/// A count is of all pages: limit and page change nothing, and other organisations are left out.
pub async fn count_is_of_all_pages(fixture: &dyn InvitationStoreFixture) -> Verdict {
    const ROWS: u64 = 60;
    let store = fixture.store().await;
    let now = store.now().await?;
    for number in 0..ROWS {
        let mut state = invitation(&number.to_string(), now)?;
        state.invitees.push(Invitee::new(person("ada")?));
        store.commit(&insert(state.clone())).await?;
        if number < 3 {
            state.tenant = TenantId::parse("other")?;
            store.commit(&insert(state)).await?;
        }
    }
    let Some(page) = store.list(&tenant()?, &Filter::new().with_limit(20)).await?.next else {
        return Err(Finding(format!("20 of {ROWS} rows are all")));
    };
    for filter in [Filter::new(), Filter::new().answerable(), Filter::new().with_recipient(person("ada")?)] {
        for filter in [filter.clone(), filter.clone().with_limit(2), filter.with_limit(2).with_page(page.clone())] {
            let count = store.count(&tenant()?, &filter).await?;
            ensure(count == ROWS, || format!("{filter:?}: counted {count} of {ROWS}"))?;
        }
    }
    let others = store.count(&TenantId::parse("other")?, &Filter::new()).await?;
    let nobodys = store.count(&TenantId::parse("nobody")?, &Filter::new()).await?;
    ensure((others, nobodys) == (3, 0), || format!("other organisations have {others} and {nobodys}, not 3 and 0"))
}
