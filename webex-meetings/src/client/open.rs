use std::sync::Arc;

use async_trait::async_trait;
use invitations_core::{
    Error, ErrorKind, Remedy, Result,
    people::EmailAddress,
    provider::{Account, AccountActor, AttendanceProvider, AttendeeList, MeetingProvider, Open},
};

use super::Webex;
use crate::{WebexMeetings, quota::Whose};

const OPEN: &str = "open Webex account";

impl Webex {
    /// The meetings of an account in Webex's own words: participants, recordings, transcripts, reports. Makes no request.
    ///
    /// # Errors
    /// [`Misconfigured`](ErrorKind::Misconfigured) for another provider's account, and for one whose tokens the client was not given.
    pub fn meetings_for(&self, account: &Account) -> Result<WebexMeetings> {
        if account.provider != crate::provider_id() {
            return Err(misconfigured("Register this client for accounts of the provider \"webex\" only."));
        }
        let limits = self.shared.limits_of.as_ref().map(|limits_of| limits_of(account));
        match &account.actor {
            AccountActor::Connection(id) => match &self.sources {
                Some(sources) => {
                    let quota = self.shared.budgets.of(Whose::Connection(&account.tenant, id), None, limits);
                    Ok(self.meetings(sources(&account.tenant, id), None, quota))
                }
                None => Err(misconfigured(
                    "Give the client the users' tokens with Webex::with_connections or WebexBuilder::token_sources.",
                )),
            },
            AccountActor::Application { user } => {
                let host = EmailAddress::parse(user.as_str()).map_err(|error| {
                    misconfigured("Name the user of a Webex application account by mail address.").with_source(error)
                })?;
                let tokens = self.tokens(OPEN)?;
                let quota = self.shared.budgets.of(Whose::Tokens(&tokens), Some(host.canonical()), limits);
                Ok(self.meetings(tokens, Some(host.canonical().into()), quota))
            }
            _ => Err(misconfigured("Use a connection, or an application account with its user.")),
        }
    }
}

fn misconfigured(action: &'static str) -> Error {
    Error::new(ErrorKind::Misconfigured, OPEN).with_provider(crate::provider_id()).with_remedy(Remedy::new(action))
}

#[async_trait]
impl Open<dyn MeetingProvider> for Webex {
    async fn open(&self, account: &Account) -> Result<Arc<dyn MeetingProvider>> {
        Ok(Arc::new(self.meetings_for(account)?))
    }
}

#[async_trait]
impl Open<dyn AttendeeList> for Webex {
    async fn open(&self, account: &Account) -> Result<Arc<dyn AttendeeList>> {
        Ok(Arc::new(self.meetings_for(account)?))
    }
}

#[async_trait]
impl Open<dyn AttendanceProvider> for Webex {
    async fn open(&self, account: &Account) -> Result<Arc<dyn AttendanceProvider>> {
        Ok(Arc::new(self.meetings_for(account)?.participants()))
    }
}
