//! Who may do what to an invitation. A further command of the façade is one more entry of the list of whoever gives it.

mod invitees;
mod making;
mod operators;
mod organizers;
mod payers;

use std::{sync::Arc, time::Duration};

use invitations_core::{
    Result,
    ids::{InvitationId, PrincipalId},
    invitation::{
        Invited, Proof, Standing, State, TenantInvitations,
        machine::{Phase, PhaseKind},
    },
    people::Principal,
    runtime::{BoxFuture, Clock as _},
    time::Slot,
};

pub(super) use self::making::{address, create, event};
use super::{
    swarm::{Kind, Plan},
    world::World,
};

/// Where an act happens: one invitation, through the façade of one process.
pub(super) struct Stage {
    pub(super) world: Arc<World>,
    pub(super) plan: Arc<Plan>,
    pub(super) org: TenantInvitations,
    pub(super) other_org: TenantInvitations,
}

type Reply<'a> = BoxFuture<'a, Result<Option<Standing>>>;
type Play = for<'a> fn(&'a Stage) -> Reply<'a>;

/// Something that somebody may do.
pub(super) struct Act {
    name: &'static str,
    /// Chosen once in so many times,
    pub(super) odds: u32,
    /// and this often.
    pub(super) often: u32,
    /// Tries again when it is refused or fails.
    patient: bool,
    pub(super) suits: fn(&Plan) -> bool,
    /// Mostly waited for; now and then it is done at the wrong time.
    when: fn(&State) -> bool,
    play: Play,
}

impl std::fmt::Debug for Act {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Everything that anybody may do.
pub(super) fn acts() -> impl Iterator<Item = &'static Act> {
    [invitees::ACTS, organizers::ACTS, operators::ACTS, payers::ACTS].into_iter().flatten()
}

const fn act(name: &'static str, suits: fn(&Plan) -> bool, play: Play) -> Act {
    Act { name, odds: 1, often: 1, patient: false, suits, when: |_| true, play }
}

impl Act {
    const fn one_in(mut self, odds: u32) -> Self {
        self.odds = odds;
        self
    }

    const fn twice(mut self) -> Self {
        self.often = 2;
        self
    }

    const fn patient(mut self) -> Self {
        self.patient = true;
        self
    }

    const fn when(mut self, when: fn(&State) -> bool) -> Self {
        self.when = when;
        self
    }
}

// for whom

fn any(_: &Plan) -> bool {
    true
}

fn offered(plan: &Plan) -> bool {
    matches!(plan.kind, Kind::Meeting | Kind::Membership)
}

fn asked(plan: &Plan) -> bool {
    plan.kind == Kind::Access
}

fn for_a_meeting(plan: &Plan) -> bool {
    plan.kind == Kind::Meeting
}

fn makes_a_meeting(plan: &Plan) -> bool {
    matches!(plan.kind, Kind::Meeting | Kind::Booking)
}

// when

fn open(state: &State) -> bool {
    matches!(state.phase, Phase::Pending | Phase::Countered)
}

fn fulfilled(state: &State) -> bool {
    state.phase == Phase::Fulfilled
}

fn countered(state: &State) -> bool {
    state.phase == Phase::Countered
}

fn blocked(state: &State) -> bool {
    state.phase.kind() == PhaseKind::Blocked
}

fn quarantined(state: &State) -> bool {
    state.phase.kind() == PhaseKind::Quarantined
}

impl Stage {
    /// Plays an act, and writes down what its caller was told.
    pub(super) async fn play(&self, act: &'static Act) {
        self.wait_for(act).await;
        for _ in 0..if act.patient { 5 } else { 1 } {
            let reply = (act.play)(self).await;
            self.world.note(|| match &reply {
                Ok(Some(standing)) => format!("case {}: {} -> {}", self.plan.number, act.name, standing.status),
                Ok(None) => format!("case {}: {} -> nothing to say", self.plan.number, act.name),
                Err(error) => format!("case {}: {} -> {error}", self.plan.number, act.name),
            });
            if let Ok(standing) = reply {
                self.world.count(|tally| *tally.acts.entry(act.name).or_default() += 1);
                if let Some(standing) = standing {
                    self.world.oracle().told(self.plan.number, &standing);
                }
                return;
            }
            self.a_while(40).await;
        }
    }

    /// Of the invitation, which may be another one by now: what is paid too late is made by a new one.
    fn id(&self) -> InvitationId {
        self.world.oracle().cases[self.plan.number].id.clone().unwrap()
    }

    async fn a_while(&self, most: u64) {
        let wait = Duration::from_secs(1) + self.world.dice().up_to(Duration::from_secs(most));
        self.world.clock.sleep(wait).await;
    }

    async fn wait_for(&self, act: &Act) {
        let hasty = self.world.dice().one_in(8);
        for _ in 0..if hasty { 0 } else { 12 } {
            let now = self.seen(|state| (act.when)(state) || matches!(state.phase, Phase::Closed(_)));
            if now.unwrap_or_default() {
                return;
            }
            self.a_while(20).await;
        }
    }

    /// Something of the invitation as it is stored.
    fn seen<T>(&self, look: impl FnOnce(&State) -> T) -> Option<T> {
        self.world.oracle().cases[self.plan.number].state.as_ref().map(look)
    }

    /// The invitee's way in: mostly the newest link, now and then an old one.
    fn proof(&self) -> Proof {
        let links = self.world.oracle().cases[self.plan.number].answer_links.clone();
        let mut dice = self.world.dice();
        let old = dice.one_in(6);
        let link = if old { links.get(dice.below(links.len())) } else { links.last() };
        let link = link.filter(|_| self.plan.by_address).cloned();
        link.map_or_else(|| Proof::Inbox(self.id()), Proof::Link)
    }

    fn invitee(&self, number: usize) -> Principal {
        let principal = somebody(&format!("guest{number}"));
        if self.plan.by_address { principal.with_verified(address(&self.plan, number)) } else { principal }
    }

    /// Some hours or days from now.
    fn slot(&self) -> Slot {
        let hours = *self.world.dice().pick(&[2, 5, 24, 100]);
        let start = self.world.clock.now() + Duration::from_secs(hours * 3600);
        Slot::from(start..start + Duration::from_secs(3600))
    }

    /// What its maker shows people of a new link.
    fn handed_out(&self, invited: Invited) -> Option<Standing> {
        self.world.oracle().cases[self.plan.number].answer_links.extend(invited.link);
        None
    }
}

pub(super) fn somebody(name: &str) -> Principal {
    Principal::new(PrincipalId::parse(name).unwrap())
}

fn ada() -> Principal {
    somebody("ada")
}
