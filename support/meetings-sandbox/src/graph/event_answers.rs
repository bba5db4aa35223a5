//! What organizers and attendees do with an invitation: cancel, accept, decline, forward.

use chrono::NaiveDate;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Answer, Failure, Turn, zones};
use crate::{serve::Reply, time::graph_instant, world::Event};

/// Documented: the organizer only, 400 with this message for everybody else; works for one occurrence, too.
pub(super) fn cancel(turn: &mut Turn<'_>) -> Answer {
    let event = turn.addressed_event()?;
    if event.copy_of.is_some() {
        let message = "Your request can't be completed. You need to be an organizer to cancel a meeting.";
        return Err(Failure::bad_request("ErrorInvalidRequest", message));
    }
    turn.remove(&event)?;
    Ok(Reply::empty(StatusCode::ACCEPTED))
}

pub(super) fn accept(turn: &mut Turn<'_>) -> Answer {
    answer(turn, "accepted")
}

pub(super) fn tentatively_accept(turn: &mut Turn<'_>) -> Answer {
    answer(turn, "tentativelyAccepted")
}

pub(super) fn decline(turn: &mut Turn<'_>) -> Answer {
    answer(turn, "declined")
}

fn answer(turn: &mut Turn<'_>, response: &str) -> Answer {
    let event = turn.addressed_event()?;
    let body = turn.body()?;
    let Some(organizers) = event.copy_of.clone() else {
        // observed message; the code is the one that cancel has
        let message =
            "Your request can't be completed. You can't respond to this meeting because you're the meeting organizer.";
        return Err(Failure::bad_request("ErrorInvalidRequest", message));
    };
    let tells = member(&body, "sendResponse").and_then(Value::as_bool).unwrap_or(true);
    let proposed = member(&body, "proposedNewTime").filter(|time| !time.is_null()).cloned();
    if let Some(proposed) = &proposed {
        let allowed = event.fields.get("allowNewTimeProposals").and_then(Value::as_bool).unwrap_or(true);
        if !tells || !allowed || response == "accepted" {
            // documented: needs sendResponse, and the organizer's leave
            let message = "Your request can't be completed. A new time can't be proposed for this meeting.";
            return Err(Failure::bad_request("ErrorInvalidRequest", message));
        }
        zones::read(&proposed["start"], "start")?;
        zones::read(&proposed["end"], "end")?;
    }
    let status = json!({ "response": response, "time": graph_instant(turn.now) });
    let mut own = event.clone();
    own.fields.insert("responseStatus".to_owned(), status.clone());
    own.fields.insert("showAs".to_owned(), json!(if response == "accepted" { "busy" } else { "tentative" }));
    turn.world.keep(own, turn.now);
    if response == "declined" {
        turn.remove(&event)?;
    }
    if tells {
        let address = turn.mailbox()?.mail;
        turn.tell_organizer(&event, &organizers, &address, &status, proposed);
        let organizer = event.fields["organizer"]["emailAddress"]["address"].as_str().unwrap_or_default().to_owned();
        turn.world.send_mail(&organizer, response, event.subject(), None);
    }
    Ok(Reply::empty(StatusCode::ACCEPTED))
}

pub(super) fn forward(turn: &mut Turn<'_>) -> Answer {
    let event = turn.addressed_event()?;
    let body = turn.body()?;
    let to = member(&body, "toRecipients").and_then(Value::as_array).cloned().unwrap_or_default();
    let addresses: Option<Vec<String>> = to
        .iter()
        .map(|one| one["emailAddress"]["address"].as_str().filter(|a| a.contains('@')).map(str::to_owned))
        .collect();
    let addresses = addresses.filter(|addresses| !addresses.is_empty());
    let addresses = addresses
        .ok_or_else(|| Failure::bad_request("ErrorInvalidRecipients", "At least one recipient isn't valid."))?;
    for address in addresses {
        turn.world.send_mail(&address, "forward", event.subject(), event.join_url.as_deref());
    }
    if event.copy_of.is_some() {
        let organizer = event.fields["organizer"]["emailAddress"]["address"].as_str().unwrap_or_default().to_owned();
        turn.world.send_mail(&organizer, "forward-notice", event.subject(), None);
    }
    Ok(Reply::empty(StatusCode::ACCEPTED))
}

/// Names of parameters are compared without regard to case: the pages and the schema differ in it.
fn member<'a>(body: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    body.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

impl Turn<'_> {
    /// Writes an attendee's answer into the organizer's event; an answer to one occurrence makes it an exception there.
    fn tell_organizer(&mut self, copy: &Event, of: &str, address: &str, status: &Value, proposed: Option<Value>) {
        let Some(mut event) = self.world.events.iter().find(|e| e.id == of && !e.deleted).cloned() else { return };
        if let Some(date) = self.date_of(copy) {
            event = event.on(date);
        }
        for attendee in &mut event.attendees {
            if attendee["emailAddress"]["address"].as_str().is_some_and(|a| a.eq_ignore_ascii_case(address)) {
                attendee["status"] = status.clone();
                if let Some(proposed) = &proposed {
                    attendee["proposedNewTime"] = proposed.clone();
                }
            }
        }
        self.world.keep(event, self.now);
    }

    /// The date of an occurrence in its series.
    fn date_of(&self, copy: &Event) -> Option<NaiveDate> {
        let series = copy.series.as_ref()?;
        let stored = self.world.events.iter().find(|e| e.id == *series && e.mailbox == copy.mailbox)?;
        stored.occurrence_date(&copy.id)
    }
}
