//! Everything that meetings and invitees take in Webex's own words, sent once.

use invitations_core::{
    people::EmailAddress,
    provider::WriteOptions,
    secret::Passcode,
    time::{Recurrence, TimeZone},
};
use serde_json::json;
use webex_meetings::{
    WebexMeetings,
    invitees::{Invited, NewInvitee},
    meetings::{
        AttendeePrivileges, AudioConnectionType, AudioOptions, BreakoutRoom, CreateOptions, EntryAndExitTone,
        JoinRequest, JoinSecurity, JoinTarget, Leftover, MeetingChange, MeetingFeatures, MeetingFilter, MeetingOptions,
        MeetingState, MeetingType, NoteType, Patch, ReadOptions, Registration, ScheduledType, SendEmail, TrackingCode,
    },
};

use super::{
    super::drive::{ADA, around, slot},
    drive::{key, lesson},
};

pub(super) async fn everything(meetings: &WebexMeetings) {
    create(meetings).await;
    series(meetings).await;
    lists(meetings).await;
    people(meetings).await;
}

fn options() -> MeetingOptions {
    let features = MeetingFeatures::new()
        .with_chat(true)
        .with_video(true)
        .with_polling(false)
        .with_notes(true)
        .with_note_type(NoteType::AllowAll)
        .with_file_transfer(false)
        .with_rich_media(false);
    let privileges = AttendeePrivileges::new()
        .with_share_content(true)
        .with_save_document(false)
        .with_print_document(false)
        .with_annotate(true)
        .with_view_participants(true)
        .with_view_thumbnails(false)
        .with_remote_control(true)
        .with_view_any_document(false)
        .with_view_any_page(false)
        .with_contact_operator(false)
        .with_chat_host(true)
        .with_chat_presenter(true)
        .with_chat_others(true);
    let audio = AudioOptions::new()
        .with_connection(AudioConnectionType::WebexAudio)
        .with_toll_free_call_in(false)
        .with_global_call_in(true)
        .with_call_back(false)
        .with_entry_and_exit_tone(EntryAndExitTone::AnnounceName)
        .with_host_unmutes(false)
        .with_attendee_unmutes_self(true)
        .with_muted_upon_entry(true);
    MeetingOptions::new()
        .with_auto_record(true)
        .with_anybody_as_co_host(false)
        .with_first_as_co_host(false)
        .with_authenticated_devices(true)
        .with_join_before_host(true)
        .with_join_before_host_minutes(10)
        .with_audio_before_host(true)
        .with_excluded_password(false)
        .with_public(false)
        .with_reminder_minutes(15)
        .with_join_security(JoinSecurity::BlockFromJoin)
        .with_session_type(3)
        .with_webcast(false)
        .with_automatic_lock(true)
        .with_automatic_lock_minutes(10)
        .with_breakout_sessions(true)
        .with_audio_watermark(false)
        .with_visual_watermark(true)
        .with_visual_watermark_opacity(10)
        .with_required_login(false)
        .with_only_invitees(false)
        .with_features(features)
        .with_privileges(privileges)
        .with_audio(audio)
}

async fn create(meetings: &WebexMeetings) {
    let wanted = CreateOptions::new()
        .with_options(options())
        .with_agenda("Fractions")
        .with_password(Passcode::new("BgJep@43"))
        .with_tag("class-7")
        .with_tracking_code(TrackingCode::new("Department", "Maths"))
        .with_breakout_room(BreakoutRoom::new("Group 1").with_invitee(ADA))
        .with_registration(Registration::new().with_email(true).with_first_name(true).with_most(30))
        .with_scheduled_type(ScheduledType::Meeting)
        .with_site("contoso.webex.example")
        .with_other("simultaneousInterpretation", json!({ "enabled": false }));
    let made = meetings.create_with(&key("words"), &lesson(), &wanted, WriteOptions::new()).await.expect("a meeting");
    let read = ReadOptions::new().with_current(true).with_zone(TimeZone::parse("Asia/Tokyo").expect("a zone"));
    meetings.details_with(&made.id, &read).await.expect("a meeting");
    let change = MeetingChange::new(SendEmail::No)
        .with_title("Moved")
        .with_slot(slot(2))
        .with_options(options())
        .with_agenda("Decimals".to_owned())
        .with_password(Passcode::new("BgJep@44"))
        .with_tags(vec!["words".to_owned()])
        .with_tracking_codes(vec![TrackingCode::new("Department", "Physics")]);
    meetings.change(&made.id, &change, WriteOptions::new()).await.expect("a meeting");
    let target = JoinTarget::Id(made.id.clone());
    let joining = JoinRequest::new(target, EmailAddress::parse(ADA).expect("an address"), "Ada").with_minutes(5);
    meetings.join_links(&joining.with_password(Passcode::new("BgJep@44"))).await.expect("links");
    meetings.delete(&made.id, SendEmail::Yes, WriteOptions::new()).await.expect("done");
}

async fn series(meetings: &WebexMeetings) {
    let draft = lesson().with_recurrence(Recurrence::parse("FREQ=WEEKLY;COUNT=4").expect("a rule"));
    let made = meetings.create_with(&key("weekly"), &draft, &CreateOptions::new(), WriteOptions::new()).await;
    let made = made.expect("a meeting");
    let month = around().widened(std::time::Duration::from_secs(40 * 24 * 3600));
    let one = meetings.occurrences(&made.id, month).await.expect("a list").remove(1);
    let renamed = MeetingChange::new(SendEmail::No).with_title("Another");
    meetings.change(&one.id, &renamed, WriteOptions::new()).await.expect("an occurrence");
    meetings.details(&one.id).await.expect("an occurrence");
    meetings.instances(&made.id, month).await.expect("a list");
    let cleared = MeetingChange::new(SendEmail::No)
        .without_recurrence()
        .with_agenda(Patch::Clear)
        .with_tracking_codes(Patch::Clear)
        .with_tags(Patch::Clear);
    meetings
        .change(&made.id, &cleared.cancelling_modified_occurrences(), WriteOptions::new())
        .await
        .expect("a meeting");
    meetings.delete(&made.id, SendEmail::No, WriteOptions::new()).await.expect("done");
}

async fn lists(meetings: &WebexMeetings) {
    let ended = MeetingFilter::within(around())
        .with_meeting_type(MeetingType::Meeting)
        .with_state(MeetingState::Ended)
        .with_leftover(Leftover::Chat, true)
        .with_leftover(Leftover::Recording, true)
        .with_leftover(Leftover::Transcription, false)
        .with_leftover(Leftover::Summary, false)
        .with_leftover(Leftover::ClosedCaption, false)
        .with_leftover(Leftover::Polls, false)
        .with_leftover(Leftover::QuestionsAndAnswers, false)
        .with_leftover(Leftover::Slido, false);
    let tagged = MeetingFilter::within(around())
        .with_tag("page-7")
        .with_scheduled_type(ScheduledType::Meeting)
        .with_site("contoso.webex.example")
        .with_current(true)
        .with_page_size(10);
    let modified =
        MeetingFilter::within(around()).with_meeting_type(MeetingType::ScheduledMeeting).with_modified(false);
    for filter in [ended, tagged, modified, MeetingFilter::in_room("Y2lz", around()), MeetingFilter::by_number("123")] {
        meetings.list_with(&filter, None).await.expect("a page");
    }
    let found = meetings.find(&key("page-7"), around()).await.expect("a list");
    let link = found[0].web_link.clone().expect("a link");
    assert_eq!(meetings.list_with(&MeetingFilter::by_web_link(link), None).await.expect("a page").items.len(), 1);
}

async fn people(meetings: &WebexMeetings) {
    let made = meetings.find(&key("page-8"), around()).await.expect("a list").remove(0).id;
    let who = |address: &str| NewInvitee::new(EmailAddress::parse(address).expect("an address"));
    let grace = who("grace@fabrikam.example").with_name("Grace").as_co_host();
    let all = [who(ADA), grace.clone(), who("bert@fabrikam.example").as_panelist()];
    meetings.invite_many(&made, &all[..2], SendEmail::No, WriteOptions::new()).await.expect("invited");
    meetings.invite_many(&made, &all, SendEmail::Yes, WriteOptions::new()).await.expect("invited");
    let added = meetings.invite(&made, &who("mary@fabrikam.example"), SendEmail::No, WriteOptions::new()).await;
    let Invited::Added(mary) = added.expect("invited") else { panic!("she is there already") };
    let place = mary.id.expect("an id");
    meetings.invitee(&place).await.expect("an invitee");
    let other = who("joan@fabrikam.example").with_name("Joan");
    meetings.change_invitee(&place, &other, SendEmail::No, WriteOptions::new()).await.expect("an invitee");
    meetings.change_invitee(&place, &grace, SendEmail::No, WriteOptions::new()).await.expect_err("she is there");
    meetings.uninvite(&place, SendEmail::No, WriteOptions::new()).await.expect("gone");
    assert_eq!(meetings.invited(&made).await.expect("a list").len(), 3);
}
