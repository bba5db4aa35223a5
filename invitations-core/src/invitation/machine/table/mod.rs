//! The transition table as data: which command does something in which phase, and where it leads.
//!
//! [`decide`](super::decide) is checked against it: every transition that tests and the simulator see must be [`permitted`](permits) by
//! a row, and a pair of phase and command without a row must be refused. The page below is generated from it.
//!
#![doc = include_str!("table.md")]

mod command;
mod page;
mod rows;

pub use command::CommandKind;
pub use page::{markdown, mermaid};
pub use rows::ROWS;

use super::PhaseKind;

/// One row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Row {
    /// Its name, `T01` and so on.
    pub id: &'static str,
    /// In which phases.
    pub from: &'static [PhaseKind],
    /// Which command.
    pub command: CommandKind,
    /// Under which conditions; else it is refused.
    pub guard: &'static str,
    /// Where it leads.
    pub to: &'static [To],
    /// What is written into the history.
    pub events: &'static str,
    /// What else is written in the same commit.
    pub work: &'static str,
}

/// Where a row leads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum To {
    /// Nowhere: the phase stays.
    Same,
    /// There.
    Phase(PhaseKind),
    /// To the end that was chosen when the undo began.
    Target,
}

/// The ends that an undo may have.
pub const TARGETS: [PhaseKind; 3] = [PhaseKind::Revoked, PhaseKind::Cancelled, PhaseKind::Failed];

impl Row {
    /// Whether it is about this phase and command and leads there.
    ///
    /// A row to [`Compensating`](PhaseKind::Compensating) may lead on to the end in the same commit, when nothing is left to undo.
    pub fn leads(&self, from: PhaseKind, command: CommandKind, to: PhaseKind) -> bool {
        let there = |target: &To| match target {
            To::Same => to == from,
            To::Phase(PhaseKind::Compensating) => to == PhaseKind::Compensating || TARGETS.contains(&to),
            To::Phase(phase) => to == *phase,
            To::Target => TARGETS.contains(&to),
        };
        self.command == command && self.from.contains(&from) && self.to.iter().any(there)
    }

    /// Every phase that it can lead to from this one.
    pub fn targets(&self, from: PhaseKind) -> Vec<PhaseKind> {
        let one = |to: &To| match to {
            To::Same => vec![from],
            To::Phase(phase) => vec![*phase],
            To::Target => TARGETS.to_vec(),
        };
        self.to.iter().flat_map(one).collect()
    }
}

/// The rows by which the command may lead from one phase to the other; none: it must not.
pub fn permits(from: PhaseKind, command: CommandKind, to: PhaseKind) -> Vec<&'static Row> {
    let kinds = command.may_turn_out_as();
    ROWS.iter().filter(|row| kinds.iter().any(|kind| row.leads(from, *kind, to))).collect()
}

/// Whether any row is about this pair.
pub fn knows(from: PhaseKind, command: CommandKind) -> bool {
    let kinds = command.may_turn_out_as();
    ROWS.iter().any(|row| kinds.contains(&row.command) && row.from.contains(&from))
}

const fn row(
    id: &'static str,
    from: &'static [PhaseKind],
    command: CommandKind,
    guard: &'static str,
    to: &'static [To],
    events: &'static str,
    work: &'static str,
) -> Row {
    Row { id, from, command, guard, to, events, work }
}
