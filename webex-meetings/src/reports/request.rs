//! Values into requests. Caller mistakes are found here, before any I/O.

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::Request;
use invitations_core::{Error, Result};

use super::{AttendeeReportQuery, ReportedMeeting};
use crate::wire::{get, path, write_instant};

pub(super) const REPORT: &str = "report attendees";

/// The longest window, and how far back it may begin (`GET /meetingReports/attendees`).
const LONGEST: TimeDelta = TimeDelta::days(30);
const EARLIEST: TimeDelta = TimeDelta::days(90);

/// `GET /meetingReports/attendees`, the first page.
pub(super) fn attendees(query: &AttendeeReportQuery, now: DateTime<Utc>) -> Result<Request<Bytes>> {
    let held = query.held;
    let refuse = |why: &'static str| Err(Error::invalid(REPORT, why));
    if query.site.trim().is_empty() {
        return refuse("the site is not named");
    }
    if held.is_empty() || held.until - held.from > LONGEST {
        return refuse("the window is empty or longer than 30 days");
    }
    if now.checked_sub_signed(EARLIEST).is_some_and(|earliest| held.from < earliest) {
        return refuse("the window begins more than 90 days ago");
    }
    let (from, to) = (write_instant(held.from), write_instant(held.until));
    let (name, value) = match &query.meeting {
        Some(ReportedMeeting::Id(id)) => ("meetingId", Some(id.as_str())),
        Some(ReportedMeeting::Number(number)) => ("meetingNumber", Some(number.as_str())),
        Some(ReportedMeeting::Title(title)) => ("meetingTitle", Some(title.as_str())),
        None => ("meetingId", None),
    };
    get(&path(
        &["meetingReports", "attendees"],
        &[
            ("siteUrl", Some(query.site.as_str())),
            ("from", Some(&from)),
            ("to", Some(&to)),
            ("max", Some("1000")),
            (name, value),
        ],
    ))
}

#[cfg(test)]
mod tests {
    use invitations_core::{ErrorKind, ids::MeetingId, time::TimeRange};

    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-09-01T00:00:00Z".parse().unwrap()
    }

    fn query(from: i64, until: i64) -> AttendeeReportQuery {
        let ago = |days| now() - TimeDelta::days(days);
        AttendeeReportQuery::new("contoso.webex.example", TimeRange::new(ago(from), ago(until)))
    }

    #[test]
    fn a_report_names_site_window_and_meeting() {
        let base = "/v1/meetingReports/attendees?siteUrl=contoso.webex.example&from=2026-08-22T00%3A00%3A00Z\
                    &to=2026-08-31T00%3A00%3A00Z&max=1000";
        for (meeting, rest) in [
            (None, ""),
            (Some(ReportedMeeting::Id(MeetingId::parse("m_I_1").unwrap())), "&meetingId=m_I_1"),
            (Some(ReportedMeeting::Number("123".to_owned())), "&meetingNumber=123"),
            (Some(ReportedMeeting::Title("a b".to_owned())), "&meetingTitle=a%20b"),
        ] {
            let mut query = query(10, 1);
            query.meeting = meeting;
            assert_eq!(attendees(&query, now()).unwrap().uri().to_string(), format!("{base}{rest}"));
        }
    }

    #[test]
    fn windows_that_webex_refuses_are_not_sent() {
        for (from, until, fits) in
            [(30, 0, true), (31, 0, false), (90, 60, true), (91, 62, false), (5, 5, false), (5, 6, false)]
        {
            let sent = attendees(&query(from, until), now());
            assert_eq!(sent.is_ok(), fits, "{from} {until}");
            assert!(sent.is_ok() || sent.unwrap_err().kind() == ErrorKind::InvalidInput);
        }
        assert!(attendees(&AttendeeReportQuery::new(" ", query(5, 1).held), now()).is_err());
        let ever = TimeRange::new(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
        assert!(attendees(&AttendeeReportQuery::new("s", ever), now()).is_err());
    }
}
