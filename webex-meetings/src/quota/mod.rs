//! The quota of creates. Webex counts requests, refused ones too, in 24 hours: 100 of a user; with an administrator's token 800 for one
//! host and 3000 in all (<https://developer.webex.com/docs/api/v1/meetings/create-a-meeting>). What is kept here is what this client has sent;
//! what Webex says counts more.

mod budget;
mod budgets;

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use http::Response;
use invitations_core::{Error, ErrorKind, Remedy, Result, RetryClass, provider::Account, runtime::Clock};

use budget::{Budget, Full, Taken};
pub(crate) use budgets::{Budgets, Whose};

/// How many meetings may be made in 24 hours.
///
/// The count is kept in memory, by one client and its clones. Several processes that make meetings for the same accounts each have a count of
/// their own: give each its share (`CreateLimits::new().with_user(50)` for two). Without shares no meeting is lost, either: whom Webex
/// answers 429 waits as long as Webex asks, and each process learns that by a 429 of its own, which counts as a create.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct CreateLimits {
    /// By a user with their own token: 100. For an administrator's own meetings see [`of_administrator`](Self::of_administrator).
    pub user: u32,
    /// For one host, by an administrator or a service application: 800.
    pub host: u32,
    /// By an administrator or a service application in all: 3000.
    pub overall: u32,
}

impl Default for CreateLimits {
    fn default() -> Self {
        Self { user: 100, host: 800, overall: 3000 }
    }
}

impl CreateLimits {
    /// What Webex documents.
    pub fn new() -> Self {
        Self::default()
    }

    /// What Webex documents, where who makes meetings with their own token is an administrator: 800 instead of 100.
    pub fn of_administrator() -> Self {
        let limits = Self::default();
        Self { user: limits.host, ..limits }
    }

    /// Sets the limit of a user's own token.
    #[must_use]
    pub fn with_user(mut self, creates: u32) -> Self {
        self.user = creates;
        self
    }

    /// Sets the limit of one host.
    #[must_use]
    pub fn with_host(mut self, creates: u32) -> Self {
        self.host = creates;
        self
    }

    /// Sets the limit of an administrator in all.
    #[must_use]
    pub fn with_overall(mut self, creates: u32) -> Self {
        self.overall = creates;
        self
    }
}

/// Finds the limits of an account: no token tells whether it is an administrator's.
pub type CreateLimitsOf = dyn Fn(&Account) -> CreateLimits + Send + Sync;

/// What is left of the quota of creates, as far as this client knows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct CreateQuota {
    /// How many creates are allowed in 24 hours.
    pub limit: u32,
    /// How many were sent in the last 24 hours.
    pub used: u32,
    /// How many may be sent now.
    pub left: u32,
    /// When the next one may be sent, where none may now.
    pub next_at: Option<DateTime<Utc>>,
    /// Until when Webex asked to wait, by a 429 to a create. It does not say for which limit: creates of 24 hours, or requests of a minute.
    pub asked_until: Option<DateTime<Utc>>,
}

/// The budgets that a create of one account needs room in.
#[derive(Clone, Debug)]
pub(crate) struct Quota {
    clock: Arc<dyn Clock>,
    budgets: Vec<Arc<Budget>>,
}

impl Quota {
    fn new(clock: Arc<dyn Clock>, budgets: Vec<Arc<Budget>>) -> Self {
        Self { clock, budgets }
    }

    /// The one that has least left.
    pub(crate) fn view(&self) -> CreateQuota {
        let (now, wall) = (self.clock.instant(), self.clock.now());
        let views = self.budgets.iter().map(|budget| budget.view(now, wall));
        // the later it is free again, the less there is
        let least = views.min_by_key(|view| (view.left, view.next_at.map(std::cmp::Reverse)));
        least.unwrap_or(CreateQuota { limit: 0, used: 0, left: 0, next_at: None, asked_until: None })
    }

    /// Room for one create in every budget, or in none.
    pub(crate) fn take(&self, operation: &'static str) -> Result<Place<'_>> {
        let now = self.clock.instant();
        let mut taken: Vec<Taken> = Vec::new();
        for budget in &self.budgets {
            match budget.take(now) {
                Ok(place) => taken.push(place),
                Err(full) => {
                    self.give_back(taken);
                    return Err(self.refused(operation, full));
                }
            }
        }
        Ok(Place { quota: self, taken })
    }

    fn give_back(&self, taken: Vec<Taken>) {
        for (budget, taken) in self.budgets.iter().zip(taken) {
            budget.give_back(taken);
        }
    }

    fn refused(&self, operation: &'static str, full: Full) -> Error {
        let wait = full.wait();
        let at = chrono::TimeDelta::from_std(wait).ok().and_then(|wait| self.clock.now().checked_add_signed(wait));
        let at = at.map_or_else(|| "later".to_owned(), |at| at.to_rfc3339_opts(SecondsFormat::Secs, true));
        let (detail, remedy) = match full {
            Full::UsedUp(_) => (
                format!("the creates of 24 hours are used up; nothing was sent; the next one is free at {at}"),
                Remedy::new(
                    "Wait until then: a user may create 100 meetings in 24 hours (an administrator 800 for one host, 3000 in all), and \
                     refused requests count. If it is an administrator's own account, say so with WebexBuilder::create_limits_of.",
                )
                .with_docs("https://developer.webex.com/docs/api/v1/meetings/create-a-meeting"),
            ),
            Full::Asked(_) => (
                format!("Webex asked to wait until {at}; nothing was sent"),
                Remedy::new(
                    "Wait until then. Webex does not say which limit was reached: that of requests in a minute, or that of creates in 24 \
                     hours.",
                )
                .with_docs("https://developer.webex.com/docs/basics"),
            ),
        };
        Error::new(ErrorKind::Throttled, operation)
            .with_provider(crate::provider_id())
            .with_retry(RetryClass::Safe { after: Some(wait) })
            .with_detail(detail)
            .with_remedy(remedy)
    }
}

/// Room for one create. Dropped without a word it counts: the request may be on its way.
#[derive(Debug)]
#[must_use = "say what became of it"]
pub(crate) struct Place<'a> {
    quota: &'a Quota,
    taken: Vec<Taken>,
}

impl Place<'_> {
    /// Gives the room back where surely nothing was sent, and closes the budget for as long as Webex asks.
    pub(crate) fn used(self, sent: &Result<Response<Bytes>>) {
        let Err(error) = sent else { return };
        match (error.status(), error.retry()) {
            (Some(429), RetryClass::Safe { after: Some(wait) }) => {
                let now = self.quota.clock.instant();
                // whose budget it is, Webex does not say; the narrowest one
                if let Some(budget) = self.quota.budgets.first() {
                    budget.close(now, wait);
                }
            }
            (None, RetryClass::Safe { .. } | RetryClass::Never) => self.quota.give_back(self.taken),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use invitations_core::{runtime::ManualClock, token::TokenSource};
    use meetings_http::StaticTokens;

    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    fn clock() -> ManualClock {
        ManualClock::new("2026-07-15T09:00:00Z".parse().unwrap())
    }

    fn quota(clock: &ManualClock, limits: CreateLimits, for_host: bool) -> Quota {
        let tokens: Arc<dyn TokenSource> = Arc::new(StaticTokens::new("t"));
        let budgets = Budgets::new(Arc::new(clock.clone()), limits);
        budgets.of(Whose::Tokens(&tokens), for_host.then_some("host@contoso.example"), None)
    }

    fn view(limit: u32, used: u32, left: u32) -> CreateQuota {
        CreateQuota { limit, used, left, next_at: None, asked_until: None }
    }

    fn answered(status: u16, after: Option<Duration>) -> Result<Response<Bytes>> {
        Err(Error::new(ErrorKind::Throttled, "test").with_status(status).with_retry(RetryClass::Safe { after }))
    }

    #[test]
    fn refused_requests_count_and_unsent_ones_do_not() {
        let clock = clock();
        let quota = quota(&clock, CreateLimits::new().with_user(3), false);
        quota.take("test").unwrap().used(&Ok(Response::new(Bytes::new())));
        quota.take("test").unwrap().used(&Err(Error::new(ErrorKind::InvalidInput, "test").with_status(400)));
        for unsent in [RetryClass::Never, RetryClass::Safe { after: None }] {
            quota.take("test").unwrap().used(&Err(Error::new(ErrorKind::Unavailable, "test").with_retry(unsent)));
        }
        assert_eq!(quota.view(), view(3, 2, 1));
        let unclear = RetryClass::Unclear { after: None };
        quota.take("test").unwrap().used(&Err(Error::new(ErrorKind::Timeout, "test").with_retry(unclear)));
        let error = quota.take("test").unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Throttled, RetryClass::Safe { after: Some(DAY) }));
        assert!(
            error.detail().unwrap().contains("used up; nothing was sent; the next one is free at 2026-07-16T09:00:00Z")
        );
        assert_eq!(quota.view().next_at, Some("2026-07-16T09:00:00Z".parse().unwrap()));
        clock.advance(DAY);
        assert_eq!(quota.view(), view(3, 0, 3));
    }

    #[test]
    fn places_become_free_one_by_one() {
        let clock = clock();
        let quota = quota(&clock, CreateLimits::new().with_user(2), false);
        drop(quota.take("test").unwrap());
        clock.advance(DAY / 4);
        drop(quota.take("test").unwrap());
        assert_eq!(quota.take("test").unwrap_err().retry(), RetryClass::Safe { after: Some(DAY * 3 / 4) });
        clock.advance(DAY * 3 / 4);
        drop(quota.take("test").unwrap());
        assert_eq!(quota.take("test").unwrap_err().retry(), RetryClass::Safe { after: Some(DAY / 4) });
    }

    #[test]
    fn what_webex_says_closes_the_budget_for_as_long() {
        let clock = clock();
        let quota = quota(&clock, CreateLimits::new(), false);
        let hour = Duration::from_secs(3600);
        quota.take("test").unwrap().used(&answered(429, Some(hour)));
        assert_eq!(quota.view().left, 0);
        assert_eq!(quota.take("test").unwrap_err().retry(), RetryClass::Safe { after: Some(hour) });
        clock.advance(hour);
        assert_eq!(quota.view(), view(100, 1, 99));
        // without a time nobody knows how long
        quota.take("test").unwrap().used(&answered(429, None));
        assert_eq!(quota.view().left, 98);
    }

    /// An ordinary rate limit of seconds is no quota that is used up.
    #[test]
    fn what_webex_asked_and_what_was_counted_are_told_apart() {
        let clock = clock();
        let quota = quota(&clock, CreateLimits::new().with_user(2), false);
        let told = || {
            let error = quota.take("test").unwrap_err();
            (error.detail().unwrap().to_owned(), error.remedy().unwrap().action.clone())
        };
        quota.take("test").unwrap().used(&answered(429, Some(Duration::from_secs(7))));
        let (detail, remedy) = told();
        assert_eq!(detail, "Webex asked to wait until 2026-07-15T09:00:07Z; nothing was sent");
        assert!(remedy.contains("does not say which limit"), "{remedy}");
        let asked = Some("2026-07-15T09:00:07Z".parse().unwrap());
        assert_eq!(quota.view(), CreateQuota { next_at: asked, asked_until: asked, ..view(2, 1, 0) });
        clock.advance(Duration::from_secs(7));
        // both at once: what lasts longer is the reason
        quota.take("test").unwrap().used(&answered(429, Some(Duration::from_secs(5))));
        assert!(told().0.contains("are used up"));
        let view = quota.view();
        assert_eq!(view.asked_until, Some("2026-07-15T09:00:12Z".parse().unwrap()));
        assert_eq!(view.next_at, Some("2026-07-16T09:00:00Z".parse().unwrap()));
        clock.advance(Duration::from_secs(5));
        assert!(told().0.contains("are used up") && quota.view().asked_until.is_none());
    }

    #[test]
    fn an_administrator_has_two_limits() {
        let clock = clock();
        let tokens: Arc<dyn TokenSource> = Arc::new(StaticTokens::new("t"));
        let limits = CreateLimits::new().with_user(1).with_host(2).with_overall(3);
        let budgets = Budgets::new(Arc::new(clock.clone()), limits);
        let of = |host: &str| budgets.of(Whose::Tokens(&tokens), Some(host), None);
        let (ada, grace) = (of("ada@contoso.example"), of("grace@contoso.example"));
        drop((ada.take("test").unwrap(), ada.take("test").unwrap()));
        assert!(ada.take("test").is_err(), "her own are used up");
        drop(of("Grace@Contoso.example").take("test").unwrap());
        assert!(grace.take("test").is_err(), "all are used up");
        assert_eq!((ada.view().limit, grace.view().limit), (2, 3));
        // what was refused here has taken nothing
        clock.advance(DAY);
        assert_eq!((ada.view().left, grace.view().left), (2, 2));
    }
}
