//! Looking for rows, wrongly.

use invitations_core::{
    Error, ErrorKind, Result,
    ids::{MeetingKey, PageToken, PrincipalId, TenantId},
    invitation::{
        InvitationStore as _, State, Versioned,
        machine::{Phase, Recipient},
        store::Filter,
    },
    people::EmailAddress,
    provider::Page,
};

use super::{fault::Fault, store::Wrong};

fn foreign() -> TenantId {
    TenantId::parse("other").unwrap()
}

/// The recipient of the other kind who is written the same way.
fn mistaken(recipient: &Recipient) -> Option<Recipient> {
    match recipient {
        Recipient::Address(address) => PrincipalId::parse(address.canonical()).ok().map(Recipient::Principal),
        Recipient::Principal(id) => EmailAddress::parse(id.as_str()).ok().map(Recipient::Address),
        _ => None,
    }
}

fn matches(state: &State, filter: &Filter) -> usize {
    filter.recipients.iter().filter(|wanted| state.invitees.iter().any(|one| one.recipient == **wanted)).count()
}

/// The filter as this store misunderstands it, without what it then looks for itself.
fn misread(fault: Fault, filter: &Filter) -> Filter {
    let mut filter = filter.clone();
    match fault {
        Fault::AnswerableIgnored | Fault::AnswerableOfTheFirstCommit | Fault::BookingsAnswerable => {
            filter.answerable = false;
        }
        Fault::FirstRecipientOnly => filter.recipients.truncate(1),
        Fault::PageTokenIgnored => filter.page = None,
        Fault::PersonsTakenForAddresses => {
            let mistaken: Vec<_> = filter.recipients.iter().filter_map(mistaken).collect();
            filter.recipients.extend(mistaken);
        }
        Fault::RecipientIgnored | Fault::RecipientsOfTheFirstCommit => filter.recipients.clear(),
        Fault::StatusIgnored => filter.status.clear(),
        _ => {}
    }
    filter
}

impl Wrong {
    pub(super) async fn wrong_list(&self, tenant: &TenantId, filter: &Filter) -> Result<Page<Versioned<State>>> {
        if self.is(Fault::PagesByOffset) {
            return self.by_offset(tenant, filter).await;
        }
        let mut page = self.right.list(tenant, &misread(self.fault, filter)).await?;
        match self.fault {
            Fault::AnswerableOfTheFirstCommit if filter.answerable => {
                page.items.retain(|row| self.first(&row.value).is_answerable());
            }
            Fault::BookingsAnswerable if filter.answerable => {
                page.items.retain(|row| matches!(row.value.phase, Phase::Pending | Phase::Countered));
            }
            Fault::ForeignRowsListed => page.items.extend(self.right.list(&foreign(), filter).await?.items),
            Fault::OldestFirst => page.items.reverse(),
            Fault::RecipientsOfTheFirstCommit if !filter.recipients.is_empty() => {
                page.items.retain(|row| matches(&self.first(&row.value), filter) > 0);
            }
            Fault::RowPerRecipient if filter.recipients.len() > 1 => {
                let times = |row: Versioned<State>| vec![row.clone(); matches(&row.value, filter)];
                page.items = page.items.into_iter().flat_map(times).collect();
                page.items.truncate(filter.limit.unwrap_or(50));
            }
            _ => {}
        }
        let all = page.items.len();
        page.items.retain(|row| !self.unreadable(&row.value.id));
        if self.is(Fault::UnreadableBreaksList) && page.items.len() < all {
            return Err(Error::new(ErrorKind::Protocol, "list"));
        }
        Ok(page)
    }

    /// Its token says how many rows were listed.
    async fn by_offset(&self, tenant: &TenantId, filter: &Filter) -> Result<Page<Versioned<State>>> {
        let mut all = filter.clone().with_limit(500);
        all.page = None;
        let rows = self.right.list(tenant, &all).await?.items;
        let from: usize = filter.page.as_ref().map_or(0, |page| page.as_str().parse().unwrap());
        let until = rows.len().min(from + filter.limit.unwrap_or(50));
        let next = (until < rows.len()).then(|| PageToken::parse(until.to_string()).unwrap());
        Ok(Page { items: rows[from..until].to_vec(), next })
    }

    pub(super) async fn wrong_count(&self, tenant: &TenantId, filter: &Filter) -> Result<u64> {
        let rows = match self.fault {
            Fault::CountsEverything => return self.right.count(tenant, &Filter::new()).await,
            Fault::CountsEveryOrganisation => {
                return Ok(self.right.count(tenant, filter).await? + self.right.count(&foreign(), filter).await?);
            }
            Fault::CountsOnePage => self.right.list(tenant, filter).await?.items.len(),
            Fault::CountsFromThePage => self.right.list(tenant, &filter.clone().with_limit(500)).await?.items.len(),
            Fault::CountsARowPerRecipient if filter.recipients.len() > 1 => {
                let all = self.right.list(tenant, &filter.clone().with_limit(500)).await?.items;
                all.iter().map(|row| matches(&row.value, filter)).sum()
            }
            _ => return self.right.count(tenant, &misread(self.fault, filter)).await,
        };
        Ok(rows as u64)
    }

    pub(super) async fn wrong_key(&self, key: &MeetingKey) -> Result<bool> {
        let (made_up, lost) = {
            let memory = self.memory.lock().unwrap();
            (memory.made_up_keys.contains(key), memory.lost_keys.contains(key))
        };
        match self.fault {
            Fault::KeysForgotten => Ok(false),
            Fault::KeysMadeUp => Ok(true),
            _ => Ok((self.right.find_key(key).await? || made_up) && !lost),
        }
    }

    fn first(&self, state: &State) -> State {
        self.memory.lock().unwrap().first.get(&state.id).unwrap_or(state).clone()
    }
}
