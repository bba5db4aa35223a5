//! The mail that people got: the spool folder, read as a mail program would.

use std::{path::PathBuf, time::Duration};

use invitations_core::{ids::InvitationId, people::EmailAddress, runtime::Clock, secret::InvitationLink};

#[derive(Debug)]
pub(crate) struct Mailbox(pub(crate) PathBuf);

impl Mailbox {
    /// The link in the notice of this kind to this address about this invitation; waits for it to arrive.
    pub(crate) async fn link(
        &self,
        clock: &dyn Clock,
        kind: &str,
        to: &EmailAddress,
        invitation: &InvitationId,
    ) -> Option<InvitationLink> {
        for _ in 0..1500 {
            if let Some(link) = self.find(kind, to, invitation) {
                return Some(InvitationLink::new(link));
            }
            clock.sleep(Duration::from_millis(20)).await;
        }
        None
    }

    fn find(&self, kind: &str, to: &EmailAddress, invitation: &InvitationId) -> Option<String> {
        let files = std::fs::read_dir(&self.0).ok()?;
        files.filter_map(Result::ok).find_map(|file| {
            let notice: serde_json::Value = serde_json::from_slice(&std::fs::read(file.path()).ok()?).ok()?;
            let fits =
                notice["kind"] == kind && notice["to"] == to.original() && notice["invitation"] == invitation.as_str();
            notice["link"].as_str().filter(|_| fits).map(str::to_owned)
        })
    }
}
