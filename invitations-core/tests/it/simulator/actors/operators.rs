//! What operators do: they look, resume what is blocked, and decide what the machine cannot, having looked at the world.

use invitations_core::{
    Result,
    ids::MeetingKey,
    invitation::{Effect, EffectKind, EffectStatus, Standing, State, machine::Phase},
};

use super::{Act, Stage, act, ada, any, asked, blocked, event, makes_a_meeting, making::account, quarantined};
use crate::simulator::outside::meeting_id;

pub(super) const ACTS: &[Act] = &[
    act("resume", any, |at| Box::pin(async move { at.org.resume(&at.id(), &ada()).await.map(Some) }))
        .one_in(2)
        .twice()
        .when(blocked),
    act(
        "resume all of the account",
        |plan| makes_a_meeting(plan) || asked(plan),
        |at| Box::pin(async move { at.org.resume_account(&account(&at.plan)).await.map(|_| None) }),
    )
    .one_in(6)
    .when(blocked),
    act("resolve", any, |at| Box::pin(at.resolve())).one_in(2).twice().patient().when(quarantined),
    act("look", any, |at| Box::pin(async move { at.org.standing(&at.id()).await.map(Some) })).one_in(2).twice(),
];

/// What an operator has found out about a quarantined effect.
enum Finding {
    Nothing,
    /// It is there, under this name.
    There(String),
    /// It was there and had to go.
    TakenAway,
}

impl Stage {
    /// Looks at what is outside and says so.
    pub(in crate::simulator) async fn resolve(&self) -> Result<Option<Standing>> {
        // nobody resolves what they have not looked at: it may wait for a decision by the time they say so
        let Some((effect, undo)) = self.seen(quarantined_effect).flatten() else { return Ok(None) };
        let finding = self.find(&effect, undo);
        match finding {
            Finding::There(id) => self.org.resolve_found(&self.id(), &ada(), &id).await.map(Some),
            Finding::Nothing | Finding::TakenAway => self.org.resolve_absent(&self.id(), &ada()).await.map(Some),
        }
    }

    fn find(&self, effect: &Effect, undo: bool) -> Finding {
        let number = self.plan.number;
        let finding = match &effect.kind {
            EffectKind::CreateMeeting(_) => self.find_meeting(&effect.key, effect, undo),
            EffectKind::UpdateMeeting(patch) => {
                let oracle = self.world.oracle();
                let moved = oracle.outside.live(number).find(|(_, one)| Some(&one.draft.slot) == patch.slot.as_ref());
                moved.map_or(Finding::Nothing, |(meeting, _)| Finding::There(meeting_id(meeting).to_string()))
            }
            // a place that could not be taken away
            _ => {
                let now = self.now();
                self.world.oracle().outside.unseat(now, &event(&self.plan), number);
                Finding::TakenAway
            }
        };
        let (now, step) = (self.now(), self.world.step());
        self.world.note(|| format!("case {number}: the operator has looked for {}", effect.id));
        self.world.oracle().check(number, now, step);
        finding
    }

    fn find_meeting(&self, key: &MeetingKey, effect: &Effect, undo: bool) -> Finding {
        let (now, number) = (self.now(), self.plan.number);
        let mut oracle = self.world.oracle();
        let mut live: Vec<usize> = oracle
            .outside
            .live(number)
            .filter(|(_, one)| one.key.as_str().starts_with(key.as_str()))
            .map(|(meeting, _)| meeting)
            .collect();
        // its late answer has come: it is recorded, so the machine takes it away
        let recorded = effect.status == EffectStatus::UndoPlanned && effect.found.is_some();
        let keep = if undo && !recorded { None } else { live.first().copied() };
        live.retain(|meeting| Some(*meeting) != keep);
        for meeting in &live {
            oracle.outside.cancel(now, *meeting);
        }
        match (keep, live.is_empty()) {
            (Some(keep), _) => Finding::There(meeting_id(keep).to_string()),
            (None, true) => Finding::Nothing,
            (None, false) => Finding::TakenAway,
        }
    }

    fn now(&self) -> std::time::Instant {
        use invitations_core::runtime::Clock as _;
        self.world.clock.instant()
    }
}

/// The effect that waits for a decision, and whether it is to be undone.
fn quarantined_effect(state: &State) -> Option<(Effect, bool)> {
    let Phase::Quarantined { effect, resume_to } = &state.phase else { return None };
    let effect = state.effect(effect)?.clone();
    let undo = matches!(resume_to, invitations_core::invitation::machine::Resume::Compensating { .. })
        || matches!(effect.status, EffectStatus::UndoPlanned | EffectStatus::Undoing);
    Some((effect, undo))
}
