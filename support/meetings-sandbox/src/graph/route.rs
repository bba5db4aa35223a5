//! Which handler a Graph path belongs to.

use super::{
    Answer, Turn, batch, calendar_view, calendars, delta, directory, event_answers, event_categories, events,
    find_times, guests, meetings, schedule, series, users,
};
use crate::serve::Call;

type Handler = fn(&mut Turn<'_>) -> Answer;

/// Whose resources a path is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// `/me`.
    SignedIn,
    /// `/users/{id}`, the id as decoded.
    User(String),
    /// A path without a user.
    Directory,
}

/// A matched path.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    /// The name in journal and fault rules.
    pub(crate) operation: String,
    pub(crate) handler: Option<Handler>,
    pub(crate) target: Target,
    /// The ids of the path behind the user, decoded, in order.
    pub(crate) ids: Vec<String>,
    /// Whether Exchange serves it: then the mailbox concurrency limit holds.
    pub(crate) mailbox: bool,
}

/// Matches a call. Names in paths are compared without regard to case, ids are taken as they are.
pub(crate) fn route(call: &Call) -> Route {
    let segments = call.segments.get(1..).unwrap_or_default();
    let lower: Vec<String> = segments.iter().map(|s| s.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let (target, at) = match lower.as_slice() {
        ["me", ..] => (Target::SignedIn, 1),
        ["users", _, ..] => (Target::User(segments[1].clone()), 2),
        _ => (Target::Directory, 0),
    };
    let (rest, originals) = (&lower[at..], &segments[at..]);
    let found = match target {
        Target::Directory => in_directory(call.method.as_str(), rest),
        Target::SignedIn | Target::User(_) => of_user(call.method.as_str(), rest),
    };
    match found {
        Some((operation, handler, ids)) => Route {
            operation: operation.to_owned(),
            handler: Some(handler),
            target,
            ids: ids.iter().filter_map(|at| originals.get(*at).cloned()).collect(),
            mailbox: rest.first().is_some_and(|s| {
                matches!(*s, "events" | "calendar" | "calendars" | "calendarview" | "findmeetingtimes" | "outlook")
            }),
        },
        None => Route {
            operation: format!("{} {}", call.method, call.path),
            handler: None,
            target,
            ids: Vec::new(),
            mailbox: false,
        },
    }
}

type Found = (&'static str, Handler, &'static [usize]);

fn in_directory(method: &str, rest: &[&str]) -> Option<Found> {
    Some(match (method, rest) {
        ("GET", ["users"]) => ("graph.users.list", users::list, &[]),
        ("GET", ["organization"]) => ("graph.organization.list", directory::organization, &[]),
        ("POST", ["invitations"]) => ("graph.invitations.create", guests::invite, &[]),
        ("POST", ["$batch"]) => ("graph.batch", batch::run, &[]),
        _ => return None,
    })
}

fn of_user(method: &str, rest: &[&str]) -> Option<Found> {
    Some(match (method, rest) {
        ("GET", []) => ("graph.users.get", users::read, &[]),
        ("GET", ["licensedetails"]) => ("graph.users.licenseDetails.list", directory::licences, &[]),
        ("DELETE", []) => ("graph.users.delete", users::delete, &[]),
        ("POST", ["onlinemeetings"]) => ("graph.onlineMeetings.create", meetings::create, &[]),
        ("POST", ["onlinemeetings", "createorget"]) => {
            ("graph.onlineMeetings.createOrGet", meetings::create_or_get, &[])
        }
        ("GET", ["onlinemeetings"]) => ("graph.onlineMeetings.find", meetings::find, &[]),
        ("GET", ["onlinemeetings", _]) => ("graph.onlineMeetings.get", meetings::read, &[1]),
        ("PATCH", ["onlinemeetings", _]) => ("graph.onlineMeetings.update", meetings::update, &[1]),
        ("DELETE", ["onlinemeetings", _]) => ("graph.onlineMeetings.delete", meetings::delete, &[1]),
        ("GET", ["calendar"]) => ("graph.calendar.get", calendars::read, &[]),
        ("GET", ["calendars"]) => ("graph.calendars.list", calendars::list, &[]),
        ("POST", ["calendars"]) => ("graph.calendars.create", calendars::create, &[]),
        ("GET", ["calendars", _]) => ("graph.calendars.get", calendars::read, &[1]),
        ("DELETE", ["calendars", _]) => ("graph.calendars.delete", calendars::delete, &[1]),
        ("POST", ["calendar", "getschedule"]) => ("graph.calendar.getSchedule", schedule::read, &[]),
        ("POST", ["events"] | ["calendar", "events"]) => ("graph.events.create", events::create, &[]),
        ("POST", ["calendars", _, "events"]) => ("graph.events.create", events::create, &[1]),
        ("GET", ["events"] | ["calendar", "events"]) => ("graph.events.list", events::list, &[]),
        ("GET", ["calendars", _, "events"]) => ("graph.events.list", events::list, &[1]),
        ("GET", ["events", _]) => ("graph.events.get", events::read, &[1]),
        ("PATCH", ["events", _]) => ("graph.events.update", events::update, &[1]),
        ("DELETE", ["events", _]) => ("graph.events.delete", events::delete, &[1]),
        ("POST", ["events", _, "cancel"]) => ("graph.events.cancel", event_answers::cancel, &[1]),
        ("POST", ["events", _, "accept"]) => ("graph.events.accept", event_answers::accept, &[1]),
        ("POST", ["events", _, "tentativelyaccept"]) => {
            ("graph.events.tentativelyAccept", event_answers::tentatively_accept, &[1])
        }
        ("POST", ["events", _, "decline"]) => ("graph.events.decline", event_answers::decline, &[1]),
        ("POST", ["events", _, "forward"]) => ("graph.events.forward", event_answers::forward, &[1]),
        ("GET", ["outlook", "mastercategories"]) => ("graph.masterCategories.list", event_categories::list, &[]),
        ("POST", ["outlook", "mastercategories"]) => ("graph.masterCategories.create", event_categories::create, &[]),
        ("GET", ["events", _, "instances"]) => ("graph.events.instances", series::instances, &[1]),
        ("GET", ["calendar", "events", _, "instances"]) => ("graph.events.instances", series::instances, &[2]),
        ("GET", ["calendars", _, "events", _, "instances"]) => ("graph.events.instances", series::instances, &[3]),
        ("POST", ["findmeetingtimes"]) => ("graph.findMeetingTimes", find_times::suggest, &[]),
        ("GET", ["calendar", "events", _]) => ("graph.events.get", events::read, &[2]),
        ("PATCH", ["calendar", "events", _]) => ("graph.events.update", events::update, &[2]),
        ("DELETE", ["calendar", "events", _]) => ("graph.events.delete", events::delete, &[2]),
        ("GET", ["calendars", _, "events", _]) => ("graph.events.get", events::read, &[3]),
        ("PATCH", ["calendars", _, "events", _]) => ("graph.events.update", events::update, &[3]),
        ("DELETE", ["calendars", _, "events", _]) => ("graph.events.delete", events::delete, &[3]),
        ("GET", ["calendarview"] | ["calendar", "calendarview"]) => {
            ("graph.calendarView.list", calendar_view::list, &[])
        }
        ("GET", ["calendars", _, "calendarview"]) => ("graph.calendarView.list", calendar_view::list, &[1]),
        ("GET", ["calendarview", "delta"] | ["calendar", "calendarview", "delta"]) => {
            ("graph.calendarView.delta", delta::list, &[])
        }
        ("GET", ["calendars", _, "calendarview", "delta"]) => ("graph.calendarView.delta", delta::list, &[1]),
        _ => return None,
    })
}
