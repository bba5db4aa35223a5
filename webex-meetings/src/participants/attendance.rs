//! The neutral view: who, from when to when.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use invitations_core::{
    Error, ErrorKind, Result,
    ids::{MeetingId, PageToken},
    people::{Attendee, AttendeeRole},
    provider::{AttendanceCapabilities, AttendanceProvider, Page, Presence},
    time::TimeRange,
};
use meetings_http::PageGuard;

use super::{Participant, ParticipantQuery, ParticipantState, WebexParticipants};

/// "Within 10 minutes for 99.5 %" (Webex's guide to webhooks).
const LAG: Duration = Duration::from_secs(600);

/// Webex cannot prove that nobody has joined: its lists lag, and of a running meeting they show who is there now. Without anybody to list
/// this answers [`NotFound`](ErrorKind::NotFound).
#[async_trait]
impl AttendanceProvider for WebexParticipants {
    fn capabilities(&self) -> AttendanceCapabilities {
        AttendanceCapabilities::new().with_live().with_lag(LAG)
    }

    async fn attendance(&self, id: &MeetingId, page: Option<&PageToken>) -> Result<Page<Presence>> {
        let now = self.resource.caller.now();
        let (mut guard, mut place, query) = (PageGuard::new(), page.cloned(), ParticipantQuery::new());
        // pages of people who wait in the lobby, and empty ones, are passed over
        loop {
            let found = self.page(id, &query, place.as_ref()).await?;
            let items: Vec<Presence> = found.items.into_iter().filter_map(|one| presence(one, now)).collect();
            match found.next {
                Some(next) if items.is_empty() => {
                    guard.check(next.as_str())?;
                    guard.check_page([])?;
                    place = Some(next);
                }
                None if items.is_empty() && page.is_none() => return Err(nobody_yet()),
                next => return Ok(Page { items, next }),
            }
        }
    }
}

fn nobody_yet() -> Error {
    Error::new(ErrorKind::NotFound, "read attendance")
        .with_provider(crate::provider_id())
        .with_detail("Webex lists nobody, which is no proof that nobody has joined")
}

/// `None` for somebody who only waits to be let in.
fn presence(one: Participant, now: DateTime<Utc>) -> Option<Presence> {
    let state = one.state.as_ref();
    // a device that came and went in the lobby was in no meeting either
    if state == Some(&ParticipantState::Lobby) && one.left.is_none() {
        return None;
    }
    let inside = matches!(state, Some(ParticipantState::Joined | ParticipantState::BreakoutSession));
    // "there now" is said only of who is said to be there: no field is required, and words are added
    let over = !inside;
    let mut stays: Vec<_> = one.devices.iter().map(|device| (device.joined, device.left)).collect();
    // devices know of coming back; without them the participant's own times have to do
    if stays.iter().all(|(joined, _)| joined.is_none()) {
        stays = vec![(one.joined, one.left)];
    }
    let last = stays.iter().filter_map(|(_, left)| *left).max().or(one.left);
    let interval = |(joined, left): (Option<DateTime<Utc>>, Option<DateTime<Utc>>)| {
        let joined = joined?;
        // of somebody who has left at an unknown time it is known that they came
        let until = left.or(if over { last } else { Some(now) }).unwrap_or(joined);
        Some(TimeRange::new(joined, until.max(joined)))
    };
    let intervals: Vec<_> = stays.into_iter().filter_map(interval).collect();
    let co_organizer = one.host == Some(true) || one.co_host == Some(true);
    let role = if co_organizer { AttendeeRole::CoOrganizer } else { AttendeeRole::Attendee };
    let who = one.email.map(|email| match &one.name {
        Some(name) => Attendee::new(email).with_name(name).with_role(role),
        None => Attendee::new(email).with_role(role),
    });
    let presence = Presence::new(who, intervals).with_still_there(!over);
    Some(match one.name {
        Some(name) => presence.with_name(name),
        None => presence,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn seen(value: &Value) -> Option<Presence> {
        presence(Participant::read(value), at("2026-09-01T09:00:00Z"))
    }

    fn range(from: &str, until: &str) -> TimeRange {
        TimeRange::new(at(from), at(until))
    }

    #[test]
    fn the_lobby_is_not_the_meeting() {
        assert!(
            seen(&json!({ "state": "lobby", "email": "a@x.example", "joinedTime": "2026-09-01T08:00:00Z" })).is_none()
        );
        // the documented example: in the lobby, with a stay that is over
        let back = seen(
            &json!({ "state": "lobby", "joinedTime": "2026-09-01T08:00:00Z", "leftTime": "2026-09-01T08:30:00Z" }),
        );
        assert_eq!(back.unwrap().intervals, [range("2026-09-01T08:00:00Z", "2026-09-01T08:30:00Z")]);
    }

    #[test]
    fn somebody_who_is_there_is_there_until_now() {
        let there = seen(&json!({
            "state": "joined", "email": "ada@x.example", "displayName": "Ada", "coHost": true,
            "joinedTime": "2026-09-01T08:00:00Z", "leftTime": "1970-01-01T00:00:00.000Z",
        }))
        .unwrap();
        assert!(there.still_there);
        assert_eq!(there.intervals, [range("2026-09-01T08:00:00Z", "2026-09-01T09:00:00Z")]);
        let who = there.who.unwrap();
        assert_eq!((who.role, who.name.as_deref()), (AttendeeRole::CoOrganizer, Some("Ada")));
    }

    #[test]
    fn devices_tell_of_coming_back() {
        let back = seen(&json!({
            "state": "end", "displayName": "Guest", "joinedTime": "2026-09-01T08:00:00Z", "leftTime": "2026-09-01T08:40:00Z",
            "devices": [
                { "joinedTime": "2026-09-01T08:20:00Z", "leftTime": "2026-09-01T08:40:00Z" },
                { "joinedTime": "2026-09-01T08:00:00Z", "leftTime": "2026-09-01T08:10:00Z" },
                { "joinedTime": "2026-09-01T08:05:00Z", "leftTime": "2026-09-01T08:12:00Z" },
            ],
        }))
        .unwrap();
        assert!(back.who.is_none() && !back.still_there);
        assert_eq!(back.name.as_deref(), Some("Guest"));
        let expected = [
            range("2026-09-01T08:00:00Z", "2026-09-01T08:12:00Z"),
            range("2026-09-01T08:20:00Z", "2026-09-01T08:40:00Z"),
        ];
        assert_eq!(back.intervals, expected);
    }

    #[test]
    fn nobody_is_there_who_is_not_said_to_be() {
        let waiting = json!({ "state": "lobby", "devices": [
            { "joinedTime": "2026-09-01T08:00:00Z", "leftTime": "2026-09-01T08:05:00Z" },
            { "joinedTime": "2026-09-01T08:06:00Z" },
        ] });
        assert!(seen(&waiting).is_none());
        for state in [json!(null), json!("dreaming")] {
            let one = seen(&json!({ "state": state, "joinedTime": "2026-08-01T08:00:00Z" })).unwrap();
            assert!(!one.still_there, "{state}");
            assert_eq!(one.intervals, [range("2026-08-01T08:00:00Z", "2026-08-01T08:00:00Z")]);
        }
    }

    #[test]
    fn an_unknown_end_is_not_made_up() {
        let gone = seen(&json!({ "state": "end", "joinedTime": "2026-09-01T08:00:00Z" })).unwrap();
        assert_eq!(gone.intervals, [range("2026-09-01T08:00:00Z", "2026-09-01T08:00:00Z")]);
        assert!(!gone.still_there);
        assert!(seen(&json!({ "state": "end" })).unwrap().intervals.is_empty());
    }
}
