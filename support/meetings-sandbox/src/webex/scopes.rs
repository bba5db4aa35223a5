//! Which scopes an integration can ask for.

/// Of meetings: what some operation asks for (<https://developer.webex.com/docs/meetings>).
const OF_MEETINGS: [&str; 16] = [
    "schedules_read",
    "schedules_write",
    "admin_schedule_read",
    "admin_schedule_write",
    "participants_read",
    "participants_write",
    "admin_participants_read",
    "controls_read",
    "controls_write",
    "recordings_read",
    "recordings_write",
    "admin_recordings_read",
    "admin_recordings_write",
    "preferences_read",
    "preferences_write",
    "transcripts_read",
];
/// Of administrators besides.
const OF_ADMINISTRATORS: [&str; 4] =
    ["admin_config_read", "admin_preferences_read", "admin_preferences_write", "admin_transcripts_read"];
/// Families of other products: whatever follows is taken.
const FAMILIES: [&str; 5] = ["spark", "spark-admin", "spark-compliance", "identity", "guest-issuer"];
const OF_OPENID: [&str; 5] = ["openid", "email", "profile", "phone", "address"];

/// Whether all of them can be registered on an integration. No scope at all is none that can.
pub(super) fn are_registered(scopes: &str) -> bool {
    let mut scopes = scopes.split_whitespace().peekable();
    scopes.peek().is_some() && scopes.all(is_known)
}

fn is_known(scope: &str) -> bool {
    match scope.split_once(':') {
        None => OF_OPENID.contains(&scope),
        Some(("meeting", name)) => OF_MEETINGS.contains(&name) || OF_ADMINISTRATORS.contains(&name),
        Some((family, name)) => FAMILIES.contains(&family) && !name.is_empty(),
    }
}
