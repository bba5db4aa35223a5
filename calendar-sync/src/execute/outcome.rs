//! What became of a write, written down.

use std::time::Duration;

use invitations_core::{
    Error, ErrorKind, Result, RetryClass,
    provider::{CalendarEvent, WriteOutcome},
};

use super::{Pending, Run, concerns_the_account};
use crate::{Mapping, MappingState, Op, SyncWrite};

/// A provider may say any number of seconds; a record is looked at once a day whatever it says.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

impl Run<'_> {
    pub(super) async fn record(
        &mut self,
        pending: Pending,
        outcome: WriteOutcome,
        puts: &mut Vec<SyncWrite>,
    ) -> Result<()> {
        let Pending { mut row, op, draft, again } = pending;
        match (outcome, op) {
            (WriteOutcome::Applied(event), Op::Create | Op::Update) => {
                *(if op == Op::Create { &mut self.report.created } else { &mut self.report.updated }) += 1;
                live(&mut row, *event);
            }
            (WriteOutcome::Deleted | WriteOutcome::Missing, Op::Delete) => {
                self.report.deleted += 1;
                row.state = MappingState::Tombstone;
                (row.external, row.etag) = (None, None);
                known(&mut row);
            }
            // gone, though we did not delete it: the user did, and it is the user's calendar
            (WriteOutcome::Missing, Op::Update) => {
                self.report.detached += 1;
                row.state = MappingState::Detached;
                known(&mut row);
            }
            (WriteOutcome::Precondition, Op::Update | Op::Delete) if !again => {
                return self.read_again(Pending { row, op, draft, again }, puts).await;
            }
            (WriteOutcome::Duplicate, Op::Create) => {
                return self.adopt_known(Pending { row, op, draft, again }, puts).await;
            }
            (WriteOutcome::Rejected(error), _) => {
                self.refused(row, &error, puts).await?;
                if concerns_the_account(&error) {
                    self.refused.get_or_insert(error);
                }
                return Ok(());
            }
            (WriteOutcome::Unclear(error), _) => {
                self.report.pending += 1;
                row.problem = Some(error.to_string());
            }
            // an outcome that fits no such write proves nothing: the intent stays
            (_, _) => self.report.pending += 1,
        }
        puts.push(SyncWrite::Put(Box::new(row)));
        Ok(())
    }

    /// Nothing happened: not now, or not with this content.
    pub(super) async fn refused(&mut self, mut row: Mapping, error: &Error, puts: &mut Vec<SyncWrite>) -> Result<()> {
        row.problem = Some(error.to_string());
        let passing = matches!(
            error.kind(),
            ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::PermissionDenied
        );
        let wait = match error.retry() {
            RetryClass::Safe { after } => Some(after.unwrap_or(self.parts.timing.retry_first)),
            RetryClass::Never if passing || concerns_the_account(error) => Some(self.parts.timing.retry_first),
            RetryClass::Never => None,
            // it may have happened after all: the intent stays
            _ => {
                self.report.pending += 1;
                puts.push(SyncWrite::Put(Box::new(row)));
                return Ok(());
            }
        };
        row.state = match wait {
            Some(wait) => MappingState::Blocked { until: Some(self.parts.store.now().await? + wait.min(LONGEST_WAIT)) },
            None => MappingState::Blocked { until: None },
        };
        if row.unclear.is_none() {
            row.settled_at = None;
        }
        *(if wait.is_some() { &mut self.report.pending } else { &mut self.report.blocked }) += 1;
        puts.push(SyncWrite::Put(Box::new(row)));
        Ok(())
    }
}

pub(super) fn live(row: &mut Mapping, event: CalendarEvent) {
    (row.external, row.etag) = (Some(event.id), event.etag);
    row.state = MappingState::Live;
    known(row);
}

/// Nothing about the row is in doubt.
fn known(row: &mut Mapping) {
    (row.settled_at, row.unclear, row.problem) = (None, None, None);
}
