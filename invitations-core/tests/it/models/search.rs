//! Breadth-first search over every state that a model can reach.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::Hash,
};

/// What can be searched.
pub(crate) trait Model {
    type State: Clone + Eq + Hash;
    type Step: Clone;
    type Invariant;

    fn start(&self) -> Self::State;

    /// Everything that may happen next. The order decides which of several shortest traces is shown.
    fn next(&self, state: &Self::State) -> Vec<(Self::Step, Self::State)>;

    /// What must never be, and is.
    fn violated(&self, state: &Self::State) -> Option<Self::Invariant>;

    /// Whether the state is a good end: from everywhere one of them must stay within reach.
    fn is_rest(&self, state: &Self::State) -> bool;
}

/// What a search found.
#[derive(Debug, PartialEq)]
pub(crate) enum Found<Step, Invariant> {
    /// Every state was seen, and none of them violates anything.
    Holds {
        states: usize,
        /// Steps between them, counted once per state they start from.
        transitions: usize,
        /// States from which no rest can be reached any more.
        dead_ends: usize,
    },
    /// A shortest way into trouble.
    Violated { invariant: Invariant, trace: Vec<Step> },
}

/// Searches all of it, or up to the first violation.
pub(crate) fn search<M: Model>(model: &M) -> Found<M::Step, M::Invariant> {
    let mut seen = Seen::<M>::from(model.start());
    // states are appended while they are worked off: the list is the queue
    let mut at = 0;
    while at < seen.states.len() {
        let state = seen.states[at].clone();
        if let Some(invariant) = model.violated(&state) {
            return Found::Violated { invariant, trace: seen.trace(at) };
        }
        for (step, to) in model.next(&state) {
            seen.reach(at, step, to);
        }
        at += 1;
    }
    let dead_ends = seen.states.len() - seen.can_come_to_rest(model);
    Found::Holds { states: seen.states.len(), transitions: seen.transitions.len(), dead_ends }
}

struct Seen<M: Model> {
    states: Vec<M::State>,
    places: HashMap<M::State, usize>,
    /// From where and by which step each state was reached first; the start by none.
    reached_by: Vec<Option<(usize, M::Step)>>,
    transitions: Vec<(usize, usize)>,
}

impl<M: Model> Seen<M> {
    fn from(start: M::State) -> Self {
        Self {
            states: vec![start.clone()],
            places: HashMap::from([(start, 0)]),
            reached_by: vec![None],
            transitions: Vec::new(),
        }
    }

    fn reach(&mut self, from: usize, step: M::Step, to: M::State) {
        let place = match self.places.entry(to) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                self.states.push(new.key().clone());
                self.reached_by.push(Some((from, step)));
                *new.insert(self.states.len() - 1)
            }
        };
        self.transitions.push((from, place));
    }

    fn trace(&self, mut at: usize) -> Vec<M::Step> {
        let mut backwards = Vec::new();
        while let Some((before, step)) = &self.reached_by[at] {
            backwards.push(step.clone());
            at = *before;
        }
        backwards.reverse();
        backwards
    }

    /// How many states have a way to rest: backwards from the good ends.
    fn can_come_to_rest(&self, model: &M) -> usize {
        let mut before = vec![Vec::new(); self.states.len()];
        for (from, to) in &self.transitions {
            before[*to].push(*from);
        }
        let mut good: Vec<bool> = self.states.iter().map(|state| model.is_rest(state)).collect();
        let mut left: Vec<usize> = (0..good.len()).filter(|place| good[*place]).collect();
        while let Some(place) = left.pop() {
            for from in &before[place] {
                if !std::mem::replace(&mut good[*from], true) {
                    left.push(*from);
                }
            }
        }
        good.into_iter().filter(|good| *good).count()
    }
}
