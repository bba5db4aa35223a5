use super::{
    InvitationStoreFixture,
    make::{LATER, claimed, expect, id, insert, invitation, link, sealed, tenant, update, with_notice, working},
};
use crate::{
    ErrorKind, Result,
    conformance::{Verdict, ensure, ensure_kind},
    ids::{PrincipalId, Reference, Role, TenantId},
    invitation::{
        Event, State,
        effect::{ExternalRef, Problem},
        machine::{Blocking, Closed, Counter, Drift, Invitee, Policy, Recipient, Reminder, Response},
    },
};

/// A second insert of the same id is [`AlreadyExists`](ErrorKind::AlreadyExists) and changes nothing.
pub async fn insert_twice_already_exists(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let first = invitation("a", store.now().await?)?;
    let version = store.commit(&insert(first.clone())).await?;
    ensure(version == 1, || format!("the first version is {version}, not 1"))?;
    let mut second = first.clone();
    second.revision = 7;
    ensure_kind(store.commit(&insert(second)).await, ErrorKind::AlreadyExists, "insert an id twice")?;
    let kept = store.load(&first.tenant, &first.id).await?;
    ensure(kept.as_ref().is_some_and(|kept| kept.value == first && kept.version == 1), || {
        format!("a refused insert changed the row: {kept:?}")
    })
}

/// A commit for another version than the row's is a [`Conflict`](ErrorKind::Conflict) of which nothing is written.
pub async fn stale_version_writes_nothing(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let state = invitation("a", store.now().await?)?;
    let mut first = insert(state.clone());
    first.links.push(link("a", 1)?);
    store.commit(&first).await?;
    let second = store.commit(&update(1, state.clone())).await?;
    ensure(second == 2, || format!("the second version is {second}, not 2"))?;
    for expected in [1, 3] {
        let mut stale = with_notice(update(expected, state.clone()), "stale");
        stale.links.push(link("a", 2)?);
        stale.kill_links = true;
        stale.members.push(crate::people::Member::new(
            tenant()?,
            PrincipalId::parse("nobody")?,
            Role::parse("editor")?,
            id("a")?,
        ));
        ensure_kind(store.commit(&stale).await, ErrorKind::Conflict, "commit for another version")?;
    }
    ensure_kind(
        store.commit(&update(1, invitation("unknown", state.created_at)?)).await,
        ErrorKind::Conflict,
        "commit a later version of an unknown id",
    )?;
    let events = store.history(&tenant()?, &id("a")?).await?.len();
    ensure(events == 2, || format!("{events} events instead of 2 after a conflict"))?;
    ensure(store.find_link(&[2; 12]).await?.is_none(), || "a conflict left a new link".to_owned())?;
    let old = store.find_link(&[1; 12]).await?;
    ensure(old.is_some_and(|link| !link.dead), || "a conflict killed the old link".to_owned())?;
    expect(&claimed(&*store, "worker").await?, &[], "after a conflict")?;
    let members = store.members(&tenant()?, None).await?.items.len();
    ensure(members == 0, || "a conflict made a member".to_owned())?;
    let version = store.load(&tenant()?, &id("a")?).await?.map(|row| row.version);
    ensure(version == Some(2), || format!("the version is {version:?} after a conflict, not 2"))
}

/// Another organisation's invitation is as unknown as one that does not exist.
pub async fn other_tenant_sees_nothing(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let state = invitation("a", store.now().await?)?;
    store.commit(&insert(state.clone())).await?;
    let other = TenantId::parse("other")?;
    ensure(store.load(&other, &state.id).await?.is_none(), || "load shows another organisation's".to_owned())?;
    ensure(store.history(&other, &state.id).await?.is_empty(), || "history shows another organisation's".to_owned())?;
    let listed = store.list(&other, &Default::default()).await?.items.len();
    ensure(listed == 0, || "list shows another organisation's".to_owned())?;
    // the same id is free there, and so is what the first one holds
    let mut own = state.clone();
    own.tenant = other.clone();
    own.revision = 9;
    let version = store.commit(&insert(own.clone())).await?;
    ensure(version == 1, || format!("the other organisation's first version is {version}"))?;
    let (here, there) = (store.load(&state.tenant, &state.id).await?, store.load(&other, &state.id).await?);
    ensure(here.is_some_and(|row| row.value == state) && there.is_some_and(|row| row.value == own), || {
        "one id in two organisations: their rows are mixed up".to_owned()
    })
}

/// History is the events of every commit, in order.
pub async fn events_are_kept_in_order(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let state = invitation("a", store.now().await?)?;
    let first = insert(state.clone());
    let mut expected = first.events.clone();
    store.commit(&first).await?;
    let further: [Vec<Event>; 3] = [
        vec![
            Event::RequesterVerified { at: None },
            Event::ApprovalRecorded { by: None },
            Event::Fulfilled { at: None },
        ],
        Vec::new(),
        vec![
            Event::CompensationStarted { target: Closed::Cancelled, at: None },
            Event::Closed { how: Closed::Cancelled, by: None, at: None },
        ],
    ];
    for (version, events) in (1..).zip(further) {
        let mut commit = update(version, state.clone());
        commit.events = events.clone();
        store.commit(&commit).await?;
        expected.extend(events);
    }
    let kept = store.history(&state.tenant, &state.id).await?;
    ensure(kept == expected, || format!("the history is {kept:?}"))
}

/// What was committed is what is read, field for field.
pub async fn state_comes_back_unchanged(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    let state = rich(store.now().await?)?;
    store.commit(&insert(state.clone())).await?;
    let kept = store.load(&state.tenant, &state.id).await?.map(|row| row.value);
    ensure(kept.as_ref() == Some(&state), || format!("committed {state:?}, read {kept:?}"))
}

fn rich(now: chrono::DateTime<chrono::Utc>) -> Result<State> {
    let mut state = working("a", now, &[now, now])?;
    state.id = id("\u{e9}/%'\";--")?;
    state.invitees = vec![
        Invitee::new(Recipient::Address(crate::people::EmailAddress::parse("Ada.L@B\u{fc}cher.example")?)),
        Invitee::new(Recipient::Principal(PrincipalId::parse("ada")?)),
    ];
    if let Some(invitee) = state.invitees.last_mut() {
        (invitee.response, invitee.answered_by) = (Response::Tentative, Some(PrincipalId::parse("ada")?));
    }
    for at in [&mut state.expires_at, &mut state.claimed_at, &mut state.since, &mut state.resent_at] {
        *at = Some(now);
    }
    state.attention = Some(Problem::new("\u{1f512} \u{202e}x"));
    let reminders = [Reminder::BeforeStart { seconds: 900 }, Reminder::NobodyJoined { seconds: u64::MAX }];
    state.policy = Policy::default().with_approvals(2).with_counters(false).with_reminders(reminders);
    state.reminded = reminders.to_vec();
    state.inviter_name = Some("Ada \u{2014} \"Lady\" Lovelace\n".to_owned());
    state.payment = Some(Reference::parse("payment-1")?);
    state.drift = Some(Drift::Changed);
    state.blocking = Some(Blocking::new(now, Some(now), now));
    let slots = vec![(now..now + LATER).into()];
    state.counter = Some(Counter { invitee: 1, by: PrincipalId::parse("ada")?, slots });
    if let Some(effect) = state.effects.first_mut() {
        let mut found = ExternalRef::new(effect.account.clone(), "id").with_join(sealed("join"));
        found.created = true;
        (effect.found, effect.due_at, effect.swept) = (Some(found), None, 3);
    }
    Ok(state)
}

/// The store's clock shows whole microseconds and does not stand still or run back.
pub async fn now_is_in_whole_microseconds(fixture: &dyn InvitationStoreFixture) -> Verdict {
    let store = fixture.store().await;
    fixture.pass(std::time::Duration::from_nanos(1_234)).await;
    let before = store.now().await?;
    ensure(before.timestamp_subsec_nanos() % 1_000 == 0, || format!("{before:?} is not in whole microseconds"))?;
    fixture.pass(std::time::Duration::from_secs(5)).await;
    let passed = store.now().await? - before;
    ensure(passed >= chrono::TimeDelta::seconds(5), || format!("5 seconds are {passed} on the store's clock"))
}
