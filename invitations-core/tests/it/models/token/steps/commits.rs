//! Conditional writes, carried out by the real store.

use invitations_core::token::{Connection, ConnectionStatus, TokenCommit};

use super::super::{
    rows::{LAST, Row, Store},
    rules::Rules,
    state::Invariant,
    time::{moved, span},
    unrolled::Next,
};
use super::{Step, World};

impl World<'_> {
    pub(super) fn commit(&mut self, me: usize, place: usize, commit: &TokenCommit) {
        let mut after = self.state.clone();
        let before = self.rows.row(after.row).connection.clone();
        let store = Store::holding(&before, after.lease.left);
        let age = self.code.nodes[after.processes[me].node].age;
        let real = |fence: u64| if after.lease.of == Some((me, fence)) { LAST } else { LAST - 1 };
        let (written, step) = match commit {
            TokenCommit::Update { epoch, generation, fence, release, to } => {
                let mut to = moved(to, -span(age));
                if !self.rules.intent {
                    to.intent = None;
                }
                let is_valid = |row: &Connection| row.status == ConnectionStatus::Valid;
                let revives = is_valid(&to) && !is_valid(&before);
                let update = match self.blindly(&before, &to, *generation) {
                    Some(to) => TokenCommit::Update {
                        epoch: before.epoch,
                        generation: before.generation,
                        fence: None,
                        release: *release,
                        to: Box::new(to),
                    },
                    None => TokenCommit::Update {
                        epoch: *epoch,
                        generation: *generation,
                        fence: fence.filter(|_| self.rules.lease).map(real),
                        release: *release,
                        to: Box::new(to),
                    },
                };
                let written = (self.rules.revive || !revives) && store.commits(update);
                (written, if written { Step::Write(me) } else { Step::Conflict(me) })
            }
            TokenCommit::Release { id, fence } => {
                (store.commits(TokenCommit::Release { id: id.clone(), fence: real(*fence) }), Step::Release(me))
            }
            other => unreachable!("{other:?}"),
        };
        after.row = self.rows.number(store.row());
        if !store.is_leased() {
            after.lease.left = 0;
        }
        let (old, new) = (self.rows.row(self.state.row), self.rows.row(after.row));
        let version = |row: &Row| (row.connection.epoch, row.connection.generation);
        if new.number < old.number || version(new) < version(old) {
            after.trouble = Some(Invariant::NeverBack);
        }
        self.goes_on(&mut after, me, Next::Written(place, written));
        self.add(step, after);
    }

    /// What a store that does not look writes.
    fn blindly(&self, before: &Connection, to: &Connection, generation: u64) -> Option<Connection> {
        let is_intent = to.generation == generation && to.intent.is_some();
        let is_mark = to.status != ConnectionStatus::Valid;
        match self.rules {
            Rules { conditional: false, .. } => Some(to.clone()),
            Rules { conditional_intent: false, .. } if is_intent => {
                let mut row = before.clone();
                row.intent.clone_from(&to.intent);
                Some(row)
            }
            Rules { conditional_mark: false, .. } if is_mark => {
                let mut row = before.clone();
                row.status.clone_from(&to.status);
                row.intent = None;
                Some(row)
            }
            _ => None,
        }
    }
}
