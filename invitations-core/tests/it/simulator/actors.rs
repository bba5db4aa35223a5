//! Who may do what to an invitation. A further command of the façade is one more entry of [`ACTS`].

use std::{sync::Arc, time::Duration};

use invitations_core::{
    Result,
    ids::{CalendarId, EventId, InvitationId, MeetingKey, PrincipalId, Reference, ResourceId, Role, UserId},
    invitation::{
        AccessRequest, Invite, Invited, Proof, Standing, TenantInvitations,
        machine::{Approval, EventAccess, Recipient},
    },
    people::{EmailAddress, Principal},
    provider::{Account, MeetingDraft},
    runtime::{BoxFuture, Clock as _},
    secret::InvitationLink,
};

use super::{
    outside::tenant,
    provider::provider_id,
    swarm::{Kind, Plan},
    world::World,
};

/// Where an act happens: one invitation, through the façade of one process.
pub(super) struct Stage {
    pub(super) world: Arc<World>,
    pub(super) plan: Arc<Plan>,
    pub(super) org: TenantInvitations,
    pub(super) other_org: TenantInvitations,
    pub(super) id: InvitationId,
    /// As the inviter got it.
    pub(super) link: Option<InvitationLink>,
}

type Reply<'a> = BoxFuture<'a, Result<Option<Standing>>>;

/// Something that somebody may do.
pub(super) struct Act {
    pub(super) name: &'static str,
    /// Chosen once in so many times,
    pub(super) odds: u32,
    /// and this often.
    pub(super) often: u32,
    /// Tries again when it is refused or fails.
    pub(super) patient: bool,
    pub(super) suits: fn(&Plan) -> bool,
    pub(super) play: for<'a> fn(&'a Stage) -> Reply<'a>,
}

impl std::fmt::Debug for Act {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

fn offered(plan: &Plan) -> bool {
    matches!(plan.kind, Kind::Meeting | Kind::Membership)
}

fn asked(plan: &Plan) -> bool {
    plan.kind == Kind::Access
}

fn any(_: &Plan) -> bool {
    true
}

fn approved(plan: &Plan) -> bool {
    asked(plan) && plan.approvals.is_some()
}

pub(super) const ACTS: &[Act] = &[
    Act {
        name: "accept",
        odds: 1,
        often: 1,
        patient: true,
        suits: offered,
        play: |at| Box::pin(async move { at.org.accept(&at.proof(), &at.invitee(0)).await.map(Some) }),
    },
    Act {
        name: "accept again",
        odds: 2,
        often: 2,
        patient: false,
        suits: offered,
        play: |at| Box::pin(async move { at.org.accept(&at.proof(), &at.invitee(0)).await.map(Some) }),
    },
    Act {
        name: "accept by another invitee",
        odds: 1,
        often: 1,
        patient: true,
        suits: |plan| plan.invitees > 1,
        play: |at| Box::pin(async move { at.org.accept(&at.proof(), &at.invitee(1)).await.map(Some) }),
    },
    Act {
        name: "accept by a stranger",
        odds: 4,
        often: 1,
        patient: false,
        suits: offered,
        play: |at| Box::pin(async move { at.org.accept(&at.proof(), &somebody("mallory")).await.map(Some) }),
    },
    Act {
        name: "decline",
        odds: 6,
        often: 1,
        patient: false,
        suits: offered,
        play: |at| Box::pin(async move { at.org.decline(&at.proof(), Some(&at.invitee(0))).await.map(Some) }),
    },
    Act {
        name: "decline with the link alone",
        odds: 10,
        often: 1,
        patient: false,
        suits: |plan| offered(plan) && plan.by_address,
        play: |at| Box::pin(async move { at.org.decline(&at.proof(), None).await.map(Some) }),
    },
    Act {
        name: "revoke",
        odds: 4,
        often: 1,
        patient: false,
        suits: any,
        play: |at| Box::pin(async move { at.org.revoke(&at.id, &somebody("ada")).await.map(Some) }),
    },
    Act {
        name: "cancel",
        odds: 5,
        often: 1,
        patient: false,
        suits: any,
        play: |at| Box::pin(async move { at.org.cancel(&at.id, &somebody("ada")).await.map(Some) }),
    },
    Act {
        name: "verify",
        odds: 1,
        often: 1,
        patient: true,
        suits: asked,
        play: |at| Box::pin(async move { at.verify().await }),
    },
    Act {
        name: "verify again",
        odds: 3,
        often: 1,
        patient: false,
        suits: asked,
        play: |at| Box::pin(async move { at.verify().await }),
    },
    Act {
        name: "approve",
        odds: 1,
        often: 1,
        patient: true,
        suits: approved,
        play: |at| Box::pin(async move { at.org.approve(&at.id, &somebody("carol")).await.map(Some) }),
    },
    Act {
        name: "approve by another",
        odds: 1,
        often: 1,
        patient: true,
        suits: approved,
        play: |at| Box::pin(async move { at.org.approve(&at.id, &somebody("dave")).await.map(Some) }),
    },
    Act {
        name: "reject",
        odds: 8,
        often: 1,
        patient: false,
        suits: approved,
        play: |at| Box::pin(async move { at.org.reject(&at.id, &somebody("erin")).await.map(Some) }),
    },
    Act {
        name: "resume",
        odds: 2,
        often: 2,
        patient: true,
        suits: any,
        play: |at| Box::pin(async move { at.org.resume(&at.id, &somebody("ada")).await.map(Some) }),
    },
    Act {
        name: "look",
        odds: 2,
        often: 2,
        patient: false,
        suits: any,
        play: |at| Box::pin(async move { at.org.standing(&at.id).await.map(Some) }),
    },
    Act {
        name: "reach in from another organisation",
        odds: 6,
        often: 1,
        patient: false,
        suits: any,
        play: |at| Box::pin(async move { at.reach_in().await }),
    },
    Act {
        name: "pay again",
        odds: 2,
        often: 1,
        patient: false,
        suits: |plan| plan.kind == Kind::Booking,
        play: |at| Box::pin(async move { book(&at.world, &at.plan, &at.org).await.map(Some) }),
    },
];

impl Stage {
    /// Plays an act, and writes down what its caller was told.
    pub(super) async fn play(&self, act: &'static Act) {
        for _ in 0..if act.patient { 5 } else { 1 } {
            let reply = (act.play)(self).await;
            self.world.note(|| match &reply {
                Ok(Some(standing)) => format!("case {}: {} -> {}", self.plan.number, act.name, standing.status),
                Ok(None) => format!("case {}: {} -> nothing", self.plan.number, act.name),
                Err(error) => format!("case {}: {} -> {error}", self.plan.number, act.name),
            });
            if let Ok(standing) = reply {
                if let Some(standing) = standing {
                    self.world.oracle().told(self.plan.number, standing.status);
                }
                return;
            }
            let wait = Duration::from_secs(1) + self.world.dice().up_to(Duration::from_secs(40));
            self.world.clock.sleep(wait).await;
        }
    }

    fn proof(&self) -> Proof {
        let link = self.link.clone().filter(|_| self.plan.by_address);
        link.map_or_else(|| Proof::Inbox(self.id.clone()), Proof::Link)
    }

    fn invitee(&self, number: usize) -> Principal {
        let principal = somebody(&format!("guest{number}"));
        if self.plan.by_address { principal.with_verified(address(&self.plan, number)) } else { principal }
    }

    async fn verify(&self) -> Result<Option<Standing>> {
        let mailed = {
            let oracle = self.world.oracle();
            let link = oracle
                .outside
                .mailbox
                .iter()
                .find(|(case, what, _)| (*case, *what) == (self.plan.number, "confirm_address"));
            link.map(|(_, _, link)| link.clone())
        };
        let link = mailed.unwrap_or_else(|| InvitationLink::new("inv1_nothing"));
        self.org.verify(&link).await.map(Some)
    }

    async fn reach_in(&self) -> Result<Option<Standing>> {
        let proof = Proof::Inbox(self.id.clone());
        let reached = [
            self.other_org.standing(&self.id).await.is_ok(),
            self.other_org.accept(&proof, &self.invitee(0)).await.is_ok(),
            self.other_org.cancel(&self.id, &somebody("ada")).await.is_ok(),
        ];
        if reached.contains(&true) {
            self.world.oracle().cases[self.plan.number].leaked = Some(format!("reached from outside: {reached:?}"));
        }
        Ok(None)
    }
}

pub(super) fn somebody(name: &str) -> Principal {
    Principal::new(PrincipalId::parse(name).unwrap())
}

fn address(plan: &Plan, number: usize) -> EmailAddress {
    EmailAddress::parse(format!("guest{number}@case-{}.example", plan.number)).unwrap()
}

fn account(plan: &Plan) -> Account {
    Account::application(tenant(plan.tenant), provider_id(plan.idempotency), UserId::parse("organizer").unwrap())
}

fn draft(world: &World, plan: &Plan) -> MeetingDraft {
    // the same whenever it is asked for
    let start = world.beginning() + Duration::from_secs(7 * 24 * 3600);
    MeetingDraft::new(format!("case-{}", plan.number), start..start + Duration::from_secs(3600))
}

pub(super) fn event(plan: &Plan) -> String {
    format!("event-{}", plan.tenant)
}

async fn book(world: &World, plan: &Plan, org: &TenantInvitations) -> Result<Standing> {
    let booking = MeetingKey::parse(format!("booking-{}", plan.number))?;
    org.provision_paid(booking, draft(world, plan), account(plan)).await
}

/// Makes the invitation.
pub(super) async fn create(
    world: &World,
    plan: &Plan,
    org: &TenantInvitations,
) -> Result<(InvitationId, Option<InvitationLink>)> {
    let to = |number: usize| match plan.by_address {
        true => Recipient::Address(address(plan, number)),
        false => Recipient::Principal(somebody(&format!("guest{number}")).id),
    };
    let named = |invite: Invite| -> Result<Invite> {
        let mut invite = invite.with_quorum(plan.quorum).with_ttl(plan.ttl);
        for number in 1..plan.invitees {
            invite = invite.with_recipient(to(number));
        }
        Ok(invite.with_reference(Reference::parse(format!("case-{}", plan.number))?))
    };
    let Invited { id, link, .. } = match plan.kind {
        Kind::Booking => return Ok((book(world, plan, org).await?.id, None)),
        Kind::Meeting => {
            let invite = Invite::meeting(draft(world, plan), account(plan), to(0));
            org.invite(&somebody("ada"), named(invite)?).await?
        }
        Kind::Membership => {
            org.invite(&somebody("ada"), named(Invite::membership(Role::parse("teacher")?, to(0)))?).await?
        }
        Kind::Access => {
            let (calendar, event) = (CalendarId::parse("main")?, EventId::parse(event(plan))?);
            let redirect = "https://app.example/welcome".parse().unwrap();
            let approval = match plan.approvals {
                Some(members) => Approval::Members(members),
                None => Approval::Automatic { domains: Vec::new() },
            };
            let access = EventAccess::new(account(plan), calendar, event, redirect).with_approval(approval);
            let request = AccessRequest::new(ResourceId::parse("webinar")?, address(plan, 0), access);
            org.request_access(request.with_ttl(plan.ttl)).await?
        }
    };
    Ok((id, link))
}
