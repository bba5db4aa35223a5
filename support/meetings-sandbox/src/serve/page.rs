//! The page at `/`: what the sandbox holds and what was asked of it. Shows no token, secret or code.

use chrono::{DateTime, Utc};
use http::StatusCode;

use super::{
    Reply,
    html::{self, escaped, isolated, link},
};
use crate::sandbox::Hub;

/// So many of the latest mails and requests are shown.
const LATEST: usize = 20;

pub(crate) fn overview(hub: &Hub) -> Reply {
    let world = &hub.world;
    let people = world.users.values().map(|user| {
        let kind = match &user.guest {
            Some(guest) => guest.state(),
            None if user.personal => "personal account",
            None => "member",
        };
        [isolated(&user.name), isolated(&user.mail), kind.to_owned()]
    });
    let teams = world.meetings.iter().filter(|meeting| !meeting.deleted).map(|meeting| {
        held(meeting.subject.as_deref().unwrap_or_default(), "Teams", meeting.start, Some(&meeting.join_url))
    });
    let webex = world
        .webex_meetings
        .iter()
        .filter(|meeting| !meeting.deleted)
        .map(|meeting| held(&meeting.title, "Webex", meeting.start, Some(&meeting.web_link)));
    let events = world
        .events
        .iter()
        .filter(|event| !event.deleted && event.copy_of.is_none())
        .map(|event| held(event.subject(), "Outlook event", event.start.utc(), event.join_url.as_deref()));
    let mails = world.mails.iter().rev().take(LATEST);
    let mails = mails.map(|mail| {
        let whither = mail.link.as_deref().map(link).unwrap_or_default();
        [isolated(&mail.to), escaped(&mail.kind), isolated(&mail.subject), whither]
    });
    let entries = hub.journal.entries();
    let calls = entries.iter().rev().take(LATEST).map(|entry| {
        let status = entry.status.map_or_else(|| "closed".to_owned(), |status| status.to_string());
        [isolated(&format!("{} {}", entry.method, entry.path)), status, isolated(&entry.actor)]
    });
    let body = [
        "<p>An offline Microsoft identity platform, Microsoft Graph and Webex. Nothing here is real.</p>\n\
         <p><a href=\"/_sandbox/device\">Connect a device</a> · <a href=\"/_sandbox/state\">state</a> · \
         <a href=\"/_sandbox/journal\">journal</a> · <a href=\"/_sandbox/mails\">mails</a> · \
         <a href=\"/_sandbox/faults\">faults</a></p>"
            .to_owned(),
        table("People", ["name", "address", "who"], people),
        table("Meetings and events", ["title", "where", "start (UTC)", "link"], teams.chain(webex).chain(events)),
        table("Latest mails", ["to", "what", "subject", "link"], mails),
        table("Latest requests", ["request", "status", "by"], calls),
    ];
    html::page(StatusCode::OK, "meetings-sandbox", &body.join("\n"), "")
}

/// A meeting or an event.
fn held(title: &str, place: &str, start: DateTime<Utc>, join: Option<&str>) -> [String; 4] {
    [isolated(title), place.to_owned(), start.to_rfc3339(), join.map(link).unwrap_or_default()]
}

/// Cells are markup.
fn table<const N: usize>(title: &str, columns: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let line = |cells: [&str; N], tag: &str| {
        let cells: String = cells.iter().map(|cell| format!("<{tag}>{cell}</{tag}>")).collect();
        format!("<tr>{cells}</tr>")
    };
    let rows: Vec<_> = rows.map(|row| line(row.each_ref().map(String::as_str), "td")).collect();
    if rows.is_empty() {
        return format!("<h2>{title}</h2><p>None.</p>");
    }
    format!("<h2>{title}</h2><table>{}\n{}</table>", line(columns, "th"), rows.join("\n"))
}
