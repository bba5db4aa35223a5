//! Outlook in its own words, over the sandbox and against scripted answers.

mod answers;
mod calendars;
mod categories;
mod events;
mod keys;
mod pages;
mod series;

use graph_meetings::{OutlookEvents, outlook::OutlookAttendee};
use meetings_sandbox::{Sandbox, defaults::ORGANIZER};

use crate::support::{attendee, graph, primary, user};

pub(crate) const BERT: &str = "bert@fabrikam.example";

/// The events of the organizer's own calendar.
pub(crate) fn organizers(sandbox: &Sandbox) -> OutlookEvents {
    graph(sandbox).calendars_of(&user(ORGANIZER)).events_in(&primary())
}

/// The events of somebody else's own calendar.
pub(crate) fn of(sandbox: &Sandbox, mailbox: &str) -> OutlookEvents {
    graph(sandbox).calendars_of(&user(mailbox)).events_in(&primary())
}

pub(crate) fn required(address: &str) -> OutlookAttendee {
    OutlookAttendee::required(&attendee(address))
}

/// Mails so far, as `kind address`; they are counted, so order counts.
pub(crate) fn mails(sandbox: &Sandbox) -> Vec<String> {
    sandbox.mails().into_iter().map(|mail| format!("{} {}", mail.kind, mail.to)).collect()
}

/// Mails since there were `before`.
pub(crate) fn mails_since(sandbox: &Sandbox, before: usize) -> Vec<String> {
    mails(sandbox).split_off(before)
}
