//! Every row that was ever stored, by number, and the real store on any of them.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use invitations_core::{
    ids::{ClientId, ConnectionId, PrincipalId, ProviderId, TenantId, WorkerId},
    memory::MemoryTokenStore,
    runtime::ManualClock,
    secret::SealContext,
    token::{Cause, Connection, ConnectionStatus, Subject, TokenCommit, TokenStore as _},
};

use super::{
    border::Glass,
    time::{LONG_PAUSE, START, TICK, expired, moved, rounded, span},
};

pub(super) struct Row {
    pub(super) connection: Connection,
    /// Of its refresh token.
    pub(super) number: u8,
    /// Its access token came with it.
    pub(super) is_whole: bool,
}

impl Row {
    pub(super) fn is_fresh(&self) -> bool {
        self.is_valid() && self.connection.expires_at.is_some_and(|end| START < end)
    }

    pub(super) fn is_told_of_a_loss(&self) -> bool {
        self.connection.status == ConnectionStatus::NeedsReconsent(Cause::RotationLost)
    }

    pub(super) fn is_valid(&self) -> bool {
        self.connection.status == ConnectionStatus::Valid
    }
}

#[derive(Default)]
pub(super) struct Rows {
    rows: Vec<Row>,
    numbers: HashMap<String, usize>,
    a_tick_later: HashMap<usize, usize>,
}

impl Rows {
    pub(super) fn number(&mut self, connection: Connection) -> usize {
        let connection = rounded(connection);
        let text = serde_json::to_string(&connection).unwrap();
        *self.numbers.entry(text).or_insert_with(|| {
            let (number, is_whole) = Glass::look(&connection);
            self.rows.push(Row { connection, number, is_whole });
            self.rows.len() - 1
        })
    }

    pub(super) fn a_tick_later(&mut self, number: usize) -> usize {
        if let Some(later) = self.a_tick_later.get(&number) {
            return *later;
        }
        let later = self.number(moved(&self.row(number).connection, -span(1)));
        self.a_tick_later.insert(number, later);
        later
    }

    pub(super) fn row(&self, number: usize) -> &Row {
        &self.rows[number]
    }
}

fn id() -> ConnectionId {
    ConnectionId::parse("c").unwrap()
}

/// Refresh token 0, and nothing left of the access token.
pub(super) fn first() -> Connection {
    let mut row = Connection::new(
        id(),
        TenantId::parse("tenant").unwrap(),
        PrincipalId::parse("owner").unwrap(),
        ProviderId::parse("provider").unwrap(),
        ClientId::parse("client").unwrap(),
        Subject::parse("subject").unwrap(),
    );
    let context = SealContext::new("tokens", ["tenant", "c", "provider", "subject", "1", "1"]);
    row.tokens = Some(Glass::wrap(&context, br#"{"v":1,"access":"access 0","refresh":"0"}"#));
    row.expires_at = Some(START);
    row.refresh_at = Some(START);
    expired(&row)
}

/// The fence of the last lease; whoever has another one has none.
pub(super) const LAST: u64 = 1;

/// The real store, holding one row and the last lease, which goes on for `left` more ticks.
pub(super) struct Store(MemoryTokenStore);

impl Store {
    pub(super) fn holding(row: &Connection, left: u8) -> Self {
        let store = Self(MemoryTokenStore::new(Arc::new(ManualClock::new(START))));
        assert!(store.commits(TokenCommit::Create(Box::new(row.clone()))));
        assert!(store.leases(left));
        store
    }

    pub(super) fn commits(&self, commit: TokenCommit) -> bool {
        self.0.commit(commit).now_or_never().unwrap().is_ok()
    }

    pub(super) fn leases(&self, ticks: u8) -> bool {
        assert!(ticks <= LONG_PAUSE);
        let (worker, ttl) = (WorkerId::parse("worker").unwrap(), TICK * u32::from(ticks));
        self.0.lease(&id(), &worker, ttl).now_or_never().unwrap().unwrap().is_some()
    }

    pub(super) fn row(&self) -> Connection {
        self.0.connection(&id()).now_or_never().unwrap().unwrap().unwrap()
    }

    /// Asked last: an answer of no takes the lease.
    pub(super) fn is_leased(&self) -> bool {
        self.0
            .lease(&id(), &WorkerId::parse("worker").unwrap(), Duration::ZERO)
            .now_or_never()
            .unwrap()
            .unwrap()
            .is_none()
    }
}
