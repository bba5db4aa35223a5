//! What time does to an invitation: the end, reminders, another try after a block.

use super::Worker;
use crate::{
    ErrorKind, Result,
    ids::{InvitationId, MeetingId, TenantId},
    invitation::{
        Command, State,
        machine::{Reminder, Tick},
        service::Sender,
    },
};

impl Worker {
    pub(super) async fn tick(&self, tenant: &TenantId, id: &InvitationId) -> Result<()> {
        let inner = &self.invitations.0;
        let state = inner.load(tenant, id).await?.value;
        let Some((at, tick)) = state.next_tick() else { return Ok(()) };
        if inner.store.now().await? < at {
            return Ok(());
        }
        let command = match tick {
            Tick::Expire => Command::ExpireTick,
            Tick::GiveUp => Command::BlockedTick,
            Tick::Probe => Command::Resume { probe: true },
            Tick::Remind(reminder) => {
                let asks = matches!(reminder, Reminder::NobodyJoined { .. });
                Command::RemindTick { reminder, nobody_joined: asks && self.nobody_joined(&state).await }
            }
        };
        match inner.execute(tenant, id, &command, &Sender::system(), None, false).await {
            Ok(_) => Ok(()),
            // answered meanwhile
            Err(error) if error.kind() == ErrorKind::Refused => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Only where the provider can tell: what cannot be read, or is not known yet, is nobody's fault.
    async fn nobody_joined(&self, state: &State) -> bool {
        let Some((effect, found)) = state.meeting() else { return false };
        let Ok(meeting) = MeetingId::parse(&found.id) else { return false };
        let providers = self.invitations.0.effects.providers();
        let Ok(attendance) = providers.attendance(&effect.account).await else { return false };
        match attendance.attendance(&meeting, None).await {
            Ok(page) => attendance.capabilities().absence && page.items.is_empty() && page.next.is_none(),
            Err(error) => {
                tracing::debug!(%error, invitation = %state.id, "nobody can tell who has joined");
                false
            }
        }
    }
}
