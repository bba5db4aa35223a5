//! One invitation with one outside create and its undo, searched to the end.
//!
//! Who acts: two people who accept, an inviter who revokes or cancels, the deadline, two workers that crash or pause at any step, a
//! provider that loses requests and replies, and requests that take effect at any time while they are on their way.
//!
//! The proposed protocol holds in four variants, by what the provider offers. Every other test takes one rule away and shows the
//! shortest way into trouble: that is why the rule is there.

mod doubt;
mod people;
mod rules;
mod state;
mod steps;
mod workers;

use self::{
    rules::Protocol,
    state::{Invariant, State},
    steps::Step,
};
use super::search::{Found, Model, search};

impl Model for Protocol {
    type State = State;
    type Step = Step;
    type Invariant = Invariant;

    fn start(&self) -> State {
        State::START
    }

    fn next(&self, state: &State) -> Vec<(Step, State)> {
        steps::next(self, state)
    }

    fn violated(&self, state: &State) -> Option<Invariant> {
        state.violated()
    }

    fn is_rest(&self, state: &State) -> bool {
        state.is_rest()
    }
}

fn holds(protocol: Protocol, states: usize, transitions: usize) {
    assert_eq!(search(&protocol), Found::Holds { states, transitions, dead_ends: 0 });
}

fn fails(protocol: Protocol, invariant: Invariant, trace: &[Step]) {
    assert_eq!(search(&protocol), Found::Violated { invariant, trace: trace.to_vec() });
}

mod proposed {
    use super::*;

    #[test]
    fn a_native_key() {
        holds(Protocol::NATIVE_KEY, 898, 3869);
    }

    #[test]
    fn b_exact_look_up() {
        holds(Protocol::EXACT_LOOK_UP, 898, 3869);
    }

    #[test]
    fn c_native_key_beside_an_inexact_look_up() {
        holds(Protocol::KEY_BESIDE_INEXACT_LOOK_UP, 1416, 6489);
    }

    #[test]
    fn d_inexact_look_up() {
        holds(Protocol::INEXACT_LOOK_UP, 1186, 5285);
    }
}

/// Without the number of the attempt the status alone still keeps stale workers out. It stays, as a second line and for the logs.
mod without_fence_it_still_holds {
    use super::*;

    #[test]
    fn a_native_key() {
        holds(Protocol { fence: false, ..Protocol::NATIVE_KEY }, 914, 3941);
    }

    #[test]
    fn b_exact_look_up() {
        holds(Protocol { fence: false, ..Protocol::EXACT_LOOK_UP }, 914, 3941);
    }
}

mod without {
    use super::{
        Invariant::{AcceptedOnce, ClosedForGood, ClosedHasNoObject},
        Step::*,
        *,
    };

    #[test]
    fn claim() {
        let trace = [Read(0), Create(0), Decline];
        fails(Protocol { claim: false, ..Protocol::NATIVE_KEY }, ClosedHasNoObject, &trace);
    }

    /// A key does not help.
    #[test]
    fn kept_on_timeout() {
        let trace = [Accept(0), Lease(0), Begin(0), Send(0), ReleaseOnTimeout(0), Accept(1)];
        fails(Protocol { kept_on_timeout: false, ..Protocol::NATIVE_KEY }, AcceptedOnce, &trace);
    }

    const LANDS_AFTER_THE_CLOSE: [Step; 7] =
        [Accept(0), Lease(0), Revoke, Begin(0), Send(0), LeaseExpires, AbsentSoUndone];

    #[test]
    fn settle_delay_with_an_exact_look_up() {
        fails(Protocol { settle_delay: false, ..Protocol::EXACT_LOOK_UP }, ClosedForGood, &LANDS_AFTER_THE_CLOSE);
    }

    #[test]
    fn settle_delay_with_a_native_key() {
        fails(Protocol { settle_delay: false, ..Protocol::NATIVE_KEY }, ClosedForGood, &LANDS_AFTER_THE_CLOSE);
    }

    #[test]
    fn compensation() {
        let trace = [Accept(0), Lease(0), RevokeAtOnce, Begin(0), Send(0)];
        fails(Protocol { compensation: false, ..Protocol::NATIVE_KEY }, ClosedForGood, &trace);
    }

    #[test]
    fn intent() {
        let trace = [Accept(0), Lease(0), Revoke, Begin(0), Send(0), LeaseExpires, NothingToUndo];
        fails(Protocol { intent: false, ..Protocol::NATIVE_KEY }, ClosedForGood, &trace);
    }

    #[test]
    fn send_deadline() {
        let trace = [Accept(0), Lease(0), Revoke, Begin(0), LeaseExpires, AbsentSoUndone, Send(0)];
        fails(Protocol { send_deadline: false, ..Protocol::NATIVE_KEY }, ClosedForGood, &trace);
    }

    #[test]
    fn get_then_undo() {
        let trace = [Accept(0), Lease(0), Revoke, Begin(0), Send(0), TakeEffect(0), LeaseExpires, AbsentSoUndone];
        let protocol = Protocol { get_then_undo: false, ..Protocol::KEY_BESIDE_INEXACT_LOOK_UP };
        fails(protocol, ClosedHasNoObject, &trace);
    }

    #[test]
    fn taint() {
        let trace =
            [Accept(0), Lease(0), Begin(0), Send(0), TakeEffect(0), LeaseExpires, AbsentSoAgain, Revoke, NothingToUndo];
        fails(Protocol { taint: false, ..Protocol::KEY_BESIDE_INEXACT_LOOK_UP }, ClosedHasNoObject, &trace);
    }

    #[test]
    fn quarantine() {
        let trace = [Accept(0), Lease(0), Revoke, Begin(0), Send(0), TakeEffect(0), LeaseExpires, AbsentSoUndone];
        fails(Protocol { quarantine: false, ..Protocol::INEXACT_LOOK_UP }, ClosedHasNoObject, &trace);
    }
}
