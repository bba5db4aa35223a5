//! Mails that the providers would have sent.

use serde::{Deserialize, Serialize};

/// One mail that was not sent, because this is a sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Mail {
    /// The receiver's address.
    pub to: String,
    /// `invitation`, `update`, `cancellation`, `accepted`, `tentativelyAccepted`, `declined`, `forward`, `forward-notice`,
    /// `guest-invitation`, `webex-invitation`, `webex-update`, `webex-cancellation`.
    pub kind: String,
    /// The subject of the event, or the title of the meeting.
    pub subject: String,
    /// The link to join or redeem, where there is one.
    pub link: Option<String>,
    /// The language of a guest's invitation, where it has the provider's text.
    #[serde(default)]
    pub language: Option<String>,
    /// The sender's own text of a guest's invitation.
    #[serde(default)]
    pub text: Option<String>,
}

impl Mail {
    pub(crate) fn new(to: &str, kind: &str, subject: &str, link: Option<&str>) -> Self {
        Self {
            to: to.to_owned(),
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            link: link.map(str::to_owned),
            language: None,
            text: None,
        }
    }
}
