//! Events: create, read, list, update, delete, cancel.

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;
use serde_json::{Map, Value};

use super::{Answer, Failure, Turn, event_body, event_shape::quoted, lists, meeting_body, users::split_outside_quotes};
use crate::{
    serve::Reply,
    world::{Event, User},
};

pub(super) fn create(turn: &mut Turn<'_>) -> Answer {
    let mailbox = turn.mailbox()?;
    let calendar = turn.calendar(&mailbox)?;
    let body = turn.body()?;
    let transaction_id = body.get("transactionId").and_then(Value::as_str).map(str::to_owned);
    let same = |e: &&Event| !e.deleted && e.mailbox == mailbox.id && e.transaction_id == transaction_id;
    if transaction_id.is_some()
        && let Some(known) = turn.world.events.iter().find(same).cloned()
    {
        return turn.event_reply(StatusCode::CREATED, &known);
    }
    let said = event_body::read(&body, None)?;
    let online = said.online == Some(true) && mailbox.calendar_teams;
    let (Some(start), Some(end)) = (said.start.clone(), said.end.clone()) else { return Err(Failure::no_such_item()) };
    turn.world.change += 1;
    let mut event = Event {
        id: turn.world.ids.item("event"),
        mailbox: mailbox.id.clone(),
        calendar: calendar.id,
        transaction_id,
        ical_uid: format!("040000008200E00074C5B7101A82E008{}", turn.world.ids.hex("ical").to_uppercase()),
        change_key: turn.world.ids.change_key(),
        change: turn.world.change,
        created: turn.now,
        modified: turn.now,
        start,
        end,
        all_day: false,
        body_type: "html".to_owned(),
        body: String::new(),
        attendees: Vec::new(),
        join_url: None,
        extended: BTreeMap::new(),
        fields: Map::new(),
        deleted: false,
        series: None,
        cancelled: BTreeSet::new(),
    };
    said.apply(&mut event);
    if online {
        turn.bring_online(&mailbox, &mut event);
    }
    turn.world.events.push(event.clone());
    turn.mail_all(&mailbox, &event, "invitation");
    turn.event_reply(StatusCode::CREATED, &event)
}

pub(super) fn read(turn: &mut Turn<'_>) -> Answer {
    let event = turn.addressed_event()?;
    turn.event_reply(StatusCode::OK, &event)
}

pub(super) fn list(turn: &mut Turn<'_>) -> Answer {
    let mailbox = turn.mailbox()?;
    let calendar = turn.calendar(&mailbox)?;
    let whole_mailbox = turn.id(0).is_empty();
    let filters = turn.call.parameter("$filter").map(parse_filter).transpose()?.unwrap_or_default();
    let events = turn.world.events.iter().filter(|e| !e.deleted && e.mailbox == mailbox.id);
    let events = events.filter(|e| whole_mailbox || e.calendar == calendar.id);
    let mut events: Vec<&Event> = events.filter(|e| filters.iter().all(|filter| filter.holds(e))).collect();
    sort(&mut events, turn.call.parameter("$orderby"));
    let items = events.into_iter().map(|event| turn.event_json(event)).collect();
    turn.page(&format!("users('{}')/events", mailbox.id), items, lists::EVENTS_PER_PAGE)
}

pub(super) fn update(turn: &mut Turn<'_>) -> Answer {
    let mailbox = turn.mailbox()?;
    let before = turn.addressed_event()?;
    turn.check_match(&before)?;
    if before.series.is_some() {
        return Err(Failure::not_modelled("graph.events.update of one occurrence"));
    }
    let body = turn.body()?;
    let said = event_body::read(&body, Some(&before))?;
    let mut after = before.clone();
    let go_online = said.online == Some(true) && before.join_url.is_none() && mailbox.calendar_teams;
    said.apply(&mut after);
    // the text of a Teams meeting carries the meeting: without its link the event stops being one
    if after.join_url.as_ref().is_some_and(|url| !after.body.contains(url.as_str())) {
        after.join_url = None;
    }
    if go_online {
        turn.bring_online(&mailbox, &mut after);
    }
    if let Some(slot) = turn.world.event_mut(&mailbox.id, &before.id) {
        *slot = after.clone();
    }
    turn.world.touch_event(&mailbox.id, &before.id, turn.now);
    turn.mail_changes(&mailbox, &before, &after, &body);
    let after = turn.world.event(&mailbox.id, &before.id).cloned().ok_or_else(Failure::no_such_item)?;
    turn.event_reply(StatusCode::OK, &after)
}

pub(super) fn delete(turn: &mut Turn<'_>) -> Answer {
    let event = turn.addressed_event()?;
    turn.check_match(&event)?;
    turn.remove(&event)?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

pub(super) fn cancel(turn: &mut Turn<'_>) -> Answer {
    let event = turn.addressed_event()?;
    turn.remove(&event)?;
    Ok(Reply::empty(StatusCode::ACCEPTED))
}

impl Turn<'_> {
    fn addressed_event(&mut self) -> Result<Event, Failure> {
        let mailbox = self.mailbox()?;
        if let Some(event) = self.world.event(&mailbox.id, self.id(0)) {
            return Ok(event.clone());
        }
        let occurrence = self.addressed_occurrence(&mailbox.id, self.id(0));
        occurrence.map(|(event, _)| event).ok_or_else(Failure::no_such_item)
    }

    fn event_reply(&self, status: StatusCode, event: &Event) -> Answer {
        let context = self.context(&format!("users('{}')/events/$entity", event.mailbox));
        Ok(self.entity(status, lists::with_context(context, self.event_json(event))).with("etag", event.etag()))
    }

    fn check_match(&self, event: &Event) -> Result<(), Failure> {
        let Some(wanted) = self.call.header("if-match") else { return Ok(()) };
        if wanted.trim() == "*" || wanted.split(',').any(|tag| tag.trim() == event.etag()) {
            return Ok(());
        }
        let message = "The send or update operation could not be performed because the change key passed in the request \
                       does not match the current change key for the item.";
        Err(Failure::new(StatusCode::PRECONDITION_FAILED, "ErrorIrresolvableConflict", message))
    }

    /// Marks deleted, ends the Teams meeting, sends cancellations.
    fn remove(&mut self, event: &Event) -> Result<(), Failure> {
        let mailbox = self.mailbox()?;
        if let (Some(series), Some((_, date))) = (&event.series, self.addressed_occurrence(&mailbox.id, &event.id)) {
            self.world.touch_event(&mailbox.id, series, self.now);
            if let Some(series) = self.world.event_mut(&mailbox.id, series) {
                series.cancelled.insert(date);
            }
            self.mail_all(&mailbox, event, "cancellation");
            return Ok(());
        }
        self.world.touch_event(&mailbox.id, &event.id, self.now);
        if let Some(slot) = self.world.event_mut(&mailbox.id, &event.id) {
            slot.deleted = true;
        }
        if let Some(url) = &event.join_url {
            for meeting in self.world.meetings.iter_mut().filter(|m| m.join_url == *url) {
                meeting.deleted = true;
            }
        }
        self.mail_all(&mailbox, event, "cancellation");
        Ok(())
    }

    /// Makes the Teams meeting of an event and writes its link into the text.
    fn bring_online(&mut self, mailbox: &User, event: &mut Event) {
        let times = (event.start.utc(), event.end.utc());
        let mut meeting = meeting_body::new_meeting(self.world, mailbox, times, self.now);
        meeting.subject = Some(event.subject().to_owned());
        let url = meeting.join_url.clone();
        self.world.meetings.push(meeting);
        event.body = format!(
            "{}<div class=\"me-email-text\">Microsoft Teams meeting <a href=\"{url}\">Join</a></div>",
            event.body
        );
        event.body_type = "html".to_owned();
        event.join_url = Some(url);
    }

    fn mail_all(&mut self, mailbox: &User, event: &Event, kind: &str) {
        for address in event.receivers(&mailbox.mail) {
            self.world.send_mail(&address, kind, event.subject(), event.join_url.as_deref());
        }
    }

    /// A body with nothing but attendees mails those who changed; any other property mails everybody.
    fn mail_changes(&mut self, mailbox: &User, before: &Event, after: &Event, body: &Map<String, Value>) {
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
        }
    }
}

/// One condition of an events filter.
enum Filter {
    Extended { id: String, value: String },
    Property { name: String, value: String },
    StartFrom(chrono::DateTime<chrono::Utc>),
    EndUntil(chrono::DateTime<chrono::Utc>),
}

impl Filter {
    fn holds(&self, event: &Event) -> bool {
        match self {
            Self::Extended { id, value } => {
                event.extended.iter().any(|(i, v)| i.eq_ignore_ascii_case(id) && v == value)
            }
            Self::Property { name, value } => match name.as_str() {
                "subject" => event.subject() == value,
                "icaluid" => event.ical_uid == *value,
                _ => event.transaction_id.as_ref() == Some(value),
            },
            Self::StartFrom(from) => event.start.utc() >= *from,
            Self::EndUntil(until) => event.end.utc() <= *until,
        }
    }
}

fn parse_filter(filter: &str) -> Result<Vec<Filter>, Failure> {
    let compact = filter.trim();
    if compact.to_ascii_lowercase().starts_with("singlevalueextendedproperties/any(") {
        let parts = split_outside_quotes(compact, " and ");
        let value_of = |name: &str| {
            let part = parts.iter().find(|part| part.to_ascii_lowercase().contains(name))?;
            part.contains(" eq ").then(|| quoted(part)).flatten()
        };
        if let (2, Some(id), Some(value)) = (parts.len(), value_of("/id eq"), value_of("/value eq")) {
            return Ok(vec![Filter::Extended { id, value }]);
        }
        return Err(unsupported(filter));
    }
    split_outside_quotes(compact, " and ").iter().map(|part| condition(part)).collect()
}

fn condition(part: &str) -> Result<Filter, Failure> {
    let lower = part.trim().to_ascii_lowercase();
    let value = quoted(part).ok_or_else(|| unsupported(part))?;
    let instant = || crate::time::parse_instant(&value).ok_or_else(|| unsupported(part));
    match lower.split(' ').take(2).collect::<Vec<_>>().as_slice() {
        ["start/datetime", "ge"] => Ok(Filter::StartFrom(instant()?)),
        ["end/datetime", "le"] => Ok(Filter::EndUntil(instant()?)),
        [name @ ("subject" | "icaluid" | "transactionid"), "eq"] => {
            Ok(Filter::Property { name: (*name).to_owned(), value })
        }
        _ => Err(unsupported(part)),
    }
}

fn unsupported(filter: &str) -> Failure {
    Failure::not_modelled(&format!("graph.events.list with $filter={filter}"))
}

/// By start where the client asks for it; else in the order of creation.
pub(super) fn sort(events: &mut [&Event], order: Option<&str>) {
    let Some(order) = order.map(str::to_ascii_lowercase) else { return };
    if order.starts_with("start/datetime") {
        events.sort_by_key(|event| event.start.utc());
    } else if order.starts_with("createddatetime") {
        events.sort_by_key(|event| event.created);
    }
    if order.ends_with(" desc") {
        events.reverse();
    }
}
