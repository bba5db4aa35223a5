use meetings_http::{CallProtection, Protection};

/// The protection of every call that writes. Calls that read are idempotent.
///
/// ```
/// use graph_meetings::{PROTECTIONS, Protection};
///
/// let create = PROTECTIONS.iter().find(|row| row.call == "TeamsMeetings::create").ok_or("listed")?;
/// assert_eq!(create.level, Protection::Keyed);
/// # Ok::<(), &str>(())
/// ```
pub const PROTECTIONS: &[CallProtection] = &[
    row("TeamsMeetings::create", Protection::Keyed, "createOrGet by externalId: the same key is the same meeting"),
    row("TeamsMeetings::create_with", Protection::Keyed, "as create"),
    row("TeamsMeetings::update", Protection::Idempotent, "plain values"),
    row("TeamsMeetings::change", Protection::Idempotent, "plain values"),
    row("TeamsMeetings::cancel", Protection::Idempotent, "what is gone is gone"),
    row("CalendarMeetings::create", Protection::Keyed, "transactionId, and the key as a marker that find_by_key sees"),
    row("CalendarMeetings::create_with", Protection::Keyed, "as create"),
    row("CalendarMeetings::update", Protection::Findable, "attendees are mailed; read it to see whether it was done"),
    row("CalendarMeetings::cancel", Protection::Idempotent, "what is gone is gone; findable with a version to match"),
    row("CalendarMeetings::cancel_with", Protection::Unprotected, "each may mail its comment"),
    row(
        "OutlookCalendars::write, create",
        Protection::Keyed,
        "transactionId, and the key as a marker that find_by_marker sees",
    ),
    row("OutlookCalendars::write, update", Protection::Findable, "If-Match; read it to see whether it was done"),
    row(
        "OutlookCalendars::write, delete",
        Protection::Idempotent,
        "what is gone is gone; findable with a version to match",
    ),
    row(
        "OutlookCalendars::create_calendar",
        Protection::Findable,
        "its name, which a mailbox has once; calendars lists them",
    ),
    row(
        "OutlookCalendars::ensure_category",
        Protection::Findable,
        "its name, which a mailbox has once; safe to call again, it reads first",
    ),
    row("OutlookEvents::create", Protection::Keyed, "transactionId, and the key as a marker that find sees"),
    row("OutlookEvents::patch", Protection::Findable, "attendees are mailed; read it to see whether it was done"),
    row("OutlookEvents::delete", Protection::Idempotent, "what is gone is gone; findable with a version to match"),
    row("OutlookEvents::cancel", Protection::Unprotected, "each may mail its comment"),
    row("OutlookEvents::accept", Protection::Unprotected, "each may mail the organizer"),
    row("OutlookEvents::tentatively_accept", Protection::Unprotected, "each may mail the organizer"),
    row("OutlookEvents::decline", Protection::Unprotected, "each may mail the organizer"),
    row("OutlookEvents::forward", Protection::Unprotected, "each mails the recipients"),
    row("EventAttendees::add", Protection::Findable, "If-Match; safe to call again, it reads first"),
    row("EventAttendees::remove", Protection::Findable, "If-Match; safe to call again, it reads first"),
    row("Guests::invite", Protection::Findable, "find_by_address; each may mail"),
    row("Guests::invite_with", Protection::Findable, "find_known; each may mail"),
    row("Guests::resend", Protection::Findable, "each may mail; the guest stays the same"),
    row("Guests::reset_redemption", Protection::Findable, "redemption tells; each may mail"),
    row("Guests::remove", Protection::Idempotent, "who is gone is gone"),
];

const fn row(call: &'static str, level: Protection, by: &'static str) -> CallProtection {
    CallProtection::new(call, level, by)
}
