//! What those who are invited say, those who ask for access, and those who pretend to be one of them.

use invitations_core::{
    Result,
    invitation::{
        Standing,
        machine::{Phase, Response, State},
    },
    secret::InvitationLink,
};

use super::{Act, Stage, act, asked, countered, for_a_meeting, fulfilled, offered, open, somebody};
use crate::simulator::swarm::{Kind, Plan};

pub(super) const ACTS: &[Act] = &[
    act("accept", offered, |at| Box::pin(async move { at.org.accept(&at.proof(), &at.invitee(0)).await.map(Some) }))
        .patient(),
    act("accept again", offered, |at| {
        Box::pin(async move { at.org.accept(&at.proof(), &at.invitee(0)).await.map(Some) })
    })
    .one_in(2)
    .twice(),
    act("accept by another invitee", several, |at| {
        Box::pin(async move { at.org.accept(&at.proof(), &at.invitee(1)).await.map(Some) })
    })
    .patient(),
    act("accept by a stranger", offered, |at| {
        Box::pin(async move { at.org.accept(&at.proof(), &somebody("mallory")).await.map(Some) })
    })
    .one_in(4),
    act("accept what was shown", offered, |at| Box::pin(at.accept_as_shown())).one_in(4),
    act("come back", for_a_meeting, |at| {
        Box::pin(async move { at.org.accept(&at.proof(), &at.invitee(0)).await.map(Some) })
    })
    .one_in(6)
    .patient()
    .when(|state| fulfilled(state) && state.invitees.first().is_some_and(|one| one.response == Response::Declined)),
    act("say perhaps", for_a_meeting, |at| {
        Box::pin(async move { at.org.tentative(&at.proof(), &at.invitee(0)).await.map(Some) })
    })
    .one_in(6)
    .when(open),
    act("offer other times", for_a_meeting, |at| Box::pin(at.counter(0))).one_in(4).when(open),
    act("offer other times by another", several, |at| Box::pin(at.counter(1))).one_in(6).when(open),
    act("decline", offered, |at| {
        Box::pin(async move { at.org.decline(&at.proof(), Some(&at.invitee(0))).await.map(Some) })
    })
    .one_in(6),
    act(
        "decline with the link alone",
        |plan| offered(plan) && plan.by_address,
        |at| Box::pin(async move { at.org.decline(&at.proof(), None).await.map(Some) }),
    )
    .one_in(10),
    act("decline other times' offerer", for_a_meeting, |at| {
        Box::pin(async move { at.org.decline(&at.proof(), Some(&at.invitee(0))).await.map(Some) })
    })
    .one_in(12)
    .when(countered),
    act("withdraw", comes, |at| {
        Box::pin(async move { at.org.decline(&at.proof(), Some(&at.invitee(0))).await.map(Some) })
    })
    .one_in(4)
    .patient()
    .when(fulfilled),
    act("withdraw by another", several, |at| {
        Box::pin(async move { at.org.decline(&at.proof(), Some(&at.invitee(1))).await.map(Some) })
    })
    .one_in(5)
    .patient()
    .when(fulfilled),
    act("verify", asked, |at| Box::pin(at.verify())).patient().when(unverified),
    act("verify again", asked, |at| Box::pin(at.verify())).one_in(3),
    act("reach in from another organisation", |_| true, |at| Box::pin(at.reach_in())).one_in(6),
];

fn several(plan: &Plan) -> bool {
    plan.invitees > 1
}

fn comes(plan: &Plan) -> bool {
    matches!(plan.kind, Kind::Meeting | Kind::Access)
}

fn unverified(state: &State) -> bool {
    state.phase == Phase::AwaitingVerification
}

impl Stage {
    /// Looks, thinks for a while, and accepts what was seen.
    async fn accept_as_shown(&self) -> Result<Option<Standing>> {
        let shown = self.org.standing(&self.id()).await?.revision;
        self.a_while(20).await;
        let task = self.world.task();
        self.world.oracle().cases[self.plan.number].shown.insert(task, shown);
        let org = self.org.clone().seeing(shown);
        org.accept(&self.proof(), &self.invitee(0)).await.map(Some)
    }

    async fn counter(&self, number: usize) -> Result<Option<Standing>> {
        let times = 1 + self.world.dice().below(3);
        let slots = (0..times).map(|_| self.slot()).collect();
        self.org.counter(&self.proof(), &self.invitee(number), slots).await.map(Some)
    }

    async fn verify(&self) -> Result<Option<Standing>> {
        let mailed = {
            let oracle = self.world.oracle();
            let mut mails = oracle.outside.mailbox.iter();
            let link = mails.find(|(case, what, _)| (*case, *what) == (self.plan.number, "confirm_address"));
            link.map(|(_, _, link)| link.clone())
        };
        let link = mailed.unwrap_or_else(|| InvitationLink::new("inv1_nothing"));
        self.org.verify(&link).await.map(Some)
    }

    async fn reach_in(&self) -> Result<Option<Standing>> {
        let proof = invitations_core::invitation::Proof::Inbox(self.id());
        let reached = [
            self.other_org.standing(&self.id()).await.is_ok(),
            self.other_org.accept(&proof, &self.invitee(0)).await.is_ok(),
            self.other_org.cancel(&self.id(), &somebody("ada")).await.is_ok(),
        ];
        if reached.contains(&true) {
            self.world.oracle().cases[self.plan.number].leaked = Some(format!("reached from outside: {reached:?}"));
        }
        Ok(None)
    }
}
