//! For each case of the suite one executor that is wrong in just that way, and that the case reports.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use invitations_core::{
    Error, ErrorKind, Result,
    conformance::{EffectExecutorFixture, Finding, effect_executor as suite},
    ids::MeetingKey,
    invitation::{
        Effect, Reconciliation,
        effect::{EffectCall, EffectExecutor, Lookup, Made, Outcome},
    },
    memory::MemoryExecutor,
    runtime::Clock as _,
    time::TimeRange,
};

use crate::effect_executor::{Fixture, LAG};

const AGAIN: Reconciliation = Reconciliation::Reissue;
const EXACT: Reconciliation = Reconciliation::LookUp { exact: true, lag: Duration::ZERO };
const INEXACT: Reconciliation = Reconciliation::LookUp { exact: false, lag: LAG };
const PERSON: Reconciliation = Reconciliation::Quarantine;

/// What is wrong with a [`Wrong`] executor.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    None,
    AbsentWhatIs,
    AnswersForTheLost,
    DeclaresAsItGoes,
    FindsOthers,
    FindsTwice,
    Forgets,
    IgnoresEarlier,
    IgnoresSendBefore,
    Lags,
    LateIsForGood,
    LostIsRetried,
    MakesNothing,
    MakesSecondObjects,
    MakesTwo,
    OneKeyForAll,
    ShowsLinks,
    ShowsWhatIsNot,
    UndoesBySending,
    UndoesEverything,
    UndoesNothing,
    UndoesOnlyTheRecorded,
    UndoneIsAnError,
    UndoOfNothingIsAnError,
    UndoPromisesTooMuch,
}

/// A right executor, and one thing that it does wrong.
struct Wrong {
    right: MemoryExecutor,
    /// Declares what the right one does not keep.
    declared: Reconciliation,
    fault: Fault,
    calls: AtomicU32,
}

impl fmt::Debug for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.fault {
            Fault::ShowsLinks => f.write_str("Wrong(https://meet.example/object/1)"),
            _ => f.write_str("Wrong"),
        }
    }
}

impl Wrong {
    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    /// The effect as this executor misunderstands it.
    fn misread(&self, effect: &Effect) -> Effect {
        let mut effect = effect.clone();
        if self.is(Fault::OneKeyForAll) {
            effect.key = MeetingKey::parse("one-for-all").unwrap();
        }
        effect
    }

    fn misread_call<'a>(&self, call: EffectCall<'a>) -> EffectCall<'a> {
        let earlier = if self.is(Fault::IgnoresEarlier) { &[] } else { call.earlier };
        let ages = Duration::from_secs(3600);
        let until = if self.is(Fault::IgnoresSendBefore) { call.send_before + ages } else { call.send_before };
        EffectCall::new(earlier, until, call.timeout)
    }

    fn is_gone(&self, effect: &Effect) -> bool {
        self.right.objects(&effect.key).is_empty()
    }

    fn has_run(&self) -> bool {
        self.calls.load(Ordering::SeqCst) > 0
    }
}

#[async_trait]
impl EffectExecutor for Wrong {
    async fn reconciliation(&self, _effect: &Effect) -> Result<Reconciliation> {
        match self.fault {
            Fault::DeclaresAsItGoes if self.has_run() => Ok(PERSON),
            _ => Ok(self.declared),
        }
    }

    async fn run(&self, effect: &Effect, call: EffectCall<'_>) -> Outcome {
        self.calls.fetch_add(1, Ordering::SeqCst);
        if self.is(Fault::MakesNothing) {
            return Outcome::Done(None);
        }
        let effect = self.misread(effect);
        let until = call.send_before;
        let call = self.misread_call(call);
        let outcome = self.right.run(&effect, call).await;
        if self.is(Fault::MakesTwo) {
            self.right.run(&effect, EffectCall::new(&[], until, Duration::from_secs(1))).await;
        }
        match outcome {
            Outcome::Unknown(error) if self.is(Fault::LostIsRetried) => Outcome::Retry(error),
            Outcome::Unknown(_) if self.is(Fault::AnswersForTheLost) => Outcome::Done(None),
            Outcome::Retry(error) if self.is(Fault::LateIsForGood) => Outcome::Permanent(error),
            Outcome::Done(Some(made)) if self.is(Fault::Forgets) && effect.attempt > 1 => {
                let mut other = made;
                other.id.push_str("-again");
                Outcome::Done(Some(other))
            }
            other => other,
        }
    }

    async fn look_up(&self, effect: &Effect, around: Option<TimeRange>, call: EffectCall<'_>) -> Lookup {
        let found = self.right.look_up(effect, around, call).await;
        match (self.fault, found) {
            (Fault::AbsentWhatIs, _) => Lookup::Absent,
            (Fault::Lags, _) if self.calls.fetch_add(1, Ordering::SeqCst) % 2 == 1 => Lookup::Absent,
            (Fault::FindsTwice, Lookup::Found(mut found)) => {
                found.extend(found.clone());
                Lookup::Found(found)
            }
            (Fault::FindsOthers, found) => {
                let others = self.right.objects(&MeetingKey::parse("reply-other").unwrap());
                others.first().map_or(found, |id| Lookup::Found(vec![Made::new(id)]))
            }
            (Fault::ShowsWhatIsNot, Lookup::Absent) if self.has_run() => Lookup::Found(vec![Made::new("object-1")]),
            (_, found) => found,
        }
    }

    async fn undo(&self, effect: &Effect, call: EffectCall<'_>) -> Outcome {
        let error = || Error::new(ErrorKind::NotFound, "undo effect");
        let until = call.send_before;
        let again = || EffectCall::new(&[], until, Duration::from_secs(1));
        match self.fault {
            Fault::UndoesNothing => return Outcome::Done(None),
            Fault::UndoesOnlyTheRecorded if effect.found.is_none() => return Outcome::Done(None),
            Fault::UndoesBySending if effect.found.is_none() => {
                return self.right.run(effect, call).await;
            }
            Fault::UndoOfNothingIsAnError if effect.attempt == 0 => return Outcome::Permanent(error()),
            Fault::UndoneIsAnError if effect.attempt > 0 && self.is_gone(effect) => {
                return Outcome::Permanent(error());
            }
            Fault::UndoesEverything => {
                for name in ["undo-gone", "undo-kept"] {
                    let mut other = effect.clone();
                    (other.key, other.found) = (MeetingKey::parse(name).unwrap(), None);
                    self.right.undo(&other, again()).await;
                }
            }
            _ => {}
        }
        let call = self.misread_call(call);
        match self.right.undo(effect, call).await {
            Outcome::Unknown(_) if self.is(Fault::UndoPromisesTooMuch) => Outcome::Done(None),
            other => other,
        }
    }
}

/// A fixture whose executor has one fault.
struct With {
    fixture: Fixture,
    declared: Reconciliation,
    fault: Fault,
}

impl With {
    fn new(fault: Fault, declared: Reconciliation) -> Self {
        // what declares more than it keeps
        let kept = if fault == Fault::MakesSecondObjects { EXACT } else { declared };
        Self { fixture: Fixture::new(kept), declared, fault }
    }
}

#[async_trait]
impl EffectExecutorFixture for With {
    async fn executor(&self) -> Arc<dyn EffectExecutor> {
        let right = self.fixture.memory.clone();
        Arc::new(Wrong { right, declared: self.declared, fault: self.fault, calls: AtomicU32::new(0) })
    }
    fn effect(&self, name: &str) -> Result<Effect, Finding> {
        self.fixture.effect(name)
    }
    async fn lose_reply_of_next(&self) {
        self.fixture.lose_reply_of_next().await;
    }
    async fn lose_request_of_next(&self) {
        self.fixture.lose_request_of_next().await;
    }
    async fn objects(&self, effect: &Effect) -> usize {
        self.fixture.objects(effect).await
    }
    fn instant(&self) -> Instant {
        self.fixture.clock.instant()
    }
    async fn pass(&self, time: Duration) {
        self.fixture.pass(time).await;
    }
    async fn made_with(&self, effect: &Effect) -> Option<Vec<String>> {
        self.fixture.made_with(effect).await
    }
}

macro_rules! reports { ($($name:ident: $case:ident, $fault:ident, $declared:ident;)+) => {$(
    #[tokio::test]
    async fn $name() {
        assert_eq!(suite::$case(&With::new(Fault::None, $declared)).await, Ok(()));
        let verdict = suite::$case(&With::new(Fault::$fault, $declared)).await;
        assert!(verdict.is_err(), "the case does not see {:?}", Fault::$fault);
    }
)+}}

reports! {
    run_that_makes_nothing: run_makes_one_object, MakesNothing, PERSON;
    run_that_makes_two: run_makes_one_object, MakesTwo, EXACT;
    run_that_mixes_keys_up: run_makes_one_object, OneKeyForAll, AGAIN;
    a_second_object: the_same_key_again_makes_no_second_object, MakesSecondObjects, AGAIN;
    an_answer_that_nobody_got: a_lost_reply_is_unknown_and_found, AnswersForTheLost, PERSON;
    a_lost_reply_that_is_sent_again: a_lost_reply_is_unknown_and_found, LostIsRetried, EXACT;
    a_lost_reply_that_makes_a_second_object: a_lost_reply_is_unknown_and_found, MakesSecondObjects, AGAIN;
    another_answer_each_time: a_lost_reply_is_unknown_and_found, Forgets, AGAIN;
    a_look_up_that_counts_twice: a_lost_reply_is_unknown_and_found, FindsTwice, EXACT;
    a_look_up_that_finds_others: a_lost_reply_is_unknown_and_found, FindsOthers, INEXACT;
    a_look_up_that_finds_nothing: a_lost_reply_is_unknown_and_found, AbsentWhatIs, INEXACT;
    absent_without_a_look: a_lost_reply_is_unknown_and_found, AbsentWhatIs, PERSON;
    a_lost_request_taken_for_done: a_lost_request_is_unknown_and_absent, AnswersForTheLost, EXACT;
    a_lost_request_that_is_sent_again: a_lost_request_is_unknown_and_absent, LostIsRetried, AGAIN;
    a_look_up_that_finds_what_is_not: a_lost_request_is_unknown_and_absent, ShowsWhatIsNot, EXACT;
    an_exact_look_up_that_lags: a_fresh_object_is_found, Lags, EXACT;
    an_inexact_look_up_that_counts_twice: a_fresh_object_is_found, FindsTwice, EXACT;
    earlier_effects_that_are_not_looked_at: earlier_effects_are_visible, IgnoresEarlier, AGAIN;
    a_declaration_that_changes: reconciliation_stays, DeclaresAsItGoes, EXACT;
    a_link_that_is_shown: debug_hides_the_join_url, ShowsLinks, AGAIN;
    an_undo_that_does_nothing: undo_takes_one_away, UndoesNothing, PERSON;
    an_undo_that_does_too_much: undo_takes_one_away, UndoesEverything, EXACT;
    a_look_up_that_still_shows_it: undo_takes_one_away, ShowsWhatIsNot, EXACT;
    an_undo_that_believes_the_record: undo_takes_away_what_only_the_key_knows, UndoesOnlyTheRecorded, AGAIN;
    an_undo_that_misses_what_was_looked_up: undo_takes_away_what_only_the_key_knows, UndoesNothing, INEXACT;
    nothing_to_undo_as_an_error: undo_of_nothing_is_done, UndoOfNothingIsAnError, EXACT;
    an_undo_that_makes_something: undo_of_nothing_is_done, UndoesBySending, AGAIN;
    undone_already_as_an_error: undo_twice_is_done, UndoneIsAnError, EXACT;
    an_undo_that_promises_too_much: a_lost_undo_is_unknown_and_done_again, UndoPromisesTooMuch, AGAIN;
    an_undo_that_cannot_be_repeated: a_lost_undo_is_unknown_and_done_again, UndoneIsAnError, EXACT;
    sent_too_late: nothing_is_sent_too_late, IgnoresSendBefore, AGAIN;
    too_late_for_good: nothing_is_sent_too_late, LateIsForGood, EXACT;
}
