//! Looking for the event of an unclear write.

use invitations_core::{
    Error, ErrorKind, Result,
    provider::{CalendarEvent, CalendarProvider as _},
};

use super::{Pending, Run, concerns_the_account, outcome::live};
use crate::{
    Desired, Mapping, MappingState, Op, SyncWrite, canonical,
    plan::{After, Step, after_look_up},
};

impl Run<'_> {
    /// An earlier try may have happened. Look, then go on from there.
    pub(super) async fn look_up(&mut self, desired: &Desired, row: Mapping) -> Result<()> {
        let settled = self.is_settled(&row).await?;
        match self.find(&row).await {
            Ok(found) => {
                let after = after_look_up(desired, &row, found.as_ref().map(|event| &event.content), settled)?;
                self.go_on(desired, row, after, found.as_ref())
            }
            Err(error) if concerns_the_account(&error) => Err(error),
            Err(error) => {
                let create = row.in_doubt() == Some(Op::Create) && desired.event.is_some();
                // without a look-up the key itself must do: the same key again answers the event it made
                let by_key = self.calendar.capabilities().idempotent_create && settled;
                if error.kind() == ErrorKind::Unsupported && create && by_key {
                    let incarnation = row.incarnation;
                    return self.create(desired, row, incarnation);
                }
                self.report.pending += 1;
                self.put(Mapping { problem: Some(error.to_string()), ..row });
                Ok(())
            }
        }
    }

    pub(super) fn go_on(
        &mut self,
        desired: &Desired,
        mut row: Mapping,
        after: After,
        found: Option<&CalendarEvent>,
    ) -> Result<()> {
        let step = match after {
            After::Wait => {
                self.report.pending += 1;
                return Ok(());
            }
            After::Confirmed => None,
            After::Then(step) => Some(step),
        };
        if let Some(event) = found {
            self.report.adopted += 1;
            (row.external, row.etag) = (Some(event.id.clone()), event.etag.clone());
            // it is there: no doubt is left
            row.state = MappingState::Live;
        } else if row.in_doubt() == Some(Op::Delete) {
            row.state = MappingState::Tombstone;
        }
        match (step, &desired.event) {
            (None, Some(event)) => {
                row.pushed = canonical::hash(event)?;
                (row.version, row.state) = (desired.version, MappingState::Live);
                (row.settled_at, row.unclear, row.problem) = (None, None, None);
                self.put(row);
            }
            (Some(Step::Create(incarnation)), _) => self.create(desired, row, incarnation)?,
            (Some(Step::Update), _) => self.wait_for(desired, row, Op::Update)?,
            (Some(Step::Delete), _) => self.wait_for(desired, row, Op::Delete)?,
            (Some(Step::Nothing | Step::Stale | Step::LookUp | Step::Forget) | None, _) => self.forget(desired, row),
        }
        Ok(())
    }

    /// The row's event: by its id where that is known, which never lags; else by its key.
    async fn find(&self, row: &Mapping) -> Result<Option<CalendarEvent>> {
        let calendar = &self.binding.calendar;
        if let Some(id) = &row.external {
            return match self.calendar.event(calendar, id).await {
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                other => other.map(Some),
            };
        }
        if !self.calendar.capabilities().marker {
            return Err(Error::new(ErrorKind::Unsupported, "look for event"));
        }
        let key = canonical::event_key(self.binding, &row.source, row.slot, row.incarnation)?;
        let found = self.calendar.find_by_marker(calendar, &key).await?;
        if found.len() > 1 {
            // copies that the user made carry our key too; they are the user's
            tracing::warn!(binding = %self.binding.id, source = %row.source, copies = found.len(), "several events, one key");
        }
        Ok(found.into_iter().next())
    }

    /// The provider knows the key: an earlier try made the event, perhaps with other content.
    pub(super) async fn adopt_known(&mut self, mut pending: Pending, puts: &mut Vec<SyncWrite>) -> Result<()> {
        match self.find(&pending.row).await {
            Ok(Some(event)) => {
                self.report.adopted += 1;
                (pending.row.external, pending.row.etag) = (Some(event.id.clone()), event.etag.clone());
                self.write_or_confirm(pending, event, puts);
                return Ok(());
            }
            Ok(None) => pending.row.problem = Some("the key is in use, but its event is not found yet".to_owned()),
            Err(error) => pending.row.problem = Some(error.to_string()),
        }
        // the intent stays; the next run looks again
        self.report.pending += 1;
        puts.push(SyncWrite::Put(Box::new(pending.row)));
        Ok(())
    }

    /// The event has another version: somebody changed it. Our fields are ours, everybody else's stay.
    pub(super) async fn read_again(&mut self, mut pending: Pending, puts: &mut Vec<SyncWrite>) -> Result<()> {
        let Some(id) = pending.row.external.clone() else { return Ok(()) };
        match self.calendar.event(&self.binding.calendar, &id).await {
            Ok(event) => {
                pending.row.etag = event.etag.clone();
                self.write_or_confirm(pending, event, puts);
                return Ok(());
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let gone = pending.op == Op::Delete;
                *(if gone { &mut self.report.deleted } else { &mut self.report.detached }) += 1;
                pending.row.state = if gone { MappingState::Tombstone } else { MappingState::Detached };
                (pending.row.settled_at, pending.row.unclear, pending.row.problem) = (None, None, None);
            }
            Err(error) => {
                self.report.pending += 1;
                pending.row.problem = Some(error.to_string());
            }
        }
        puts.push(SyncWrite::Put(Box::new(pending.row)));
        Ok(())
    }

    /// The event as it is now: what is desired already, or written once more against this version.
    fn write_or_confirm(&mut self, mut pending: Pending, event: CalendarEvent, puts: &mut Vec<SyncWrite>) {
        let agrees = pending.draft.as_ref().is_some_and(|draft| canonical::agrees(&event.content, draft));
        if agrees && pending.op != Op::Delete {
            self.report.updated += u64::from(pending.op == Op::Update);
            live(&mut pending.row, event);
            puts.push(SyncWrite::Put(Box::new(pending.row)));
            return;
        }
        if pending.op == Op::Create {
            pending.op = Op::Update;
        }
        if let Some(draft) = pending.draft.as_mut().filter(|draft| !draft.attendees.is_empty()) {
            // the whole list is written, so people whom the user added are named too
            for there in event.content.attendees {
                if draft.attendees.iter().all(|named| named.email != there.email) {
                    draft.attendees.push(there);
                }
            }
        }
        (pending.row.state, pending.row.unclear) = (MappingState::Intent(pending.op), None);
        pending.again = true;
        puts.push(SyncWrite::Put(Box::new(pending.row.clone())));
        self.waiting.push(pending);
    }
}
