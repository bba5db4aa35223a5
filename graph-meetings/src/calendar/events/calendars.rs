use invitations_core::{
    Result,
    ids::{CalendarId, PageToken},
    provider::{Page, WriteOptions},
};
use meetings_http::Protection;

use super::read::{all, one};
use crate::{
    calendar::{
        OutlookCalendars,
        outlook::{Members, NewCalendar, OutlookCalendar},
        request::calendar_path,
    },
    client::Budget,
    errors::Resource,
    wire::{self, unreadable},
};

/// So many calendars on a page: nearly all mailboxes have fewer.
const PER_PAGE: &str = "$top=100";

impl OutlookCalendars {
    /// One page of the mailbox's calendars, shared ones among them. Mails nobody.
    ///
    /// # Errors
    /// As [`OutlookEvents::list`](crate::OutlookEvents::list).
    pub async fn calendars(&self, page: Option<&PageToken>) -> Result<Page<OutlookCalendar>> {
        let operation = "list calendars";
        one(&self.session, operation, wire::get(&self.calendars_path())?, page, read).await
    }

    /// Reads a calendar: whose it is, whether it can be written to, and which online meetings it allows. Mails nobody.
    ///
    /// # Errors
    /// [`NotFound`](invitations_core::ErrorKind::NotFound) when there is none.
    pub async fn calendar(&self, id: &CalendarId) -> Result<OutlookCalendar> {
        let operation = "read calendar";
        let request = wire::get(&calendar_path(&self.session.owner, id))?;
        read(operation, wire::read(operation, &self.session.read(operation, Resource::Events, request).await?)?)
    }

    /// Makes a calendar. Mails nobody.
    ///
    /// The id in Graph's answer has been seen to differ from the one that lists show later, so the list is read and its calendar
    /// of this name is answered. Store that id. When the list cannot be read the calendar is there all the same, and the error is
    /// [unclear](invitations_core::RetryClass::Unclear).
    ///
    /// # Errors
    /// [`AlreadyExists`](invitations_core::ErrorKind::AlreadyExists): the mailbox has a calendar of this name, perhaps from an earlier
    /// call whose answer was lost; find it with [`calendars`](Self::calendars).
    pub async fn create_calendar(&self, calendar: &NewCalendar, options: WriteOptions) -> Result<OutlookCalendar> {
        let operation = "create calendar";
        let body = calendar.members(operation)?;
        let budget = Budget::new(&self.session.graph, &options);
        let path = format!("{}/calendars", self.session.owner.path());
        let limits = budget.options(&self.session.graph, operation)?;
        let request = wire::post(&path, &body)?;
        let reply = self.session.send(operation, Resource::Events, request, Protection::Findable, &limits).await?;
        let answered = read(operation, wire::read(operation, &reply)?)?;
        let unclear =
            |error: invitations_core::Error| error.with_retry(invitations_core::RetryClass::Unclear { after: None });
        let limits = budget.options(&self.session.graph, operation).map_err(unclear)?;
        let request = wire::get(&self.calendars_path())?;
        let list = all(&self.session, operation, request, Resource::Events, &limits, read).await.map_err(unclear)?;
        let known = list.iter().find(|one| one.id == answered.id);
        let named = || list.iter().find(|one| one.name == calendar.name && !one.is_default);
        Ok(known.or_else(named).cloned().unwrap_or(answered))
    }

    fn calendars_path(&self) -> String {
        format!("{}/calendars?{PER_PAGE}", self.session.owner.path())
    }
}

fn read(operation: &'static str, members: Members) -> Result<OutlookCalendar> {
    OutlookCalendar::read(members).ok_or_else(|| unreadable(operation, "a calendar without a usable id"))
}
