//! The JSON of an event.

use serde_json::{Map, Value, json};

use super::{Turn, series, zones};
use crate::{time::graph_instant, world::Event};

const NEVER: &str = "0001-01-01T00:00:00Z";

impl Turn<'_> {
    /// The zone of times in replies: what the client prefers, or UTC.
    pub(crate) fn preferred_zone(&self) -> String {
        self.call
            .preference("outlook.timezone")
            .filter(|z| crate::world::zone_of(z).is_some())
            .unwrap_or_else(|| "UTC".to_owned())
    }

    /// An event as Graph shows it; extended properties only where they were asked for.
    pub(crate) fn event_json(&self, event: &Event) -> Value {
        let zone = self.preferred_zone();
        let organizer = self.world.users.get(&event.mailbox);
        let text: String = event.body.chars().take(4096).collect();
        let preview: String = without_tags(&text).chars().take(255).collect();
        let online = event.join_url.is_some();
        let body = json!({
            "@odata.etag": event.etag(),
            "id": event.id,
            "createdDateTime": graph_instant(event.created),
            "lastModifiedDateTime": graph_instant(event.modified),
            "changeKey": event.change_key,
            "transactionId": event.transaction_id,
            "originalStartTimeZone": zones::windows_name(&event.start.zone),
            "originalEndTimeZone": zones::windows_name(&event.end.zone),
            "iCalUId": event.ical_uid,
            "bodyPreview": preview,
            "isAllDay": event.all_day,
            "type": kind_of(event),
            "seriesMasterId": event.series,
            "webLink": format!("https://outlook.office365.com/owa/?itemid={}&exvsurl=1&path=/calendar/item", encoded(&event.id)),
            "isOnlineMeeting": online,
            "onlineMeetingProvider": if online { "teamsForBusiness" } else { "unknown" },
            "body": { "contentType": event.body_type, "content": event.body },
            "start": zones::write(&event.start, &zone, event.all_day),
            "end": zones::write(&event.end, &zone, event.all_day),
            "attendees": event.attendees,
            "organizer": { "emailAddress": { "name": organizer.map(|u| &u.name), "address": organizer.map(|u| &u.mail) } },
            "onlineMeeting": event.join_url.as_ref().map(|url| json!({ "joinUrl": url })),
        });
        let mut body = with_defaults(body);
        for (name, value) in &event.fields {
            body[name] = value.clone();
        }
        if let Some(recurrence) = event.recurrence() {
            body["recurrence"] = series::shown(recurrence, &event.start);
        }
        if let Some(wanted) = self.expanded_properties() {
            let shown =
                event.extended.iter().filter(|(id, _)| wanted.as_ref().is_none_or(|w| w.eq_ignore_ascii_case(id)));
            let shown: Vec<Value> = shown.map(|(id, value)| json!({ "id": id, "value": value })).collect();
            if !shown.is_empty() {
                body["singleValueExtendedProperties"] = shown.into();
            }
        }
        body
    }

    /// `$expand=singleValueExtendedProperties($filter=id eq '…')`: `Some(None)` is all of them.
    fn expanded_properties(&self) -> Option<Option<String>> {
        let expand = self.call.parameter("$expand")?;
        expand.to_ascii_lowercase().starts_with("singlevalueextendedproperties").then(|| quoted(expand))
    }
}

fn kind_of(event: &Event) -> &'static str {
    match (event.recurrence(), &event.series) {
        (Some(_), _) => "seriesMaster",
        (None, Some(_)) if event.is_exception => "exception",
        (None, Some(_)) => "occurrence",
        (None, None) => "singleInstance",
    }
}

/// Adds what no client has set.
fn with_defaults(mut body: Value) -> Value {
    let defaults = json!({
        "categories": [],
        "reminderMinutesBeforeStart": 15,
        "isReminderOn": true,
        "hasAttachments": false,
        "hideAttendees": false,
        "subject": "",
        "importance": "normal",
        "sensitivity": "normal",
        "isCancelled": false,
        "isDraft": false,
        "isOrganizer": true,
        "responseRequested": true,
        "showAs": "busy",
        "onlineMeetingUrl": null,
        "allowNewTimeProposals": true,
        "recurrence": null,
        "responseStatus": { "response": "organizer", "time": NEVER },
        "location": { "displayName": "", "locationType": "default", "uniqueIdType": "unknown", "address": {} },
        "locations": [],
    });
    super::meeting_body::merge(&mut body, &defaults);
    body
}

/// The first quoted text, with doubled quotes undone.
pub(crate) fn quoted(text: &str) -> Option<String> {
    let from = text.find('\'')? + 1;
    let mut value = String::new();
    let mut rest = text.get(from..)?.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '\'' if rest.peek() == Some(&'\'') => value.push(rest.next().unwrap_or(letter)),
            '\'' => return Some(value),
            _ => value.push(letter),
        }
    }
    None
}

fn encoded(id: &str) -> String {
    percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn without_tags(html: &str) -> String {
    let mut inside = false;
    let text: String = html
        .chars()
        .filter(|c| {
            inside = (inside || *c == '<') && *c != '>';
            !inside && *c != '>'
        })
        .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Attendees in canonical form, one per address; who was there keeps the answer they gave.
pub(crate) fn attendees(list: &[Value], known: &[Value]) -> Option<Vec<Value>> {
    let mut attendees: Vec<Value> = Vec::new();
    for attendee in list {
        let address = attendee["emailAddress"]["address"].as_str().filter(|a| a.contains('@'))?;
        let same = |a: &&Value| a["emailAddress"]["address"].as_str().is_some_and(|x| x.eq_ignore_ascii_case(address));
        if attendees.iter().any(|a| same(&a)) {
            continue;
        }
        let before = known.iter().find(same);
        let status = before.map(|a| a["status"].clone());
        let kind = attendee["type"].as_str().unwrap_or("required").to_ascii_lowercase();
        attendees.push(json!({
            "type": kind,
            "status": status.unwrap_or_else(|| json!({ "response": "none", "time": NEVER })),
            "emailAddress": { "name": attendee["emailAddress"]["name"].as_str().unwrap_or(address), "address": address },
        }));
        let proposed = before.and_then(|a| a.get("proposedNewTime")).cloned();
        if let (Some(proposed), Some(last)) = (proposed, attendees.last_mut()) {
            last["proposedNewTime"] = proposed;
        }
    }
    Some(attendees)
}

/// Copies what a client may set and the sandbox only keeps.
pub(crate) fn kept_fields(body: &Map<String, Value>) -> Map<String, Value> {
    let kept = body.iter().filter(|(name, _)| KEPT.contains(&name.as_str()));
    let mut fields: Map<String, Value> = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
    if let Some(places) = fields.get("locations").and_then(Value::as_array).cloned()
        && !body.contains_key("location")
    {
        // assumed: the first of several places is the location
        let first = places.first().cloned().unwrap_or_else(|| json!({ "displayName": "" }));
        fields.insert("location".to_owned(), first);
    }
    if let Some(location) = fields.get("location").cloned().filter(|_| !body.contains_key("locations")) {
        fields.insert("locations".to_owned(), if location.is_null() { json!([]) } else { json!([location]) });
    }
    for name in ["showAs", "sensitivity", "importance"] {
        if let Some(value) = fields.get_mut(name).filter(|v| v.is_string()) {
            *value = json!(value.as_str().map(lower_first));
        }
    }
    fields
}

const KEPT: [&str; 14] = [
    "subject",
    "location",
    "locations",
    "categories",
    "showAs",
    "sensitivity",
    "importance",
    "isReminderOn",
    "reminderMinutesBeforeStart",
    "responseRequested",
    "allowNewTimeProposals",
    "hideAttendees",
    "recurrence",
    "extensions",
];

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
