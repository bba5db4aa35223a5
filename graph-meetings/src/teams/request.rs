use bytes::Bytes;
use http::Request;
use invitations_core::{
    Error, Result,
    ids::{MeetingId, MeetingKey},
    people::Attendee,
    provider::MeetingDraft,
    secret::JoinUrl,
    time::Slot,
};
use serde_json::{Map, Value, json};

use super::{options::MeetingOptions, participants, patch::TeamsPatch, recurrence, words::AllowedPresenters};
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
    recurrence::refuse(draft)
}

pub(super) fn check_subject(subject: &str) -> Result<()> {
    match subject.chars().count() {
        _ if subject.trim().is_empty() => Err(Error::invalid("write meeting", "the subject is empty")),
        0..=LONGEST_SUBJECT => Ok(()),
        _ => Err(Error::invalid("write meeting", "the subject is longer than 255 characters")),
    }
}

pub(super) fn check_slot(slot: &Slot) -> Result<()> {
    if slot.duration.as_secs() == 0 {
        return Err(Error::invalid("write meeting", "the meeting ends when it begins"));
    }
    Ok(())
}

/// `createOrGet`: the same key of the same organizer is the same meeting (trap 4). Of the options it takes at most those that only a
/// create can say, see [`MeetingOptions::only_at_create`].
pub(super) fn create(
    owner: &Owner,
    key: &MeetingKey,
    draft: &MeetingDraft,
    options: &MeetingOptions,
) -> Result<Request<Bytes>> {
    let (mut body, _) = options.split()?;
    body.insert("externalId".to_owned(), key.as_str().into());
    body.insert("subject".to_owned(), draft.subject.as_str().into());
    times(&mut body, &draft.slot);
    if !draft.attendees.is_empty() {
        body.insert("participants".to_owned(), participants::members(&draft.attendees));
    }
    let path = format!("{}/onlineMeetings/createOrGet", owner.path());
    Ok(wire::prefer(wire::post(&path, &body)?, KNOWN_ENUMS))
}

/// The options as a second step; `None` when there are none. Named presenters need the whole list of attendees again (trap 5), and
/// so has `listed`, where a meeting does not have it yet.
pub(super) fn settle(
    owner: &Owner,
    id: &MeetingId,
    options: &MeetingOptions,
    attendees: &[Attendee],
    listed: bool,
) -> Result<Option<Request<Bytes>>> {
    let (_, mut body) = options.split()?;
    if listed || options.presenters == Some(AllowedPresenters::RoleIsPresenter) {
        body.insert("participants".to_owned(), participants::members(attendees));
    }
    if body.is_empty() {
        return Ok(None);
    }
    Ok(Some(wire::prefer(wire::patch(&path(owner, id), &body)?, KNOWN_ENUMS)))
}

/// Reads one meeting.
pub(super) fn read(owner: &Owner, id: &MeetingId) -> Result<Request<Bytes>> {
    Ok(wire::prefer(wire::get(&path(owner, id))?, KNOWN_ENUMS))
}

/// Looks for the meeting of a join link. The link is percent-encoded, and the whole filter once more.
pub(super) fn find_by_join_url(owner: &Owner, url: &JoinUrl) -> Result<Request<Bytes>> {
    find(owner, "JoinWebUrl", &wire::segment(url.expose().as_str()))
}

/// Looks for the meeting of a number that people type.
pub(super) fn find_by_join_meeting_id(owner: &Owner, id: &str) -> Result<Request<Bytes>> {
    // people write it in groups
    let digits: String = id.chars().filter(|letter| !letter.is_whitespace()).collect();
    if digits.is_empty() || digits.len() > 64 || digits.chars().any(char::is_control) {
        return Err(Error::invalid("find meeting", "no join meeting id"));
    }
    find(owner, "joinMeetingIdSettings/joinMeetingId", &digits)
}

fn find(owner: &Owner, member: &str, value: &str) -> Result<Request<Bytes>> {
    let filter = format!("{member} eq '{}'", value.replace('\'', "''"));
    let path = format!("{}/onlineMeetings?$filter={}", owner.path(), wire::segment(&filter));
    Ok(wire::prefer(wire::get(&path)?, KNOWN_ENUMS))
}

/// A change; `None` when the patch names nothing. Start and end go together, attendees are the whole list (trap 5).
pub(super) fn update(owner: &Owner, id: &MeetingId, patch: &TeamsPatch) -> Result<Option<Request<Bytes>>> {
    if patch.options.only_at_create() {
        return Err(Error::invalid(
            "update meeting",
            "the passcode and the template are fixed once the meeting is there",
        ));
    }
    let mut body = patch.options.members()?;
    if let Some(subject) = &patch.subject {
        check_subject(subject)?;
        body.insert("subject".to_owned(), subject.as_str().into());
    }
    if let Some(slot) = &patch.slot {
        check_slot(slot)?;
        times(&mut body, slot);
    }
    if let Some(attendees) = &patch.attendees {
        body.insert("participants".to_owned(), participants::members(attendees));
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
        ErrorKind,
        ids::{GuestId, UserId},
        people::{AttendeeRole, EmailAddress},
    };

    use super::*;
    use crate::teams::words::LobbyScope;

    fn owner() -> Owner {
        Owner::User(UserId::parse("1f35f2e6-9cab-44ad-8d5a-b74c14720000").unwrap())
    }

    fn slot() -> Slot {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        Slot::from(at("2026-07-15T09:00:00Z")..at("2026-07-15T10:00:00Z"))
    }

    fn draft() -> MeetingDraft {
        MeetingDraft::new("Lesson", slot())
    }

    fn id(text: &str) -> MeetingId {
        MeetingId::parse(text).unwrap()
    }

    fn body(request: &Request<Bytes>) -> Value {
        serde_json::from_slice(request.body()).unwrap()
    }

    fn ada() -> Attendee {
        Attendee::new(EmailAddress::parse("Ada@Contoso.example").unwrap())
    }

    #[test]
    fn a_create_carries_the_key_and_no_settings() {
        let draft = draft().with_attendee(ada().with_guest(GuestId::parse("g-1").unwrap()));
        let options = MeetingOptions::new().with_lobby(LobbyScope::Everyone);
        let request = create(&owner(), &MeetingKey::parse("lesson-42").unwrap(), &draft, &options).unwrap();
        assert_eq!(request.method(), "POST");
        assert_eq!(request.uri(), "/v1.0/users/1f35f2e6-9cab-44ad-8d5a-b74c14720000/onlineMeetings/createOrGet");
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
    fn what_only_a_create_can_say_goes_with_the_create() {
        let options =
            MeetingOptions::new().with_passcode_required(true).with_template("t-1".into()).with_whiteboard(false);
        let request = create(&owner(), &MeetingKey::parse("k").unwrap(), &draft(), &options).unwrap();
        assert_eq!(body(&request)["joinMeetingIdSettings"], json!({ "isPasscodeRequired": true }));
        assert_eq!(body(&request)["meetingTemplateId"], "t-1");
        assert!(body(&request).get("allowWhiteboard").is_none());
        let later = settle(&owner(), &id("m"), &options, &[], false).unwrap().unwrap();
        assert_eq!(body(&later), json!({ "allowWhiteboard": false }));
        let patch = TeamsPatch::new().with_options(options);
        assert_eq!(update(&owner(), &id("m"), &patch).unwrap_err().kind(), ErrorKind::InvalidInput);
    }

    #[test]
    fn settings_follow_as_a_patch_only_when_there_are_any() {
        let id = id("1*a*0**19:meeting_x@thread.v2");
        assert!(settle(&owner(), &id, &MeetingOptions::new(), &[ada()], false).unwrap().is_none());
        let open = MeetingOptions::new().with_lobby(LobbyScope::Everyone);
        let request = settle(&Owner::SignedIn, &id, &open, &[ada()], false).unwrap().unwrap();
        assert_eq!(request.uri(), "/v1.0/me/onlineMeetings/1%2Aa%2A0%2A%2A19%3Ameeting_x%40thread.v2");
        assert_eq!(body(&request), json!({ "lobbyBypassSettings": { "scope": "everyone" } }));
    }

    #[test]
    fn trap_06_every_request_asks_for_the_members_that_came_later() {
        let key = MeetingKey::parse("k").unwrap();
        let link = JoinUrl::new("https://teams.example/x".parse().unwrap());
        let options = MeetingOptions::new().with_lobby(LobbyScope::OrganizationExcludingGuests);
        let patch = TeamsPatch::new().with_subject("New");
        for request in [
            create(&owner(), &key, &draft(), &options).unwrap(),
            settle(&owner(), &id("m"), &options, &[], false).unwrap().unwrap(),
            read(&owner(), &id("m")).unwrap(),
            find_by_join_url(&owner(), &link).unwrap(),
            find_by_join_meeting_id(&owner(), "1").unwrap(),
            update(&owner(), &id("m"), &patch).unwrap().unwrap(),
        ] {
            assert_eq!(request.headers()["prefer"], KNOWN_ENUMS, "{} {}", request.method(), request.uri());
        }
    }

    #[test]
    fn trap_05_named_presenters_send_the_whole_list() {
        let options = MeetingOptions::new().with_presenters(AllowedPresenters::RoleIsPresenter);
        let people = [ada().with_role(AttendeeRole::Presenter)];
        let request = settle(&owner(), &id("m"), &options, &people, false).unwrap().unwrap();
        assert_eq!(body(&request)["allowedPresenters"], "roleIsPresenter");
        assert_eq!(body(&request)["participants"]["attendees"][0]["role"], "presenter");
        let patch = TeamsPatch::new().with_attendees([ada(), ada().with_role(AttendeeRole::CoOrganizer)]);
        let request = update(&owner(), &id("m"), &patch).unwrap().unwrap();
        let list = body(&request)["participants"]["attendees"].clone();
        assert_eq!((list.as_array().unwrap().len(), list[1]["role"].as_str()), (2, Some("coorganizer")));
        assert!(body(&request)["participants"].get("organizer").is_none());
    }

    #[test]
    fn trap_05_start_and_end_go_together() {
        let change = |patch: TeamsPatch| update(&owner(), &id("m"), &patch).unwrap();
        let request = change(TeamsPatch::new().with_slot(slot())).unwrap();
        let expected = json!({ "startDateTime": "2026-07-15T09:00:00Z", "endDateTime": "2026-07-15T10:00:00Z" });
        assert_eq!(body(&request), expected);
        assert!(change(TeamsPatch::new()).is_none());
        assert_eq!(body(&change(TeamsPatch::new().with_subject("New")).unwrap()), json!({ "subject": "New" }));
    }

    #[test]
    fn a_join_link_is_encoded_before_the_query_and_quotes_are_doubled() {
        let link = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x%40thread.v2/0?context=%7b%7d&p='a'";
        let request = find_by_join_url(&owner(), &JoinUrl::new(link.parse().unwrap())).unwrap();
        let query = request.uri().query().unwrap().strip_prefix("$filter=").unwrap();
        let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
        let filter = decoded(query);
        let inner = filter.strip_prefix("JoinWebUrl eq '").and_then(|rest| rest.strip_suffix('\'')).unwrap();
        assert!(inner.contains("%253ameeting_x") && inner.contains("%2527a%2527"), "{inner}");
        assert_eq!(decoded(inner), link.replace('\'', "%27"));
        let request = find_by_join_meeting_id(&owner(), "123 456 'x").unwrap();
        let filter = decoded(request.uri().query().unwrap());
        assert_eq!(filter, "$filter=joinMeetingIdSettings/joinMeetingId eq '123456''x'");
        assert_eq!(find_by_join_meeting_id(&owner(), " ").unwrap_err().kind(), ErrorKind::InvalidInput);
    }

    #[test]
    fn what_teams_cannot_take_is_refused_before_any_call() {
        let nothing = Slot::from(DateTime::<Utc>::UNIX_EPOCH..DateTime::<Utc>::UNIX_EPOCH);
        assert_eq!(check(&MeetingDraft::new("Lesson", nothing)).unwrap_err().kind(), ErrorKind::InvalidInput);
        let long = MeetingDraft::new("x".repeat(256), slot());
        assert_eq!(check(&long).unwrap_err().kind(), ErrorKind::InvalidInput);
        let rule = invitations_core::time::Recurrence::parse("FREQ=DAILY").unwrap();
        assert_eq!(check(&draft().with_recurrence(rule)).unwrap_err().kind(), ErrorKind::Unsupported);
        assert!(check(&draft()).is_ok());
    }
}
