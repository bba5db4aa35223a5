use meetings_http::{CallProtection, Protection};

/// The protection of every call that writes. Calls that read are idempotent.
///
/// ```
/// use webex_meetings::{PROTECTIONS, Protection};
///
/// let create = PROTECTIONS.iter().find(|row| row.call == "WebexMeetings::create").ok_or("listed")?;
/// assert_eq!(create.level, Protection::Findable);
/// # Ok::<(), &str>(())
/// ```
pub const PROTECTIONS: &[CallProtection] = &[
    row("WebexMeetings::create", Protection::Findable, "the key as a tag, which find_by_key sees; never sent twice"),
    row("WebexMeetings::create_with", Protection::Findable, "as create"),
    row("WebexMeetings::adopt", Protection::Idempotent, "deletes copies only, each after a fresh look"),
    row("WebexMeetings::prune", Protection::Idempotent, "deletes copies only, each after a fresh look"),
    row("WebexMeetings::update", Protection::Idempotent, "plain values"),
    row("WebexMeetings::update, notify", Protection::Unprotected, "each may mail; read it to see whether it was done"),
    row("WebexMeetings::change", Protection::Idempotent, "plain values"),
    row("WebexMeetings::change, mails", Protection::Unprotected, "each may mail; read it to see whether it was done"),
    row("WebexMeetings::cancel", Protection::Idempotent, "what is gone is gone"),
    row("WebexMeetings::delete", Protection::Idempotent, "what is gone is gone"),
    row("WebexMeetings::end", Protection::Findable, "its state; it may have been started anew"),
    row("WebexMeetings::reassign_host", Protection::Idempotent, "the same host"),
    row("WebexMeetings::join_links", Protection::Idempotent, "each makes links that expire"),
    row("WebexMeetings::add", Protection::Keyed, "by address; a second one is refused and mails nobody"),
    row("WebexMeetings::remove", Protection::Idempotent, "who is gone is gone"),
    row("WebexMeetings::invite", Protection::Keyed, "by address; a second one is refused and mails nobody"),
    row("WebexMeetings::invite_many", Protection::Keyed, "by address; who is missing is found out"),
    row("WebexMeetings::change_invitee", Protection::Idempotent, "plain values"),
    row(
        "WebexMeetings::change_invitee, mails",
        Protection::Unprotected,
        "each may mail; invitee tells whether it was done",
    ),
    row("WebexMeetings::uninvite", Protection::Idempotent, "who is gone is gone"),
    row("WebexParticipants::mute", Protection::Idempotent, "muted is muted"),
    row("WebexParticipants::expel", Protection::Idempotent, "who is out is out"),
    row("WebexParticipants::admit", Protection::Unprotected, "read them to see whether it was done"),
    row("WebexRecordings::delete", Protection::Idempotent, "what is gone is gone"),
    row("WebexWebhooks::create", Protection::Findable, "target, resource, event, filter and owner; ensure finds it"),
    row("WebexWebhooks::ensure", Protection::Findable, "as create; safe to call again, it reads first"),
    row("WebexWebhooks::update", Protection::Idempotent, "plain values"),
    row("WebexWebhooks::renew", Protection::Idempotent, "plain values"),
    row("WebexWebhooks::delete", Protection::Idempotent, "what is gone is gone"),
    row("Watchdog::run_once", Protection::Findable, "as ensure"),
];

const fn row(call: &'static str, level: Protection, by: &'static str) -> CallProtection {
    CallProtection::new(call, level, by)
}
