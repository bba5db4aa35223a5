//! The page at `/`: what the sandbox holds and what was asked of it. Shows no token, secret or code.

use http::StatusCode;

use super::{
    Reply,
    html::{self, escaped},
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
        [user.name.clone(), user.mail.clone(), kind.to_owned()]
    });
    let teams =
        world.meetings.iter().filter(|meeting| !meeting.deleted).map(|meeting| {
            [meeting.subject.clone().unwrap_or_default(), "Teams".to_owned(), meeting.start.to_rfc3339()]
        });
    let webex = world
        .webex_meetings
        .iter()
        .filter(|meeting| !meeting.deleted)
        .map(|meeting| [meeting.title.clone(), "Webex".to_owned(), meeting.start.to_rfc3339()]);
    let events = world
        .events
        .iter()
        .filter(|event| !event.deleted)
        .map(|event| [event.subject().to_owned(), "Outlook event".to_owned(), event.start.utc().to_rfc3339()]);
    let mails = world.mails.iter().rev().take(LATEST);
    let mails = mails.map(|mail| [mail.to.clone(), mail.kind.clone(), mail.subject.clone()]);
    let entries = hub.journal.entries();
    let calls = entries.iter().rev().take(LATEST).map(|entry| {
        let status = entry.status.map_or_else(|| "closed".to_owned(), |status| status.to_string());
        [format!("{} {}", entry.method, entry.path), status, entry.actor.clone()]
    });
    let body = [
        "<p>An offline Microsoft identity platform, Microsoft Graph and Webex. Nothing here is real.</p>\n\
         <p><a href=\"/_sandbox/device\">Connect a device</a> · <a href=\"/_sandbox/state\">state</a> · \
         <a href=\"/_sandbox/journal\">journal</a> · <a href=\"/_sandbox/mails\">mails</a> · \
         <a href=\"/_sandbox/faults\">faults</a></p>"
            .to_owned(),
        table("People", ["name", "address", "who"], people),
        table("Meetings and events", ["title", "where", "start (UTC)"], teams.chain(webex).chain(events)),
        table("Latest mails", ["to", "what", "subject"], mails),
        table("Latest requests", ["request", "status", "by"], calls),
    ];
    html::page(StatusCode::OK, "meetings-sandbox", &body.join("\n"), "")
}

fn table(title: &str, columns: [&str; 3], rows: impl Iterator<Item = [String; 3]>) -> String {
    let line = |cells: [&str; 3], tag: &str| {
        let cells: String = cells.iter().map(|cell| format!("<{tag}>{}</{tag}>", escaped(cell))).collect();
        format!("<tr>{cells}</tr>")
    };
    let rows: Vec<_> = rows.map(|row| line(row.each_ref().map(String::as_str), "td")).collect();
    if rows.is_empty() {
        return format!("<h2>{title}</h2><p>None.</p>");
    }
    format!("<h2>{title}</h2><table>{}\n{}</table>", line(columns, "th"), rows.join("\n"))
}
