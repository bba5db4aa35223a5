//! Events that repeat, free and busy times, suggested times.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use graph_meetings::{FindMeetingTimes, Graph};
use invitations_core::{
    people::EmailAddress,
    provider::{
        AvailabilityProvider as _, CalendarProvider as _, CalendarProviderExt as _, EventDraft, EventWrite,
        WriteOptions,
    },
    time::{Recurrence, Slot, TimeRange, TimeZone, WallTime},
};
use meetings_http::StaticTokens;

use super::drive::{ADA, around, calendar, marker, organizer};

/// A rule of each kind of pattern and each kind of end, with its first day.
const RULES: &[(&str, &str)] = &[
    ("FREQ=DAILY;INTERVAL=2;COUNT=3", "2036-01-14"),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU;UNTIL=20360201T090000Z", "2036-01-14"),
    ("FREQ=MONTHLY;BYMONTHDAY=15", "2036-01-15"),
    ("FREQ=MONTHLY;BYDAY=2MO", "2036-01-14"),
    ("FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=15", "2036-01-15"),
    ("FREQ=YEARLY;BYMONTH=1;BYDAY=-1WE", "2036-01-30"),
];

pub(super) async fn everything(graph: &Graph, token: &str) {
    let (calendars, at) = (graph.calendars_of(&organizer()), calendar("primary"));
    for (n, (rule, day)) in RULES.iter().enumerate() {
        let start = format!("{day}T10:00:00").parse().expect("a time");
        let start = WallTime::new(start, TimeZone::parse("Europe/Berlin").expect("a zone"));
        let mut draft = EventDraft::new("Series", Slot { start, duration: Duration::from_secs(3600) }.into());
        draft.recurrence = Some(Recurrence::parse(rule).expect("a rule"));
        let key = marker(&format!("series-{n}"));
        let made = calendars.create_event(&at, &key, draft.clone(), WriteOptions::new()).await.expect("a series");
        calendars.event(&at, &made.id).await.expect("a series");
        let write = EventWrite::Update { id: made.id, if_match: None, draft: Box::new(draft) };
        calendars.write(&at, vec![write], WriteOptions::new()).await.expect("a write");
    }
    calendars.complete(&at, around()).await.expect("a list");
    let availability = graph.availability_of(&organizer());
    let who = [ADA, "who@else.example"].map(|who| EmailAddress::parse(who).expect("an address"));
    availability.availability(&who, around()).await.expect("times");
    let mine = graph.my_availability(Arc::new(StaticTokens::new(token)));
    mine.availability(&who, around()).await.expect("times");
    let within = TimeRange::new(around().from, around().from + TimeDelta::days(1));
    let plain = FindMeetingTimes::new(who[..1].to_vec(), within, Duration::from_secs(3600));
    let all = plain.clone().at_most(3).with_least_attendance(50).without_organizer().at_any_hour();
    for question in [plain, all] {
        mine.find_meeting_times(&question).await.expect("times");
    }
}
