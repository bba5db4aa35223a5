//! How SQLite goes about the statements that are sent all day: asked of SQLite itself, for the very texts that the store sends.
//!
//! What grows with the years is never walked through: not a table, and not all that an organisation has where the answer is less.

use std::{future::Future, time::Duration};

use calendar_sync::{MappingStore, SourceId};
use invitations_core::{
    Result,
    ids::{BindingId, ClientId, ConnectionId, MeetingKey, PageToken, WorkerId},
    invitation::{
        Claim, InvitationStore, Status,
        machine::Recipient,
        store::{Delivered, Filter},
    },
    runtime::Clock as _,
    token::TokenStore,
};
use invitations_sqlx::SqliteStore;
use sqlx::AssertSqlSafe;

use crate::{
    counting::{self, Counts},
    counts::{accepted, inviter, meeting, membership, person, service},
    fixture::{Fixture, tenant},
    stored,
};

/// A step that would be a fault elsewhere, and is none here.
const NEWEST: &str = "SEARCH i USING COVERING INDEX inv_invitation_newest (tenant=?)";
/// Of one invitation, which has few rows.
const SORTS_FEW: &str = "USE TEMP B-TREE FOR ORDER BY";

struct Asked {
    fixture: Fixture,
    store: SqliteStore,
    counts: Counts,
    faults: Vec<String>,
}

impl Asked {
    async fn new() -> Self {
        let fixture = Fixture::new();
        let (store, counts) = counting::open(&fixture).await;
        Self { fixture, store, counts, faults: Vec::new() }
    }

    /// Notes what is wrong with the plans of all that `work` sends. They use each of the indexes `by`; all of `fine` is there, too,
    /// and no fault.
    async fn ask<T>(&mut self, what: &str, by: &[&str], fine: &[&str], work: impl Future<Output = Result<T>>) {
        self.counts.reset(&self.store).await;
        work.await.unwrap();
        self.counts.settle(&self.store).await;
        let mut steps = Vec::new();
        for statement in self.counts.statements().into_iter().filter(|text| !text.contains("SAVEPOINT")) {
            let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
            let plan: Vec<(i64, i64, i64, String)> =
                sqlx::query_as(explain).fetch_all(self.store.pool()).await.unwrap();
            steps.extend(plan.into_iter().map(|step| step.3));
        }
        for step in steps.iter().filter(|step| !fine.contains(&step.as_str())) {
            if let Some(fault) = fault(step) {
                self.faults.push(format!("{what} {fault}: {step}"));
            }
        }
        let names = by.iter().map(|index| format!(" INDEX {index}")).chain(fine.iter().map(|step| (*step).to_owned()));
        for name in names.filter(|name| !steps.iter().any(|step| format!("{step} ").contains(&format!("{name} ")))) {
            self.faults.push(format!("{what} goes without{name}: {steps:#?}"));
        }
    }
}

/// What is wrong with a step, if nobody says that it is fine: as it is to walk along a partial index of what is to be done.
fn fault(step: &str) -> Option<&'static str> {
    // "k" are the places on a page, found by steps of their own
    let small = ["SCAN CONSTANT ROW", "SCAN k"].contains(&step) || step.contains(" VIRTUAL TABLE ");
    if step.starts_with("SCAN ") && !small {
        Some("walks through a table")
    } else if step.contains("TEMP B-TREE FOR ORDER BY") {
        Some("sorts")
    } else if step.contains("AUTOMATIC") {
        Some("makes an index for itself")
    } else if step.ends_with("(tenant=?)") {
        Some("walks through an organisation")
    } else {
        None
    }
}

async fn lists(asked: &mut Asked) {
    let (store, tenant) = (asked.store.clone(), tenant());
    let (address, principal) = person("receiver");
    let mine = || {
        Filter::new()
            .with_recipient(Recipient::Address(address.clone()))
            .with_recipient(Recipient::Principal(principal.id.clone()))
    };
    let statuses = |filter: Filter| filter.with_status(Status::Pending).with_status(Status::Accepted);
    let answerable = "SEARCH i USING INDEX inv_invitation_answerable (tenant=?)";
    for (what, filter, index, fine) in [
        ("an inbox", mine().answerable(), "inv_recipient_answerable", None),
        ("an inbox by status", statuses(mine().answerable()), "inv_recipient_answerable", None),
        ("what somebody got", mine(), "inv_recipient_newest", None),
        ("what somebody got by status", statuses(mine()), "inv_recipient_newest", None),
        ("what has a status", statuses(Filter::new()), "inv_invitation_status", None),
        ("what can be answered", Filter::new().answerable(), "inv_invitation_answerable", Some(answerable)),
        ("everything", Filter::new(), "inv_invitation_newest", Some(NEWEST)),
    ] {
        let (by, fine) = ([index], Vec::from_iter(fine));
        asked.ask(&format!("the first page of {what}"), &by, &fine, store.list(&tenant, &filter)).await;
        asked.ask(&format!("the count of {what}"), &by, &fine, store.count(&tenant, &filter)).await;
        let next = filter.with_page(PageToken::parse("5.5").unwrap());
        asked.ask(&format!("the next page of {what}"), &by, &[], store.list(&tenant, &next)).await;
    }
}

async fn invitations(asked: &mut Asked) {
    let (store, tenant, clock) = (asked.store.clone(), tenant(), asked.fixture.clock.clone());
    let org = service(&store, &clock);
    let (address, receiver) = person("receiver");
    let commit = accepted(&org, meeting(&clock, Recipient::Address(address)), &receiver).await;
    let id = commit.id.clone();
    let by = ["inv_hold_invitation", "inv_link_invitation"];
    asked.ask("an acceptance", &by, &[], InvitationStore::commit(&store, &commit)).await;
    let invite = membership(Recipient::Address(person("newcomer").0));
    asked.ask("a new invitation", &[], &[], org.invite(&inviter(), invite)).await;
    asked.ask("a look at one", &[], &[], store.load(&tenant, &id)).await;
    asked.ask("the history of one", &[], &[], store.history(&tenant, &id)).await;
    asked.ask("a link", &[], &[], store.find_link(&[0; 12])).await;
    let key = MeetingKey::parse("key").unwrap();
    asked.ask("a known key", &["inv_effect_meeting_key"], &[], store.find_key(&key)).await;
    let members = "SEARCH inv_member USING INDEX sqlite_autoindex_inv_member_1 (tenant=?)";
    asked.ask("the members", &[], &[members], store.members(&tenant, None)).await;
    let page = PageToken::parse("1").unwrap();
    asked.ask("more members", &[], &[], store.members(&tenant, Some(&page))).await;

    let due = ["inv_effect_due", "inv_invitation_deadline", "inv_outbox_due"];
    let held = ["inv_effect_lease", "inv_invitation_lease", "inv_outbox_lease"];
    asked.ask("the next time", &[due, held].concat(), &[], store.next_due()).await;
    let claim = Claim::new(WorkerId::parse("worker").unwrap(), Duration::from_secs(60), 9);
    let one = claim.clone().with_only(tenant, id);
    asked.ask("a claim of one", &[], &[SORTS_FEW], store.claim(&one)).await;
    clock.advance(Duration::from_secs(24 * 3600));
    asked.ask("a claim", &due, &[], store.claim(&claim)).await;
    asked.ask("a delivery", &[], &[], store.delivered(1, 1, Delivered::Done)).await;
    asked.ask("a delivery that failed", &[], &[], store.delivered(1, 1, Delivered::Again(clock.now()))).await;
}

async fn tokens(asked: &mut Asked) {
    let (store, ttl) = (asked.store.clone(), Duration::from_secs(60));
    let (id, worker) = (ConnectionId::parse("connection").unwrap(), WorkerId::parse("worker").unwrap());
    asked.ask("a connection", &[], &[], store.connection(&id)).await;
    asked.ask("the connections", &["inv_connection_tenant"], &[], store.connections(&tenant(), None)).await;
    asked.ask("a token's lease", &[], &[], TokenStore::lease(&store, &id, &worker, ttl)).await;
    asked.ask("tokens to refresh", &["inv_connection_due"], &[], TokenStore::due(&store, 9)).await;
    asked.ask("a new connect flow", &["inv_flow_until"], &[], store.begin_flow(&stored::flow())).await;
    asked.ask("a connect flow", &[], &[], store.take_flow(&[0; 32])).await;
    let client = ClientId::parse("client").unwrap();
    asked.ask("a client", &[], &[], store.client_health(&client)).await;
}

async fn mappings(asked: &mut Asked) {
    let (store, ttl) = (asked.store.clone(), Duration::from_secs(60));
    let (id, worker) = (BindingId::parse("binding").unwrap(), WorkerId::parse("worker").unwrap());
    asked.ask("a binding's lease", &[], &[], MappingStore::lease(&store, &id, &worker, ttl)).await;
    asked.ask("a binding", &[], &[], store.binding(&id)).await;
    asked.ask("mappings", &[], &[], store.mappings(&id, None, 9)).await;
    asked.ask("some mappings", &[], &[], store.find(&id, &[SourceId::parse("source").unwrap()])).await;
    asked.ask("a change", &[], &[], store.mark_dirty(&id)).await;
    let changed = "SCAN inv_binding USING INDEX inv_binding_dirty";
    asked.ask("changed bindings", &[], &[changed], MappingStore::due(&store, 9)).await;
}

async fn faults(asked: &mut Asked) -> Vec<String> {
    lists(asked).await;
    invitations(asked).await;
    tokens(asked).await;
    mappings(asked).await;
    std::mem::take(&mut asked.faults)
}

#[tokio::test]
async fn nothing_that_grows_is_walked_through() {
    let faults = faults(&mut Asked::new().await).await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// So each is worth what it costs the writers; and the test above can see a fault.
#[tokio::test]
async fn every_index_is_missed_when_it_is_gone() {
    let indexes = "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name";
    let indexes: Vec<String> = sqlx::query_scalar(indexes).fetch_all(Asked::new().await.store.pool()).await.unwrap();
    assert!(indexes.len() > 10);
    for index in indexes {
        let mut asked = Asked::new().await;
        let drop = AssertSqlSafe(format!("DROP INDEX {index}"));
        sqlx::query(drop).execute(asked.store.pool()).await.unwrap();
        assert!(!faults(&mut asked).await.is_empty(), "nothing is slower without {index}");
    }
}
