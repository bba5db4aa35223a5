//! The words of a notice, and its machine-readable form.

use invitations_core::{
    invitation::{About, Notice},
    time::Slot,
};
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
        About::Updated { .. } => "updated",
        About::AnswerWanted { .. } => "answer_wanted",
        About::StartsSoon { .. } => "starts_soon",
        About::NobodyJoined => "nobody_joined",
        About::CounterProposed { .. } => "counter_proposed",
        About::CounterDeclined => "counter_declined",
        About::Rescheduled { .. } => "rescheduled",
        About::ReconnectWanted => "reconnect_wanted",
        About::OperatorAlert { .. } => "operator_alert",
        _ => "other",
    }
}

/// The link a person should follow. A secret: for the person's eyes only.
pub(crate) fn link(about: &About) -> Option<String> {
    match about {
        About::ConfirmAddress { link } => Some(link.expose().to_owned()),
        About::Invited { link } | About::Updated { link } | About::AnswerWanted { link } => {
            link.as_ref().map(|link| link.expose().to_owned())
        }
        About::Accepted { join } | About::StartsSoon { join } | About::Rescheduled { join } => {
            join.as_ref().map(|join| join.expose().to_string())
        }
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
        About::Updated { .. } => (
            format!("Changed: {title}"),
            format!("What you are invited to has changed: {title}{}. Please answer again.", at(notice)),
        ),
        About::AnswerWanted { .. } => (
            format!("Your answer is awaited: {title}"),
            format!("Please answer the invitation: {title}{}.", at(notice)),
        ),
        About::StartsSoon { .. } => (format!("Soon: {title}"), format!("It begins soon: {title}{}.", at(notice))),
        About::NobodyJoined => (
            format!("Nobody has joined: {title}"),
            format!("It has begun, and nobody has joined: {title}{}.", at(notice)),
        ),
        About::CounterProposed { slots } => {
            let times: Vec<_> = slots.iter().map(|slot| format!("\n- {}", time(slot))).collect();
            (format!("Other times: {title}"), format!("Other times are offered for {title}:{}", times.concat()))
        }
        About::CounterDeclined => (
            format!("Not at another time: {title}"),
            format!("The times you offered do not suit; the invitation stands: {title}{}.", at(notice)),
        ),
        About::Rescheduled { .. } => {
            (format!("Moved: {title}"), format!("It takes place at another time: {title}{}.", at(notice)))
        }
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

/// `, 2027-01-15 08:00 (Europe/Berlin)`, where there is a time.
#[cfg(feature = "mail")]
fn at(notice: &Notice) -> String {
    notice.slot.as_ref().map(|slot| format!(", {}", time(slot))).unwrap_or_default()
}

#[cfg(feature = "mail")]
fn time(slot: &Slot) -> String {
    format!("{} ({})", slot.start.local().format("%Y-%m-%d %H:%M"), slot.start.zone())
}

/// Start and end in UTC, and the zone whose wall time it was made for.
fn slot(slot: &Slot) -> Value {
    json!({ "start": slot.start_instant(), "end": slot.end_instant(), "zone": slot.start.zone().to_string() })
}

/// What a webhook or a spooled file says.
pub(crate) fn json(notice: &Notice) -> Value {
    let remedy = match &notice.about {
        About::OperatorAlert { remedy } => Some(remedy.as_str()),
        _ => None,
    };
    let offered: Vec<Value> = match &notice.about {
        About::CounterProposed { slots } => slots.iter().map(slot).collect(),
        _ => Vec::new(),
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
        "slot": notice.slot.as_ref().map(slot),
        "offered": offered,
    })
}
