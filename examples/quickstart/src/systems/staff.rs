//! Staff onboarding: a link for an address and a role, used once; the newcomer is a member at once.

use invitations_core::{
    ids::PrincipalId,
    invitation::{Invite, Proof, Status, machine::Recipient},
    people::Principal,
};

use super::{item, patiently, unless_done};
use crate::{
    Failure,
    report::{Item, SystemReport},
    services::{Services, principal},
    week::{Newcomer, StaffAnswer, Week},
};

pub(super) async fn run(services: &Services, week: &Week) -> Result<SystemReport, Failure> {
    let mut report = SystemReport::new("staff onboarding", "who accepts is a member at once");
    for newcomer in &week.staff {
        report.items.push(run_one(services, newcomer).await?);
    }
    Ok(report)
}

async fn run_one(services: &Services, newcomer: &Newcomer) -> Result<Item, Failure> {
    let org = &services.invitations;
    let asked = format!("{} as {}", newcomer.email, newcomer.role);
    let admin = principal("school-admin")?;
    let invite = Invite::membership(newcomer.role.clone(), Recipient::Address(newcomer.email.clone()))
        .with_reference(newcomer.key.clone());
    let invited = patiently(services, || org.invite(&admin, invite.clone())).await?;
    let open = org.standing(&invited.id).await?.status == Status::Pending;
    let who = Principal::new(PrincipalId::parse(newcomer.email.canonical())?).with_verified(newcomer.email.clone());
    let meant = match newcomer.answer {
        StaffAnswer::Accept => {
            if open {
                let link = services.mailbox.link(&*services.clock, "invited", &newcomer.email, &invited.id).await;
                let link = link.ok_or("the invitation was not mailed")?;
                // looking at it consumes nothing
                unless_done(services, || org.preview(&link)).await?;
                let proof = Proof::Link(link);
                unless_done(services, || org.accept(&proof, &who)).await?;
            }
            Status::Accepted
        }
        StaffAnswer::Decline => {
            if open {
                let proof = Proof::Inbox(invited.id.clone());
                unless_done(services, || org.decline(&proof, Some(&who))).await?;
            }
            Status::Declined
        }
        StaffAnswer::Revoke => {
            if open {
                unless_done(services, || org.revoke(&invited.id, &admin)).await?;
            }
            Status::Revoked
        }
        StaffAnswer::None => Status::Pending,
    };
    let standing = org.standing(&invited.id).await?;
    let mut item = item(asked, &standing, meant);
    if meant == Status::Accepted {
        let members = org.members(None).await?;
        let member = members.items.iter().any(|member| member.principal == who.id && member.role == newcomer.role);
        item.ok &= member;
        item.now = if member { "accepted, a member".to_owned() } else { format!("{}, NOT a member", item.now) };
    }
    Ok(item)
}
