use bytes::Bytes;
use http::Request;
use invitations_core::{Error, Result, ids::MeetingId, people::Attendee};
use serde_json::{Map, Value};

use super::{InviteeId, NewInvitee, write};
use crate::{
    meetings::SendEmail,
    wire::{delete, get, path, post, put},
};

pub(super) const ADD: &str = "add attendee";
pub(super) const INVITE: &str = "invite";
pub(super) const CHANGE: &str = "change invitee";

/// `POST /meetingInvitees`. A second one for the same address answers 409.
pub(super) fn add(
    meeting: &MeetingId,
    attendee: &Attendee,
    mails: SendEmail,
    host: Option<&str>,
) -> Result<Request<Bytes>> {
    one(meeting, write(attendee).map_err(|why| Error::invalid(ADD, why))?, mails, host)
}

/// The same in Webex's own words.
pub(super) fn invite(
    meeting: &MeetingId,
    who: &NewInvitee,
    mails: SendEmail,
    host: Option<&str>,
) -> Result<Request<Bytes>> {
    one(meeting, who.members().map_err(|why| Error::invalid(INVITE, why))?, mails, host)
}

fn one(
    meeting: &MeetingId,
    mut body: Map<String, Value>,
    mails: SendEmail,
    host: Option<&str>,
) -> Result<Request<Bytes>> {
    body.insert("meetingId".to_owned(), meeting.as_str().into());
    mail_and_host(&mut body, mails, host);
    post(&path(&["meetingInvitees"], &[]), &body)
}

/// `POST /meetingInvitees/bulkInsert`. Each item says whether it is mailed.
pub(super) fn invite_many(
    meeting: &MeetingId,
    who: &[&NewInvitee],
    mails: SendEmail,
    host: Option<&str>,
) -> Result<Request<Bytes>> {
    let item = |one: &&NewInvitee| {
        let mut item = one.members()?;
        item.insert("sendEmail".to_owned(), mails.flag().into());
        Ok(Value::Object(item))
    };
    let items: Value =
        who.iter().map(item).collect::<Result<_, _>>().map_err(|why: &str| Error::invalid(INVITE, why))?;
    let mut body = Map::new();
    body.insert("meetingId".to_owned(), meeting.as_str().into());
    if let Some(host) = host {
        body.insert("hostEmail".to_owned(), host.into());
    }
    body.insert("items".to_owned(), items);
    post(&path(&["meetingInvitees", "bulkInsert"], &[]), &body)
}

/// `GET /meetingInvitees`, the first page.
pub(super) fn list(meeting: &MeetingId, host: Option<&str>) -> Result<Request<Bytes>> {
    let query = [("meetingId", Some(meeting.as_str())), ("max", Some("100")), ("hostEmail", host)];
    get(&path(&["meetingInvitees"], &query))
}

/// `GET /meetingInvitees/{id}`.
pub(super) fn read(id: &InviteeId, host: Option<&str>) -> Result<Request<Bytes>> {
    get(&path(&["meetingInvitees", id.as_str()], &[("hostEmail", host)]))
}

/// `PUT /meetingInvitees/{id}`.
pub(super) fn change(id: &InviteeId, who: &NewInvitee, mails: SendEmail, host: Option<&str>) -> Result<Request<Bytes>> {
    let mut body = who.members().map_err(|why| Error::invalid(CHANGE, why))?;
    mail_and_host(&mut body, mails, host);
    put(&path(&["meetingInvitees", id.as_str()], &[]), &body)
}

/// `DELETE /meetingInvitees/{id}`.
pub(super) fn remove(id: &InviteeId, mails: SendEmail, host: Option<&str>) -> Result<Request<Bytes>> {
    let mails = if mails.flag() { "true" } else { "false" };
    delete(&path(&["meetingInvitees", id.as_str()], &[("sendEmail", Some(mails)), ("hostEmail", host)]))
}

fn mail_and_host(body: &mut Map<String, Value>, mails: SendEmail, host: Option<&str>) {
    body.insert("sendEmail".to_owned(), mails.flag().into());
    if let Some(host) = host {
        body.insert("hostEmail".to_owned(), host.into());
    }
}

#[cfg(test)]
mod tests {
    use invitations_core::people::{AttendeeRole, EmailAddress};
    use serde_json::json;

    use super::*;

    #[test]
    fn requests_of_invitees() {
        let meeting = MeetingId::parse("m/1").unwrap();
        let ada =
            Attendee::new(EmailAddress::parse("ada@contoso.example").unwrap()).with_role(AttendeeRole::CoOrganizer);
        let sent = add(&meeting, &ada, SendEmail::No, Some("host@contoso.example")).unwrap();
        assert_eq!((sent.method().as_str(), sent.uri().path()), ("POST", "/v1/meetingInvitees"));
        let body: Value = serde_json::from_slice(sent.body()).unwrap();
        let host = "host@contoso.example";
        assert_eq!(
            body,
            json!({ "meetingId": "m/1", "email": "ada@contoso.example", "coHost": true, "sendEmail": false, "hostEmail": host })
        );
        assert_eq!(list(&meeting, None).unwrap().uri().to_string(), "/v1/meetingInvitees?meetingId=m%2F1&max=100");
        assert_eq!(
            remove(&InviteeId::parse("m_1").unwrap(), SendEmail::Yes, Some(host)).unwrap().uri().to_string(),
            "/v1/meetingInvitees/m_1?sendEmail=true&hostEmail=host%40contoso.example"
        );
        assert!(add(&meeting, &ada.with_name("x".repeat(129)), SendEmail::No, None).is_err());
    }

    #[test]
    fn many_are_one_request_and_each_says_its_mail() {
        let meeting = MeetingId::parse("870f").unwrap();
        let who = |address: &str| NewInvitee::new(EmailAddress::parse(address).unwrap());
        let (john, jack) = (who("john@contoso.example").with_name("John").as_co_host(), who("jack@contoso.example"));
        let sent = invite_many(&meeting, &[&john, &jack], SendEmail::Yes, Some("host@contoso.example")).unwrap();
        assert_eq!((sent.method().as_str(), sent.uri().path()), ("POST", "/v1/meetingInvitees/bulkInsert"));
        let body: Value = serde_json::from_slice(sent.body()).unwrap();
        assert_eq!(
            body,
            json!({
                "meetingId": "870f",
                "hostEmail": "host@contoso.example",
                "items": [
                    { "email": "john@contoso.example", "displayName": "John", "coHost": true, "panelist": false, "sendEmail": true },
                    { "email": "jack@contoso.example", "coHost": false, "panelist": false, "sendEmail": true },
                ],
            })
        );
        let long = who("a@b.example").with_name("x".repeat(129));
        assert!(invite_many(&meeting, &[&jack, &long], SendEmail::No, None).is_err());
    }

    #[test]
    fn a_change_names_the_invitee_in_the_path_and_no_meeting() {
        let id = InviteeId::parse("870f_1").unwrap();
        let jack = NewInvitee::new(EmailAddress::parse("jack@contoso.example").unwrap());
        let sent = change(&id, &jack, SendEmail::No, None).unwrap();
        assert_eq!((sent.method().as_str(), sent.uri().path()), ("PUT", "/v1/meetingInvitees/870f_1"));
        let body: Value = serde_json::from_slice(sent.body()).unwrap();
        let expected =
            json!({ "email": "jack@contoso.example", "coHost": false, "panelist": false, "sendEmail": false });
        assert_eq!(body, expected);
        assert_eq!(read(&id, None).unwrap().uri().to_string(), "/v1/meetingInvitees/870f_1");
    }
}
