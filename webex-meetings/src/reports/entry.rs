use std::time::Duration;

use chrono::{DateTime, Utc};
use invitations_core::{ids::MeetingId, people::EmailAddress};
use serde_json::Value;

use crate::{
    extra::ExtraMembers,
    wire::{Members, words},
};

words! {
    /// As what somebody attended.
    ParticipantType {
        /// The host.
        Host = "host",
        /// Anybody else.
        Attendee = "attendee",
    }
}

/// Somebody's stay in a meeting that is over. Webex promises none of these members.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct AttendeeReportEntry {
    /// The instance of the meeting.
    pub meeting: Option<MeetingId>,
    /// Its number.
    pub meeting_number: Option<String>,
    /// Its title.
    pub meeting_title: Option<String>,
    /// The name they showed.
    pub name: Option<String>,
    /// Their address.
    pub email: Option<EmailAddress>,
    /// When they joined.
    pub joined: Option<DateTime<Utc>>,
    /// When they left.
    pub left: Option<DateTime<Utc>>,
    /// How long they stayed; Webex counts minutes.
    pub duration: Option<Duration>,
    /// As what.
    pub participant_type: Option<ParticipantType>,
    /// Where from.
    pub ip_address: Option<String>,
    /// With what: `WINDOWS,IE`.
    pub client_agent: Option<String>,
    /// What they said of themselves when they registered.
    pub company: Option<String>,
    /// As above.
    pub phone_number: Option<String>,
    /// As above, first line.
    pub address_1: Option<String>,
    /// As above, second line.
    pub address_2: Option<String>,
    /// As above.
    pub city: Option<String>,
    /// As above.
    pub state: Option<String>,
    /// As above.
    pub country: Option<String>,
    /// As above.
    pub zip_code: Option<String>,
    /// Whether they had registered.
    pub registered: Option<bool>,
    /// Whether they were invited.
    pub invited: Option<bool>,
    /// All else that Webex told.
    pub extra: ExtraMembers,
}

impl AttendeeReportEntry {
    pub(super) fn read(value: &Value) -> Self {
        let mut members = Members::of(value);
        Self {
            meeting: members.parsed("meetingId", |id| MeetingId::parse(id).ok()),
            // a number in the schema, a text in the example
            meeting_number: members.text("meetingNumber"),
            meeting_title: members.text("meetingTitle"),
            name: members.text("displayName"),
            email: members.address("email"),
            joined: members.instant("joinedTime"),
            left: members.instant("leftTime"),
            duration: members.length("duration", Duration::from_secs(60)),
            participant_type: members.word("participantType"),
            ip_address: members.text("ipAddress"),
            client_agent: members.text("clientAgent"),
            company: members.text("company"),
            phone_number: members.text("phoneNumber"),
            address_1: members.text("address1"),
            address_2: members.text("address2"),
            city: members.text("city"),
            state: members.text("state"),
            country: members.text("country"),
            zip_code: members.text("zipCode"),
            registered: members.flag("registered"),
            invited: members.flag("invited"),
            extra: members.left(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_and_words_come_in_several_shapes() {
        let read = AttendeeReportEntry::read(&json!({
            "meetingNumber": 123_456_789, "participantType": "ATTENDEE", "duration": 20, "joinedTime": "2023-01-18T10:26:30+08:00",
        }));
        assert_eq!(read.meeting_number.as_deref(), Some("123456789"));
        assert_eq!(
            (read.participant_type, read.duration),
            (Some(ParticipantType::Attendee), Some(Duration::from_secs(1200)))
        );
        assert_eq!(read.joined, Some("2023-01-18T02:26:30Z".parse().unwrap()));
        assert_eq!(AttendeeReportEntry::read(&json!([])), AttendeeReportEntry::default());
    }
}
