//! One event is made in a calendar, by `graph-meetings` and by bare reqwest with the same bytes.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use graph_meetings::{App, Cloud, DirectoryId, Graph, OutlookCalendars};
use invitations_core::{
    Result as Outcome,
    ids::{CalendarId, ClientId, UserId},
    people::{Attendee, EmailAddress},
    provider::{CalendarProviderExt as _, EventDraft, Marker, WriteOptions},
    secret::{ClientSecret, TokenText},
    time::Slot,
    token::{AccessToken, AfterReject, Rejected, TokenSource},
};
use serde_json::{Value, json};
use url::Url;

use crate::{Canned, Failure};

/// Both clients, and the server that answers them.
#[derive(Debug)]
#[non_exhaustive]
pub struct EventBench {
    calendars: OutlookCalendars,
    calendar: CalendarId,
    marker: Marker,
    draft: EventDraft,
    raw: reqwest::Client,
    url: Url,
    body: Bytes,
}

impl EventBench {
    /// Retry, limits and tracing as they come.
    ///
    /// # Errors
    /// When a part of it does not start.
    pub fn open() -> Result<Self, Failure> {
        let server = Canned::start(201, &answer().to_string())?;
        let app = App::with_secret(
            DirectoryId::parse("contoso.example")?,
            ClientId::parse("client")?,
            ClientSecret::new("never asked for"),
        );
        let graph = Graph::builder(app.with_cloud(Cloud::at(server.url.clone(), server.url.clone())))
            .dangerous_loopback_http()
            .tokens(Arc::new(Remembered(AccessToken::new(TokenText::new(TOKEN), DateTime::<Utc>::MAX_UTC))))
            .build()?;
        let (from, until) = ("2027-03-01T09:00:00Z", "2027-03-01T10:00:00Z");
        let slot = Slot::from(from.parse::<DateTime<Utc>>()?..until.parse::<DateTime<Utc>>()?);
        let mut draft = EventDraft::new("Lesson", slot.into()).with_body("Bring a pen").with_location("Room 1");
        for number in 0..3 {
            let address = EmailAddress::parse(format!("pupil-{number}@contoso.example"))?;
            draft = draft.with_attendee(Attendee::new(address).with_name("A Pupil"));
        }
        Ok(Self {
            calendars: graph.calendars_of(&UserId::parse("olga@contoso.example")?),
            calendar: CalendarId::parse("primary")?,
            marker: Marker::parse("lesson-42")?,
            draft,
            raw: reqwest::Client::builder().no_proxy().build()?,
            url: server.url.join("v1.0/users/olga%40contoso.example/calendar/events")?,
            body: asked().to_string().into(),
        })
    }

    /// What [`ours`](Self::ours) is asked to make: a caller has it, as raw has its bytes.
    pub fn draft(&self) -> EventDraft {
        self.draft.clone()
    }

    /// Through the client.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn ours(&self, draft: EventDraft) -> Result<(), Failure> {
        self.calendars.create_event(&self.calendar, &self.marker, draft, WriteOptions::new()).await?;
        Ok(())
    }

    /// The limit: the request is there as bytes, the answer is read and parsed.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn raw(&self) -> Result<(), Failure> {
        let reply = self
            .raw
            .post(self.url.clone())
            .bearer_auth(TOKEN)
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .header("client-request-id", "4b1e3d2c-0000-4000-8000-000000000000")
            .header("prefer", r#"IdType="ImmutableId", outlook.timezone="UTC", outlook.body-content-type="text""#)
            .body(self.body.clone())
            .send()
            .await?;
        let body = reply.error_for_status()?.bytes().await?;
        let event: Value = serde_json::from_slice(&body)?;
        match event.get("id") {
            Some(_) => Ok(()),
            None => Err("no event".into()),
        }
    }
}

/// A token that is there already.
#[derive(Debug)]
struct Remembered(AccessToken);

#[async_trait]
impl TokenSource for Remembered {
    async fn access_token(&self) -> Outcome<AccessToken> {
        Ok(self.0.clone())
    }

    async fn rejected(&self, _: Rejected) -> Outcome<AfterReject> {
        Ok(AfterReject::GiveUp)
    }
}

/// As long as Entra's.
const TOKEN: &str = concat!(
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.",
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789",
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789",
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789.s"
);

fn asked() -> Value {
    let pupil = |number: u32| json!({ "type": "required", "emailAddress": { "name": "A Pupil", "address": format!("pupil-{number}@contoso.example") } });
    json!({
        "subject": "Lesson",
        "start": { "dateTime": "2027-03-01T09:00:00", "timeZone": "UTC" },
        "end": { "dateTime": "2027-03-01T10:00:00", "timeZone": "UTC" },
        "isAllDay": false,
        "body": { "contentType": "text", "content": "Bring a pen" },
        "location": { "displayName": "Room 1" },
        "attendees": [pupil(0), pupil(1), pupil(2)],
        "transactionId": "lesson-42",
        "singleValueExtendedProperties": [{ "id": "String {00000000-0000-0000-0000-000000000000} Name marker", "value": "lesson-42" }],
    })
}

/// As Graph answers: what was asked, and much more.
fn answer() -> Value {
    let mut event = asked();
    let more = json!({
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users('olga')/events/$entity",
        "@odata.etag": "W/\"ZlnW4RIAV06KYYwlrfNZvQAALfZeRQ==\"",
        "id": "AAMkAGI1AAAt9AHjAAA=",
        "createdDateTime": "2027-02-28T00:00:00.0000000Z",
        "lastModifiedDateTime": "2027-02-28T00:00:00.0000000Z",
        "changeKey": "ZlnW4RIAV06KYYwlrfNZvQAALfZeRQ==",
        "categories": [], "originalStartTimeZone": "UTC", "originalEndTimeZone": "UTC",
        "iCalUId": "040000008200E00074C5B7101A82E00800000000DA7B6DA81A25CB01000000000000000010000000",
        "reminderMinutesBeforeStart": 15, "isReminderOn": true, "hasAttachments": false, "hideAttendees": false,
        "bodyPreview": "Bring a pen", "importance": "normal", "sensitivity": "normal", "isCancelled": false,
        "isOrganizer": true, "responseRequested": true, "seriesMasterId": null, "showAs": "busy", "type": "singleInstance",
        "webLink": "https://outlook.office365.com/owa/?itemid=AAMkAGI1AAAt9AHjAAA%3D&exvsurl=1&path=/calendar/item",
        "onlineMeetingUrl": null, "isOnlineMeeting": false, "onlineMeetingProvider": "unknown",
        "allowNewTimeProposals": true, "recurrence": null, "onlineMeeting": null,
        "responseStatus": { "response": "organizer", "time": "0001-01-01T00:00:00Z" },
        "organizer": { "emailAddress": { "name": "Olga", "address": "olga@contoso.example" } },
    });
    if let (Value::Object(event), Value::Object(more)) = (&mut event, more) {
        event.extend(more);
    }
    event
}
