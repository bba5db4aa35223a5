//! Rounds: as many writes as the mailbox takes at a time.

use std::time::Instant;

use futures_util::future::join_all;
use invitations_core::{
    Error, ErrorKind, Result, RetryClass,
    provider::{CalendarProvider as _, EventWrite, Resend, WriteOptions},
};

use super::{Pending, Run};
use crate::{Binding, Op, SyncWrite, canonical};

impl Run<'_> {
    /// Commits the intents, then writes to the provider, then commits what came of it; until nothing waits.
    ///
    /// # Errors
    /// The store's; the account's, after the outcomes were committed.
    pub(crate) async fn flush(&mut self) -> Result<()> {
        while !self.waiting.is_empty() || !self.quiet.is_empty() {
            self.keep_lease().await?;
            let width = self.width().min(self.waiting.len());
            let mut round: Vec<Pending> = self.waiting.drain(..width).collect();
            let (timing, begun) = (self.parts.timing, self.parts.clock.instant());
            // nothing is sent so late that it could outlive the lease
            let send_before = (self.leased_at + timing.lease / 2).min(begun + timing.request);
            let over = send_before.saturating_duration_since(begun) + timing.request + timing.settle;
            let settled_at = self.parts.store.now().await? + over;
            for pending in &mut round {
                pending.row.settled_at = Some(settled_at);
            }
            let mut writes = std::mem::take(&mut self.quiet);
            writes.extend(round.iter().map(|pending| SyncWrite::Put(Box::new(pending.row.clone()))));
            self.parts.store.commit(&self.binding.id, self.fence, writes).await?;
            if !round.is_empty() {
                self.send(round, send_before).await?;
            }
            if let Some(error) = self.refused.take() {
                return Err(error);
            }
        }
        Ok(())
    }

    async fn send(&mut self, round: Vec<Pending>, send_before: Instant) -> Result<()> {
        let batch = self.calendar.capabilities().batch.max(1);
        let (calendar, binding) = (&self.calendar, self.binding);
        let options = WriteOptions::new()
            .with_resend(Resend::Caller)
            .with_timeout(self.parts.timing.request)
            .with_send_before(send_before);
        let (mut rest, mut calls) = (round, Vec::new());
        while !rest.is_empty() {
            let later = rest.split_off(batch.min(rest.len()));
            let these = std::mem::replace(&mut rest, later);
            let writes = these.iter().map(|pending| write(binding, pending)).collect::<Result<Vec<_>>>()?;
            let options = options.clone();
            calls.push(async move { (these, calendar.write(&binding.calendar, writes, options).await) });
        }
        let mut puts = Vec::new();
        for (these, outcomes) in join_all(calls).await {
            match outcomes {
                Ok(outcomes) if outcomes.len() == these.len() => {
                    for (pending, outcome) in these.into_iter().zip(outcomes) {
                        self.record(pending, outcome, &mut puts).await?;
                    }
                }
                // an answer that fits nothing proves nothing
                Ok(_) => {
                    let error = Error::new(ErrorKind::Protocol, "write events")
                        .with_detail("not one outcome per write")
                        .with_retry(RetryClass::Unclear { after: None });
                    self.refuse_all(these, error, &mut puts).await?;
                }
                Err(error) => self.refuse_all(these, error, &mut puts).await?,
            }
        }
        self.parts.store.commit(&self.binding.id, self.fence, puts).await
    }

    /// The whole call failed.
    async fn refuse_all(&mut self, these: Vec<Pending>, error: Error, puts: &mut Vec<SyncWrite>) -> Result<()> {
        for pending in these {
            self.refused(pending.row, &error, puts).await?;
        }
        if super::concerns_the_account(&error) {
            self.refused.get_or_insert(error);
        }
        Ok(())
    }
}

fn write(binding: &Binding, pending: &Pending) -> Result<EventWrite> {
    let row = &pending.row;
    let lost = || Error::new(ErrorKind::Protocol, "write event").with_detail("the row does not name its event");
    Ok(match (pending.op, &pending.draft) {
        (Op::Create, Some(draft)) => {
            let key = canonical::event_key(binding, &row.source, row.slot, row.incarnation)?;
            let draft = (**draft).clone().with_marker(key.clone());
            EventWrite::Create { key, draft: Box::new(draft) }
        }
        (Op::Update, Some(draft)) => {
            let id = row.external.clone().ok_or_else(lost)?;
            EventWrite::Update { id, if_match: row.etag.clone(), draft: draft.clone() }
        }
        (Op::Delete, _) => {
            EventWrite::Delete { id: row.external.clone().ok_or_else(lost)?, if_match: row.etag.clone() }
        }
        (Op::Create | Op::Update, None) => return Err(lost()),
    })
}
