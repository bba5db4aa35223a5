use std::time::Duration;

use super::{
    EffectExecutorFixture,
    calls::{Calls, absent, exactly, found, unknown},
};
use crate::{
    conformance::{Verdict, ensure},
    invitation::{EffectStatus, Reconciliation, effect::Outcome},
};

/// Undo takes away what the effect made, and nothing else.
///
/// # Errors
/// The finding.
pub async fn undo_takes_one_away(fixture: &dyn EffectExecutorFixture) -> Verdict {
    let calls = Calls::new(fixture).await;
    let (mut gone, mut kept) = (fixture.effect("undo-gone")?, fixture.effect("undo-kept")?);
    calls.make(&mut gone).await?;
    calls.make(&mut kept).await?;
    calls.take_back(&mut gone).await?;
    calls.count(&gone, 0, "after an undo").await?;
    calls.count(&kept, 1, "after another effect's undo").await?;
    match calls.declared(&gone).await? {
        Reconciliation::LookUp { exact: true, .. } => absent(&calls.look_up(&gone).await, "after an undo"),
        _ => Ok(()),
    }
}

/// A run whose reply was lost is "nothing to undo" only by its looks: undo takes away what the key finds, or what a look-up did.
///
/// # Errors
/// The finding.
pub async fn undo_takes_away_what_only_the_key_knows(fixture: &dyn EffectExecutorFixture) -> Verdict {
    let calls = Calls::new(fixture).await;
    let mut effect = fixture.effect("undo-lost")?;
    fixture.lose_reply_of_next().await;
    unknown(&calls.run(&mut effect, &[]).await, "run whose reply is lost")?;
    match calls.declared(&effect).await? {
        Reconciliation::Reissue => {}
        Reconciliation::LookUp { lag, .. } => {
            fixture.pass(lag).await;
            let made = exactly(calls.look_up(&effect).await, None, "before an undo")?;
            effect.found = Some(found(&effect, &made));
        }
        // a person tells its id first
        Reconciliation::Quarantine => return Ok(()),
    }
    calls.take_back(&mut effect).await?;
    calls.count(&effect, 0, "after the undo of a run whose reply was lost").await
}

/// Undo where nothing was ever made is done, and makes nothing.
///
/// # Errors
/// The finding.
pub async fn undo_of_nothing_is_done(fixture: &dyn EffectExecutorFixture) -> Verdict {
    let calls = Calls::new(fixture).await;
    let mut effect = fixture.effect("undo-nothing")?;
    calls.take_back(&mut effect).await?;
    calls.count(&effect, 0, "after an undo of nothing").await
}

/// Undo of what is undone already is done.
///
/// # Errors
/// The finding.
pub async fn undo_twice_is_done(fixture: &dyn EffectExecutorFixture) -> Verdict {
    let calls = Calls::new(fixture).await;
    let mut effect = fixture.effect("undo-twice")?;
    calls.make(&mut effect).await?;
    calls.take_back(&mut effect).await?;
    calls.take_back(&mut effect).await?;
    calls.count(&effect, 0, "after two undos").await
}

/// When the request or the reply of an undo is lost nobody knows, and the next one is done.
///
/// # Errors
/// The finding.
pub async fn a_lost_undo_is_unknown_and_done_again(fixture: &dyn EffectExecutorFixture) -> Verdict {
    let calls = Calls::new(fixture).await;
    let mut effect = fixture.effect("undo-again")?;
    calls.make(&mut effect).await?;
    fixture.lose_request_of_next().await;
    unknown(&calls.undo(&mut effect).await, "undo whose request is lost")?;
    calls.count(&effect, 1, "after an undo whose request is lost").await?;
    fixture.lose_reply_of_next().await;
    unknown(&calls.undo(&mut effect).await, "undo whose reply is lost")?;
    calls.count(&effect, 0, "after an undo whose reply is lost").await?;
    calls.take_back(&mut effect).await
}

/// What comes too late to be sent is not sent: neither run nor undo, and neither says that it is done or that it never will be.
///
/// # Errors
/// The finding.
pub async fn nothing_is_sent_too_late(fixture: &dyn EffectExecutorFixture) -> Verdict {
    let calls = Calls::new(fixture).await;
    let mut effect = fixture.effect("late")?;
    let before = fixture.instant();
    fixture.pass(Duration::from_secs(1)).await;
    let run = calls.executor.run(&effect, calls.until(&[], before)).await;
    calls.count(&effect, 0, "after a run that came too late").await?;
    ensure(comes_again(&run), || format!("run that came too late: expected Retry, got {run:?}"))?;
    calls.make(&mut effect).await?;
    effect.status = EffectStatus::UndoPlanned;
    let undo = calls.executor.undo(&effect, calls.until(&[], before)).await;
    calls.count(&effect, 1, "after an undo that came too late").await?;
    ensure(comes_again(&undo), || format!("undo that came too late: expected Retry, got {undo:?}"))
}

/// Doubt is no untruth, only slower.
fn comes_again(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Retry(_) | Outcome::Unknown(_))
}
