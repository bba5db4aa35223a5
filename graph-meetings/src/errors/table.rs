//! The table. `table.md` beside it is made from it, and shown as [`error_table`](crate::error_table).

use invitations_core::ErrorKind;

use super::Resource;

/// One row. Empty `codes`: any code. `resource: None`: any.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) status: u16,
    pub(super) codes: &'static [&'static str],
    pub(super) resource: Option<Resource>,
    pub(super) delegated: Option<bool>,
    pub(super) kind: ErrorKind,
    pub(super) retry: Retry,
    pub(super) action: &'static str,
    pub(super) page: &'static str,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Retry {
    Never,
    /// Nothing happened; after what the server says.
    Safe,
    /// A write may have happened; a read is always safe.
    Unclear,
    /// Nothing happened when the server names a time to come back, else it may have.
    SafeIfTimed,
}

const POLICY: &str = "Run the doctor (Graph::doctor), which tells apart what this answer does not. In this order: grant the Teams \
    application access policy to the organizer (New-CsApplicationAccessPolicy, Grant-CsApplicationAccessPolicy); give a fresh grant its \
    time, usually up to 30 minutes and at most 24 hours; give the organizer a Teams licence; use the credentials of the organizer's own \
    directory; act as the meeting's organizer.";
const POLICY_PAGE: &str =
    "https://learn.microsoft.com/graph/cloud-communication-online-meeting-application-access-policy";
const PERMISSIONS_PAGE: &str = "https://learn.microsoft.com/graph/permissions-reference";
const THROTTLING_PAGE: &str = "https://learn.microsoft.com/graph/throttling";
const SCOPING_PAGE: &str = "https://learn.microsoft.com/exchange/permissions-exo/application-rbac";
const INVITATION_PAGE: &str = "https://learn.microsoft.com/graph/api/invitation-post";
const METERED_PAGE: &str = "https://learn.microsoft.com/graph/metered-api-overview";
const AUTH_PAGE: &str = "https://learn.microsoft.com/graph/resolve-auth-errors";
const SCHEDULE_PAGE: &str = "https://learn.microsoft.com/graph/api/calendar-getschedule";
const UPDATE_PAGE: &str = "https://learn.microsoft.com/graph/api/event-update";
const EVENT_PAGE: &str = "https://learn.microsoft.com/graph/api/resources/event";
const KEY_USED: &str = "Look the event up by its marker; when it was deleted, use a new incarnation of its key, for Outlook remembers the old one.";
const ZONE_PAGE: &str = "https://learn.microsoft.com/graph/api/resources/datetimetimezone";
const CONCURRENCY_PAGE: &str = "https://learn.microsoft.com/graph/throttling-limits";
const DELTA_PAGE: &str = "https://learn.microsoft.com/graph/delta-query-overview";

const fn row(status: u16, kind: ErrorKind, retry: Retry) -> Row {
    Row { status, codes: &[], resource: None, delegated: None, kind, retry, action: "", page: "" }
}

impl Row {
    const fn of(mut self, resource: Resource) -> Self {
        self.resource = Some(resource);
        self
    }
    const fn by(mut self, delegated: bool) -> Self {
        self.delegated = Some(delegated);
        self
    }
    const fn coded(mut self, codes: &'static [&'static str]) -> Self {
        self.codes = codes;
        self
    }
    const fn says(mut self, action: &'static str, page: &'static str) -> Self {
        (self.action, self.page) = (action, page);
        self
    }
}

/// The first row that fits counts.
pub(super) static TABLE: &[Row] = &[
    row(400, ErrorKind::InvalidInput, Retry::Never).of(Resource::Meetings).by(false).coded(&["BadRequest"]).says(
        "Check the times and the participants; right after the application access policy was granted this passes by itself.",
        POLICY_PAGE,
    ),
    row(400, ErrorKind::InvalidInput, Retry::Never).coded(&["ErrorInvalidRecipients"]).says("Check the attendees' addresses.", ""),
    row(400, ErrorKind::InvalidInput, Retry::Never).coded(&["ErrorOccurrenceCrossingBoundary"]).says(
        "Move the occurrence to a time between its neighbours, on a day of its own.",
        UPDATE_PAGE,
    ),
    row(400, ErrorKind::InvalidInput, Retry::Never).coded(&["ErrorMailboxDataArrayTooBig"]).says(
        "Ask for fewer addresses at a time.",
        SCHEDULE_PAGE,
    ),
    row(400, ErrorKind::InvalidInput, Retry::Never).coded(&["ErrorTimeIntervalTooBig"]).says(
        "Ask for a shorter time.",
        SCHEDULE_PAGE,
    ),
    row(400, ErrorKind::InvalidInput, Retry::Never).coded(&["TimeZoneNotSupportedException"]).says(
        "Write the time in UTC: this mailbox's server does not know the zone.",
        ZONE_PAGE,
    ),
    row(400, ErrorKind::InvalidInput, Retry::Never).coded(&["ValidationError"]).says(
        "Make the notification address answer Graph's validation request within 10 seconds, before it is subscribed.",
        "https://learn.microsoft.com/graph/change-notifications-delivery-webhooks",
    ),
    row(400, ErrorKind::AlreadyExists, Retry::Never).coded(&["ErrorDuplicateTransactionId"]).says(KEY_USED, EVENT_PAGE),
    row(401, ErrorKind::Unauthenticated, Retry::Never).says(
        "Check that the token is for this cloud and that the account still exists.",
        AUTH_PAGE,
    ),
    row(402, ErrorKind::Misconfigured, Retry::Never).says("Set up billing for this metered interface.", METERED_PAGE),
    // three bodies are known (Forbidden, General, Unauthorized): the status and the resource tell, not the code
    row(403, ErrorKind::Misconfigured, Retry::Never).of(Resource::Meetings).by(false).says(POLICY, POLICY_PAGE),
    row(403, ErrorKind::PermissionDenied, Retry::Never).of(Resource::Meetings).by(true).says(
        "Ask the user to connect again with OnlineMeetings.ReadWrite; only the organizer may change a meeting.",
        PERMISSIONS_PAGE,
    ),
    row(403, ErrorKind::PermissionDenied, Retry::Never).of(Resource::Events).by(false).says(
        "Grant Calendars.ReadWrite to the application and check that Exchange does not scope it to other mailboxes.",
        SCOPING_PAGE,
    ),
    row(403, ErrorKind::PermissionDenied, Retry::Never).of(Resource::Events).by(true).says(
        "Ask the user to connect again with Calendars.ReadWrite.",
        PERMISSIONS_PAGE,
    ),
    row(403, ErrorKind::PermissionDenied, Retry::Never).coded(&["ExtensionError"]).says(
        "Grant Calendars.Read to the application and check that Exchange does not scope it to other mailboxes.",
        SCOPING_PAGE,
    ),
    row(403, ErrorKind::PermissionDenied, Retry::Never).of(Resource::Invitations).says(
        "Grant User.Invite.All and allow guest invitations in the directory's external collaboration settings.",
        INVITATION_PAGE,
    ),
    row(403, ErrorKind::PermissionDenied, Retry::Never).of(Resource::Users).says(
        "Grant what the call needs: User.ReadBasic.All to find people by address, User.Read.All for guests, \
        User.DeleteRestore.All to remove them.",
        PERMISSIONS_PAGE,
    ),
    row(403, ErrorKind::PermissionDenied, Retry::Never).of(Resource::MailboxSettings).says(
        "Grant MailboxSettings.Read to list categories, MailboxSettings.ReadWrite to add some; events are written without them, too.",
        PERMISSIONS_PAGE,
    ),
    row(403, ErrorKind::PermissionDenied, Retry::Never).says("Grant the permission that the call needs.", PERMISSIONS_PAGE),
    row(404, ErrorKind::NotFound, Retry::Never).coded(&["MailboxNotEnabledForRESTAPI", "ErrorNonExistentMailbox"]).says(
        "Give the user an Exchange Online mailbox; a new licence needs up to 15 minutes.",
        "",
    ),
    row(404, ErrorKind::NotFound, Retry::Never),
    row(408, ErrorKind::Timeout, Retry::Unclear),
    // ConcurrentItemSave, Directory_ConcurrencyViolation: another writer was there first
    row(409, ErrorKind::AlreadyExists, Retry::Never).coded(&["ErrorDuplicateTransactionId"]).says(KEY_USED, EVENT_PAGE),
    row(409, ErrorKind::AlreadyExists, Retry::Never).coded(&["ErrorFolderExists"]).says(
        "Choose another name, or use the calendar that has it.",
        "",
    ),
    row(409, ErrorKind::Conflict, Retry::Safe),
    row(410, ErrorKind::ResyncRequired, Retry::Never).says("Begin a full synchronization: the cursor is too old.", DELTA_PAGE),
    row(412, ErrorKind::PermissionDenied, Retry::Never).of(Resource::Invitations).says(
        "Unblock the guest's account in the directory.",
        INVITATION_PAGE,
    ),
    // ErrorIrresolvableConflict
    row(412, ErrorKind::Conflict, Retry::Never).says("Read it again and repeat the change on what is there now.", ""),
    row(423, ErrorKind::Unavailable, Retry::Safe),
    row(424, ErrorKind::Unavailable, Retry::Safe),
    row(429, ErrorKind::Throttled, Retry::Safe).coded(&["ApplicationThrottled"]).says(
        "Send at most four requests at a time to a mailbox.",
        CONCURRENCY_PAGE,
    ),
    row(429, ErrorKind::Throttled, Retry::Safe).says("Send fewer requests at a time.", THROTTLING_PAGE),
    row(501, ErrorKind::Unsupported, Retry::Never),
    row(503, ErrorKind::Unavailable, Retry::SafeIfTimed),
    row(504, ErrorKind::Timeout, Retry::Unclear),
    row(507, ErrorKind::Unavailable, Retry::Safe).says("Free space in the mailbox.", ""),
    row(509, ErrorKind::Throttled, Retry::Safe).says("Send fewer requests at a time.", THROTTLING_PAGE),
];

/// Answered 500 for good to an invitation; the code is a general one, so the message has to tell.
pub(super) const PERMANENT: Row = row(500, ErrorKind::InvalidInput, Retry::Never)
    .of(Resource::Invitations)
    .says("Check the invited address: its mail system cannot be found.", INVITATION_PAGE);
/// An account of the directory has the invited address; the code is a general one here too.
pub(super) const MEMBER: Row = row(400, ErrorKind::Conflict, Retry::Never).of(Resource::Invitations).says(
    "Use the account that has the address as it is: it needs no invitation. Allow it to be read if it is not found.",
    INVITATION_PAGE,
);
pub(super) const OTHER_CLIENT: Row = row(400, ErrorKind::InvalidInput, Retry::Never);
pub(super) const OTHER_SERVER: Row = row(500, ErrorKind::Unavailable, Retry::Unclear);
/// 1xx and 3xx: redirects are never followed.
pub(super) const OTHER_PROTOCOL: Row = row(300, ErrorKind::Protocol, Retry::Never);

#[cfg(test)]
pub(super) fn markdown() -> String {
    let mut page =
        "| status | code | about | by | kind | again? | remedy |\n|---|---|---|---|---|---|---|\n".to_owned();
    let others = [
        ("400", "message \"already exists in the directory\"", &MEMBER),
        ("500", "message \"Unable to find target address\"", &PERMANENT),
        ("other 4xx", "", &OTHER_CLIENT),
        ("other 5xx", "", &OTHER_SERVER),
        ("1xx, 3xx", "", &OTHER_PROTOCOL),
    ];
    for row in TABLE {
        page.push_str(&line(&row.status.to_string(), &row.codes.join(", "), row));
    }
    for (status, codes, row) in others {
        page.push_str(&line(status, codes, row));
    }
    page
}

#[cfg(test)]
fn line(status: &str, codes: &str, row: &Row) -> String {
    let about = row.resource.map_or("", |resource| match resource {
        Resource::Meetings => "online meetings",
        Resource::Events => "calendars and events",
        Resource::Users => "people and guests",
        Resource::Invitations => "guest invitations",
        Resource::MailboxSettings => "categories",
        Resource::Other => "other paths",
    });
    let by = row.delegated.map_or("", |delegated| if delegated { "a user's consent" } else { "the application" });
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
    format!("| {status} | {codes} | {about} | {by} | `{:?}` | {again} | {remedy} |\n", row.kind)
}
