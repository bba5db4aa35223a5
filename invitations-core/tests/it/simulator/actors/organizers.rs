//! What those who invite do, and those who approve.

use invitations_core::{
    Result,
    invitation::{
        Standing,
        machine::{Amendment, State},
    },
    runtime::Clock as _,
};

use super::{
    Act, Stage, act, ada, any, asked, blocked, countered, for_a_meeting, fulfilled, makes_a_meeting,
    making::{role, subject, substitute},
    offered, open, somebody,
};
use crate::simulator::swarm::{Kind, Plan};

pub(super) const ACTS: &[Act] = &[
    act("revoke", any, |at| Box::pin(async move { at.org.revoke(&at.id(), &ada()).await.map(Some) })).one_in(4),
    act("cancel", any, |at| Box::pin(async move { at.org.cancel(&at.id(), &ada()).await.map(Some) })).one_in(5),
    act("accept other time", for_a_meeting, |at| Box::pin(at.accept_counter())).when(countered),
    act("decline other times", for_a_meeting, |at| {
        Box::pin(async move { at.org.decline_counter(&at.id(), &ada()).await.map(Some) })
    })
    .one_in(3)
    .when(countered),
    act("amend", offered, |at| Box::pin(at.amend())).one_in(4).when(open),
    act("resend", offered, |at| {
        Box::pin(async move { at.org.resend(&at.id(), &ada()).await.map(|invited| at.handed_out(invited)) })
    })
    .one_in(4)
    .twice()
    .patient()
    .when(open),
    act("extend", any, |at| Box::pin(at.extend())).one_in(5).when(|state| state.phase.is_open()),
    act("reschedule", makes_a_meeting, |at| {
        Box::pin(async move { at.org.reschedule(&at.id(), &ada(), at.slot()).await.map(Some) })
    })
    .one_in(4)
    .twice()
    .patient()
    .when(fulfilled),
    act(
        "regenerate",
        |plan| plan.kind != Kind::Membership,
        |at| Box::pin(async move { at.org.regenerate(&at.id(), &ada()).await.map(Some) }),
    )
    .one_in(5)
    .patient()
    .when(fulfilled),
    act("revoke while made", any, |at| Box::pin(async move { at.org.revoke(&at.id(), &ada()).await.map(Some) }))
        .one_in(8)
        .when(under_way),
    act("reassign the organizer", makes_a_meeting, |at| {
        Box::pin(async move { at.org.reassign_organizer(&at.id(), &ada(), substitute(&at.plan)).await.map(Some) })
    })
    .one_in(2)
    .when(blocked),
    act("approve", approved, |at| {
        Box::pin(async move { at.org.approve(&at.id(), &somebody("carol")).await.map(Some) })
    })
    .patient(),
    act("approve by another", approved, |at| {
        Box::pin(async move { at.org.approve(&at.id(), &somebody("dave")).await.map(Some) })
    })
    .patient(),
    act("reject", approved, |at| Box::pin(async move { at.org.reject(&at.id(), &somebody("erin")).await.map(Some) }))
        .one_in(8),
    act("withdraw the request", asked, |at| {
        Box::pin(async move { at.org.revoke(&at.id(), &at.invitee(0)).await.map(Some) })
    })
    .one_in(10),
];

fn approved(plan: &Plan) -> bool {
    plan.approvals.is_some()
}

fn under_way(state: &State) -> bool {
    !state.effects.is_empty() && !state.is_at_rest()
}

impl Stage {
    async fn accept_counter(&self) -> Result<Option<Standing>> {
        let slot = self.world.dice().below(3);
        self.org.accept_counter(&self.id(), &ada(), slot).await.map(Some)
    }

    async fn amend(&self) -> Result<Option<Standing>> {
        let amendment = {
            let new = self.world.dice().one_in(2);
            match self.plan.kind {
                Kind::Membership => Amendment::new().with_role(role(&self.plan, "assistant")?),
                _ if new => Amendment::new().with_subject(subject(&self.plan, "amended")),
                _ => Amendment::new().with_slot(self.slot()),
            }
        };
        self.org.amend(&self.id(), &ada(), amendment).await.map(|invited| self.handed_out(invited))
    }

    async fn extend(&self) -> Result<Option<Standing>> {
        let until = self.world.clock.now() + self.world.dice().up_to(std::time::Duration::from_secs(3600));
        self.org.extend(&self.id(), &ada(), until).await.map(Some)
    }
}
