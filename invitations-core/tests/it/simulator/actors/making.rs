//! How an invitation is made, and what it is about. Everything carries its number: `case-N`.

use std::time::Duration;

use invitations_core::{
    Result,
    ids::{CalendarId, EventId, MeetingKey, Reference, ResourceId, Role, UserId},
    invitation::{
        AccessRequest, Invite, Invited, Standing, TenantInvitations,
        machine::{Approval, EventAccess, Policy, Recipient, Reminder},
    },
    people::EmailAddress,
    provider::{Account, MeetingDraft},
};

use super::{ada, somebody};
use crate::simulator::{
    outside::tenant,
    provider::provider_id,
    swarm::{Kind, Plan},
    world::World,
};

/// Makes the invitation.
pub(in crate::simulator) async fn create(world: &World, plan: &Plan, org: &TenantInvitations) -> Result<()> {
    let Invited { link, .. } = match plan.kind {
        Kind::Booking if plan.prepared => {
            org.book(&ada(), booking(plan)?, draft(world, plan), account(plan), plan.ttl).await?
        }
        Kind::Booking => return book(world, plan, org).await.map(drop),
        Kind::Meeting => {
            let invite = Invite::meeting(draft(world, plan), account(plan), recipient(plan, 0));
            org.invite(&ada(), named(plan, invite)?).await?
        }
        Kind::Membership => {
            let invite = Invite::membership(role(plan, "teacher")?, recipient(plan, 0));
            let invite = if plan.replaces.is_some() { invite.replacing() } else { invite };
            org.invite(&ada(), named(plan, invite)?).await?
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
    world.oracle().cases[plan.number].answer_links.extend(link);
    Ok(())
}

/// Its meeting is paid: by a caller that knows the booking only.
pub(super) async fn book(world: &World, plan: &Plan, org: &TenantInvitations) -> Result<Standing> {
    org.provision_paid(booking(plan)?, draft(world, plan), account(plan)).await
}

fn named(plan: &Plan, invite: Invite) -> Result<Invite> {
    let mut policy = Policy::for_offer(&invite.offer)
        .with_approvals(plan.approvals.unwrap_or_default())
        .with_cancel_on_quorum_loss(plan.cancel_on_quorum_loss)
        .with_ask_again_when_moved(plan.ask_again_when_moved);
    policy.reminders.extend(plan.remind.then(|| Reminder::before_expiry(Duration::from_secs(60))));
    let mut invite = invite.with_quorum(plan.quorum).with_ttl(plan.ttl).with_policy(policy);
    for number in 1..plan.invitees {
        invite = invite.with_recipient(recipient(plan, number));
    }
    Ok(invite.with_reference(Reference::parse(format!("case-{}", plan.number))?))
}

fn recipient(plan: &Plan, number: usize) -> Recipient {
    match plan.by_address {
        true => Recipient::Address(address(plan, number)),
        false => Recipient::Principal(somebody(&format!("guest{number}")).id),
    }
}

/// Of an invitation that replaces another, the address is the other's.
pub(in crate::simulator) fn address(plan: &Plan, number: usize) -> EmailAddress {
    EmailAddress::parse(format!("guest{number}@case-{}.example", plan.replaces.unwrap_or(plan.number))).unwrap()
}

pub(super) fn account(plan: &Plan) -> Account {
    Account::application(tenant(plan.tenant), provider_id(plan.idempotency), UserId::parse("organizer").unwrap())
}

pub(super) fn substitute(plan: &Plan) -> Account {
    Account::application(tenant(plan.tenant), provider_id(plan.idempotency), UserId::parse("substitute").unwrap())
}

fn draft(world: &World, plan: &Plan) -> MeetingDraft {
    // the same whenever it is asked for
    let start = world.beginning() + plan.starts_in;
    MeetingDraft::new(subject(plan, "new"), start..start + Duration::from_secs(3600))
}

pub(super) fn subject(plan: &Plan, what: &str) -> String {
    format!("case-{} {what}", plan.number)
}

pub(super) fn role(plan: &Plan, what: &str) -> Result<Role> {
    Role::parse(format!("case-{} {what}", plan.number))
}

pub(super) fn booking(plan: &Plan) -> Result<MeetingKey> {
    MeetingKey::parse(format!("booking-{}", plan.number))
}

/// Two bookings may be paid by the same payment, which only one of them can have.
pub(super) fn payment(plan: &Plan) -> Result<Reference> {
    Reference::parse(format!("payment-{}", plan.payment))
}

pub(in crate::simulator) fn event(plan: &Plan) -> String {
    format!("event-{}", plan.tenant)
}
