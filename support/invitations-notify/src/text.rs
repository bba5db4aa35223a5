//! The words of a notice, and its machine-readable form.

use invitations_core::invitation::{About, Notice};
use serde_json::{Value, json};

/// A short name for what happened; the same word as in stored rows.
pub(crate) fn kind(about: &About) -> &'static str {
    match about {
        About::ConfirmAddress { .. } => "confirm_address",
        About::Invited { .. } => "invited",
        About::ApprovalWanted => "approval_wanted",
        About::Accepted { .. } => "accepted",
        About::Declined => "declined",
        About::Cancelled => "cancelled",
        About::Rejected => "rejected",
        About::ReconnectWanted => "reconnect_wanted",
        About::OperatorAlert { .. } => "operator_alert",
        _ => "other",
    }
}

/// The link a person should follow. A secret: for the person's eyes only.
pub(crate) fn link(about: &About) -> Option<String> {
    match about {
        About::ConfirmAddress { link } => Some(link.expose().to_owned()),
        About::Invited { link } => link.as_ref().map(|link| link.expose().to_owned()),
        About::Accepted { join } => join.as_ref().map(|join| join.expose().to_string()),
        _ => None,
    }
}

/// Subject and text of a mail, in plain English. Line breaks in titles are folded, so that a title cannot write a header.
#[cfg(feature = "mail")]
pub(crate) fn words(notice: &Notice) -> (String, String) {
    let title = notice.subject.split_whitespace().collect::<Vec<_>>().join(" ");
    let (subject, text) = match &notice.about {
        About::ConfirmAddress { .. } => {
            (format!("Confirm your address for {title}"), "Please confirm that this address is yours:".to_owned())
        }
        About::Invited { .. } => (format!("Invitation: {title}"), format!("You are invited: {title}.")),
        About::ApprovalWanted => (format!("Approval wanted: {title}"), format!("Somebody asks for access to {title}.")),
        About::Accepted { .. } => (format!("Confirmed: {title}"), format!("It is on: {title}.")),
        About::Declined => (format!("Declined: {title}"), format!("The invitation to {title} was declined.")),
        About::Cancelled => (format!("Cancelled: {title}"), format!("{title} is cancelled.")),
        About::Rejected => (format!("No access: {title}"), format!("Your request for {title} was not granted.")),
        About::ReconnectWanted => (
            "Please connect your account again".to_owned(),
            format!("{title} waits for it: your account must be connected again."),
        ),
        About::OperatorAlert { remedy } => (format!("Needs attention: {title}"), remedy.clone()),
        _ => (title.clone(), title),
    };
    match link(&notice.about) {
        Some(link) => (subject, format!("{text}\n\n{link}\n")),
        None => (subject, format!("{text}\n")),
    }
}

/// What a webhook or a spooled file says.
pub(crate) fn json(notice: &Notice) -> Value {
    let remedy = match &notice.about {
        About::OperatorAlert { remedy } => Some(remedy.as_str()),
        _ => None,
    };
    json!({
        "kind": kind(&notice.about),
        "dedupe": notice.dedupe,
        "tenant": notice.tenant,
        "invitation": notice.invitation,
        "to": notice.to.as_ref().map(|to| to.original()),
        "principal": notice.principal,
        "subject": notice.subject,
        "revision": notice.revision,
        "link": link(&notice.about),
        "remedy": remedy,
    })
}
