use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use url::Url;

use super::faults::{Fate, Faults, check_account, lock};
use crate::{
    Error, ErrorKind, Result,
    ids::{GuestId, ProviderId},
    people::{EmailAddress, Guest, GuestDirectory, GuestDraft, Redemption},
    provider::{Account, Open, WriteOptions},
    secret::RedeemUrl,
};

/// A directory of guests in memory, with faults to order. Clones and opened accounts share it.
#[derive(Clone, Debug)]
pub struct MemoryGuests {
    provider: ProviderId,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    invited: usize,
    mails: Vec<EmailAddress>,
    guests: BTreeMap<GuestId, Guest>,
    faults: Faults,
}

impl MemoryGuests {
    /// Nobody there yet.
    pub fn new(provider: ProviderId) -> Self {
        Self { provider, state: Arc::default() }
    }

    /// The next `writes` are carried out, but their answer is lost: `Timeout`, retry `Unclear`.
    pub fn lose_reply_of_next(&self, writes: u32) {
        lock(&self.state).faults.lose_replies(writes);
    }

    /// The next `writes` never arrive, and the caller cannot tell: `Timeout`, retry `Unclear`.
    pub fn lose_request_of_next(&self, writes: u32) {
        lock(&self.state).faults.lose_requests(writes);
    }

    /// The next write is refused with `kind`; nothing happens. Call again to refuse more.
    pub fn refuse_next(&self, kind: ErrorKind) {
        lock(&self.state).faults.refuse(kind);
    }

    /// Everybody in the directory.
    pub fn guests(&self) -> Vec<Guest> {
        lock(&self.state).guests.values().cloned().collect()
    }

    /// To whom the provider has sent its invitation mail, oldest first.
    pub fn mails(&self) -> Vec<EmailAddress> {
        lock(&self.state).mails.clone()
    }

    /// The guest accepts the invitation.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) when there is no such guest.
    pub fn redeem(&self, id: &GuestId) -> Result<()> {
        match lock(&self.state).guests.get_mut(id) {
            Some(guest) => {
                guest.redemption = Redemption::Accepted;
                Ok(())
            }
            None => Err(self.not_found("redeem invitation")),
        }
    }

    fn not_found(&self, operation: &'static str) -> Error {
        Error::new(ErrorKind::NotFound, operation).with_provider(self.provider.clone())
    }

    /// Runs `work` under the next fate.
    fn write<T>(&self, operation: &'static str, work: impl FnOnce(&mut State) -> Result<T>) -> Result<T> {
        let mut state = lock(&self.state);
        match state.faults.next(operation, &self.provider) {
            Fate::Normal => work(&mut state),
            Fate::ReplyLost(error) => work(&mut state).and(Err(error)),
            Fate::RequestLost(error) | Fate::Refused(error) => Err(error),
        }
    }
}

#[async_trait]
impl GuestDirectory for MemoryGuests {
    async fn invite(&self, draft: &GuestDraft, _options: WriteOptions) -> Result<Guest> {
        self.write("invite guest", |state| {
            let there = state.guests.values().find(|guest| guest.email == draft.email).cloned();
            let guest = match there {
                Some(guest) => guest,
                None => {
                    state.invited += 1;
                    let id = GuestId::parse(format!("guest-{}", state.invited))?;
                    let guest = Guest::new(id.clone(), draft.email.clone(), Redemption::Pending);
                    state.guests.insert(id, guest.clone());
                    guest
                }
            };
            if draft.send_mail {
                state.mails.push(draft.email.clone());
            }
            let link = Url::parse(&format!("https://login.example/redeem/{}", guest.id))
                .map_err(|error| Error::new(ErrorKind::Protocol, "invite guest").with_source(error))?;
            Ok(guest.with_redeem_url(RedeemUrl::new(link)))
        })
    }

    async fn guest(&self, id: &GuestId) -> Result<Guest> {
        lock(&self.state).guests.get(id).cloned().ok_or_else(|| self.not_found("read guest"))
    }

    async fn find_by_address(&self, email: &EmailAddress) -> Result<Vec<Guest>> {
        Ok(lock(&self.state).guests.values().filter(|guest| guest.email == *email).cloned().collect())
    }

    async fn remove(&self, id: &GuestId, _options: WriteOptions) -> Result<()> {
        self.write("remove guest", |state| {
            state.guests.remove(id);
            Ok(())
        })
    }
}

#[async_trait]
impl Open<dyn GuestDirectory> for MemoryGuests {
    async fn open(&self, account: &Account) -> Result<Arc<dyn GuestDirectory>> {
        check_account(account, &self.provider)?;
        Ok(Arc::new(self.clone()))
    }
}
