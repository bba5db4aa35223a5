//! The refresh of one connection, searched to the end. Unlike the other models this one carries out the real code.
//!
//! Two processes each have a real `Connections`. Whatever they ask of the store or of the authorization server waits until the
//! search answers it, so that every order of answers is tried. The answers are those of the real memory store, on real rows, and of
//! a provider of one of five kinds. Around them: crashes, pauses longer than a lease, requests and replies that are lost, time.
//!
//! A future cannot be copied as a state can. But a process does the same whenever the same happened to it: it is a tree of
//! histories, of which each one is carried out once ([`unrolled`]), and the search goes over places in that tree.
//!
//! A rule is taken away at the border ([`rules`]). Where the code has two lines of defence, the second one holds, and the bug is
//! found once both are gone.

mod border;
mod process;
mod rows;
mod rules;
mod state;
mod steps;
mod time;
mod unrolled;

use std::cell::RefCell;

use self::{
    rows::Rows,
    state::{Doing, Lease, State},
    steps::{MOST_TOKENS, Step, World},
    unrolled::Unrolled,
};
pub(crate) use self::{
    rules::{Kind, Rules},
    state::Invariant,
};
use super::search::{Found, Model, search};

struct Refresh {
    rules: Rules,
    /// Whether two states that differ in who is who are one. Traces are easier to read without.
    mirror: bool,
    known: RefCell<(Rows, Unrolled)>,
}

impl Refresh {
    fn under(rules: Rules, mirror: bool) -> Self {
        Self { rules, mirror, known: RefCell::new((Rows::default(), Unrolled::new(rules.kind.rotation()))) }
    }
}

impl Model for Refresh {
    type State = State;
    type Step = Step;
    type Invariant = Invariant;

    fn start(&self) -> State {
        State {
            row: self.known.borrow_mut().0.number(rows::first()),
            lease: Lease::default(),
            newest: 0,
            dead: false,
            requests: Vec::new(),
            processes: [Doing::NOTHING; 2],
            faults: 0,
            lives: 0,
            trouble: None,
        }
    }

    fn next(&self, state: &State) -> Vec<(Step, State)> {
        let (rows, code) = &mut *self.known.borrow_mut();
        let mut world = World { rules: &self.rules, rows, code, state, mirror: self.mirror, found: Vec::new() };
        world.gather();
        world.found
    }

    fn violated(&self, state: &State) -> Option<Invariant> {
        state.violated(self.rules.kind, self.known.borrow().0.row(state.row))
    }

    fn is_rest(&self, state: &State) -> bool {
        let known = self.known.borrow();
        let row = known.0.row(state.row);
        row.is_fresh() || !row.is_valid() || state.newest >= MOST_TOKENS
    }
}

/// What breaks first, and how.
#[expect(clippy::print_stdout, reason = "the way into trouble is what a reader wants to see")]
pub(crate) fn breaks(rules: Rules) -> Option<Invariant> {
    match search(&Refresh::under(rules, false)) {
        Found::Violated { invariant, trace } => {
            println!("{invariant:?} by {trace:?}");
            Some(invariant)
        }
        Found::Holds { .. } => None,
    }
}

/// Two faults, of which a pause counts for both; in the long run for one as any other.
///
/// No state counts are asserted: one more look at the store in the code would change them.
#[expect(clippy::print_stdout, reason = "how much was tried")]
fn holds(rules: Rules) {
    let rules = if std::env::var_os("LONG").is_some() { Rules { pause: 1, ..rules } } else { rules };
    match search(&Refresh::under(rules, true)) {
        Found::Holds { states, dead_ends, .. } => {
            println!("count: {states} states");
            assert_eq!(dead_ends, 0, "neither a fresh token nor a question for consent within reach");
        }
        found @ Found::Violated { .. } => panic!("{found:?}"),
    }
}

mod as_it_is {
    use super::*;

    #[test]
    fn same() {
        holds(Rules::all(Kind::Same));
    }

    #[test]
    fn keep() {
        holds(Rules::all(Kind::Keep));
    }

    #[test]
    fn grace() {
        holds(Rules::all(Kind::Grace));
    }

    #[test]
    fn reject() {
        holds(Rules::all(Kind::Reject));
    }

    #[test]
    fn strict() {
        holds(Rules::all(Kind::Strict));
    }
}

/// One line of defence is gone, and the other one holds.
mod without_one_it_still_holds {
    use super::*;

    fn still(rules: Rules) {
        assert_eq!(breaks(rules), None);
    }

    /// The record of the refresh is written only over the generation that was read.
    #[test]
    fn a_look_under_the_lease() {
        still(Rules { read_again: false, ..Rules::all(Kind::Strict).with_a_fault() });
    }

    /// The record of the refresh makes others wait.
    #[test]
    fn a_lease_longer_than_a_request() {
        still(Rules { long_lease: false, ..Rules::all(Kind::Strict).unharmed() });
    }

    /// Neither does "needs consent" go over a row that has moved on.
    #[test]
    fn a_look_after_a_refusal() {
        still(Rules { lease: false, recheck: false, ..Rules::all(Kind::Reject).unharmed() });
    }
}

mod without {
    use super::*;

    fn fails(rules: Rules, invariant: Invariant) {
        assert_eq!(breaks(rules), Some(invariant));
    }

    #[test]
    fn lease() {
        fails(Rules { lease: false, ..Rules::all(Kind::Strict).unharmed() }, Invariant::FamilyLives);
        fails(Rules { lease: false, ..Rules::all(Kind::Keep).unharmed() }, Invariant::StoredIsNewest);
    }

    #[test]
    fn a_look_under_the_lease() {
        let rules = Rules { read_again: false, conditional_intent: false, ..Rules::all(Kind::Strict).unharmed() };
        fails(rules, Invariant::FamilyLives);
    }

    #[test]
    fn a_lease_longer_than_a_request() {
        let rules = Rules { long_lease: false, intent: false, ..Rules::all(Kind::Strict).unharmed() };
        fails(rules, Invariant::FamilyLives);
        let rules = Rules { long_lease: false, ..Rules::all(Kind::Keep).unharmed() };
        fails(rules, Invariant::StoredIsNewest);
    }

    #[test]
    fn a_look_after_a_refusal() {
        let rules =
            Rules { lease: false, recheck: false, conditional_mark: false, ..Rules::all(Kind::Reject).unharmed() };
        fails(rules, Invariant::ConsentIsNeeded);
    }

    #[test]
    fn conditional_writes() {
        fails(Rules { conditional: false, ..Rules::all(Kind::Keep).with_a_fault() }, Invariant::NeverBack);
        let rules = Rules { lease: false, conditional: false, ..Rules::all(Kind::Keep).unharmed() };
        fails(rules, Invariant::NeverBack);
    }

    #[test]
    fn revival() {
        fails(Rules { revive: false, ..Rules::all(Kind::Reject).with_a_fault() }, Invariant::NewestIsKept);
    }

    #[test]
    fn intent() {
        fails(Rules { intent: false, ..Rules::all(Kind::Strict).with_a_fault() }, Invariant::CauseIsTrue);
    }
}
