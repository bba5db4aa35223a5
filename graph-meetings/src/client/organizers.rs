use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use invitations_core::{Result, ids::UserId, provider::WriteOptions};

use super::{KeyedLocks, Session};
use crate::{errors::Resource, guests, owner::Owner};

/// More addresses than any backend organizes for; beyond it the memory starts anew.
const MOST: usize = 10_000;

/// Object ids of organizers that were named by address. They never change while the user exists.
#[derive(Debug, Default)]
pub(crate) struct Organizers {
    known: Mutex<HashMap<String, UserId>>,
    asking: KeyedLocks,
}

impl Organizers {
    /// The session with its owner named by object id. Many callers at once cost one request.
    pub(crate) async fn resolved(&self, session: &Session, options: &WriteOptions) -> Result<Session> {
        let Owner::User(user) = &session.owner else { return Ok(session.clone()) };
        if !user.as_str().contains('@') {
            return Ok(session.clone());
        }
        let address = user.as_str().to_ascii_lowercase();
        if let Some(id) = self.known(&address) {
            return Ok(session.of(Owner::User(id)));
        }
        let _asking = self.asking.lock(&address).await;
        if let Some(id) = self.known(&address) {
            return Ok(session.of(Owner::User(id)));
        }
        let operation = "resolve organizer";
        let request = guests::object_id_request(user)?;
        let reply = session.read_within(operation, Resource::Users, request, options).await?;
        let id = guests::object_id(operation, &reply)?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(address, id.clone());
        drop(known);
        Ok(session.of(Owner::User(id)))
    }

    fn known(&self, address: &str) -> Option<UserId> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(address).cloned()
    }
}
