use invitations_core::{
    ids::{MeetingId, MeetingKey, UserId},
    provider::Meeting,
    secret::{JoinUrl, Passcode},
};
use serde_json::Value;
use url::Url;

use super::{read::text, time::read_slot};

/// A meeting of any kind and state: series, occurrence or instance. Which members are there depends on both, so every
/// one may be missing. No `Debug`: it holds the join link and the passcode.
pub(crate) struct WireMeeting {
    id: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) host_email: Option<String>,
    pub(crate) tags: Vec<String>,
    title: Option<String>,
    start: Option<String>,
    end: Option<String>,
    timezone: Option<String>,
    host_user_id: Option<String>,
    web_link: Option<String>,
    password: Option<String>,
}

impl WireMeeting {
    pub(crate) fn read(value: &Value) -> Self {
        let tags = value.get("integrationTags").and_then(Value::as_array);
        Self {
            id: text(value, "id"),
            kind: text(value, "meetingType"),
            host_email: text(value, "hostEmail"),
            tags: tags.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
            title: text(value, "title"),
            start: text(value, "start"),
            end: text(value, "end"),
            timezone: text(value, "timezone"),
            host_user_id: text(value, "hostUserId"),
            web_link: text(value, "webLink"),
            password: text(value, "password"),
        }
    }

    /// What is missing is said, not made up: a meeting has an id and a link, or it is unreadable.
    pub(crate) fn into_meeting(self) -> Result<Meeting, &'static str> {
        let id = self.id.and_then(|id| MeetingId::parse(id).ok()).ok_or("a meeting has no id")?;
        let link = self.web_link.and_then(|link| Url::parse(&link).ok()).ok_or("a meeting has no link")?;
        if !matches!(link.scheme(), "https" | "http") {
            return Err("the link of a meeting leads to no web page");
        }
        let mut meeting = Meeting::new(id, self.title.unwrap_or_default(), JoinUrl::new(link));
        if let (Some(start), Some(end)) = (&self.start, &self.end)
            && let Some(slot) = read_slot(start, end, self.timezone.as_deref())
        {
            meeting = meeting.with_slot(slot);
        }
        if let Some(host) = self.host_user_id.or(self.host_email).and_then(|host| UserId::parse(host).ok()) {
            meeting = meeting.with_organizer(host);
        }
        // we write the key as the only tag; a tag of another's may have come before it, which then hides it
        if let Some(key) = self.tags.first().and_then(|tag| MeetingKey::parse(tag).ok()) {
            meeting = meeting.with_key(key);
        }
        Ok(match self.password {
            Some(password) => meeting.with_passcode(Passcode::new(password)),
            None => meeting,
        })
    }
}
