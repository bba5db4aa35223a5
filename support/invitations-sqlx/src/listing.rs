//! Which rows a listing and its count read.
//!
//! A page is cut from ranges of indexes that are in the order of the listing already: of what each recipient has, of what has each
//! status, or of everything. SQLite merges them, so that a page costs what is on it, however much the organisation has, and nothing is
//! sorted. By itself it would choose to walk through the whole organisation: that is in order too.

use std::collections::BTreeSet;

use invitations_core::{
    Error, Result,
    ids::{PageToken, TenantId},
    invitation::store::Filter,
};
use sqlx::QueryBuilder;

use crate::{columns::limit, sqlite::Database};

/// How many recipients an inbox has at most. Who asks for more wants a report, and much of what there is; SQLite merges 500 at most.
const INBOX: usize = 50;

/// What one range has in common.
enum Range<'a> {
    Recipient(&'a str),
    Status(&'static str),
    Organisation,
}

/// State, version and place of each row. The rows are the right ones, but in an order that SQLite does not promise.
pub(crate) fn page(tenant: &TenantId, filter: &Filter, most: usize) -> Result<QueryBuilder<Database>> {
    let place = filter.page.as_ref().map(place).transpose()?;
    let recipients = recipients(filter);
    let mut query = QueryBuilder::new("SELECT i.state, i.version, k.created_at, k.seq FROM (");
    for (number, range) in ranges(filter, &recipients).into_iter().enumerate() {
        query.push(if number > 0 { " UNION " } else { "" });
        let [created_at, seq] = match range {
            Range::Recipient(_) => ["r.created_at", "r.invitation"],
            _ => ["i.created_at", "i.seq"],
        };
        query.push(format_args!("SELECT {created_at}, {seq} AS seq"));
        match range {
            Range::Recipient(one) => received(&mut query, tenant, filter, [one]),
            Range::Status(status) => {
                query.push(" FROM inv_invitation i WHERE i.tenant = ").push_bind(tenant.as_str().to_owned());
                query.push(" AND i.status = ").push_bind(status);
                within(&mut query, &recipients);
            }
            Range::Organisation => all(&mut query, tenant, filter, &recipients),
        }
        if let Some((created, number)) = place {
            query.push(format_args!(" AND ({created_at}, {seq}) < (")).push_bind(created);
            query.push(", ").push_bind(number).push(")");
        }
    }
    query.push(" ORDER BY 1 DESC, 2 DESC LIMIT ").push_bind(limit(most));
    query.push(") k CROSS JOIN inv_invitation i ON i.seq = k.seq");
    Ok(query)
}

/// How many there are on all pages.
pub(crate) fn count(tenant: &TenantId, filter: &Filter) -> QueryBuilder<Database> {
    let recipients = recipients(filter);
    if is_inbox(&recipients) {
        let mut query = QueryBuilder::new("SELECT COUNT(DISTINCT r.invitation)");
        received(&mut query, tenant, filter, recipients.iter().map(String::as_str));
        return query;
    }
    let mut query = QueryBuilder::new("SELECT COUNT(*)");
    all(&mut query, tenant, filter, &recipients);
    query
}

fn recipients(filter: &Filter) -> BTreeSet<String> {
    filter.recipients.iter().map(|recipient| recipient.index_key()).collect()
}

fn is_inbox(recipients: &BTreeSet<String>) -> bool {
    (1..=INBOX).contains(&recipients.len())
}

fn ranges<'a>(filter: &Filter, recipients: &'a BTreeSet<String>) -> Vec<Range<'a>> {
    let statuses: BTreeSet<&'static str> = filter.status.iter().map(|status| status.as_str()).collect();
    if is_inbox(recipients) {
        recipients.iter().map(|recipient| Range::Recipient(recipient)).collect()
    } else if filter.answerable || statuses.is_empty() {
        // what can be answered has an index of its own, and is little
        vec![Range::Organisation]
    } else {
        statuses.into_iter().map(Range::Status).collect()
    }
}

/// From what these recipients have. The invitation itself is looked at only where its status matters.
fn received<'a>(
    query: &mut QueryBuilder<Database>,
    tenant: &TenantId,
    filter: &Filter,
    recipients: impl IntoIterator<Item = &'a str>,
) {
    query.push(" FROM inv_recipient r");
    if !filter.status.is_empty() {
        query.push(" CROSS JOIN inv_invitation i ON i.seq = r.invitation");
    }
    query.push(" WHERE r.tenant = ").push_bind(tenant.as_str().to_owned());
    query.push(" AND r.address").one_of(recipients.into_iter().map(str::to_owned));
    if filter.answerable {
        query.push(" AND r.answerable");
    }
    statuses(query, filter);
}

/// From everything that the organisation has.
fn all(query: &mut QueryBuilder<Database>, tenant: &TenantId, filter: &Filter, recipients: &BTreeSet<String>) {
    query.push(" FROM inv_invitation i WHERE i.tenant = ").push_bind(tenant.as_str().to_owned());
    if filter.answerable {
        query.push(" AND i.answerable");
    }
    statuses(query, filter);
    within(query, recipients);
}

fn statuses(query: &mut QueryBuilder<Database>, filter: &Filter) {
    if !filter.status.is_empty() {
        query.push(" AND i.status").one_of(filter.status.iter().map(|status| status.as_str().to_owned()));
    }
}

/// Of more recipients than an inbox has.
fn within(query: &mut QueryBuilder<Database>, recipients: &BTreeSet<String>) {
    if !recipients.is_empty() {
        query.push(" AND i.seq IN (SELECT r.invitation FROM inv_recipient r WHERE r.tenant = i.tenant AND r.address");
        query.one_of(recipients.iter().cloned()).push(")");
    }
}

fn place(page: &PageToken) -> Result<(i64, i64)> {
    let read = || {
        let (created, number) = page.as_str().split_once('.')?;
        Some((created.parse().ok()?, number.parse().ok()?))
    };
    read().ok_or_else(bad_page)
}

pub(crate) fn bad_page() -> Error {
    Error::invalid("list", "the page token is not one of this store's")
}

trait OneOf {
    /// ` IN (…)`.
    fn one_of(&mut self, values: impl IntoIterator<Item = String>) -> &mut Self;
}

impl OneOf for QueryBuilder<Database> {
    fn one_of(&mut self, values: impl IntoIterator<Item = String>) -> &mut Self {
        self.push(" IN (");
        let mut list = self.separated(", ");
        for value in values {
            list.push_bind(value);
        }
        self.push(")")
    }
}
