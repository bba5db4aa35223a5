//! The table. `table.md` beside it is made from it, and shown as [`error_table`](crate::error_table).

use invitations_core::ErrorKind;

use super::{Area, Effect};

/// One row. No words: any body. `None`: any.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) status: u16,
    pub(super) words: &'static [&'static str],
    pub(super) of: Option<Effect>,
    pub(super) area: Option<Area>,
    pub(super) for_other: Option<bool>,
    pub(super) kind: ErrorKind,
    pub(super) retry: Retry,
    pub(super) detail: &'static str,
    pub(super) action: &'static str,
    pub(super) page: &'static str,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Retry {
    Never,
    /// Nothing happened; after what the server says.
    Safe,
    /// A write may have happened.
    Unclear,
    /// Nothing happened when the server names a time to come back, else it may have.
    SafeIfTimed,
}

const MEETINGS_PAGE: &str = "https://developer.webex.com/docs/meetings";
const WEBHOOKS_PAGE: &str = "https://developer.webex.com/docs/api/guides/webhooks";
const LIMITS_PAGE: &str = "https://developer.webex.com/docs/basics";
const LOGIN_PAGE: &str = "https://developer.webex.com/docs/login-with-webex";
const ZONE_DETAIL: &str = "the times do not carry the offset of their time zone";

const fn row(status: u16, kind: ErrorKind, retry: Retry) -> Row {
    Row { status, words: &[], of: None, area: None, for_other: None, kind, retry, detail: "", action: "", page: "" }
}

impl Row {
    const fn of(mut self, effect: Effect) -> Self {
        self.of = Some(effect);
        self
    }
    const fn about(mut self, area: Area) -> Self {
        self.area = Some(area);
        self
    }
    const fn for_other(mut self, for_other: bool) -> Self {
        self.for_other = Some(for_other);
        self
    }
    const fn saying(mut self, words: &'static [&'static str], detail: &'static str) -> Self {
        (self.words, self.detail) = (words, detail);
        self
    }
    const fn remedied(mut self, action: &'static str, page: &'static str) -> Self {
        (self.action, self.page) = (action, page);
        self
    }
}

/// The first row that fits counts.
pub(super) static TABLE: &[Row] = &[
    row(400, ErrorKind::InvalidInput, Retry::Never)
        .saying(&["before current time"], "the start or the end is in the past"),
    row(400, ErrorKind::InvalidInput, Retry::Never).saying(&["timezone", "do not match"], ZONE_DETAIL),
    // the same refusal was seen with this status
    row(404, ErrorKind::InvalidInput, Retry::Never).saying(&["timezone", "do not match"], ZONE_DETAIL),
    row(400, ErrorKind::Conflict, Retry::Never)
        .saying(&["in progress"], "the meeting is in progress")
        .remedied("End the meeting, or wait for its end.", MEETINGS_PAGE),
    row(400, ErrorKind::InvalidInput, Retry::Never)
        .saying(&["password validation failed"], "the password breaks the site's rules")
        .remedied("Let the site choose the password, or follow its rules.", MEETINGS_PAGE),
    row(400, ErrorKind::Misconfigured, Retry::Never)
        .saying(&["clientsecret"], "the client secret is not the application's")
        .remedied("Give the application's own client id and secret.", LOGIN_PAGE),
    row(400, ErrorKind::InvalidInput, Retry::Never)
        .saying(&["tracking code", "not found"], "the site has no such tracking code")
        .remedied("Use the names and values of tracking codes that the site has.", MEETINGS_PAGE),
    row(400, ErrorKind::InvalidInput, Retry::Never)
        .saying(&["tracking code", "invalid"], "the site has no such tracking code")
        .remedied("Use the names and values of tracking codes that the site has.", MEETINGS_PAGE),
    row(400, ErrorKind::Misconfigured, Retry::Never)
        .saying(&["tracking code"], "the site asks for a tracking code")
        .remedied("Make tracking codes optional in the site's settings.", MEETINGS_PAGE),
    row(400, ErrorKind::InvalidInput, Retry::Never)
        .saying(&["is not allowed for this api"], "what has been held, and what Webex's calendar connector made, cannot be changed"),
    row(400, ErrorKind::InvalidInput, Retry::Never)
        .saying(&["two_meeting_schedule_at_same_day"], "an occurrence cannot leave the time between its neighbours")
        .remedied("Move the occurrence to a time between its neighbours, on a day of its own.", MEETINGS_PAGE),
    row(400, ErrorKind::InvalidInput, Retry::Never),
    row(401, ErrorKind::Unauthenticated, Retry::Never)
        .remedied("Connect the Webex account again, or give a fresh access token.", LOGIN_PAGE),
    row(403, ErrorKind::PermissionDenied, Retry::Never)
        .saying(&["not qualified to be a host"], "the user is no host")
        .remedied("Give the user a Webex Meetings host licence on the meeting's site.", MEETINGS_PAGE),
    // a missing scope, role and licence look alike
    row(403, ErrorKind::PermissionDenied, Retry::Never).about(Area::Webhooks).remedied(
        "Give the integration the read scope of the webhook's resource (meeting:schedules_read, meeting:participants_read, \
         meeting:recordings_read, meeting:transcripts_read); for a whole organisation, the administrator's (meeting:admin_schedule_read and \
         its like), granted by a full administrator. Connect the account again.",
        WEBHOOKS_PAGE,
    ),
    row(403, ErrorKind::PermissionDenied, Retry::Never).for_other(true).remedied(
        "Give the integration the scopes meeting:admin_schedule_read and meeting:admin_schedule_write, let a full \
         administrator who also administers the host's site grant them, and give the host a Webex Meetings licence.",
        MEETINGS_PAGE,
    ),
    row(403, ErrorKind::PermissionDenied, Retry::Never).remedied(
        "Give the integration the scopes meeting:schedules_read and meeting:schedules_write, connect the account again, \
         and give the user a Webex Meetings host licence.",
        MEETINGS_PAGE,
    ),
    row(404, ErrorKind::NotFound, Retry::Never),
    row(405, ErrorKind::Unsupported, Retry::Never),
    row(408, ErrorKind::Timeout, Retry::Unclear),
    row(409, ErrorKind::Conflict, Retry::Never),
    row(410, ErrorKind::NotFound, Retry::Never),
    row(415, ErrorKind::Protocol, Retry::Never),
    row(423, ErrorKind::Unavailable, Retry::Safe).saying(&[], "locked by another change"),
    row(428, ErrorKind::Protocol, Retry::Never),
    row(429, ErrorKind::Throttled, Retry::Safe).of(Effect::CreateMeeting).remedied(
        "Wait as long as said. Webex does not say which limit was reached: about 300 requests a minute for each user, or 100 meetings in 24 \
         hours (for an administrator 800 for one host, 3000 in all), where refused requests count.",
        LIMITS_PAGE,
    ),
    row(429, ErrorKind::Throttled, Retry::Safe)
        .remedied("Send fewer requests: about 300 a minute are allowed for each user.", LIMITS_PAGE),
    row(501, ErrorKind::Unsupported, Retry::Never),
    // nothing says that it was not carried out, and a second meeting is worse than a look-up
    row(503, ErrorKind::Unavailable, Retry::Unclear).of(Effect::CreateMeeting),
    row(503, ErrorKind::Unavailable, Retry::SafeIfTimed),
    row(504, ErrorKind::Timeout, Retry::Unclear),
];

pub(super) const OTHER_CLIENT: Row = row(400, ErrorKind::InvalidInput, Retry::Never);
pub(super) const OTHER_SERVER: Row = row(500, ErrorKind::Unavailable, Retry::Unclear);
/// 1xx and 3xx: redirects are never followed.
pub(super) const OTHER_PROTOCOL: Row = row(300, ErrorKind::Protocol, Retry::Never);

#[cfg(test)]
pub(super) fn markdown() -> String {
    let mut page =
        "| status | text | request | for | kind | again? | remedy |\n|---|---|---|---|---|---|---|\n".to_owned();
    for row in TABLE {
        page.push_str(&line(&row.status.to_string(), row));
    }
    for (status, row) in [("other 4xx", &OTHER_CLIENT), ("other 5xx", &OTHER_SERVER), ("1xx, 3xx", &OTHER_PROTOCOL)] {
        page.push_str(&line(status, row));
    }
    page
}

#[cfg(test)]
fn line(status: &str, row: &Row) -> String {
    let words = row.words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" and ");
    let request = match (row.of, row.area) {
        (Some(Effect::CreateMeeting), _) => "create of a meeting",
        (Some(Effect::Read), _) => "reads",
        (Some(Effect::Write), _) => "other writes",
        (None, Some(Area::Webhooks)) => "webhooks",
        (None, Some(Area::Meetings)) => "all but webhooks",
        (None, None) => "",
    };
    let whom = row.for_other.map_or("", |other| if other { "another host" } else { "oneself" });
    let again = match row.retry {
        Retry::Never => "never",
        Retry::Safe => "safe",
        Retry::Unclear => "unclear; reads: safe",
        Retry::SafeIfTimed => "safe with `Retry-After`, else unclear; reads: safe",
    };
    let remedy = match row.page {
        "" => row.action.to_owned(),
        page => format!("{} [Page]({page})", row.action),
    };
    let said = [row.detail, &remedy].into_iter().filter(|text| !text.is_empty());
    let said = said.map(|text| text.to_owned()).collect::<Vec<_>>().join(". ");
    format!("| {status} | {words} | {request} | {whom} | `{:?}` | {again} | {} |\n", row.kind, capital(&said))
}

#[cfg(test)]
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
