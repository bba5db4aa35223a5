use bytes::Bytes;
use http::Request;
use invitations_core::{
    Error, ErrorKind, Result,
    ids::{MeetingId, MeetingKey},
    provider::{MeetingDraft, MeetingPatch, Presenters},
    time::Slot,
};
use serde_json::{Map, Value, json};

use super::{participants, settings};
use crate::{
    owner::Owner,
    wire::{self, utc_text},
};

/// Without it a reply hides members of enums that came later, and writing them back would destroy them (trap 6).
const KNOWN_ENUMS: &str = "include-unknown-enum-members";
/// The longest subject that Teams keeps.
const LONGEST_SUBJECT: usize = 255;

/// Refuses what Teams cannot take, before any I/O.
pub(super) fn check(draft: &MeetingDraft) -> Result<()> {
    check_subject(&draft.subject)?;
    check_slot(&draft.slot)?;
    if draft.recurrence.is_some() {
        return Err(Error::new(ErrorKind::Unsupported, "create meeting")
            .with_detail("an online meeting does not repeat")
            .with_remedy(invitations_core::Remedy::new("Create a calendar event with an online meeting instead.")));
    }
    settings::members(&draft.settings).map(drop)
}

fn check_subject(subject: &str) -> Result<()> {
    match subject.chars().count() {
        _ if subject.trim().is_empty() => Err(Error::invalid("write meeting", "the subject is empty")),
        0..=LONGEST_SUBJECT => Ok(()),
        _ => Err(Error::invalid("write meeting", "the subject is longer than 255 characters")),
    }
}

fn check_slot(slot: &Slot) -> Result<()> {
    if slot.duration.as_secs() == 0 {
        return Err(Error::invalid("write meeting", "the meeting ends when it begins"));
    }
    Ok(())
}

/// `createOrGet`: the same key of the same organizer is the same meeting. It takes no settings.
pub(super) fn create(owner: &Owner, key: &MeetingKey, draft: &MeetingDraft) -> Result<Request<Bytes>> {
    let mut body = Map::new();
    body.insert("externalId".to_owned(), key.as_str().into());
    body.insert("subject".to_owned(), draft.subject.as_str().into());
    times(&mut body, &draft.slot);
    if !draft.attendees.is_empty() {
        body.insert("participants".to_owned(), participants::members(&draft.attendees));
    }
    let path = format!("{}/onlineMeetings/createOrGet", owner.path());
    Ok(wire::prefer(wire::post(&path, &body)?, KNOWN_ENUMS))
}

/// The settings of a draft as a second step; `None` when it has none. Named presenters need the whole list again (trap 5).
pub(super) fn settle(owner: &Owner, id: &MeetingId, draft: &MeetingDraft) -> Result<Option<Request<Bytes>>> {
    let mut body = settings::members(&draft.settings)?;
    if body.is_empty() {
        return Ok(None);
    }
    if draft.settings.presenters == Some(Presenters::Named) {
        body.insert("participants".to_owned(), participants::members(&draft.attendees));
    }
    Ok(Some(wire::prefer(wire::patch(&path(owner, id), &body)?, KNOWN_ENUMS)))
}

/// Reads one meeting.
pub(super) fn read(owner: &Owner, id: &MeetingId) -> Result<Request<Bytes>> {
    Ok(wire::prefer(wire::get(&path(owner, id))?, KNOWN_ENUMS))
}

/// A change; `None` when the patch names nothing. Start and end go together (trap 5).
pub(super) fn update(owner: &Owner, id: &MeetingId, patch: &MeetingPatch) -> Result<Option<Request<Bytes>>> {
    let mut body = settings::members(&patch.settings)?;
    if let Some(subject) = &patch.subject {
        check_subject(subject)?;
        body.insert("subject".to_owned(), subject.as_str().into());
    }
    if let Some(slot) = &patch.slot {
        check_slot(slot)?;
        times(&mut body, slot);
    }
    if body.is_empty() {
        return Ok(None);
    }
    Ok(Some(wire::prefer(wire::patch(&path(owner, id), &body)?, KNOWN_ENUMS)))
}

/// Takes a meeting away.
pub(super) fn cancel(owner: &Owner, id: &MeetingId) -> Result<Request<Bytes>> {
    wire::delete(&path(owner, id))
}

fn path(owner: &Owner, id: &MeetingId) -> String {
    format!("{}/onlineMeetings/{}", owner.path(), wire::segment(id.as_str()))
}

fn times(body: &mut Map<String, Value>, slot: &Slot) {
    body.insert("startDateTime".to_owned(), json!(utc_text(slot.start_instant())));
    body.insert("endDateTime".to_owned(), json!(utc_text(slot.end_instant())));
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use invitations_core::{
        ids::{GuestId, UserId},
        people::{Attendee, AttendeeRole, EmailAddress},
        provider::MeetingSettings,
    };

    use super::*;

    fn owner() -> Owner {
        Owner::User(UserId::parse("1f35f2e6-9cab-44ad-8d5a-b74c14720000").unwrap())
    }

    fn slot() -> Slot {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        Slot::from(at("2026-07-15T09:00:00Z")..at("2026-07-15T10:00:00Z"))
    }

    fn body(request: &Request<Bytes>) -> Value {
        serde_json::from_slice(request.body()).unwrap()
    }

    fn ada() -> Attendee {
        Attendee::new(EmailAddress::parse("Ada@Contoso.example").unwrap())
    }

    #[test]
    fn a_create_carries_the_key_and_no_settings() {
        let draft = MeetingDraft::new("Lesson", slot())
            .with_settings(MeetingSettings::open_room())
            .with_attendee(ada().with_guest(GuestId::parse("g-1").unwrap()));
        let request = create(&owner(), &MeetingKey::parse("lesson-42").unwrap(), &draft).unwrap();
        assert_eq!(request.method(), "POST");
        assert_eq!(request.uri(), "/v1.0/users/1f35f2e6-9cab-44ad-8d5a-b74c14720000/onlineMeetings/createOrGet");
        assert_eq!(request.headers()["prefer"], KNOWN_ENUMS);
        let expected = json!({
            "externalId": "lesson-42",
            "subject": "Lesson",
            "startDateTime": "2026-07-15T09:00:00Z",
            "endDateTime": "2026-07-15T10:00:00Z",
            "participants": { "attendees": [
                { "upn": "ada@contoso.example", "role": "attendee", "identity": { "user": { "id": "g-1" } } },
            ]},
        });
        assert_eq!(body(&request), expected);
    }

    #[test]
    fn settings_follow_as_a_patch_only_when_there_are_any() {
        let id = MeetingId::parse("1*a*0**19:meeting_x@thread.v2").unwrap();
        let plain = MeetingDraft::new("Lesson", slot());
        assert!(settle(&owner(), &id, &plain).unwrap().is_none());
        let open = plain.with_settings(MeetingSettings::open_room());
        let request = settle(&Owner::SignedIn, &id, &open).unwrap().unwrap();
        assert_eq!(request.uri(), "/v1.0/me/onlineMeetings/1%2Aa%2A0%2A%2A19%3Ameeting_x%40thread.v2");
        assert_eq!(body(&request)["lobbyBypassSettings"]["scope"], "everyone");
        assert!(body(&request).get("participants").is_none());
    }

    #[test]
    fn trap_05_named_presenters_send_the_whole_list() {
        let mut draft = MeetingDraft::new("Lesson", slot()).with_attendee(ada().with_role(AttendeeRole::Presenter));
        draft.settings.presenters = Some(Presenters::Named);
        let request = settle(&owner(), &MeetingId::parse("m").unwrap(), &draft).unwrap().unwrap();
        assert_eq!(body(&request)["allowedPresenters"], "roleIsPresenter");
        assert_eq!(body(&request)["participants"]["attendees"][0]["role"], "presenter");
    }

    #[test]
    fn trap_05_start_and_end_go_together() {
        let id = MeetingId::parse("m").unwrap();
        let request = update(&owner(), &id, &MeetingPatch::new().with_slot(slot())).unwrap().unwrap();
        let expected = json!({ "startDateTime": "2026-07-15T09:00:00Z", "endDateTime": "2026-07-15T10:00:00Z" });
        assert_eq!(body(&request), expected);
        assert!(update(&owner(), &id, &MeetingPatch::new()).unwrap().is_none());
        let request = update(&owner(), &id, &MeetingPatch::new().with_subject("New")).unwrap().unwrap();
        assert_eq!(body(&request), json!({ "subject": "New" }));
    }

    #[test]
    fn what_teams_cannot_take_is_refused_before_any_call() {
        let nothing = Slot::from(DateTime::<Utc>::UNIX_EPOCH..DateTime::<Utc>::UNIX_EPOCH);
        assert_eq!(check(&MeetingDraft::new("Lesson", nothing)).unwrap_err().kind(), ErrorKind::InvalidInput);
        let long = MeetingDraft::new("x".repeat(256), slot());
        assert_eq!(check(&long).unwrap_err().kind(), ErrorKind::InvalidInput);
        let rule = invitations_core::time::Recurrence::parse("FREQ=DAILY").unwrap();
        let repeats = MeetingDraft::new("Lesson", slot()).with_recurrence(rule);
        assert_eq!(check(&repeats).unwrap_err().kind(), ErrorKind::Unsupported);
        assert!(check(&MeetingDraft::new("Lesson", slot())).is_ok());
    }
}
