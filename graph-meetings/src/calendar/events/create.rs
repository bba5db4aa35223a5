use std::time::Duration;

use invitations_core::{
    Error, ErrorKind, Remedy, Result,
    provider::{Marker, Resend, WriteOptions},
};
use meetings_http::Protection;
use serde_json::{Map, Value};

use super::{OutlookEvents, paths::PREFER};
use crate::{
    calendar::{
        outlook::{AskedMeeting, NewEvent, OutlookEvent, WrittenEvent},
        request::{calendar_path, marker_member},
    },
    client::Budget,
    errors::Resource,
    wire,
};

const OPERATION: &str = "create event";
/// So often a create that raced with another writer is sent.
const MOST_TRIES: u32 = 4;
/// The first wait after such a race; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(250);

impl OutlookEvents {
    /// Makes an event, once for each key: the key is the event's `transactionId` and its marker. Mails an invitation to each attendee.
    ///
    /// The same key again answers the event that is there, as it is: it is not changed to what is said now, and nobody is mailed. When
    /// Graph refuses the key as used (`ErrorDuplicateTransactionId`, any 409), the event is looked up by its marker. Colours of
    /// categories are seen to first; where that is not permitted the event is written all the same
    /// ([`CategoryOutcome`](crate::outlook::CategoryOutcome)).
    ///
    /// # Errors
    /// - [`InvalidInput`](ErrorKind::InvalidInput), before anything is sent: what Outlook cannot take; the remedy says what to do.
    /// - [`AlreadyExists`](ErrorKind::AlreadyExists): the key was used by an event that is gone. Outlook remembers keys, so a new event
    ///   needs a new one ([`incarnation`](crate::outlook::incarnation)).
    /// - [`Conflict`](ErrorKind::Conflict): Outlook was saving another write (`ConcurrentItemSave`); nothing was made.
    /// - [`Error::retry`] tells whether an event may have been made; the same call again finds it.
    pub async fn create(&self, key: &Marker, event: &NewEvent, options: WriteOptions) -> Result<WrittenEvent> {
        let mut body = event.members(OPERATION)?;
        if options.if_match.is_some() {
            return Err(Error::invalid(OPERATION, "a new event has no version to match")
                .with_remedy(Remedy::new("Leave the version out.")));
        }
        let budget = Budget::new(&self.session.graph, &options);
        let categories = self.categorised(OPERATION, &event.categories, &mut body, &budget).await?;
        body.insert("transactionId".to_owned(), key.as_str().into());
        body.insert("singleValueExtendedProperties".to_owned(), marker_member(key));
        let made = self.make(key, &body, &budget, options.resend).await?;
        Ok(WrittenEvent { meeting: AskedMeeting::of(event.online_meeting, &made), event: made, categories })
    }

    async fn make(
        &self,
        key: &Marker,
        body: &Map<String, Value>,
        budget: &Budget,
        resend: Resend,
    ) -> Result<OutlookEvent> {
        let session = &self.session;
        let path = format!("{}/events", calendar_path(&session.owner, &self.calendar));
        let mut wait = FIRST_WAIT;
        for tried in 1.. {
            let request = wire::prefer(wire::post(&path, body)?, PREFER);
            let options = budget.options(&session.graph, OPERATION)?;
            let sent = session.send(OPERATION, Resource::Events, request, Protection::Keyed, &options).await;
            let error = match sent {
                Ok(reply) => {
                    let mut event = OutlookEvent::decode(OPERATION, &reply)?;
                    // the answer to a create never shows extended properties (trap 23)
                    event.marker = Some(key.clone());
                    return Ok(event);
                }
                Err(error) => error,
            };
            let is_used = error.kind() == ErrorKind::AlreadyExists;
            if !is_used && error.status() != Some(409) {
                return Err(error);
            }
            let options = budget.options(&session.graph, OPERATION)?;
            if let Some(there) = self.find_within(key, &options).await?.into_iter().next() {
                return Ok(there);
            }
            if is_used || resend == Resend::Caller || tried == MOST_TRIES {
                return Err(error);
            }
            session.graph.clock().sleep(wait).await;
            wait *= 2;
        }
        Err(Error::new(ErrorKind::Conflict, OPERATION))
    }
}
