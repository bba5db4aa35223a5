use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{AccessToken, Connection};
use crate::ids::{ConnectionId, ProviderId, TenantId};

/// How long a token is served without a look at the store: after that long, a disconnect elsewhere is seen here.
const UNREAD: Duration = Duration::from_secs(10);
/// From this many entries on, those whose token is over are thrown out.
const MANY: usize = 1024;

/// Opened tokens, in this process only.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<HashMap<ConnectionId, Entry>>);

/// Whose connection at which provider: nobody else gets its tokens.
pub(super) type Scope = (TenantId, ProviderId);

impl Connection {
    pub(super) fn scope(&self) -> Scope {
        (self.tenant.clone(), self.provider.clone())
    }
}

#[derive(Debug)]
struct Entry {
    scope: Scope,
    token: AccessToken,
    /// Epoch and generation.
    version: (u64, u64),
    /// Until when it is served without a look at the store.
    unread_until: Instant,
    /// Until when it is good.
    good_until: Instant,
    /// Won and not yet written: nothing may be redeemed meanwhile.
    unwritten: bool,
}

/// A token and what is known about it.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) scope: Scope,
    pub(super) token: AccessToken,
    pub(super) version: (u64, u64),
    pub(super) good_for: Duration,
    /// Until the refresh ahead; `None` when that is running or over.
    pub(super) refresh_in: Option<Duration>,
}

impl Cache {
    fn lock(&self) -> MutexGuard<'_, HashMap<ConnectionId, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A token that needs no look at the store.
    pub(super) fn fresh(&self, scope: &Scope, id: &ConnectionId, now: Instant) -> Option<AccessToken> {
        let entries = self.lock();
        let entry = entries.get(id).filter(|entry| entry.scope == *scope)?;
        let until = if entry.unwritten { entry.good_until } else { entry.unread_until };
        (now < until).then(|| entry.token.clone())
    }

    /// A token that is good, for when the store does not answer.
    pub(super) fn good(&self, id: &ConnectionId, now: Instant) -> Option<(Scope, AccessToken)> {
        let entries = self.lock();
        let entry = entries.get(id).filter(|entry| now < entry.good_until)?;
        Some((entry.scope.clone(), entry.token.clone()))
    }

    /// A good token that is not written yet.
    pub(super) fn unwritten(&self, id: &ConnectionId, now: Instant) -> Option<AccessToken> {
        let entries = self.lock();
        entries.get(id).filter(|entry| entry.unwritten && now < entry.good_until).map(|entry| entry.token.clone())
    }

    /// Keeps a token unless a newer one is there; answers the newest.
    pub(super) fn keep(&self, id: &ConnectionId, now: Instant, opened: Opened, unwritten: bool) -> AccessToken {
        let mut entries = self.lock();
        if entries.len() >= MANY {
            entries.retain(|_, entry| now < entry.good_until);
        }
        if let Some(entry) = entries.get(id)
            && (entry.version > opened.version || (entry.unwritten && !unwritten && entry.version == opened.version))
            && now < entry.good_until
        {
            return entry.token.clone();
        }
        let unread = opened.good_for.min(UNREAD).min(opened.refresh_in.unwrap_or(Duration::MAX));
        let entry = Entry {
            scope: opened.scope,
            token: opened.token.clone(),
            version: opened.version,
            unread_until: now + unread,
            good_until: now + opened.good_for,
            unwritten,
        };
        entries.insert(id.clone(), entry);
        opened.token
    }

    /// The token of that version is written, or given up: from now on the store decides.
    pub(super) fn written(&self, id: &ConnectionId, version: (u64, u64)) {
        if let Some(entry) = self.lock().get_mut(id)
            && entry.version == version
        {
            entry.unwritten = false;
        }
    }

    /// Forgets the token.
    pub(super) fn forget(&self, id: &ConnectionId) {
        self.lock().remove(id);
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::{
        runtime::{Clock as _, ManualClock},
        secret::TokenText,
    };

    #[test]
    fn an_older_reading_does_not_push_out_a_newer_token() {
        let (cache, now) = (Cache::default(), ManualClock::new(DateTime::UNIX_EPOCH).instant());
        let id = ConnectionId::parse("c").unwrap();
        let scope = (TenantId::parse("t").unwrap(), ProviderId::parse("p").unwrap());
        let opened = |name: &str, version| Opened {
            scope: scope.clone(),
            token: AccessToken::new(TokenText::new(name), DateTime::UNIX_EPOCH),
            version,
            good_for: Duration::from_secs(60),
            refresh_in: None,
        };
        let keep = |name, version, seconds| {
            let kept = cache.keep(&id, now + Duration::from_secs(seconds), opened(name, version), false);
            kept.expose().to_owned()
        };
        assert_eq!(keep("second", (1, 2), 0), "second");
        assert_eq!(keep("first", (1, 1), 1), "second");
        assert_eq!(cache.fresh(&scope, &id, now + Duration::from_secs(2)).unwrap().expose(), "second");
        assert!(
            cache.fresh(&scope, &id, now + Duration::from_secs(10)).is_none(),
            "after ten seconds the store is asked"
        );
        let other = (TenantId::parse("other").unwrap(), scope.1.clone());
        assert!(cache.fresh(&other, &id, now + Duration::from_secs(2)).is_none(), "another organisation's");
        assert_eq!(keep("next epoch", (2, 1), 3), "next epoch");
        assert_eq!(keep("first", (1, 1), 90), "first", "a newer token that is over keeps nobody out");
    }
}
