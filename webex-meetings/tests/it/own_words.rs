//! Meetings in Webex's own words, over a script.

use std::path::PathBuf;

use invitations_core::{
    ErrorKind,
    provider::{MeetingPatch, MeetingProvider as _, WriteOptions},
    secret::Passcode,
    time::{Recurrence, TimeRange, TimeZone},
};
use meetings_http::Step;
use serde_json::{Value, json};
use webex_meetings::meetings::{
    AudioConnectionType, AudioOptions, BreakoutRoom, CreateOptions, MeetingChange, MeetingFilter, MeetingOptions,
    MeetingState, MeetingType, Objects, ReadOptions, Registration, ScheduledType, SendEmail, TrackingCode,
};

use crate::support::{attendee, draft, id, key, meeting_json, once, scripted_meetings, slot, slow_meetings, utc};

fn fixture(name: &str) -> Option<Value> {
    let parent = std::env::var_os("SPECS_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from);
    let text = std::fs::read_to_string(parent.join("fixtures/webex").join(name)).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

fn sent(transport: &meetings_http::ScriptedTransport, at: usize) -> Value {
    serde_json::from_slice(transport.requests()[at].body()).unwrap()
}

/// What Webex documents as a create, but a time in the past and a registration beside a recurrence, which it refuses itself.
#[tokio::test]
async fn the_documented_create_can_be_sent() {
    let Some(documented) = fixture("createMeeting__request.json") else { return };
    let objects = |value: &Value| {
        Objects(value.as_array().unwrap().iter().map(|item| item.as_object().unwrap().clone()).collect())
    };
    let asked = &documented["registration"];
    let registration = Registration::new()
        .with_first_name(true)
        .with_last_name(true)
        .with_email(true)
        .with_company(true)
        .with_country(false)
        .with_work_phone(true)
        .with_registration_id(false)
        .with_questions(objects(&asked["customizedQuestions"]))
        .with_rules(objects(&asked["rules"]));
    let options = MeetingOptions::new()
        .with_auto_record(false)
        .with_anybody_as_co_host(false)
        .with_join_before_host(false)
        .with_audio_before_host(false)
        .with_join_before_host_minutes(0)
        .with_excluded_password(false)
        .with_public(false)
        .with_reminder_minutes(10)
        .with_join_security("allowJoin".into())
        .with_automatic_lock(false)
        .with_automatic_lock_minutes(0)
        .with_first_as_co_host(false)
        .with_authenticated_devices(false)
        .with_audio_watermark(true)
        .with_visual_watermark(true)
        .with_visual_watermark_opacity(10)
        .with_audio(AudioOptions::new().with_connection(AudioConnectionType::VoIp));
    let wanted = CreateOptions::new()
        .with_options(options)
        .with_agenda("Example Agenda")
        .with_password(Passcode::new("BgJep@43"))
        .with_tag("85e1d6319aa94c0583a6891280e3437d")
        .with_tag("27226d1311b947f3a68d6bdf8e4e19a1")
        .with_tracking_code(TrackingCode::new("Department", "Engineering"))
        .with_tracking_code(TrackingCode::new("Division", "Full-time"))
        .with_breakout_room(
            BreakoutRoom::new("Breakout Session 1")
                .with_invitee("rachel.green@example.com")
                .with_invitee("monica.geller@example.com"),
        )
        .with_breakout_room(
            BreakoutRoom::new("Breakout Session N")
                .with_invitee("ross.geller@example.com")
                .with_invitee("chandler.bing@example.com"),
        )
        .with_registration(registration)
        .with_scheduled_type(ScheduledType::Meeting)
        .with_site("site4-example.webex.com")
        .with_other("simultaneousInterpretation", documented["simultaneousInterpretation"].clone())
        .with_other("enabledLiveStream", true.into())
        .with_other("liveStream", documented["liveStream"].clone());
    let mut lesson = draft()
        .with_attendee(attendee("john.andersen@example.com").with_name("John Andersen"))
        .with_attendee(attendee("brenda.song@example.com").with_name("Brenda Song"))
        .with_provider_mails();
    lesson.subject = "Example Daily Meeting".to_owned();
    lesson.slot = slot("2026-11-01T20:00:00", "Asia/Shanghai");
    let (meetings, transport) = scripted_meetings(vec![Step::json(200, &meeting_json("m1", &[]))]);
    meetings.create_with(&key("dbaeceebea5c4a63ac9d5ef1edfe36b9"), &lesson, &wanted, once()).await.unwrap();
    let mut expected = documented;
    for (name, value) in [("start", "2026-11-01T20:00:00+08:00"), ("end", "2026-11-01T20:45:00+08:00")] {
        expected[name] = value.into();
    }
    let members = expected.as_object_mut().unwrap();
    // the host is the account's, the recurrence goes with no registration
    members.remove("hostEmail");
    members.remove("recurrence");
    for invitee in expected["invitees"].as_array_mut().unwrap() {
        invitee.as_object_mut().unwrap().remove("panelist");
    }
    assert_eq!(sent(&transport, 0), expected);
}

#[tokio::test]
async fn everything_that_is_documented_about_a_meeting_is_told() {
    for name in ["createMeeting__response.json", "getMeeting__response.json"] {
        let Some(documented) = fixture(name) else { return };
        let (meetings, _) = scripted_meetings(vec![Step::json(200, &documented)]);
        let read = meetings.details(&id("870f51ff287b41be84648412901e0402")).await.unwrap();
        let beside: Vec<&String> = read.extra.expose().keys().collect();
        assert_eq!(beside, ["enabledLiveStream", "links", "liveStream", "simultaneousInterpretation"], "{name}");
        assert_eq!(read.meeting_type, Some(MeetingType::MeetingSeries));
        assert_eq!(read.state, Some(MeetingState::Active));
        assert_eq!(read.recurrence.as_deref(), Some("FREQ=DAILY;COUNT=10;INTERVAL=1"));
        assert_eq!((read.tags.len(), read.tracking_codes.len()), (3, 2));
        assert_eq!(read.key().unwrap().as_str(), "dbaeceebea5c4a63ac9d5ef1edfe36b9");
        let phone = read.telephony.as_ref().unwrap();
        assert_eq!((phone.numbers.len(), phone.access_code.as_ref().unwrap().expose()), (1, "1234567890"));
        assert_eq!(read.registration.as_ref().unwrap().questions.as_ref().unwrap().0.len(), 5);
        assert_eq!(read.options.audio.as_ref().unwrap().muted_upon_entry, Some(false));
        assert!(read.host_key.is_some() && read.password.is_some() && read.phone_password.is_some());
        let shown = format!("{read:?}");
        for secret in ["BgJep@43", "12345678\"", "123456\"", "MTID", "1234567890\"", "rtmps"] {
            assert!(!shown.contains(&format!("\"{secret}")) && !shown.contains("BgJep"), "{secret}: {shown}");
        }
    }
}

#[tokio::test]
async fn occurrences_and_instances_are_told_apart() {
    let Some(documented) = fixture("listMeetings__response.json") else { return };
    let (meetings, transport) = scripted_meetings(vec![Step::json(200, &documented), Step::json(200, &documented)]);
    let within = TimeRange::new(utc("2019-11-01T00:00:00Z"), utc("2019-12-01T00:00:00Z"));
    let zone = TimeZone::parse("Asia/Shanghai").unwrap();
    let page = meetings.list_with(&MeetingFilter::within(within).with_zone(zone), None).await.unwrap();
    assert_eq!(page.items.len(), documented["items"].as_array().unwrap().len());
    assert!(page.items.iter().all(|item| item.series.is_some() && item.start.is_some()));
    assert_eq!(transport.requests()[0].headers()["timezone"], "Asia/Shanghai");
    let series = id("870f51ff287b41be84648412901e0402");
    assert_eq!(meetings.instances(&series, within).await.unwrap().len(), page.items.len());
    assert!(transport.requests()[1].uri().query().unwrap().contains("meetingType=meeting&"));
}

#[tokio::test]
async fn a_page_keeps_zone_and_password() {
    let link = "<https://webexapis.com/v1/meetings?page=2>; rel=\"next\"";
    let empty = || Step::json(200, &json!({ "items": [] }));
    let (meetings, transport) = scripted_meetings(vec![empty().with_header("link", link), empty()]);
    let filter = MeetingFilter::by_number("123")
        .with_zone(TimeZone::parse("Asia/Tokyo").unwrap())
        .with_password(Passcode::new("BgJep@43"));
    let first = meetings.list_with(&filter, None).await.unwrap();
    let second = meetings.list_with(&filter, first.next.as_ref()).await.unwrap();
    assert!(second.next.is_none());
    for request in transport.requests() {
        assert_eq!(
            (request.headers()["timezone"].as_bytes(), request.headers()["password"].as_bytes()),
            (&b"Asia/Tokyo"[..], &b"BgJep@43"[..],)
        );
    }
    // and so does the number, which the link left out
    let second = transport.requests()[1].uri().to_string();
    assert_eq!(second, "https://webexapis.com/v1/meetings?page=2&meetingNumber=123");
}

#[tokio::test]
async fn a_read_says_which_times_and_which_zone() {
    let meeting = || Step::json(200, &meeting_json("m1", &[]));
    let (meetings, transport) = scripted_meetings(vec![meeting(), meeting()]);
    meetings.details(&id("m1")).await.unwrap();
    let how = ReadOptions::new().with_current(true).with_zone(TimeZone::parse("Asia/Tokyo").unwrap());
    meetings.details_with(&id("m1"), &how).await.unwrap();
    let asked: Vec<String> =
        transport.requests().iter().map(|request| request.uri().query().unwrap().to_owned()).collect();
    assert_eq!(asked, ["current=false", "current=true"]);
    assert_eq!(transport.requests()[1].headers()["timezone"], "Asia/Tokyo");
}

#[tokio::test]
async fn a_series_with_modified_occurrences_is_moved_only_when_they_may_go() {
    let moved = || MeetingChange::new(SendEmail::No).with_slot(slot("2026-09-08T09:00:00", "Europe/Paris"));
    let items = |items: Value| Step::json(200, &json!({ "items": items }));
    let mut occurrence = meeting_json("m1_20260914T070000Z", &[]);
    occurrence["isModified"] = true.into();
    let done = || Step::json(200, &meeting_json("m1", &[]));

    let (meetings, transport) = scripted_meetings(vec![items(json!([occurrence.clone()]))]);
    let error = meetings.change(&id("m1"), &moved(), WriteOptions::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.remedy().unwrap().action.contains("cancelling_modified_occurrences"));
    let query = transport.requests()[0].uri().query().unwrap().to_owned();
    assert!(query.starts_with("meetingSeriesId=m1&meetingType=scheduledMeeting&from=2026-09-01"), "{query}");
    assert!(query.contains("isModified=true"), "{query}");

    let (meetings, transport) = scripted_meetings(vec![items(json!([])), done()]);
    meetings.change(&id("m1"), &moved(), WriteOptions::new()).await.unwrap();
    assert_eq!(transport.requests()[1].method(), http::Method::PATCH);
    let rule = Recurrence::parse("FREQ=DAILY;COUNT=3").unwrap();
    for (change, meeting) in [
        (
            moved().cancelling_modified_occurrences().with_series(slot("2026-09-08T09:00:00", "Europe/Paris"), rule),
            "m1",
        ),
        (moved(), "m1_20260914T070000Z"),
        (MeetingChange::new(SendEmail::No).with_title("Physics"), "m1"),
    ] {
        let (meetings, transport) = scripted_meetings(vec![done()]);
        meetings.change(&id(meeting), &change, WriteOptions::new()).await.unwrap();
        assert_eq!(transport.requests().len(), 1);
    }
    // what was asked for as modified is, whether it says so or not
    occurrence.as_object_mut().unwrap().remove("isModified");
    let (meetings, transport) = scripted_meetings(vec![items(json!([occurrence]))]);
    assert_eq!(meetings.change(&id("m1"), &moved(), once()).await.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(transport.requests().len(), 1);
    // nothing is taken for none
    let (meetings, transport) = scripted_meetings(vec![Step::reply(403)]);
    meetings.change(&id("m1"), &moved(), WriteOptions::new()).await.unwrap_err();
    assert_eq!(transport.requests().len(), 1);
}

/// What is looked at before a change takes of the time of the call.
#[tokio::test]
async fn a_change_shares_its_time_with_what_is_read_before() {
    let done = || Step::json(200, &meeting_json("m1", &[]));
    let mut options = once();
    options.timeout = Some(std::time::Duration::from_secs(200));
    let told = slot("2026-09-08T09:00:00", "Etc/Universal");
    let (meetings, transport) = slow_meetings(vec![done(), Step::json(200, &json!({ "items": [] })), done()]);
    let change = MeetingChange::new(SendEmail::No).with_slot(told.clone());
    meetings.change(&id("m1"), &change, options.clone()).await.unwrap();
    let given = |transport: &meetings_http::ScriptedTransport| {
        transport.timeouts().iter().map(std::time::Duration::as_secs).collect::<Vec<_>>()
    };
    assert_eq!(given(&transport), [200, 140, 80]);
    let (meetings, transport) = slow_meetings(vec![done(), done()]);
    meetings.update(&id("m1"), &MeetingPatch::new().with_slot(told), options).await.unwrap();
    assert_eq!(given(&transport), [200, 140]);
}

#[tokio::test]
async fn callers_mistakes_cost_no_request() {
    let (meetings, transport) = scripted_meetings(Vec::new());
    let mut past = draft();
    past.slot = slot("2026-08-31T09:00:00", "Europe/Paris");
    let mut gap = draft().with_recurrence(Recurrence::parse("FREQ=DAILY;COUNT=3").unwrap());
    gap.slot = slot("2027-03-28T02:30:00", "Europe/Paris");
    let registered = CreateOptions::new().with_registration(Registration::new().with_email(true));
    let series = draft().with_recurrence(Recurrence::parse("FREQ=DAILY;COUNT=3").unwrap());
    for (draft, wanted) in [(&past, CreateOptions::new()), (&gap, CreateOptions::new()), (&series, registered)] {
        let error = meetings.create_with(&key("k"), draft, &wanted, once()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
    let filter = MeetingFilter::by_number("123").with_state(MeetingState::Active);
    assert_eq!(meetings.list_with(&filter, None).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    let past = MeetingChange::new(SendEmail::No).with_slot(past.slot);
    assert_eq!(meetings.change(&id("m"), &past, once()).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert!(transport.requests().is_empty());
    // what is only once skipped by the clocks is moved by the gap, for a single meeting
    gap.recurrence = None;
    let (meetings, transport) = scripted_meetings(vec![Step::json(200, &meeting_json("m1", &[]))]);
    meetings.create_with(&key("k"), &gap, &CreateOptions::new(), once()).await.unwrap();
    assert_eq!(sent(&transport, 0)["start"], "2027-03-28T03:30:00+02:00");
}
