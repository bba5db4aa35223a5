use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use invitations_core::{
    ids::{ConnectionId, TenantId},
    runtime::Clock,
    token::TokenSource,
};

use super::{Budget, CreateLimits, Quota};

/// So many accounts are remembered before those are forgotten of which nothing counts any more.
const REMEMBERED: usize = 1024;

/// Who makes meetings, as far as it is known without asking.
#[derive(Clone, Copy)]
pub(crate) enum Whose<'a> {
    /// The user of a connection.
    Connection(&'a TenantId, &'a ConnectionId),
    /// Whoever owns these tokens: the same source is the same owner.
    Tokens(&'a Arc<dyn TokenSource>),
}

/// The budgets of all accounts of a client.
pub(crate) struct Budgets {
    clock: Arc<dyn Clock>,
    limits: CreateLimits,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    connections: HashMap<(TenantId, ConnectionId), Arc<Budget>>,
    sources: Vec<OfTokens>,
}

/// The weak reference keeps the address from being used again.
struct OfTokens {
    source: Weak<dyn TokenSource>,
    own: Arc<Budget>,
    overall: Arc<Budget>,
    hosts: HashMap<String, Arc<Budget>>,
}

impl Budgets {
    pub(crate) fn new(clock: Arc<dyn Clock>, limits: CreateLimits) -> Self {
        Self { clock, limits, known: Mutex::default() }
    }

    /// The budgets of an account; of a host's, when an administrator acts for one. `limits` are the account's own, where they were said.
    pub(crate) fn of(&self, whose: Whose<'_>, host: Option<&str>, limits: Option<CreateLimits>) -> Quota {
        let limits = limits.unwrap_or(self.limits);
        let allowed = |budget: &mut Arc<Budget>, limit: u32| {
            budget.allow(limit);
            Arc::clone(budget)
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        self.forget(&mut known);
        let budgets = match whose {
            Whose::Connection(tenant, id) => {
                let budget = known.connections.entry((tenant.clone(), id.clone()));
                vec![allowed(budget.or_insert_with(|| Arc::new(Budget::new(limits.user))), limits.user)]
            }
            Whose::Tokens(source) => {
                let of = self.of_tokens(&mut known, source);
                match host {
                    None => vec![Arc::clone(&of.own)],
                    Some(host) => {
                        let budget = of.hosts.entry(host.to_ascii_lowercase());
                        let budget = budget.or_insert_with(|| Arc::new(Budget::new(limits.host)));
                        vec![allowed(budget, limits.host), Arc::clone(&of.overall)]
                    }
                }
            }
        };
        Quota::new(Arc::clone(&self.clock), budgets)
    }

    fn of_tokens<'a>(&self, known: &'a mut Known, source: &Arc<dyn TokenSource>) -> &'a mut OfTokens {
        let same = |of: &OfTokens| std::ptr::addr_eq(of.source.as_ptr(), Arc::as_ptr(source));
        let at = known.sources.iter().position(same).unwrap_or_else(|| {
            let budget = |limit| Arc::new(Budget::new(limit));
            known.sources.push(OfTokens {
                source: Arc::downgrade(source),
                own: budget(self.limits.user),
                overall: budget(self.limits.overall),
                hosts: HashMap::new(),
            });
            known.sources.len() - 1
        });
        &mut known.sources[at]
    }

    /// Budgets that nobody holds and in which nothing counts any more are as good as new ones.
    fn forget(&self, known: &mut Known) {
        let now = self.clock.instant();
        let counts = |budget: &Arc<Budget>| Arc::strong_count(budget) > 1 || !budget.is_unused(now);
        known.sources.retain(|of| of.source.strong_count() > 0);
        if known.connections.len() > REMEMBERED {
            known.connections.retain(|_, budget| counts(budget));
        }
        for of in &mut known.sources {
            if of.hosts.len() > REMEMBERED {
                of.hosts.retain(|_, budget| counts(budget));
            }
        }
    }
}

impl fmt::Debug for Budgets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budgets").field("limits", &self.limits).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use invitations_core::runtime::ManualClock;
    use meetings_http::StaticTokens;

    use super::*;

    fn budgets() -> Budgets {
        Budgets::new(Arc::new(ManualClock::new("2026-07-15T09:00:00Z".parse().unwrap())), CreateLimits::new())
    }

    fn tokens() -> Arc<dyn TokenSource> {
        Arc::new(StaticTokens::new("t"))
    }

    #[test]
    fn the_same_account_has_the_same_budget_however_often_it_is_opened() {
        let (budgets, ada, grace) = (budgets(), tokens(), tokens());
        drop(budgets.of(Whose::Tokens(&ada), None, None).take("test").unwrap());
        assert_eq!(budgets.of(Whose::Tokens(&ada), None, None).view().used, 1);
        assert_eq!(budgets.of(Whose::Tokens(&grace), None, None).view().used, 0);
        let (school, college) = (TenantId::parse("school").unwrap(), TenantId::parse("college").unwrap());
        let id = ConnectionId::parse("c").unwrap();
        drop(budgets.of(Whose::Connection(&school, &id), None, None).take("test").unwrap());
        assert_eq!(budgets.of(Whose::Connection(&school, &id), None, None).view().used, 1);
        assert_eq!(budgets.of(Whose::Connection(&college, &id), None, None).view().used, 0);
    }

    /// No token tells whether it is an administrator's, so what is said of the account counts, from now on.
    #[test]
    fn what_is_said_of_an_account_is_its_limit() {
        let (budgets, school) = (budgets(), TenantId::parse("school").unwrap());
        let (ada, grace) = (ConnectionId::parse("ada").unwrap(), ConnectionId::parse("grace").unwrap());
        let of = |id, limits| budgets.of(Whose::Connection(&school, id), None, limits);
        assert_eq!(of(&ada, None).view().limit, 100);
        let administrator = of(&ada, Some(CreateLimits::of_administrator()));
        for _ in 0..800 {
            drop(administrator.take("test").unwrap());
        }
        assert!(administrator.take("test").is_err());
        assert_eq!((administrator.view().limit, administrator.view().left), (800, 0));
        assert_eq!(of(&grace, None).view().left, 100, "of her nobody said anything");
        // no administrator any more
        assert_eq!((of(&ada, None).view().limit, administrator.view().left), (100, 0));
    }

    #[test]
    fn what_counts_is_never_forgotten() {
        let budgets = budgets();
        let school = TenantId::parse("school").unwrap();
        let id = |number: usize| ConnectionId::parse(number.to_string()).unwrap();
        drop(budgets.of(Whose::Connection(&school, &id(0)), None, None).take("test").unwrap());
        for number in 1..3 * REMEMBERED {
            drop(budgets.of(Whose::Connection(&school, &id(number)), None, None));
        }
        assert!(budgets.known.lock().unwrap().connections.len() <= REMEMBERED + 2);
        assert_eq!(budgets.of(Whose::Connection(&school, &id(0)), None, None).view().used, 1);
        drop(tokens());
        drop(budgets.of(Whose::Tokens(&tokens()), None, None));
        drop(budgets.of(Whose::Tokens(&tokens()), None, None));
        assert!(budgets.known.lock().unwrap().sources.len() <= 1, "tokens that are gone make nothing any more");
    }
}
