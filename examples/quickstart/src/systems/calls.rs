//! Classroom calls: one classroom proposes, the other accepts; only then the Webex meeting is made, with the proposer's account.

use std::time::Duration;

use invitations_core::{
    ids::PrincipalId,
    invitation::{Invite, Proof, Status, machine::Recipient},
    people::Principal,
    provider::MeetingDraft,
};

use super::{item, patiently, settled, unless_done};
use crate::{
    Failure,
    report::{Item, SystemReport},
    services::{Services, principal},
    week::{Call, CallAnswer, Week},
};

pub(super) async fn run(services: &Services, week: &Week) -> Result<SystemReport, Failure> {
    let mut report = SystemReport::new("classroom calls", "an accepted call has one Webex meeting");
    for call in &week.calls {
        services.connected(&webex_meetings::provider_id(), &call.from).await?;
    }
    if let Some(sandbox) = &services.sandbox {
        // days may lie between the proposal and the answer: the proposer's token is old by then
        sandbox.expire_tokens().await?;
    }
    for call in &week.calls {
        report.items.push(run_one(services, call).await?);
    }
    Ok(report)
}

async fn run_one(services: &Services, call: &Call) -> Result<Item, Failure> {
    let org = &services.invitations;
    let asked = format!("{}: {} calls {}", call.title, call.from, call.to);
    let account = services.connected(&webex_meetings::provider_id(), &call.from).await?;
    let slot = services.calendar.slot(call.day, call.at, call.minutes);
    let sender = Principal::new(PrincipalId::parse(call.from.canonical())?);
    let receiver = principal(call.to.as_str())?;
    let mut invite =
        Invite::meeting(MeetingDraft::new(&call.title, slot), account, Recipient::Principal(call.to.clone()))
            .with_reference(call.key.clone());
    if call.answer == CallAnswer::Expire {
        invite = invite.with_ttl(Duration::from_millis(300));
    }
    let invited = patiently(services, || org.invite(&sender, invite.clone())).await?;
    let standing = org.standing(&invited.id).await?;
    let proof = Proof::Inbox(invited.id.clone());
    // a run that was interrupted goes on where it was: only what waits for an answer gets one
    let open = standing.status == Status::Pending;
    let meant = match call.answer {
        CallAnswer::Accept => {
            unless_done(services, || org.accept(&proof, &receiver)).await?;
            Status::Accepted
        }
        CallAnswer::Decline => {
            if open {
                unless_done(services, || org.decline(&proof, Some(&receiver))).await?;
            }
            Status::Declined
        }
        CallAnswer::Revoke => {
            if open {
                unless_done(services, || org.revoke(&invited.id, &sender)).await?;
            }
            Status::Revoked
        }
        CallAnswer::Expire => {
            wait_for_the_end(services, &invited.id).await?;
            Status::Expired
        }
        CallAnswer::None => Status::Pending,
    };
    let standing = settled(services, &invited.id).await?;
    Ok(item(asked, &standing, meant))
}

/// A worker materialises the end; nobody has to ask.
async fn wait_for_the_end(services: &Services, id: &invitations_core::ids::InvitationId) -> Result<(), Failure> {
    for _ in 0..600 {
        if services.invitations.standing(id).await?.status != Status::Pending {
            return Ok(());
        }
        services.clock.sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
