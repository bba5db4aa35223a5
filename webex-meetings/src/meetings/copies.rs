//! Several meetings under one key: a create whose answer was lost and that was made again, or a request that arrived twice. One is kept.

use bytes::Bytes;
use http::Response;
use invitations_core::{
    Error, ErrorKind, Remedy, Result,
    ids::{MeetingId, MeetingKey},
    provider::WriteOptions,
    time::TimeRange,
};

use super::{change::SendEmail, decode, handle::WebexMeetings, meeting::WebexMeeting, request};
use crate::errors::Effect;

const PRUNE: &str = "prune copies of meeting";

impl WebexMeetings {
    /// All meetings of this account that were made under `key` and overlap `around`, with everything Webex tells. Only those that this
    /// OAuth client has made; a new one may be missing as long as the index lags.
    ///
    /// An account that acts for a host has only that host's; where none of them names the host by the account's address, those made under the
    /// key count, for Webex shows one address of each host only.
    ///
    /// # Errors
    /// As every listing; a failed page is never an empty answer. [`Conflict`](ErrorKind::Conflict) where the host cannot be told.
    pub async fn find(&self, key: &MeetingKey, around: TimeRange) -> Result<Vec<WebexMeeting>> {
        let asked = self.caller.asked(request::FIND, Effect::Read);
        let first = request::find_by_key(key, around, self.caller.host())?;
        let mut found: Vec<WebexMeeting> = Vec::new();
        let read = |reply: &Response<Bytes>| {
            for meeting in decode::copies(&asked, reply, key)? {
                // a page may repeat what moved while the listing went on
                if found.iter().all(|known| known.id != meeting.id) {
                    found.push(meeting);
                }
            }
            Ok(())
        };
        self.caller.pages(&asked, first, &WriteOptions::new(), read).await?;
        decode::of_host(&asked, key, self.caller.host(), found)
    }

    /// Takes over what a create with an unclear outcome has made: `None` when nothing shows (yet). Of several copies one is kept and the
    /// others are deleted, without mails. Which one: `recorded`, the id that the application has on record, where it still exists; else
    /// the one with the first id, so that everybody who asks keeps the same.
    ///
    /// # Errors
    /// [`Conflict`](ErrorKind::Conflict) when the copies have different hosts, or the recorded meeting was not made under this key: nothing
    /// is deleted then.
    pub async fn adopt(
        &self,
        key: &MeetingKey,
        around: TimeRange,
        recorded: Option<&MeetingId>,
    ) -> Result<Option<WebexMeeting>> {
        if let Some(recorded) = recorded {
            match self.details(recorded).await {
                Ok(kept) => {
                    self.prune_from(key, &kept, self.find(key, around).await?).await?;
                    return Ok(Some(kept));
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        let mut found = self.find(key, around).await?;
        // another key's meeting may carry this one as a further tag
        found.sort_by(|one, other| (!one.is_made_under(key), &one.id).cmp(&(!other.is_made_under(key), &other.id)));
        let Some(kept) = found.first().cloned() else { return Ok(None) };
        self.prune_from(key, &kept, found).await?;
        Ok(Some(kept))
    }

    /// Deletes all copies but `keep`, without mails, and says which. `keep` is read first: if it is gone, or was not made under this key,
    /// nothing is deleted.
    ///
    /// A copy is deleted only if a fresh look at it says that it is a series with this key as its first tag (which this OAuth client alone
    /// could set and see), and the host is the one of `keep`.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) when `keep` is gone; [`Conflict`](ErrorKind::Conflict) as for [`adopt`](Self::adopt).
    pub async fn prune(&self, key: &MeetingKey, around: TimeRange, keep: &MeetingId) -> Result<Vec<MeetingId>> {
        let kept = self.details(keep).await?;
        let found = self.find(key, around).await?;
        self.prune_from(key, &kept, found).await
    }

    async fn prune_from(
        &self,
        key: &MeetingKey,
        kept: &WebexMeeting,
        found: Vec<WebexMeeting>,
    ) -> Result<Vec<MeetingId>> {
        if !kept.is_made_under(key) {
            return Err(conflict("the meeting to be kept was not made under this key"));
        }
        let others: Vec<WebexMeeting> =
            found.into_iter().filter(|copy| copy.id != kept.id && copy.is_made_under(key)).collect();
        if others.iter().any(|copy| !copy.is_same_host(kept)) {
            return Err(conflict("the meetings under this key have different hosts"));
        }
        let mut deleted = Vec::new();
        for copy in others {
            // the list is an index and lags: what is deleted is looked at once more
            let fresh = match self.details(&copy.id).await {
                Ok(fresh) => fresh,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            let sure = fresh.id == copy.id && fresh.is_made_under(key) && fresh.is_same_host(kept);
            #[cfg(seeded)]
            let sure = sure || invitations_core::seeded::seeded("B24");
            if !sure {
                tracing::warn!(meeting = %copy.id, "listed under the key of another meeting, and left alone");
                continue;
            }
            match self.delete(&copy.id, SendEmail::No, WriteOptions::new()).await {
                Ok(()) => deleted.push(copy.id),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(deleted)
    }
}

fn conflict(detail: &'static str) -> Error {
    Error::new(ErrorKind::Conflict, PRUNE)
        .with_provider(crate::provider_id())
        .with_detail(detail)
        .with_remedy(Remedy::new("Look at the meetings under this key, and delete by hand what is not needed."))
}
