//! Who was told what, and who became a member.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use invitations_core::{
    Error, Result,
    invitation::{About, Notice, Notifier},
    people::{Member, Membership},
    secret::InvitationLink,
};

/// Who was told what.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notices(Arc<Mutex<Vec<Notice>>>);

impl Notices {
    /// Everything since the last look, as "who: what", in order of the alphabet.
    pub(crate) fn told(&self) -> Vec<String> {
        let mut told: Vec<_> = self.take().iter().map(|notice| format!("{}: {}", who(notice), what(notice))).collect();
        told.sort();
        told
    }

    /// Everything since the last look.
    pub(crate) fn take(&self) -> Vec<Notice> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[async_trait]
impl Notifier for Notices {
    async fn deliver(&self, notice: &Notice) -> Result<()> {
        self.0.lock().unwrap().push(notice.clone());
        Ok(())
    }
}

fn who(notice: &Notice) -> String {
    match (&notice.to, &notice.principal) {
        (Some(address), _) => address.canonical().to_owned(),
        (None, Some(principal)) => principal.to_string(),
        (None, None) => "staff".to_owned(),
    }
}

fn what(notice: &Notice) -> &'static str {
    match &notice.about {
        About::ConfirmAddress { .. } => "confirm",
        About::Invited { .. } => "invited",
        About::ApprovalWanted => "approval wanted",
        About::Accepted { .. } => "accepted",
        About::Declined => "declined",
        About::Cancelled => "cancelled",
        About::Rejected => "rejected",
        About::Updated { .. } => "updated",
        About::AnswerWanted { .. } => "answer wanted",
        About::StartsSoon { .. } => "starts soon",
        About::NobodyJoined => "nobody joined",
        About::CounterProposed { .. } => "counter proposed",
        About::CounterDeclined => "counter declined",
        About::Rescheduled { .. } => "rescheduled",
        About::ReconnectWanted => "reconnect wanted",
        About::OperatorAlert { .. } => "alert",
        _ => "something else",
    }
}

/// The link that a notice carries.
pub(crate) fn link_in(notice: &Notice) -> Option<InvitationLink> {
    match &notice.about {
        About::ConfirmAddress { link } => Some(link.clone()),
        About::Invited { link } | About::Updated { link } | About::AnswerWanted { link } => link.clone(),
        _ => None,
    }
}

/// The embedder's list of members, and what was said to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members(Arc<Mutex<Vec<String>>>);

impl Members {
    /// Everything that was said, as "add who role".
    pub(crate) fn said(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    fn say(&self, what: &str, member: &Member) -> Result<(), Error> {
        self.0.lock().unwrap().push(format!("{what} {} {}", member.principal, member.role));
        Ok(())
    }
}

#[async_trait]
impl Membership for Members {
    async fn add(&self, member: &Member) -> Result<()> {
        self.say("add", member)
    }
    async fn remove(&self, member: &Member) -> Result<()> {
        self.say("remove", member)
    }
}
