use bytes::Bytes;
use http::Request;
use invitations_core::{Error, Result, ids::MeetingId, people::Attendee};

use crate::wire::{delete, get, path, post, write_invitee};

pub(super) const ADD: &str = "add attendee";

/// `POST /meetingInvitees`. A second one for the same address answers 409.
pub(super) fn add(meeting: &MeetingId, attendee: &Attendee, mails: bool, host: Option<&str>) -> Result<Request<Bytes>> {
    let mut body = write_invitee(attendee).map_err(|why| Error::invalid(ADD, why))?;
    body.insert("meetingId".to_owned(), meeting.as_str().into());
    body.insert("sendEmail".to_owned(), mails.into());
    if let Some(host) = host {
        body.insert("hostEmail".to_owned(), host.into());
    }
    post(&path(&["meetingInvitees"], &[]), &body)
}

/// `GET /meetingInvitees`, the first page.
pub(super) fn list(meeting: &MeetingId, host: Option<&str>) -> Result<Request<Bytes>> {
    let query = [("meetingId", Some(meeting.as_str())), ("max", Some("100")), ("hostEmail", host)];
    get(&path(&["meetingInvitees"], &query))
}

/// `DELETE /meetingInvitees/{id}`.
pub(super) fn remove(invitee: &str, mails: bool, host: Option<&str>) -> Result<Request<Bytes>> {
    let mails = if mails { "true" } else { "false" };
    delete(&path(&["meetingInvitees", invitee], &[("sendEmail", Some(mails)), ("hostEmail", host)]))
}

#[cfg(test)]
mod tests {
    use invitations_core::people::{AttendeeRole, EmailAddress};
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn requests_of_invitees() {
        let meeting = MeetingId::parse("m/1").unwrap();
        let ada =
            Attendee::new(EmailAddress::parse("ada@contoso.example").unwrap()).with_role(AttendeeRole::CoOrganizer);
        let sent = add(&meeting, &ada, false, Some("host@contoso.example")).unwrap();
        assert_eq!((sent.method().as_str(), sent.uri().path()), ("POST", "/v1/meetingInvitees"));
        let body: Value = serde_json::from_slice(sent.body()).unwrap();
        let host = "host@contoso.example";
        assert_eq!(
            body,
            json!({ "meetingId": "m/1", "email": "ada@contoso.example", "coHost": true, "sendEmail": false, "hostEmail": host })
        );
        assert_eq!(list(&meeting, None).unwrap().uri().to_string(), "/v1/meetingInvitees?meetingId=m%2F1&max=100");
        assert_eq!(
            remove("m_1", true, Some(host)).unwrap().uri().to_string(),
            "/v1/meetingInvitees/m_1?sendEmail=true&hostEmail=host%40contoso.example"
        );
        assert!(add(&meeting, &ada.with_name("x".repeat(129)), false, None).is_err());
    }
}
