use super::TenantInvitations;
use crate::{
    Error, ErrorKind, Result,
    ids::{MeetingId, MeetingKey},
    provider::{Account, Meeting, MeetingProvider, Resend, WriteOptions},
    time::{Slot, TimeRange},
};

/// More pages than any calendar has; a provider that goes on beyond them goes in circles.
const PAGES: usize = 1000;
/// How long a derived key is.
const KEY: usize = 26;

/// A meeting at the provider that carries a key of this library's making, which no invitation in the store has.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Orphan {
    /// The meeting.
    pub meeting: MeetingId,
    /// Its key.
    pub key: MeetingKey,
    /// Its title.
    pub subject: String,
    /// When, where the provider says so.
    pub slot: Option<Slot>,
    /// Whether it was taken away.
    pub deleted: bool,
}

/// What to do with orphans.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum OrphanPolicy {
    /// Only say which they are.
    Report,
    /// Take them away. Never where two databases (production and a test system, an old and a restored one) share an account: each
    /// would take the other's meetings for orphans.
    Delete,
}

impl TenantInvitations {
    /// Meetings of `account` that touch `within` and carry one of our keys, but belong to no invitation in this store: what a store that
    /// was restored from an old backup no longer knows.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported) where the provider cannot list or does not give keys back;
    /// [`InvalidInput`](ErrorKind::InvalidInput) for another organisation's account; the provider's refusal.
    pub async fn orphans(&self, account: &Account, within: TimeRange, then: OrphanPolicy) -> Result<Vec<Orphan>> {
        self.own(account)?;
        let provider = self.inner().effects.providers().meetings(account).await?;
        let able = provider.capabilities();
        // a listing without keys would look like one without orphans
        if !(able.list && able.keys) {
            return Err(Error::new(ErrorKind::Unsupported, "find orphans").with_provider(account.provider.clone()));
        }
        let mut orphans = Vec::new();
        for (meeting, key) in keyed(&*provider, within).await? {
            if self.inner().store.find_key(&key).await? {
                continue;
            }
            let deleted = then == OrphanPolicy::Delete;
            if deleted {
                let options = WriteOptions::new().with_resend(Resend::Pipeline);
                match provider.cancel(&meeting.id, options).await {
                    Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                    _ => tracing::info!(meeting = %meeting.id, "an orphan was taken away"),
                }
            }
            let Meeting { id, subject, slot, .. } = meeting;
            orphans.push(Orphan { meeting: id, key, subject, slot, deleted });
        }
        Ok(orphans)
    }
}

/// Every meeting that carries a key such as we derive.
async fn keyed(provider: &dyn MeetingProvider, within: TimeRange) -> Result<Vec<(Meeting, MeetingKey)>> {
    let (mut found, mut page) = (Vec::new(), None);
    for _ in 0..PAGES {
        let listed = provider.list(within, page.as_ref()).await?;
        let ours = listed.items.into_iter().filter_map(|meeting| {
            let key = meeting.key.clone().filter(is_derived)?;
            Some((meeting, key))
        });
        found.extend(ours);
        match listed.next {
            None => return Ok(found),
            Some(next) => page = Some(next),
        }
    }
    Err(Error::new(ErrorKind::Protocol, "list meetings").with_detail("the pages do not end"))
}

/// A key of the embedder's own making is none of our business.
fn is_derived(key: &MeetingKey) -> bool {
    key.as_str().len() == KEY && key.as_str().bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
}
