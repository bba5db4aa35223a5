use invitations_core::{Error, Remedy, Result, ids::CalendarId};
use serde_json::{Map, Value, json};

use super::{CalendarColor, MailAddress, Members, OnlineMeetingProvider, words::checked};

/// A calendar of a mailbox.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct OutlookCalendar {
    /// Its id. Calendars have no immutable ids, unlike events.
    pub id: CalendarId,
    /// Its name; once in a mailbox.
    pub name: String,
    /// Whose it is: somebody else's where it was shared.
    pub owner: Option<MailAddress>,
    /// Whether events can be written to it.
    pub can_edit: bool,
    /// Whether it is the mailbox's own.
    pub is_default: bool,
    /// Whether it can be taken away.
    pub is_removable: bool,
    /// Its colour in Outlook's words.
    pub color: Option<CalendarColor>,
    /// Its colour as `#RRGGBB`, where one was chosen.
    pub hex_color: Option<String>,
    /// Which online meetings events in it can have. Where Teams is not among them, the wish for a meeting is passed over in silence
    /// (trap 12).
    pub allowed_online_meeting_providers: Vec<OnlineMeetingProvider>,
    /// The one that is made unless another is asked for.
    pub default_online_meeting_provider: Option<OnlineMeetingProvider>,
    /// What is not modelled.
    pub extras: Map<String, Value>,
}

impl OutlookCalendar {
    /// Whether events in it can have a Teams meeting.
    pub fn allows_teams(&self) -> bool {
        self.allowed_online_meeting_providers.contains(&OnlineMeetingProvider::Teams)
    }

    pub(crate) fn read(mut members: Members) -> Option<Self> {
        let word = |value: &Value| value.as_str().map(OnlineMeetingProvider::from);
        Some(Self {
            id: CalendarId::parse(members.take::<String>("id")?).ok()?,
            name: members.take("name").unwrap_or_default(),
            owner: members.take_with("owner", MailAddress::read),
            can_edit: members.take("canEdit").unwrap_or_default(),
            is_default: members.take("isDefaultCalendar").unwrap_or_default(),
            is_removable: members.take("isRemovable").unwrap_or_default(),
            color: members.take("color"),
            hex_color: members.text("hexColor"),
            allowed_online_meeting_providers: members.list("allowedOnlineMeetingProviders", word),
            default_online_meeting_provider: members.take("defaultOnlineMeetingProvider"),
            extras: {
                members.0.remove("changeKey");
                members.rest()
            },
        })
    }
}

/// A calendar to make.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct NewCalendar {
    /// Its name; once in a mailbox.
    pub name: String,
    /// Its colour.
    pub color: Option<CalendarColor>,
}

impl NewCalendar {
    /// A calendar whose colour Outlook chooses.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), color: None }
    }

    /// Sets the colour.
    #[must_use]
    pub fn with_color(mut self, color: CalendarColor) -> Self {
        self.color = Some(color);
        self
    }

    pub(crate) fn members(&self, operation: &'static str) -> Result<Value> {
        if self.name.trim().is_empty() {
            return Err(Error::invalid(operation, "the calendar has no name")
                .with_remedy(Remedy::new("Give the calendar a name.")));
        }
        let mut members = json!({ "name": self.name });
        if let Some(color) = &self.color {
            members["color"] = checked(operation, "color", color.as_str())?.into();
        }
        Ok(members)
    }
}
