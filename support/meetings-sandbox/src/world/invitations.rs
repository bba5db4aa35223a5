//! Events of attendees: what an organizer's event is in the mailboxes of those who are invited.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Event, User, World};

const NEVER: &str = "0001-01-01T00:00:00Z";
/// What an attendee says about the own event; the organizer's changes leave it alone.
const OWN: [&str; 5] = ["responseStatus", "showAs", "categories", "isReminderOn", "reminderMinutesBeforeStart"];

impl World {
    /// Brings an organizer's event into the mailboxes of its attendees, as it is now. Who is gone keeps it as a cancelled one.
    pub(crate) fn deliver(&mut self, mailbox: &str, id: &str, now: DateTime<Utc>) {
        let Some(event) = self.event(mailbox, id).cloned() else { return };
        let Some(organizer) = self.users.get(mailbox).cloned() else { return };
        if event.copy_of.is_some() {
            return;
        }
        let addresses = event.receivers(&organizer.mail);
        let invited = addresses.iter().filter_map(|address| self.user_by_address(address));
        let invited: Vec<User> = invited.filter(|user| user.guest.is_none() && user.id != mailbox).cloned().collect();
        for user in &invited {
            let known = self.copy_in(&user.id, id);
            // what the attendee deleted or declined stays away
            if known.as_ref().is_some_and(|copy| copy.deleted) {
                continue;
            }
            let copy_id = known.as_ref().map_or_else(|| self.ids.item("copy"), |copy| copy.id.clone());
            let calendar = self.default_calendar(&user.id).id;
            let place = Place { id: copy_id, mailbox: user.id.clone(), calendar };
            let copy = copied(&event, &organizer, place, known.as_ref());
            if known.is_none() {
                self.events.push(copy.clone());
            }
            self.keep(copy, now);
        }
        let gone = self.events.iter().filter(|e| e.copy_of.as_deref() == Some(id) && !e.deleted);
        let gone: Vec<Event> =
            gone.filter(|copy| !invited.iter().any(|user| user.id == copy.mailbox)).cloned().collect();
        for copy in gone {
            self.keep(cancelled(copy), now);
        }
    }

    /// The attendees' events after the organizer's is gone.
    pub(crate) fn call_off(&mut self, id: &str, now: DateTime<Utc>) {
        let copies: Vec<Event> =
            self.events.iter().filter(|e| e.copy_of.as_deref() == Some(id) && !e.deleted).cloned().collect();
        for copy in copies {
            self.keep(cancelled(copy), now);
        }
    }

    fn copy_in(&self, mailbox: &str, of: &str) -> Option<Event> {
        self.events.iter().find(|e| e.mailbox == mailbox && e.copy_of.as_deref() == Some(of)).cloned()
    }
}

struct Place {
    id: String,
    mailbox: String,
    calendar: String,
}

fn copied(event: &Event, organizer: &User, place: Place, known: Option<&Event>) -> Event {
    let mut copy = event.clone();
    copy.transaction_id = None;
    copy.extended.clear();
    copy.copy_of = Some(event.id.clone());
    let address = json!({ "emailAddress": { "name": organizer.name, "address": organizer.mail } });
    let own = |copy: &mut Event, known: Option<&Event>| {
        copy.fields.insert("organizer".to_owned(), address.clone());
        copy.fields.insert("isOrganizer".to_owned(), json!(false));
        copy.fields.remove("categories");
        copy.fields.insert("responseStatus".to_owned(), json!({ "response": "notResponded", "time": NEVER }));
        if copy.fields.get("showAs").and_then(Value::as_str) != Some("free") {
            copy.fields.insert("showAs".to_owned(), json!("tentative"));
        }
        for name in OWN {
            if let Some(value) = known.and_then(|known| known.fields.get(name)) {
                copy.fields.insert(name.to_owned(), value.clone());
            }
        }
    };
    own(&mut copy, known);
    // what the attendee took out of the series stays out
    copy.cancelled.extend(known.iter().flat_map(|known| &known.cancelled));
    let exceptions = std::mem::take(&mut copy.changed);
    for (date, mut exception) in exceptions {
        exception.id = format!("{}.{}", place.id, date.format("%Y%m%d"));
        exception.series = Some(place.id.clone());
        (exception.mailbox, exception.calendar) = (place.mailbox.clone(), place.calendar.clone());
        exception.copy_of.clone_from(&copy.copy_of);
        own(&mut exception, known.and_then(|known| known.changed.get(&date)).or(known));
        copy.changed.insert(date, exception);
    }
    (copy.id, copy.mailbox, copy.calendar) = (place.id, place.mailbox, place.calendar);
    copy
}

/// As Outlook shows it until the attendee removes it.
fn cancelled(mut copy: Event) -> Event {
    if copy.fields.get("isCancelled") != Some(&json!(true)) {
        let subject = format!("Canceled: {}", copy.subject());
        copy.fields.insert("subject".to_owned(), subject.into());
        copy.fields.insert("isCancelled".to_owned(), json!(true));
        copy.fields.insert("showAs".to_owned(), json!("free"));
    }
    copy
}
