//! Notices and join links in their sealed form.

use std::sync::Arc;

use url::Url;

use crate::{
    Error, ErrorKind, Result,
    ids::{EffectId, InvitationId, PrincipalId, TenantId},
    invitation::{
        About, Notice, State,
        machine::{NoticePlan, Recipient, Tell, Told},
        store::OutboxWrite,
    },
    people::{EmailAddress, Member},
    secret::{InvitationLink, JoinUrl, SealContext, Sealed, Sealer},
    time::Slot,
};

/// The sealer, and what each blob is bound to.
#[derive(Clone, Debug)]
pub(in crate::invitation) struct Seals(Arc<dyn Sealer>);

/// The stored form of a row of the outbox. Additive only.
#[derive(serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
enum Stored {
    Notice(StoredNotice),
    Member { principal: PrincipalId, role: crate::ids::Role },
}

#[derive(serde::Deserialize, serde::Serialize)]
struct StoredNotice {
    to: Option<EmailAddress>,
    principal: Option<PrincipalId>,
    subject: String,
    about: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
    revision: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    slot: Option<Slot>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    offered: Vec<Slot>,
}

/// What is in a row of the outbox.
pub(in crate::invitation) enum Payload {
    Notice(Box<Notice>),
    Member(Member),
}

impl Seals {
    pub(super) fn new(sealer: Arc<dyn Sealer>) -> Self {
        Self(sealer)
    }

    pub(in crate::invitation) async fn seal_join(
        &self,
        tenant: &TenantId,
        invitation: &InvitationId,
        effect: &EffectId,
        join: &JoinUrl,
    ) -> Result<Sealed> {
        self.0.seal(&join_context(tenant, invitation, effect), join.expose().as_str().as_bytes()).await
    }

    pub(in crate::invitation) async fn open_join(
        &self,
        tenant: &TenantId,
        invitation: &InvitationId,
        effect: &EffectId,
        sealed: &Sealed,
    ) -> Result<JoinUrl> {
        let plain = self.0.open(&join_context(tenant, invitation, effect), sealed).await?;
        let text = std::str::from_utf8(plain.expose()).ok().and_then(|text| Url::parse(text).ok());
        text.map(JoinUrl::new).ok_or_else(|| Error::new(ErrorKind::Protocol, "read join link"))
    }

    /// One row per notice; `link` goes into those that carry one.
    pub(super) async fn notice(
        &self,
        state: &State,
        plan: &NoticePlan,
        place: usize,
        version: u64,
        link: Option<&InvitationLink>,
        join: Option<&JoinUrl>,
    ) -> Result<OutboxWrite> {
        let about = word(&plan.tell);
        let secret = match plan.tell {
            // a link is for who is invited by address; whoever the embedder knows finds it in the application
            Tell::ConfirmAddress | Tell::Invited | Tell::Updated | Tell::AnswerWanted
                if matches!(plan.to, Told::Recipient(Recipient::Address(_))) =>
            {
                link.map(|link| link.expose().to_owned())
            }
            Tell::Accepted | Tell::StartsSoon | Tell::Rescheduled => join.map(|join| join.expose().to_string()),
            _ => None,
        };
        let remedy = match &plan.tell {
            Tell::OperatorAlert { remedy } => Some(remedy.clone()),
            _ => None,
        };
        let offered = match (&plan.tell, &state.counter) {
            (Tell::CounterProposed, Some(counter)) => counter.slots.clone(),
            _ => Vec::new(),
        };
        let (to, principal) = match &plan.to {
            Told::Recipient(Recipient::Address(address)) => (Some(address.clone()), None),
            Told::Recipient(Recipient::Principal(id)) | Told::Principal(id) => (None, Some(id.clone())),
            Told::Approvers | Told::Operators => (None, None),
        };
        let dedupe = format!("{about}.{version}.{place}");
        let stored = StoredNotice {
            to,
            principal,
            subject: state.offer.title().to_owned(),
            about: about.to_owned(),
            link: secret,
            remedy,
            revision: state.revision,
            slot: state.draft().map(|draft| draft.slot.clone()),
            offered,
        };
        self.row(&state.tenant, &state.id, dedupe, &Stored::Notice(stored)).await
    }

    /// One row per change; what is to be done, add or remove, the state says when it is delivered.
    pub(super) async fn member(&self, member: &Member, version: u64) -> Result<OutboxWrite> {
        let dedupe = format!("member.{}.{version}", member.principal);
        let stored = Stored::Member { principal: member.principal.clone(), role: member.role.clone() };
        self.row(&member.tenant, &member.invitation, dedupe, &stored).await
    }

    async fn row(&self, tenant: &TenantId, id: &InvitationId, dedupe: String, stored: &Stored) -> Result<OutboxWrite> {
        let plain = serde_json::to_vec(stored)
            .map_err(|error| Error::new(ErrorKind::InvalidInput, "write notice").with_source(error))?;
        let sealed = self.0.seal(&notice_context(tenant, id, &dedupe), &plain).await?;
        Ok(OutboxWrite::new(dedupe, sealed))
    }

    pub(in crate::invitation) async fn open_row(
        &self,
        tenant: &TenantId,
        id: &InvitationId,
        dedupe: &str,
        sealed: &Sealed,
    ) -> Result<Payload> {
        let plain = self.0.open(&notice_context(tenant, id, dedupe), sealed).await?;
        // the parser's message could quote the text, which holds a link
        let stored: Stored = serde_json::from_slice(plain.expose())
            .map_err(|_| Error::new(ErrorKind::Protocol, "read notice").with_detail("an unknown kind of notice"))?;
        let stored = match stored {
            Stored::Member { principal, role } => {
                return Ok(Payload::Member(Member::new(tenant.clone(), principal, role, id.clone())));
            }
            Stored::Notice(stored) => stored,
        };
        let about = about(&stored)
            .ok_or_else(|| Error::new(ErrorKind::Protocol, "read notice").with_detail("an unknown kind of notice"))?;
        let mut notice = Notice::new(tenant.clone(), id.clone(), stored.subject, about, format!("{id}.{dedupe}"));
        (notice.to, notice.principal, notice.revision) = (stored.to, stored.principal, stored.revision);
        notice.slot = stored.slot;
        Ok(Payload::Notice(Box::new(notice)))
    }
}

/// As it is stored; never changed.
fn word(tell: &Tell) -> &'static str {
    match tell {
        Tell::ConfirmAddress => "confirm_address",
        Tell::Invited => "invited",
        Tell::Updated => "updated",
        Tell::AnswerWanted => "answer_wanted",
        Tell::StartsSoon => "starts_soon",
        Tell::NobodyJoined => "nobody_joined",
        Tell::CounterProposed => "counter_proposed",
        Tell::CounterDeclined => "counter_declined",
        Tell::Rescheduled => "rescheduled",
        Tell::ApprovalWanted => "approval_wanted",
        Tell::Accepted => "accepted",
        Tell::Declined => "declined",
        Tell::Cancelled => "cancelled",
        Tell::Rejected => "rejected",
        Tell::ReconnectWanted => "reconnect_wanted",
        Tell::OperatorAlert { .. } => "operator_alert",
    }
}

fn about(stored: &StoredNotice) -> Option<About> {
    let link = || stored.link.clone().map(InvitationLink::new);
    let join = || stored.link.as_deref().and_then(|link| Url::parse(link).ok()).map(JoinUrl::new);
    Some(match stored.about.as_str() {
        "confirm_address" => About::ConfirmAddress { link: link()? },
        "invited" => About::Invited { link: link() },
        "approval_wanted" => About::ApprovalWanted,
        "updated" => About::Updated { link: link() },
        "answer_wanted" => About::AnswerWanted { link: link() },
        "starts_soon" => About::StartsSoon { join: join() },
        "nobody_joined" => About::NobodyJoined,
        "counter_proposed" => About::CounterProposed { slots: stored.offered.clone() },
        "counter_declined" => About::CounterDeclined,
        "rescheduled" => About::Rescheduled { join: join() },
        "accepted" => About::Accepted { join: join() },
        "declined" => About::Declined,
        "cancelled" => About::Cancelled,
        "rejected" => About::Rejected,
        "reconnect_wanted" => About::ReconnectWanted,
        "operator_alert" => About::OperatorAlert { remedy: stored.remedy.clone()? },
        _ => return None,
    })
}

fn join_context(tenant: &TenantId, invitation: &InvitationId, effect: &EffectId) -> SealContext {
    SealContext::new("join", [tenant.as_str(), invitation.as_str(), effect.as_str()])
}

fn notice_context(tenant: &TenantId, invitation: &InvitationId, dedupe: &str) -> SealContext {
    SealContext::new("notice", [tenant.as_str(), invitation.as_str(), dedupe])
}
