//! A 401 from the resource: compare, refresh once, or let it be.

use std::sync::Arc;

use super::{
    AccessToken, AfterReject, Cause, ConnectionStatus, Rejected,
    cache::Scope,
    connections::{Inner, unknown},
    grant,
    machine::Step,
    patience::mark,
    refresh::Purpose,
    vault,
};
use crate::{ErrorKind, Result, ids::ConnectionId};

impl Inner {
    pub(super) async fn rejected(
        self: &Arc<Self>,
        scope: &Scope,
        id: &ConnectionId,
        rejected: Rejected,
    ) -> Result<AfterReject> {
        let reading = self.read(id).await?;
        if reading.row.scope() != *scope {
            return Err(unknown("reject token"));
        }
        if let refused @ (Step::NeedsReconsent(_) | Step::Gone) = self.step(&reading) {
            return Err(self.refuse(id, &refused));
        }
        let current = match self.cache.unwritten(id, self.clock.instant()) {
            Some(token) => Some(token),
            None => vault::open(&*self.sealer, &reading.row)
                .await?
                .map(|pair| AccessToken::new(pair.access, reading.row.expires_at.unwrap_or(reading.now))),
        };
        if !current.is_some_and(|current| current.is_same(&rejected.token)) {
            // what is in memory may be the rejected one
            if self.cache.good(id, self.clock.instant()).is_some_and(|(_, kept)| kept.is_same(&rejected.token)) {
                self.cache.forget(id);
            }
            return Ok(AfterReject::TryAgain);
        }
        if rejected.claims.is_some() {
            let mut row = reading.row.clone();
            let cause = Cause::Interaction { claims: rejected.claims };
            row.status = ConnectionStatus::NeedsReconsent(cause.clone());
            match self.replace(&reading.row, None, false, row).await {
                Err(error) if error.kind() == ErrorKind::Conflict => return Ok(AfterReject::TryAgain),
                written => written?,
            }
            self.cache.forget(id);
            return Err(grant::needs_reconsent(&cause));
        }
        if !self.patience.may_force(id, self.clock.instant(), mark(&rejected.token)) {
            return Ok(AfterReject::GiveUp);
        }
        // the first may join a flight that was content with the rejected token
        for _ in 0..2 {
            let token = self.begin_refresh(id, Purpose::Replace(rejected.token.clone())).await?;
            if !token.is_same(&rejected.token) {
                return Ok(AfterReject::TryAgain);
            }
        }
        self.patience.forced_in_vain(id, self.clock.instant());
        Ok(AfterReject::GiveUp)
    }
}
