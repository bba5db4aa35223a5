//! Links that let one person into a meeting (`POST /meetings/join`).

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Request, Response};
use invitations_core::{
    Error, Result,
    ids::MeetingId,
    people::EmailAddress,
    provider::WriteOptions,
    secret::{JoinUrl, Passcode},
};
use meetings_http::Protection;
use serde_json::Map;

use super::WebexMeetings;
use crate::{
    errors::{Asked, Effect},
    extra::ExtraMembers,
    wire::{Members, object, path, post},
};

const JOIN: &str = "make join links";

/// Who joins which meeting.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct JoinRequest {
    /// Which meeting.
    pub meeting: JoinTarget,
    /// Who joins.
    pub email: EmailAddress,
    /// The name they are shown under.
    pub name: String,
    /// The meeting's password, for whoever is neither host nor invited.
    pub password: Option<Passcode>,
    /// The id that the person got when registering.
    pub registration_id: Option<Passcode>,
    /// How many minutes the links work, 1 to 60; what Webex thinks right unless set.
    pub minutes: Option<u8>,
}

/// How the meeting is named.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum JoinTarget {
    /// By its id, of any type.
    Id(MeetingId),
    /// By the number that people type.
    Number(String),
    /// By its link.
    WebLink(JoinUrl),
}

/// Links for one person. Each admits whoever holds it, until it expires.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct JoinLinks {
    /// Joins as the host, without signing in. Only for the host, and for cohosts.
    pub start: Option<JoinUrl>,
    /// Joins as the person.
    pub join: JoinUrl,
    /// Until when they work.
    pub expires: Option<DateTime<Utc>>,
    /// All else that Webex told.
    pub extra: ExtraMembers,
}

impl JoinRequest {
    /// `name` may not be empty: Webex is going to ask for both.
    pub fn new(meeting: JoinTarget, email: EmailAddress, name: impl Into<String>) -> Self {
        Self { meeting, email, name: name.into(), password: None, registration_id: None, minutes: None }
    }

    /// Sets the meeting's password.
    #[must_use]
    pub fn with_password(mut self, password: Passcode) -> Self {
        self.password = Some(password);
        self
    }

    /// Sets the id that the person got when registering.
    #[must_use]
    pub fn with_registration_id(mut self, id: Passcode) -> Self {
        self.registration_id = Some(id);
        self
    }

    /// Sets how many minutes the links work.
    #[must_use]
    pub fn with_minutes(mut self, minutes: u8) -> Self {
        self.minutes = Some(minutes);
        self
    }

    /// `joinDirectly: false`: left alone Webex answers with a redirect into the meeting, which this crate does not follow.
    fn request(&self, host: Option<&str>) -> Result<Request<Bytes>> {
        if self.name.trim().is_empty() {
            return Err(Error::invalid(JOIN, "the name is empty"));
        }
        if self.minutes.is_some_and(|minutes| !(1..=60).contains(&minutes)) {
            return Err(Error::invalid(JOIN, "links work for 1 to 60 minutes"));
        }
        let mut body = Map::new();
        let (name, value) = match &self.meeting {
            JoinTarget::Id(id) => ("meetingId", id.as_str()),
            JoinTarget::Number(number) => ("meetingNumber", number.as_str()),
            JoinTarget::WebLink(link) => ("webLink", link.expose().as_str()),
        };
        if value.is_empty() {
            return Err(Error::invalid(JOIN, "no meeting is named"));
        }
        body.insert(name.to_owned(), value.into());
        body.insert("joinDirectly".to_owned(), false.into());
        body.insert("email".to_owned(), self.email.original().into());
        body.insert("displayName".to_owned(), self.name.as_str().into());
        for (name, secret) in [("password", &self.password), ("registrationId", &self.registration_id)] {
            if let Some(secret) = secret {
                body.insert(name.to_owned(), secret.expose().into());
            }
        }
        if let Some(minutes) = self.minutes {
            body.insert("expirationMinutes".to_owned(), minutes.into());
        }
        if let Some(host) = host {
            body.insert("hostEmail".to_owned(), host.into());
        }
        post(&path(&["meetings", "join"], &[]), &body)
    }
}

impl WebexMeetings {
    /// Makes links with which one person joins, without signing in (`POST /meetings/join`). The links are credentials: hand them to that
    /// person only, and log them nowhere. A service application has to act for a host (`hostEmail`).
    ///
    /// # Errors
    /// [`InvalidInput`](invitations_core::ErrorKind::InvalidInput) before any I/O; [`NotFound`](invitations_core::ErrorKind::NotFound) when
    /// there is no such meeting, or nothing of it that can be joined.
    pub async fn join_links(&self, wanted: &JoinRequest) -> Result<JoinLinks> {
        let asked = self.caller.asked(JOIN, Effect::Read);
        let request = wanted.request(self.caller.host())?;
        // each makes links that expire, so twice does no harm
        let reply = self.caller.success(&asked, request, Protection::Idempotent, &WriteOptions::new()).await?;
        links(&asked, &reply)
    }
}

fn links(asked: &Asked, reply: &Response<Bytes>) -> Result<JoinLinks> {
    let mut members = Members::of(&object(asked, reply)?);
    let mut link = |name| members.web_page(name).map(JoinUrl::new);
    let (join, start) = (link("joinLink"), link("startLink"));
    let join = join.ok_or_else(|| asked.unreadable(reply, "there is no link to join"))?;
    Ok(JoinLinks { start, join, expires: members.instant("expiration"), extra: members.left() })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn ada(meeting: JoinTarget) -> JoinRequest {
        JoinRequest::new(meeting, EmailAddress::parse("ada@contoso.example").unwrap(), "Ada")
    }

    #[test]
    fn links_are_asked_for_and_no_redirect() {
        let wanted = ada(JoinTarget::Id(MeetingId::parse("98d8").unwrap()))
            .with_password(Passcode::new("BgJep@43"))
            .with_minutes(5);
        let request = wanted.request(Some("host@contoso.example")).unwrap();
        assert_eq!((request.method().as_str(), request.uri().to_string().as_str()), ("POST", "/v1/meetings/join"));
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        assert_eq!(
            body,
            json!({
                "meetingId": "98d8",
                "joinDirectly": false,
                "email": "ada@contoso.example",
                "displayName": "Ada",
                "password": "BgJep@43",
                "expirationMinutes": 5,
                "hostEmail": "host@contoso.example",
            })
        );
    }

    #[test]
    fn callers_mistakes_are_refused() {
        let number = || JoinTarget::Number("123".to_owned());
        let mut nameless = ada(number());
        nameless.name = " ".to_owned();
        for bad in [
            ada(number()).with_minutes(0),
            ada(number()).with_minutes(61),
            ada(JoinTarget::Number(String::new())),
            nameless,
        ] {
            assert!(bad.request(None).is_err(), "{bad:?}");
        }
        assert!(ada(number()).with_minutes(60).request(None).is_ok());
    }

    #[test]
    fn a_reply_without_a_link_is_unreadable() {
        let asked = Asked::new(JOIN, Effect::Read, false);
        let read = |body: Value| links(&asked, &Response::new(Bytes::from(body.to_string())));
        let good = read(json!({ "joinLink": "https://a.example/j", "expiration": "2022-05-30T09:44:08Z" })).unwrap();
        assert!(good.start.is_none() && good.expires.is_some());
        assert!(!format!("{good:?}").contains("/j"));
        for bad in [json!({}), json!({ "joinLink": "javascript:x" }), json!({ "startLink": "https://a.example/s" })] {
            assert!(read(bad).is_err());
        }
    }
}
