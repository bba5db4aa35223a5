//! Every state that people, workers and a lossy provider can reach in a few steps, and what must hold in each.

use std::collections::{HashSet, VecDeque};

use super::*;
use crate::invitation::stored;

const LATER: i64 = 60;

/// Everything anybody could say now, sensible or not.
fn commands(state: &State) -> Vec<(Command, Context)> {
    let now = noon();
    let mut all = vec![
        (Command::Accept, by("bob")),
        (Command::Accept, by("eve")),
        (Command::Decline, by("bob")),
        (Command::Revoke, by("ada")),
        (Command::Cancel, by("ada")),
        (Command::Resume { probe: false }, by("ada")),
        (Command::Approve, by("carol")),
        (Command::VerifyRequester, by("bob")),
        (Command::ExpireTick, system(now + Duration::days(8))),
    ];
    for (place, effect) in state.effects.iter().enumerate() {
        for reconciliation in
            [Reconciliation::Reissue, Reconciliation::LookUp { exact: true, lag: std::time::Duration::ZERO }]
        {
            // time is a number of minutes that grows with the attempts, so that the space stays finite
            let at = now + Duration::seconds(LATER * i64::from(effect.attempt));
            let request_deadline = at + Duration::seconds(20);
            let command = Command::BeginEffect { effect: effect.id.clone(), reconciliation, request_deadline };
            all.push((command, system(at)));
        }
        for report in [
            EffectReport::Succeeded(Some(object("m1"))),
            EffectReport::Retryable { after: None, problem: problem() },
            EffectReport::Unknown(problem()),
            EffectReport::NeedsAction(problem()),
            EffectReport::Permanent(problem()),
            EffectReport::Found { object: object("m1"), extra: 0 },
            EffectReport::Absent,
        ] {
            all.push((
                report_of(state, place, report),
                system(now + Duration::seconds(LATER * i64::from(effect.attempt))),
            ));
        }
    }
    all
}

fn check(before: Option<&State>, state: &State) {
    let in_flight = |status| matches!(status, EffectStatus::InFlight | EffectStatus::Undoing);
    if let Phase::Closed(how) = state.phase {
        // I2: nothing may still land once it is said to be over
        assert!(!state.effects.iter().any(|effect| in_flight(effect.status)), "{state:#?}");
        // I1: nothing of ours lives on
        assert!(!state.effects.iter().any(|effect| effect.status == EffectStatus::Done), "{how:?}: {state:#?}");
        assert_eq!(state.schedule().count(), 0);
        assert!(state.holds().is_empty());
    }
    if state.phase == Phase::Fulfilled {
        assert!(state.effects.iter().all(|effect| effect.status == EffectStatus::Done), "{state:#?}");
    }
    // I6: whatever runs has somebody due to look at it
    if matches!(state.phase, Phase::Provisioning | Phase::Compensating { .. }) {
        assert!(state.schedule().count() > 0, "nobody will ever look: {state:#?}");
    }
    // I3: the winner never changes
    if let Some(winner) = before.and_then(|before| before.winner.as_ref()) {
        assert_eq!(Some(winner), state.winner.as_ref());
    }
    // I4: told "stopping" or "revoked", it is never accepted
    if let Some(before) = before
        && matches!(before.phase, Phase::Compensating { .. })
    {
        assert_ne!(state.status(), Status::Accepted);
    }
    // what is stored comes back the same
    let text = stored::encode(state).unwrap();
    assert_eq!(stored::decode::<State>(&text).unwrap(), *state);
}

#[test]
fn every_reachable_state_keeps_the_invariants() {
    let mut seen = HashSet::new();
    let mut queue = VecDeque::new();
    for start in [meeting_for(&["bob", "eve"], Quorum::Any), meeting_for(&["bob", "eve"], Quorum::All), booking()] {
        queue.push_back((start, 0));
    }
    let mut refusals = 0_usize;
    while let Some((state, depth)) = queue.pop_front() {
        if depth == 8 || !seen.insert(stored::encode(&state).unwrap()) {
            continue;
        }
        for (command, context) in commands(&state) {
            match decide(Some(&state), &command, &context) {
                Ok(decision) => {
                    assert!(!decision.events.is_empty());
                    let after = apply(Some(&state), &decision);
                    check(Some(&state), &after);
                    if after.effects.iter().all(|effect| effect.attempt <= 3) {
                        queue.push_back((after, depth + 1));
                    }
                }
                Err(_) => refusals += 1,
            }
        }
    }
    assert!(seen.len() > 500, "only {} states", seen.len());
    assert!(refusals > seen.len());
}
