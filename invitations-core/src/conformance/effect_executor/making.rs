use super::{
    EffectExecutorFixture,
    calls::{Calls, absent, exactly, forget, unknown},
};
use crate::{
    conformance::{Finding, Verdict, ensure},
    invitation::{
        Reconciliation,
        effect::{Lookup, Outcome},
    },
};

/// A look-up right after a run that misses now and then is seen to miss.
const ROUNDS: usize = 3;

/// A run makes one object, and another effect's run another one.
///
/// # Errors
/// The finding.
pub async fn run_makes_one_object(fixture: &dyn EffectExecutorFixture) -> Verdict {
    let calls = Calls::new(fixture).await;
    let (mut effect, mut other) = (fixture.effect("run")?, fixture.effect("run-other")?);
    calls.count(&effect, 0, "before the first run").await?;
    let first = calls.make(&mut effect).await?;
    calls.count(&effect, 1, "after a run").await?;
    let second = calls.make(&mut other).await?;
    calls.count(&effect, 1, "after another effect's run").await?;
    calls.count(&other, 1, "after a run").await?;
    let same = first.zip(second).filter(|(first, second)| first.id == second.id);
    ensure(same.is_none(), || "two effects made one object".to_owned())
}

/// Where the same again is declared to be the same object, it is.
///
/// # Errors
/// The finding.
pub async fn the_same_key_again_makes_no_second_object(fixture: &dyn EffectExecutorFixture) -> Verdict {
    let calls = Calls::new(fixture).await;
    let mut effect = fixture.effect("again")?;
    if calls.declared(&effect).await? != Reconciliation::Reissue {
        return Ok(());
    }
    let first = calls.make(&mut effect).await?.map(|made| made.id);
    forget(&mut effect);
    let again = calls.make(&mut effect).await?.map(|made| made.id);
    calls.count(&effect, 1, "after two runs").await?;
    ensure(first == again, || format!("one key made {first:?} and {again:?}"))
}

/// When the reply is lost nobody knows, and then it is found: by look-up, no sooner than it lags, or by running again.
///
/// # Errors
/// The finding.
pub async fn a_lost_reply_is_unknown_and_found(fixture: &dyn EffectExecutorFixture) -> Verdict {
    let calls = Calls::new(fixture).await;
    let (mut effect, mut other) = (fixture.effect("reply")?, fixture.effect("reply-other")?);
    let declared = calls.declared(&effect).await?;
    calls.make(&mut other).await?;
    fixture.lose_reply_of_next().await;
    unknown(&calls.run(&mut effect, &[]).await, "run whose reply is lost")?;
    calls.count(&effect, 1, "after a run whose reply is lost").await?;
    match declared {
        Reconciliation::Reissue => {
            let second = calls.make(&mut effect).await?.map(|made| made.id);
            forget(&mut effect);
            let third = calls.make(&mut effect).await?.map(|made| made.id);
            ensure(second == third, || format!("after a lost reply one key made {second:?} and {third:?}"))?;
        }
        Reconciliation::LookUp { lag, .. } => {
            fixture.pass(lag).await;
            let found = exactly(calls.look_up(&effect).await, None, "after a lost reply")?;
            let others = other.found.as_ref().is_some_and(|other| other.id == found.id);
            ensure(!others, || "the look-up finds another effect's object".to_owned())?;
        }
        // nobody asks it; whoever does must not hear that there is nothing
        Reconciliation::Quarantine => {
            let found = calls.look_up(&effect).await;
            ensure(!matches!(found, Lookup::Absent), || "Absent, although it exists".to_owned())?;
        }
    }
    calls.count(&effect, 1, "after it was found again").await
}

/// When the request is lost nobody knows either: a look-up finds nothing, and running again makes the one object.
///
/// # Errors
/// The finding.
pub async fn a_lost_request_is_unknown_and_absent(fixture: &dyn EffectExecutorFixture) -> Verdict {
    let calls = Calls::new(fixture).await;
    let mut effect = fixture.effect("request")?;
    fixture.lose_request_of_next().await;
    unknown(&calls.run(&mut effect, &[]).await, "run whose request is lost")?;
    calls.count(&effect, 0, "after a run whose request is lost").await?;
    match calls.declared(&effect).await? {
        Reconciliation::LookUp { lag, .. } => {
            fixture.pass(lag).await;
            absent(&calls.look_up(&effect).await, "after a lost request")?;
        }
        Reconciliation::Reissue => {}
        // only a person runs it again
        Reconciliation::Quarantine => return Ok(()),
    }
    calls.make(&mut effect).await?;
    calls.count(&effect, 1, "after it was run again").await
}

/// A declared exact look-up never misses what was just made; an inexact one may, but finds nothing else.
///
/// # Errors
/// The finding.
pub async fn a_fresh_object_is_found(fixture: &dyn EffectExecutorFixture) -> Verdict {
    let calls = Calls::new(fixture).await;
    for round in 0..ROUNDS {
        let mut effect = fixture.effect(&format!("fresh-{round}"))?;
        let Reconciliation::LookUp { exact, .. } = calls.declared(&effect).await? else { return Ok(()) };
        absent(&calls.look_up(&effect).await, "before the first run")?;
        let id = calls.make(&mut effect).await?.map(|made| made.id);
        match calls.look_up(&effect).await {
            Lookup::Absent if !exact => {}
            lookup => drop(exactly(lookup, id.as_deref(), "right after a run")?),
        }
    }
    Ok(())
}

/// An effect that needs what an earlier one of its plan made finds it in the call.
///
/// # Errors
/// The finding.
pub async fn earlier_effects_are_visible(fixture: &dyn EffectExecutorFixture) -> Verdict {
    let calls = Calls::new(fixture).await;
    let (mut first, mut second) = (fixture.effect("earlier-first")?, fixture.effect("earlier-second")?);
    calls.make(&mut first).await?;
    let Some(made) = first.found.as_ref().map(|found| found.id.clone()) else { return Ok(()) };
    let outcome = calls.run(&mut second, &[first]).await;
    ensure(matches!(outcome, Outcome::Done(_)), || format!("run after another effect: {outcome:?}"))?;
    match fixture.made_with(&second).await {
        Some(ids) if ids != [made.clone()] => {
            Err(Finding::new(format!("the effect before it made {made}, it was made with {ids:?}")))
        }
        _ => Ok(()),
    }
}

/// What is declared for an effect is the same before and after a run: it is stored with the intent.
///
/// # Errors
/// The finding.
pub async fn reconciliation_stays(fixture: &dyn EffectExecutorFixture) -> Verdict {
    let calls = Calls::new(fixture).await;
    let mut effect = fixture.effect("declared")?;
    let before = calls.declared(&effect).await?;
    calls.make(&mut effect).await?;
    let after = calls.declared(&effect).await?;
    ensure(before == after, || format!("declared {before:?} before a run and {after:?} after it"))
}

/// Neither what was made nor the executor shows the join link.
///
/// # Errors
/// The finding.
pub async fn debug_hides_the_join_url(fixture: &dyn EffectExecutorFixture) -> Verdict {
    let calls = Calls::new(fixture).await;
    let Some(made) = calls.make(&mut fixture.effect("debug")?).await? else { return Ok(()) };
    let Some(link) = &made.join else { return Ok(()) };
    let path = link.expose().path();
    for (what, text) in [("what was made", format!("{made:?}")), ("the executor", format!("{:?}", calls.executor))] {
        ensure(path.len() <= 1 || !text.contains(path), || format!("Debug of {what} shows the join link"))?;
    }
    Ok(())
}
