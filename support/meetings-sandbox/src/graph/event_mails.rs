//! Whom Outlook mails when an event is written.

use serde_json::{Map, Value};

use super::Turn;
use crate::world::{Event, User};

impl Turn<'_> {
    /// Everybody the organizer invited; whoever only attends mails nobody.
    pub(super) fn mail_all(&mut self, mailbox: &User, event: &Event, kind: &str) {
        if event.copy_of.is_some() {
            return;
        }
        for address in event.receivers(&mailbox.mail) {
            self.world.send_mail(&address, kind, event.subject(), event.join_url.as_deref());
        }
    }

    /// A body with nothing but attendees mails those who changed; any other property mails everybody.
    pub(super) fn mail_changes(&mut self, mailbox: &User, before: &Event, after: &Event, body: &Map<String, Value>) {
        if before.copy_of.is_some() {
            return;
        }
        let (old, new) = (before.receivers(&mailbox.mail), after.receivers(&mailbox.mail));
        let in_list = |list: &[String], who: &str| list.iter().any(|a| a.eq_ignore_ascii_case(who));
        for gone in old.iter().filter(|a| !in_list(&new, a)) {
            self.world.send_mail(gone, "cancellation", after.subject(), None);
        }
        let only_attendees = body.keys().all(|name| name == "attendees" || name.starts_with('@'));
        for address in &new {
            let was_there = in_list(&old, address);
            if !was_there || !only_attendees {
                let kind = if was_there { "update" } else { "invitation" };
                self.world.send_mail(address, kind, after.subject(), after.join_url.as_deref());
            }
            // documented: a change of a series is told once more for each of its exceptions
            if !only_attendees {
                for exception in after.changed.values() {
                    self.world.send_mail(address, "update", exception.subject(), exception.join_url.as_deref());
                }
            }
        }
    }
}
