use invitations_core::{Error, Remedy, Result};

/// The most attendees of an event, rooms included (<https://learn.microsoft.com/graph/api/user-post-events>).
pub(crate) const MOST_ATTENDEES: u16 = 500;

/// Refuses a longer list than Outlook takes.
pub(crate) fn check_attendees(operation: &'static str, count: usize) -> Result<()> {
    if count <= usize::from(MOST_ATTENDEES) {
        return Ok(());
    }
    Err(Error::invalid(operation, format!("an event has at most {MOST_ATTENDEES} attendees"))
        .with_remedy(Remedy::new("Invite a distribution list, or make several events.")))
}
