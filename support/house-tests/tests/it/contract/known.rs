//! What Graph takes and tells beside its schema. Each line must be needed: `every_known_line_is_needed`.

use std::fmt;

use serde_json::{Value, json};

/// Who says it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Side {
    Request,
    Reply,
}

/// All that is known of one provider beside its document.
#[derive(Debug)]
pub(super) struct Terms {
    pub(super) known: &'static [Known],
    /// Members that the document requires, and that are not there.
    pub(super) absent: &'static [Absent],
    /// Query names that no operation lists, with the reason.
    pub(super) query: &'static [(&'static str, &'static str)],
    /// Beginnings of paths that mean another one of the document.
    pub(super) aliases: &'static [Alias],
}

/// From, to, and why.
pub(super) type Alias = (&'static [&'static str], &'static [&'static str], &'static str);

pub(super) const GRAPH: &Terms = &Terms { known: KNOWN, absent: &[], query: QUERY, aliases: ALIASES };

/// A member that is not in the schema.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) side: Side,
    /// A schema without `microsoft.graph.`, the side of an operation that has none of its own, or `*` for every object.
    pub(super) schema: &'static str,
    pub(super) member: &'static str,
    pub(super) shape: fn() -> Value,
    /// Why it is right all the same.
    #[expect(dead_code, reason = "read by people, and shown by Debug")]
    pub(super) because: &'static str,
}

/// A member that the document calls required in an answer, and that some objects do not have.
pub(super) struct Absent {
    pub(super) operation: &'static str,
    pub(super) member: &'static str,
    /// Which objects: the others have to have it.
    pub(super) of: fn(&Value) -> bool,
    /// Who says so.
    pub(super) because: &'static str,
}

impl Absent {
    /// Whether it excuses that `object`, in an answer of that operation, lacks this member.
    pub(super) fn excuses(&self, operation: &str, member: &str, object: &Value) -> bool {
        self.operation == operation && self.member == member && (self.of)(object)
    }
}

impl fmt::Debug for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} without {}: {}", self.operation, self.member, self.because)
    }
}

pub(super) const fn told(
    schema: &'static str,
    member: &'static str,
    shape: fn() -> Value,
    because: &'static str,
) -> Known {
    Known { side: Side::Reply, schema, member, shape, because }
}

pub(super) const fn asked(
    schema: &'static str,
    member: &'static str,
    shape: fn() -> Value,
    because: &'static str,
) -> Known {
    Known { side: Side::Request, schema, member, shape, because }
}

pub(super) fn text() -> Value {
    json!({ "type": "string" })
}

fn text_or_null() -> Value {
    json!({ "type": ["string", "null"] })
}

fn passcode_wish() -> Value {
    json!({
        "type": "object",
        "properties": { "isPasscodeRequired": { "type": "boolean" } },
        "required": ["isPasscodeRequired"],
        "additionalProperties": false,
    })
}

fn addresses() -> Value {
    json!({ "type": "array", "items": { "type": "string" } })
}

fn moment() -> Value {
    json!({ "$ref": "#/$defs/microsoft.graph.dateTimeTimeZone" })
}

fn time_slot() -> Value {
    json!({ "$ref": "#/$defs/microsoft.graph.timeSlot" })
}

fn yes_or_no() -> Value {
    json!({ "type": "boolean" })
}

fn minutes() -> Value {
    json!({ "type": "integer", "minimum": 5, "maximum": 1440 })
}

fn empty_list() -> Value {
    json!({ "type": "array", "maxItems": 0 })
}

const OPEN: &str = "onlineMeeting is an open type; the documented replies carry it (onlinemeeting_list_by_joinweburl)";
const INNER: &str = "learn.microsoft.com/graph/errors: innerError carries it; the schema leaves it open";

const CREATE_OR_GET: &str = "user.onlineMeeting_createOrGet request";
/// The client looks whether it was followed, and takes the meeting back where it was not.
const WISH: &str =
    "a property of onlineMeeting that only a create takes; createOrGet does not list it (facts: createOrGet)";

const GET_SCHEDULE: &str = "user.calendar_getSchedule request";
const CAMEL: &str = "so written in learn.microsoft.com/graph/api/calendar-getschedule; the schema has capital letters";

/// The schema has capital letters, the pages and their documented bodies small ones (event_accept__request).
const ANSWER: &str =
    "so written in learn.microsoft.com/graph/api/event-accept, event-decline and event-tentativelyaccept";

const KNOWN: &[Known] = &[
    asked("user.event_accept request", "comment", text, ANSWER),
    asked("user.event_accept request", "sendResponse", yes_or_no, ANSWER),
    asked("user.event_decline request", "comment", text, ANSWER),
    asked("user.event_decline request", "sendResponse", yes_or_no, ANSWER),
    asked("user.event_decline request", "proposedNewTime", time_slot, ANSWER),
    asked("user.event_tentativelyAccept request", "comment", text, ANSWER),
    asked("user.event_tentativelyAccept request", "sendResponse", yes_or_no, ANSWER),
    asked("user.event_tentativelyAccept request", "proposedNewTime", time_slot, ANSWER),
    asked(CREATE_OR_GET, "joinMeetingIdSettings", passcode_wish, WISH),
    asked(CREATE_OR_GET, "meetingTemplateId", text, WISH),
    asked(GET_SCHEDULE, "schedules", addresses, CAMEL),
    asked(GET_SCHEDULE, "startTime", moment, CAMEL),
    asked(GET_SCHEDULE, "endTime", moment, CAMEL),
    asked(GET_SCHEDULE, "availabilityViewInterval", minutes, CAMEL),
    told("*", "@odata.context", text, "OData 4.01 JSON 4.6.1: the context URL of every reply with a body"),
    told("event", "@odata.etag", text, "OData 4.01 JSON 4.6.4: the version; documented in every event reply"),
    told("onlineMeeting", "autoAdmittedUsers", text, OPEN),
    told("meetingParticipants", "producers", empty_list, OPEN),
    told("meetingParticipants", "contributors", empty_list, OPEN),
    told("identity", "tenantId", text_or_null, OPEN),
    told("identity", "identityProvider", text_or_null, OPEN),
    told(
        "audioConferencing",
        "ConferenceId",
        text_or_null,
        "so written in onlinemeeting_create__response_1 and in the wild",
    ),
    told("ODataErrors.InnerError", "date", text, INNER),
    told("ODataErrors.InnerError", "request-id", text, INNER),
    told("ODataErrors.InnerError", "client-request-id", text, INNER),
];

const QUERY: &[(&str, &str)] =
    &[("$skip", "from @odata.nextLink, which clients send as it came (learn.microsoft.com/graph/paging)")];

const ALIASES: &[Alias] = &[
    (&["me"], &["users", "me"], "the document's own words: every /users/{user-id}/... path is also served as /me/..."),
    (
        &["users", "*", "calendar", "events"],
        &["users", "*", "calendars", "default", "events"],
        "learn.microsoft.com/graph/api/calendar-post-events: /users/{id}/calendar is the default one of /calendars/{id}",
    ),
    (
        &["users", "*", "calendar", "calendarView"],
        &["users", "*", "calendars", "default", "calendarView"],
        "learn.microsoft.com/graph/api/calendar-list-calendarview: the same",
    ),
];
