//! The real code as a tree: a process does the same whenever the same happened to it, so what it does after each history is found
//! out once, by letting it happen, and then known.

use std::{collections::HashMap, rc::Rc};

use invitations_core::token::{Connection, Lease, Rotation};

use super::{
    border::{Answer, Call},
    process::{Event, Process},
    time::{LEASE, START, moved, span},
};

/// What is next in a history, as short as it can be told apart.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Next {
    Start,
    Pass(u8),
    /// The call in that place reads this row.
    Row(usize, usize),
    /// It reads once more what was read before.
    Seen(usize),
    Lease(usize, bool),
    Written(usize, bool),
    Tokens(usize, u8),
    GrantDead(usize),
}

/// A process after a history.
pub(super) struct Node {
    before: Option<(usize, Event)>,
    after: HashMap<Next, usize>,
    /// The process itself, until it moves on.
    process: Option<Process>,
    pub(super) calls: Rc<[Call]>,
    pub(super) is_idle: bool,
    pub(super) starts: u8,
    /// Since it was started.
    pub(super) age: u8,
    /// How many leases it was given.
    pub(super) leases: u64,
    /// The last row it read.
    seen: Option<Connection>,
    /// What it was told last, time apart.
    pub(super) last: Option<Next>,
}

/// The node of a process that knows nothing and does nothing.
pub(super) const IDLE: usize = 0;

pub(super) struct Unrolled {
    rotation: Rotation,
    pub(super) nodes: Vec<Node>,
}

impl Unrolled {
    pub(super) fn new(rotation: Rotation) -> Self {
        let idle = Node {
            before: None,
            after: HashMap::new(),
            process: None,
            calls: Rc::default(),
            is_idle: true,
            starts: 0,
            age: 0,
            leases: 0,
            seen: None,
            last: None,
        };
        Self { rotation, nodes: vec![idle] }
    }

    /// The node after one more thing. `row` is what a reading process reads.
    pub(super) fn after(&mut self, node: usize, next: Next, row: &Connection) -> usize {
        if let Some(known) = self.nodes[node].after.get(&next) {
            return *known;
        }
        let live = self.nodes[node].process.take();
        let live = live.unwrap_or_else(|| self.again(node));
        let from = &self.nodes[node];
        let (mut seen, mut leases, mut starts) = (from.seen.clone(), from.leases, from.starts);
        let event = match next {
            Next::Start => {
                starts += 1;
                Event::Start
            }
            Next::Pass(ticks) => Event::Pass(ticks),
            Next::Row(place, _) => {
                let row = moved(row, span(from.age));
                seen = Some(row.clone());
                Event::Answer(place, Answer::Row(Box::new(row)))
            }
            Next::Seen(place) => Event::Answer(place, Answer::Row(Box::new(from.seen.clone().unwrap()))),
            Next::Lease(place, given) => {
                leases += u64::from(given);
                let until = START + span(from.age) + span(LEASE);
                Event::Answer(place, Answer::Lease(given.then_some(Lease { fence: leases, until })))
            }
            Next::Written(place, written) => Event::Answer(place, Answer::Written(written)),
            Next::Tokens(place, number) => Event::Answer(place, Answer::Tokens(number)),
            Next::GrantDead(place) => Event::Answer(place, Answer::GrantDead),
        };
        let mut process = live;
        process.happens(&event);
        let last = if matches!(next, Next::Pass(_)) { from.last } else { Some(next) };
        let new = Node {
            before: Some((node, event)),
            after: HashMap::new(),
            calls: process.waiting().into(),
            is_idle: process.is_idle(),
            starts,
            age: process.age(),
            leases,
            seen,
            last,
            // nothing more happens to it: whoever is done starts from nothing
            process: (!process.is_idle()).then_some(process),
        };
        self.nodes.push(new);
        let place = self.nodes.len() - 1;
        self.nodes[node].after.insert(next, place);
        place
    }

    /// A process to which all that happened once more.
    fn again(&self, mut node: usize) -> Process {
        let mut history = Vec::new();
        while let Some((before, event)) = &self.nodes[node].before {
            history.push(event);
            node = *before;
        }
        let mut process = Process::new(self.rotation);
        for event in history.into_iter().rev() {
            process.happens(event);
        }
        process
    }
}
