use invitations_core::{Error, ErrorKind, Remedy, Result, provider::MeetingDraft};
use serde_json::{Map, Value};

/// An online meeting does not repeat.
pub(super) fn refuse(draft: &MeetingDraft) -> Result<()> {
    match draft.recurrence {
        None => Ok(()),
        Some(_) => Err(Error::new(ErrorKind::Unsupported, "create meeting")
            .with_provider(crate::provider_id())
            .with_detail("the meeting would repeat")
            .with_remedy(Remedy::new("Make one meeting for each time, or a calendar event that repeats."))),
    }
}

/// Writes the rule of an event that repeats, which is refused so far. The one place where events learn to repeat: the
/// rule goes into `recurrence`, whose start date has to be that of `start` in the same zone.
pub(super) fn write(draft: &MeetingDraft, _event: &mut Map<String, Value>) -> Result<()> {
    refuse(draft)
}
