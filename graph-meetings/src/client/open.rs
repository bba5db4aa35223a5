use std::sync::Arc;

use async_trait::async_trait;
use invitations_core::{
    Error, ErrorKind, Remedy, Result,
    people::GuestDirectory,
    provider::{Account, AccountActor, AttendeeList, AvailabilityProvider, CalendarProvider, MeetingProvider, Open},
};

use super::{Graph, Session};
use crate::{
    calendar::{EventAttendees, OutlookAvailability, OutlookCalendars},
    guests::Guests,
    teams::{CalendarMeetingAttendees, CalendarMeetings, MeetingForm, TeamsMeetings},
};

impl Graph {
    /// An application acts in `/users/{id}`, a user's consent in `/me`.
    fn session(&self, account: &Account) -> Result<Session> {
        let wrong = |detail: &'static str, action: &'static str| {
            Error::new(ErrorKind::Misconfigured, "open provider")
                .with_provider(crate::provider_id())
                .with_detail(detail)
                .with_remedy(Remedy::new(action))
        };
        if account.provider != crate::provider_id() {
            return Err(wrong("the account is another provider's", "Register each provider under its own id."));
        }
        match &account.actor {
            AccountActor::Application { user } => Ok(self.application(user)),
            AccountActor::Connection(id) => {
                let sources = self
                    .sources()
                    .ok_or_else(|| wrong("no tokens of users were configured", "Give GraphBuilder::connections."))?;
                Ok(self.delegated(sources.of(&account.tenant, id)).by(id))
            }
            _ => Err(wrong("an unknown kind of account", "Update graph-meetings.")),
        }
    }

    /// The same, and whether it is a personal account, for what those do not have.
    async fn work_session(&self, account: &Account) -> Result<Session> {
        let session = self.session(account)?;
        let personal = match (&account.actor, self.sources()) {
            (AccountActor::Connection(id), Some(sources)) if self.mixes_accounts() => {
                sources.is_personal(&account.tenant, id).await
            }
            _ => session.is_personal,
        };
        Ok(session.personal(personal))
    }
}

#[async_trait]
impl Open<dyn MeetingProvider> for Graph {
    async fn open(&self, account: &Account) -> Result<Arc<dyn MeetingProvider>> {
        let session = self.work_session(account).await?;
        Ok(match self.meeting_defaults().form {
            MeetingForm::LinkOnly => Arc::new(TeamsMeetings::new(session)),
            MeetingForm::CalendarEvent => Arc::new(CalendarMeetings::new(session)),
        })
    }
}

#[async_trait]
impl Open<dyn AvailabilityProvider> for Graph {
    async fn open(&self, account: &Account) -> Result<Arc<dyn AvailabilityProvider>> {
        Ok(Arc::new(OutlookAvailability::new(self.work_session(account).await?)))
    }
}

#[async_trait]
impl Open<dyn AttendeeList> for Graph {
    async fn open(&self, account: &Account) -> Result<Arc<dyn AttendeeList>> {
        let events = EventAttendees::new(self.session(account)?);
        Ok(match self.meeting_defaults().form {
            MeetingForm::LinkOnly => Arc::new(events),
            MeetingForm::CalendarEvent => Arc::new(CalendarMeetingAttendees::new(events)),
        })
    }
}

#[async_trait]
impl Open<dyn CalendarProvider> for Graph {
    async fn open(&self, account: &Account) -> Result<Arc<dyn CalendarProvider>> {
        Ok(Arc::new(OutlookCalendars::new(self.session(account)?)))
    }
}

#[async_trait]
impl Open<dyn GuestDirectory> for Graph {
    async fn open(&self, account: &Account) -> Result<Arc<dyn GuestDirectory>> {
        Ok(Arc::new(Guests::new(self.session(account)?)))
    }
}
