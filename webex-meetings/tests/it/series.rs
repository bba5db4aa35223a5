//! Series, hosts, joining and invitees in Webex's own words, against the sandbox.

use chrono::TimeDelta;
use invitations_core::{
    ErrorKind,
    people::EmailAddress,
    provider::{MeetingPatch, MeetingProvider as _, MeetingSettings, WriteOptions},
    secret::TokenText,
    time::{Recurrence, Slot, TimeRange, TimeZone, WallTime},
};
use meetings_sandbox::{AuthorizationSide, Fault, FaultPlan, FaultRule, Sandbox, defaults};
use webex_meetings::{
    WebexMeetings,
    invitees::NewInvitee,
    meetings::{
        CreateOptions, JoinRequest, JoinTarget, MeetingChange, MeetingFilter, MeetingOptions, MeetingState,
        MeetingType, Patch, ReadOptions, SendEmail, TrackingCode,
    },
};

use crate::support::{around, client, draft, id, key, meetings_of, once, sandbox, slot, utc};

fn autumn() -> TimeRange {
    TimeRange::new(utc("2026-09-01T00:00:00Z"), utc("2026-12-01T00:00:00Z"))
}

fn silent() -> MeetingChange {
    MeetingChange::new(SendEmail::No)
}

async fn weekly(meetings: &WebexMeetings) -> webex_meetings::meetings::WebexMeeting {
    let draft = draft().with_recurrence(Recurrence::parse("FREQ=WEEKLY;COUNT=10").unwrap());
    meetings.create_with(&key("weekly"), &draft, &CreateOptions::new(), once()).await.unwrap()
}

fn administrator(sandbox: &Sandbox) -> WebexMeetings {
    let scope = "meeting:admin_schedule_read meeting:admin_schedule_write";
    let (side, app) = (AuthorizationSide::Webex, defaults::WEBEX_CLIENT_ID);
    let token = sandbox.scoped_access_token(side, app, defaults::ORGANIZER, scope).unwrap();
    client(sandbox).access_token(TokenText::new(token)).build().unwrap().my_meetings().unwrap()
}

#[tokio::test]
async fn an_occurrence_is_moved_and_the_series_is_not_moved_over_it() {
    let sandbox = sandbox().await;
    let meetings = meetings_of(&sandbox, defaults::ORGANIZER);
    let series = weekly(&meetings).await;
    let all = meetings.occurrences(&series.id, autumn()).await.unwrap();
    assert_eq!(all.len(), 10);
    // on the wall of the series' zone, over the end of summer time
    assert_eq!((all[0].start, all[9].start), (Some(utc("2026-09-07T07:00:00Z")), Some(utc("2026-11-09T08:00:00Z"))));
    assert!(all.iter().all(|one| one.meeting_type == Some(MeetingType::ScheduledMeeting)));
    assert_eq!(all[0].state, Some(MeetingState::Ready));

    let moved = silent().with_title("Physics").with_slot(slot("2026-09-15T09:00:00", "Europe/Paris"));
    let changed = meetings.change(&all[1].id, &moved, WriteOptions::new()).await.unwrap();
    assert_eq!((changed.is_modified, changed.series.as_ref()), (Some(true), Some(&series.id)));
    assert!(changed.takes_place_at(&slot("2026-09-15T09:00:00", "Europe/Paris")));
    let filter = MeetingFilter::of_series(series.id.clone(), autumn()).with_modified(true);
    assert_eq!(meetings.list_with(&filter, None).await.unwrap().items.len(), 1);

    let later = silent().with_slot(slot("2026-09-07T10:00:00", "Europe/Paris"));
    let refused = meetings.change(&series.id, &later, WriteOptions::new()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Conflict);
    let allowed = later.cancelling_modified_occurrences();
    meetings.change(&series.id, &allowed, WriteOptions::new()).await.unwrap();
    assert!(meetings.list_with(&filter, None).await.unwrap().items.is_empty());

    let gone = meetings.occurrences(&series.id, autumn()).await.unwrap().remove(0);
    meetings.delete(&gone.id, SendEmail::No, WriteOptions::new()).await.unwrap();
    assert_eq!(meetings.occurrences(&series.id, autumn()).await.unwrap().len(), 9);
    assert_eq!(meetings.details(&gone.id).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert!(sandbox.mails().is_empty(), "nobody asked for mails");
}

/// Webex tells times in UTC; sent back as they are, they would make the series follow the clocks of UTC.
#[tokio::test]
async fn a_slot_that_was_read_never_takes_a_series_out_of_its_zone() {
    let sandbox = sandbox().await;
    let meetings = meetings_of(&sandbox, defaults::ORGANIZER);
    let series = weekly(&meetings).await;
    let starts = async || {
        let all = meetings.occurrences(&series.id, autumn()).await.unwrap();
        (all[0].start.unwrap(), all[9].start.unwrap())
    };
    let before = starts().await;
    let read = meetings.read(&series.id).await.unwrap().slot.unwrap();
    let listed = meetings.list(around(), None).await.unwrap().items.remove(0).slot.unwrap();
    for told in [read, listed, meetings.details(&series.id).await.unwrap().slot().unwrap()] {
        let later = Slot { start: WallTime::new(told.start.local() + TimeDelta::hours(1), told.start.zone()), ..told };
        let stored: Slot = serde_json::from_str(&serde_json::to_string(&later).unwrap()).unwrap();
        let updated = meetings.update(&series.id, &MeetingPatch::new().with_slot(stored.clone()), once()).await;
        let changed = meetings.change(&series.id, &silent().with_slot(stored.clone()), once()).await.map(drop);
        let rule = Recurrence::parse("FREQ=WEEKLY;COUNT=10").unwrap();
        let again = meetings.change(&series.id, &silent().with_series(stored, rule), once()).await.map(drop);
        for refused in [updated.map(drop), changed, again] {
            let refused = refused.unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::InvalidInput);
            assert!(refused.remedy().unwrap().action.contains("zone"), "{refused}");
        }
    }
    assert_eq!(starts().await, before);

    let ten = slot("2026-09-07T10:00:00", "Europe/Paris");
    let moved = meetings.update(&series.id, &MeetingPatch::new().with_slot(ten.clone()), once()).await.unwrap();
    assert_eq!(moved.slot, Some(ten), "an answer to a change is in the series' own zone");
    assert_eq!(starts().await, (utc("2026-09-07T08:00:00Z"), utc("2026-11-09T09:00:00Z")));
    // whoever wants UTC says it
    let on_purpose = slot("2026-09-07T08:00:00", "UTC");
    let moved = meetings.update(&series.id, &MeetingPatch::new().with_slot(on_purpose.clone()), once()).await.unwrap();
    assert_eq!(moved.slot, Some(on_purpose));
    assert_eq!(starts().await.1, utc("2026-11-09T08:00:00Z"));

    let single = meetings.create(&key("single"), &draft(), once()).await.unwrap();
    let told = meetings.read(&single.id).await.unwrap().slot.unwrap();
    let later = Slot { start: WallTime::new(told.start.local() + TimeDelta::hours(1), told.start.zone()), ..told };
    meetings.update(&single.id, &MeetingPatch::new().with_slot(later), once()).await.unwrap();
    assert_eq!(meetings.details(&single.id).await.unwrap().start, Some(utc("2026-09-07T08:00:00Z")));
}

#[tokio::test]
async fn a_series_is_not_moved_onto_an_hour_that_its_clocks_skip() {
    let sandbox = sandbox().await;
    let meetings = meetings_of(&sandbox, defaults::ORGANIZER);
    let series = weekly(&meetings).await;
    let gap = slot("2027-03-28T02:30:00", "Europe/Paris");
    let patch = MeetingPatch::new().with_slot(gap.clone());
    let updated = meetings.update(&series.id, &patch, once()).await.unwrap_err();
    let changed = meetings.change(&series.id, &silent().with_slot(gap.clone()), once()).await.unwrap_err();
    assert_eq!((updated.kind(), changed.kind()), (ErrorKind::InvalidInput, ErrorKind::InvalidInput));
    assert_eq!(meetings.details(&series.id).await.unwrap().start, Some(utc("2026-09-07T07:00:00Z")));
    // a single meeting is moved by the gap, as when it is made
    let single = meetings.create(&key("single"), &draft(), once()).await.unwrap();
    let moved = meetings.update(&single.id, &patch, once()).await.unwrap();
    assert_eq!(moved.slot.unwrap().start_instant(), utc("2027-03-28T01:30:00Z"));
    let cut = meetings.change(&series.id, &silent().with_slot(gap).without_recurrence(), once()).await.unwrap();
    assert!(cut.recurrence.is_none(), "then it is a single one");
}

#[tokio::test]
async fn members_are_kept_cleared_and_set() {
    let sandbox = sandbox().await;
    let meetings = meetings_of(&sandbox, defaults::ORGANIZER);
    let wanted = CreateOptions::new()
        .with_agenda("Fractions")
        .with_tracking_code(TrackingCode::new("Department", "Maths"))
        .with_tag("class-7")
        .with_options(MeetingOptions::new().with_auto_record(true).with_breakout_sessions(true));
    let draft = draft().with_recurrence(Recurrence::parse("FREQ=DAILY;COUNT=3").unwrap());
    let made = meetings.create_with(&key("k"), &draft, &wanted, once()).await.unwrap();
    assert!(made.left_out(&wanted.options).is_empty());
    assert!(made.takes_place_at(&draft.slot));
    assert_eq!((made.key(), made.agenda.as_deref()), (Some(key("k")), Some("Fractions")));
    let kept = meetings.change(&made.id, &silent().with_title("Physics"), once()).await.unwrap();
    assert_eq!((kept.agenda, kept.tracking_codes.len(), kept.tags.len()), (made.agenda, 1, 2));
    let clear = silent()
        .with_agenda(Patch::Clear)
        .with_tracking_codes(Patch::Clear)
        .with_tags(Patch::Clear)
        .without_recurrence();
    let cleared = meetings.change(&made.id, &clear, once()).await.unwrap();
    assert!(cleared.agenda.is_none() && cleared.tracking_codes.is_empty() && cleared.tags.is_empty());
    assert!(cleared.recurrence.is_none());
    assert!(meetings.find(&key("k"), around()).await.unwrap().is_empty(), "without its tag nobody finds it");
}

#[tokio::test]
async fn an_update_that_keeps_the_room_open_leaves_the_hosts_minutes() {
    let sandbox = sandbox().await;
    let meetings = meetings_of(&sandbox, defaults::ORGANIZER);
    let own = MeetingOptions::new().with_join_before_host(true).with_join_before_host_minutes(5);
    let made =
        meetings.create_with(&key("k"), &draft(), &CreateOptions::new().with_options(own), once()).await.unwrap();
    let open = || MeetingPatch::new().with_settings(MeetingSettings::open_room());
    let mut closed = MeetingPatch::new();
    closed.settings.join_before_host = Some(false);
    for (patch, early) in [(open(), true), (closed, false), (open(), true)] {
        meetings.update(&made.id, &patch, once()).await.unwrap();
        let told = meetings.details(&made.id).await.unwrap().options;
        assert_eq!((told.join_before_host, told.join_before_host_minutes), (Some(early), Some(5)));
    }
}

#[tokio::test]
async fn a_read_shows_the_next_occurrence_and_any_zone() {
    let sandbox = sandbox().await;
    let meetings = meetings_of(&sandbox, defaults::ORGANIZER);
    let series = weekly(&meetings).await;
    sandbox.advance(std::time::Duration::from_secs(8 * 24 * 3600));
    let tokyo = TimeZone::parse("Asia/Tokyo").unwrap();
    let how = ReadOptions::new().with_current(true).with_zone(tokyo);
    let (own, next) =
        (meetings.details(&series.id).await.unwrap(), meetings.details_with(&series.id, &how).await.unwrap());
    assert_eq!((own.start, next.start), (Some(utc("2026-09-07T07:00:00Z")), Some(utc("2026-09-14T07:00:00Z"))));
    assert_eq!((own.time_zone.as_deref(), next.time_zone.as_deref()), (Some("UTC"), Some("Asia/Tokyo")));
    assert_eq!(next.slot().unwrap().start.zone(), tokyo);
}

#[tokio::test]
async fn links_are_made_for_one_person() {
    let sandbox = sandbox().await;
    let meetings = meetings_of(&sandbox, defaults::ORGANIZER);
    let made = weekly(&meetings).await;
    let who =
        |target| JoinRequest::new(target, EmailAddress::parse(defaults::ORGANIZER).unwrap(), "Host").with_minutes(5);
    for target in [
        JoinTarget::Id(made.id.clone()),
        JoinTarget::Number(made.number.clone().unwrap()),
        JoinTarget::WebLink(made.web_link.clone().unwrap()),
    ] {
        let links = meetings.join_links(&who(target)).await.unwrap();
        assert!(links.start.is_some());
        assert_eq!(links.expires, Some(utc("2026-09-01T00:05:00Z")));
    }
    let nowhere = meetings.join_links(&who(JoinTarget::Id(id("nowhere")))).await.unwrap_err();
    assert_eq!(nowhere.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn an_administrator_gives_meetings_to_another_host() {
    let sandbox = sandbox().await;
    let made = weekly(&meetings_of(&sandbox, defaults::ORGANIZER)).await;
    let ada = EmailAddress::parse("ada@contoso.example").unwrap();
    let own = meetings_of(&sandbox, defaults::ORGANIZER);
    let refused = own.reassign_host(&ada, std::slice::from_ref(&made.id), None, once()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
    let administrator = administrator(&sandbox);
    let both = [made.id.clone(), id("nowhere")];
    let done = administrator.reassign_host(&ada, &both, None, once()).await.unwrap();
    assert!(done[0].outcome.is_ok());
    assert_eq!(done[1].outcome.as_ref().unwrap_err().kind(), ErrorKind::NotFound);
    let read = meetings_of(&sandbox, "ada@contoso.example").details(&made.id).await.unwrap();
    assert_eq!(read.host_email.as_deref(), Some("ada@contoso.example"));
}

#[tokio::test]
async fn many_are_invited_once_whatever_gets_lost() {
    let sandbox = sandbox().await;
    let meetings = meetings_of(&sandbox, defaults::ORGANIZER);
    let made = weekly(&meetings).await;
    let who = |number: usize| NewInvitee::new(EmailAddress::parse(format!("guest{number}@fabrikam.example")).unwrap());
    let people: Vec<NewInvitee> = (0..130).map(who).collect();
    // the second hundred is done and its answer is lost
    let lost = FaultRule::new(Fault::LostReply).on("POST", "/meetingInvitees/bulkInsert").at_calls([2]);
    sandbox.set_faults(FaultPlan::new().with(lost));
    let error = meetings.invite_many(&made.id, &people, SendEmail::Yes, once()).await.unwrap_err();
    assert!(matches!(error.retry(), invitations_core::RetryClass::Unclear { .. }), "{error}");
    sandbox.set_faults(FaultPlan::new());
    let done = meetings.invite_many(&made.id, &people, SendEmail::Yes, once()).await.unwrap();
    assert_eq!((done.added.len(), done.already_there.len()), (0, 130));
    assert_eq!(meetings.invited(&made.id).await.unwrap().len(), 130);
    assert_eq!(sandbox.mails().len(), 130, "nobody is mailed twice");
}

/// The reply is lost and the tag shows only after a lag.
#[tokio::test]
async fn a_create_that_nobody_answered_for_is_adopted_and_its_copies_go() {
    let sandbox = sandbox().await;
    let meetings = meetings_of(&sandbox, defaults::ORGANIZER);
    let lesson = draft().with_attendee(crate::support::attendee("ada@contoso.example")).with_provider_mails();
    sandbox.set_webex_index_lag(std::time::Duration::from_secs(90));
    sandbox.set_faults(FaultPlan::new().with(FaultRule::new(Fault::LostReply).on("POST", "/meetings")));
    meetings.create(&key("k"), &lesson, WriteOptions::new()).await.unwrap_err();
    sandbox.set_faults(FaultPlan::new());
    assert!(meetings.adopt(&key("k"), around(), None).await.unwrap().is_none(), "not yet");
    sandbox.advance(std::time::Duration::from_secs(90));
    let adopted = meetings.adopt(&key("k"), around(), None).await.unwrap().unwrap();
    assert_eq!(sandbox.mails().len(), 2, "the host and Ada, once");

    // a proxy that sends it twice
    sandbox.set_webex_index_lag(std::time::Duration::ZERO);
    sandbox.set_faults(FaultPlan::new().with(FaultRule::new(Fault::Duplicate).on("POST", "/meetings")));
    let made = meetings.create(&key("twice"), &draft(), once()).await.unwrap();
    sandbox.set_faults(FaultPlan::new());
    assert_eq!(meetings.find(&key("twice"), around()).await.unwrap().len(), 2);
    assert_eq!(meetings.prune(&key("twice"), around(), &made.id).await.unwrap().len(), 1);
    assert_eq!(meetings.find(&key("twice"), around()).await.unwrap()[0].id, made.id);
    assert_eq!(sandbox.mails().len(), 2, "nobody is told of a copy");
    assert!(meetings.details(&adopted.id).await.is_ok());
}

/// The same key, made by another OAuth client for the same host: a good meeting of somebody else's.
#[tokio::test]
async fn b24_another_clients_meeting_is_never_pruned() {
    let sandbox = sandbox().await;
    let meetings = meetings_of(&sandbox, defaults::ORGANIZER);
    let side = AuthorizationSide::Webex;
    let other = defaults::OTHER_WEBEX_CLIENT_ID;
    let scope = "meeting:schedules_read meeting:schedules_write";
    let token = sandbox.scoped_access_token(side, other, defaults::ORGANIZER, scope).unwrap();
    let theirs = client(&sandbox).access_token(TokenText::new(token)).build().unwrap().my_meetings().unwrap();
    let good = theirs.create(&key("k"), &draft(), once()).await.unwrap();
    let own = meetings.create(&key("k"), &draft(), once()).await.unwrap();
    assert_eq!(meetings.find(&key("k"), around()).await.unwrap().len(), 1);
    assert!(meetings.prune(&key("k"), around(), &own.id).await.unwrap().is_empty());
    assert_eq!(meetings.adopt(&key("k"), around(), None).await.unwrap().unwrap().id, own.id);
    // taken for a record of ours it is left alone, too
    assert_eq!(meetings.adopt(&key("k"), around(), Some(&good.id)).await.unwrap_err().kind(), ErrorKind::Conflict);
    assert!(theirs.details(&good.id).await.is_ok() && meetings.details(&own.id).await.is_ok());
}

#[tokio::test]
async fn a_meeting_under_way_is_ended_and_tells_less_afterwards() {
    let sandbox = sandbox().await;
    let meetings = meetings_of(&sandbox, defaults::ORGANIZER);
    let series = weekly(&meetings).await;
    sandbox.advance(std::time::Duration::from_secs(6 * 24 * 3600 + 7 * 3600));
    let who = serde_json::json!({ "meeting": series.id.as_str(), "email": defaults::ORGANIZER });
    let (instance, _) = crate::held::join(&sandbox, who).await;
    let running = meetings.details(&instance).await.unwrap();
    assert_eq!(running.meeting_type, Some(MeetingType::Meeting));
    assert_eq!(running.state, Some(MeetingState::InProgress));
    assert!(running.end.is_none() && running.slot().is_none() && running.password.is_some());
    let refused = meetings.change(&series.id, &silent().with_title("Physics"), once()).await.unwrap_err();
    assert_eq!((refused.kind(), refused.detail().unwrap().contains("in progress")), (ErrorKind::Conflict, true));
    meetings.end(&series.id, Some("Done."), once()).await.unwrap();
    let over = meetings.instances(&series.id, autumn()).await.unwrap().remove(0);
    assert_eq!((over.id, over.state, over.host_did_join), (instance, Some(MeetingState::Ended), Some(true)));
    assert!(over.end.is_some() && over.password.is_none() && over.telephony.is_none() && over.number.is_none());
    let first = meetings.occurrences(&series.id, autumn()).await.unwrap().remove(0);
    assert_eq!(first.state, Some(MeetingState::Ended));
}
