//! What Webex takes and tells beside its document. Each line must be needed: `every_known_line_is_needed`.

use serde_json::Value;

use super::super::known::{Absent, Known, Terms, text, told};

pub(super) const WEBEX: &Terms = &Terms { known: KNOWN, absent: ABSENT, query: &[], aliases: &[] };

const CAPTURED: &str = "in the answers of developer.webex.com/docs/api/guides/webhooks, and not in the document";

const KNOWN: &[Known] = &[
    told("Webhook", "orgId", text, CAPTURED),
    told("Webhook", "createdBy", text, CAPTURED),
    told("Webhook", "appId", text, CAPTURED),
];

const OVER: &str = "an instance that has ended: the tables of developer.webex.com/docs/meetings";
const RUNNING: &str = "an instance that goes on: the tables of developer.webex.com/docs/meetings";

const ABSENT: &[Absent] = &[
    absent("getMeetingById", "end", is_running, RUNNING),
    absent("getMeetingById", "hostKey", is_over, OVER),
    absent("getMeetingById", "password", is_over, OVER),
    absent("getMeetingById", "telephony", is_over, OVER),
    absent("listMeetings", "end", is_running, RUNNING),
    absent("listMeetings", "hostKey", is_over, OVER),
    absent("listMeetings", "password", is_over, OVER),
    absent("listMeetings", "telephony", is_over, OVER),
];

const fn absent(
    operation: &'static str,
    member: &'static str,
    of: fn(&Value) -> bool,
    because: &'static str,
) -> Absent {
    Absent { operation, member, of, because }
}

fn is_over(meeting: &Value) -> bool {
    meeting["meetingType"] == "meeting" && meeting["state"] == "ended"
}

fn is_running(meeting: &Value) -> bool {
    meeting["meetingType"] == "meeting" && meeting["state"] == "inProgress"
}
