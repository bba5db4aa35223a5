//! From rows to findings. Pure.

use std::{
    collections::{BTreeMap, HashMap},
    error::Error as _,
};

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    Error, Remedy,
    doctor::{Finding, Missing, Need, Question, Verdict},
    ids::{ClientId, ConnectionId, ProviderId},
    token::{Cause, ClientHealth, Connection, ConnectionState, ConnectionStatus, ConnectionView, grant},
};

/// Connections that are named one by one, for each question; the others are counted.
const NAMED: usize = 20;
/// `run_once` is for a job that runs every minute or so; its own longest pause is five minutes.
const OVERDUE: TimeDelta = TimeDelta::hours(1);

/// What is known so far.
pub(super) struct Judged<'a> {
    needs: &'a HashMap<ProviderId, Vec<Need>>,
    clients: BTreeMap<ClientId, Finding>,
    connections: Tally,
    scopes: Tally,
    sealed: Tally,
    /// By key, and what the sealer said.
    unopened: BTreeMap<(String, String), u64>,
    live: u64,
    overdue: u64,
    due_first: Option<DateTime<Utc>>,
}

/// Good ones are counted, the others named.
#[derive(Default)]
struct Tally {
    good: u64,
    bad: Vec<Finding>,
    more: u64,
    worst: Option<Verdict>,
}

impl Tally {
    fn bad(&mut self, id: &ConnectionId, finding: Finding) {
        self.worst = self.worst.max(Some(finding.verdict));
        if self.bad.len() < NAMED {
            self.bad.push(finding.about(format!("connection {id}")));
        } else {
            self.more += 1;
        }
    }

    fn into_findings(mut self, question: Question, good: &str) -> Vec<Finding> {
        if let (1.., Some(worst)) = (self.more, self.worst) {
            self.bad.push(Finding::new(question, worst, format!("and {} more", self.more)));
        }
        if self.good > 0 {
            self.bad.insert(0, Finding::ok(question, format!("{} {good}", self.good)));
        }
        self.bad
    }
}

impl<'a> Judged<'a> {
    pub(super) fn new(needs: &'a HashMap<ProviderId, Vec<Need>>) -> Self {
        Self {
            needs,
            clients: BTreeMap::new(),
            connections: Tally::default(),
            scopes: Tally::default(),
            sealed: Tally::default(),
            unopened: BTreeMap::new(),
            live: 0,
            overdue: 0,
            due_first: None,
        }
    }

    /// Of the client through which it is connected.
    pub(super) fn client(&mut self, row: &Connection, health: Option<&ClientHealth>, unregistered: Option<Error>) {
        if row.status == ConnectionStatus::Revoked || self.clients.contains_key(&row.client) {
            return;
        }
        let suspended = health.and_then(|health| Some((health.suspended_since?, health.tried_last()?)));
        let question = Question::CLIENT;
        let finding = if let Some(error) = unregistered {
            let detail =
                "connections exist through it, and it is not configured here: their tokens cannot be refreshed";
            Finding::fail(question, detail).with_remedy(error.remedy().cloned())
        } else if let Some((since, tried)) = suspended {
            let (since, tried) = (minute(since), minute(tried));
            let detail = format!("the authorization server does not accept it since {since}, tried last {tried}");
            Finding::fail(question, detail).with_remedy(grant::suspended().remedy().cloned())
        } else {
            Finding::ok(question, "in use, and not refused")
        };
        self.clients.insert(row.client.clone(), finding.about(format!("{} client {}", row.provider, row.client)));
    }

    pub(super) fn row(&mut self, row: &Connection, view: ConnectionView, now: DateTime<Utc>) {
        if let Some(due) = row.refresh_at.filter(|_| is_refreshed_ahead(row))
            && now - due > OVERDUE
        {
            self.overdue += 1;
            self.due_first = Some(self.due_first.map_or(due, |first| first.min(due)));
        }
        if matches!(row.status, ConnectionStatus::Disconnecting | ConnectionStatus::Revoked) {
            return;
        }
        self.live += 1;
        match state(row, &view, now) {
            // said once, about the client
            _ if matches!(view.state, ConnectionState::Suspended { .. }) => {}
            Some(finding) => self.connections.bad(&row.id, finding.with_remedy(remedy(&view))),
            None => self.connections.good += 1,
        }
        let Some(needs) = self.needs.get(&row.provider) else { return };
        match Missing::of(needs, &row.scopes) {
            missing if missing.is_empty() => self.scopes.good += 1,
            missing => {
                let ask =
                    Remedy::new("Ask for these scopes where the server is configured, and its owner to connect again.");
                self.scopes
                    .bad(&row.id, Finding::fail(Question::SCOPES, format!("not granted: {missing}")).with_remedy(ask));
            }
        }
    }

    /// What the sealer said about a row's tokens.
    pub(super) fn opened(&mut self, row: &Connection, key: Option<String>, error: Option<Error>) {
        let Some(error) = error else {
            self.sealed.good += 1;
            return;
        };
        let cause = error.source().and_then(|source| source.downcast_ref::<Error>()).and_then(Error::detail);
        let why = cause.or(error.detail()).map_or_else(|| error.kind().to_string(), str::to_owned);
        match key {
            Some(key) => *self.unopened.entry((key, why)).or_default() += 1,
            None => self.sealed.bad(&row.id, Finding::fail(Question::SEALING_KEY, why)),
        }
    }

    /// `all_read`: every row was seen.
    pub(super) fn findings(self, all_read: bool) -> Vec<Finding> {
        let mut all: Vec<Finding> = self.clients.into_values().collect();
        if all_read && self.live == 0 {
            all.push(Finding::not_asked(Question::CONNECTION, "nobody is connected"));
        }
        all.extend(self.connections.into_findings(Question::CONNECTION, "are connected"));
        all.extend(self.scopes.into_findings(Question::SCOPES, "have the scopes that are needed"));
        if all_read && self.live > 0 || self.overdue > 0 {
            all.push(keep_alive(self.overdue, self.due_first));
        }
        all.extend(self.sealed.into_findings(Question::SEALING_KEY, "can be opened"));
        all.extend(self.unopened.into_iter().map(|((key, why), count)| {
            let detail = format!("{count} under key {key:?} cannot be opened: {why}");
            Finding::fail(Question::SEALING_KEY, detail)
                .with_remedy(Remedy::new("Give the sealer every key that stored tokens are sealed under."))
        }));
        all
    }
}

/// `run_once` refreshes valid ones and goes on with disconnects.
fn is_refreshed_ahead(row: &Connection) -> bool {
    matches!(row.status, ConnectionStatus::Valid | ConnectionStatus::Disconnecting)
}

/// What is wrong with it; `None`: it serves tokens.
fn state(row: &Connection, view: &ConnectionView, now: DateTime<Utc>) -> Option<Finding> {
    let question = Question::CONNECTION;
    let finding = match &view.state {
        ConnectionState::NeedsReconsent(cause) => Finding::fail(question, reason(cause)),
        _ if row.refresh_expires_at.is_some_and(|end| end <= now) => {
            Finding::fail(question, "its refresh token has ended unused")
        }
        ConnectionState::RefreshUnknown => Finding::warn(question, "a refresh was begun whose outcome nobody recorded"),
        _ => match view.failing {
            Some(kind) => Finding::warn(question, format!("its last refresh failed: {kind}")),
            None => return None,
        },
    };
    Some(finding)
}

fn reason(cause: &Cause) -> String {
    let error = grant::needs_reconsent(cause);
    format!("must be connected again: {}", error.detail().unwrap_or("its consent is used up"))
}

fn remedy(view: &ConnectionView) -> Remedy {
    view.remedy.clone().unwrap_or_else(|| match view.failing {
        Some(_) => {
            Remedy::new("Nothing, if the provider was out of reach: the next refresh finds out. Else read the log.")
        }
        None => Remedy::new("Ask the connection's owner to connect the account again."),
    })
}

fn keep_alive(overdue: u64, due_first: Option<DateTime<Utc>>) -> Finding {
    let Some(first) = due_first else {
        return Finding::ok(Question::KEEP_ALIVE, "none is due for more than an hour");
    };
    Finding::warn(
        Question::KEEP_ALIVE,
        format!("{overdue} due for more than an hour, the first since {}: unused ones will end", minute(first)),
    )
    .with_remedy(Remedy::new(
        "Run Connections::run_once every minute or so, in any of the processes; where it runs, read its log.",
    ))
}

fn minute(at: DateTime<Utc>) -> impl std::fmt::Display {
    at.format("%Y-%m-%d %H:%M UTC")
}
