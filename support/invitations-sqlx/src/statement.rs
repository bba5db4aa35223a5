//! One statement with its values, for whichever database runs it.

use std::{future::Future, pin::Pin};

use sqlx::{Database, Encode, Executor, IntoArguments, Type};

use crate::dialect::{Dialect, Timed};

/// A value on its way into a statement.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'v> {
    Number(Option<i64>),
    Text(&'v str),
    Bytes(&'v [u8]),
    Flag(bool),
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Number(Some(value))
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(value: Option<i64>) -> Self {
        Self::Number(value)
    }
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(value: &'v str) -> Self {
        Self::Text(value)
    }
}

impl<'v> From<&'v String> for Value<'v> {
    fn from(value: &'v String) -> Self {
        Self::Text(value)
    }
}

impl<'v> From<&'v [u8]> for Value<'v> {
    fn from(value: &'v [u8]) -> Self {
        Self::Bytes(value)
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Flag(value)
    }
}

/// A statement: `$1` is the first value that was bound.
#[derive(Clone, Debug)]
pub(crate) struct Statement<'v> {
    text: &'static str,
    values: Vec<Value<'v>>,
}

impl<'v> Statement<'v> {
    pub(crate) fn new(text: &'static str) -> Self {
        Self { text, values: Vec::new() }
    }

    /// A statement that needs the time, its first value; `None` is the database's own.
    pub(crate) fn timed<DB: Dialect>(text: Timed, now: Option<i64>) -> Self {
        Self::new(DB::timed(text)).bind(now)
    }

    #[must_use]
    pub(crate) fn bind(mut self, value: impl Into<Value<'v>>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Runs it, and waits until the database is through with it: what it has done by itself is then committed.
    pub(crate) async fn rows<DB: Dialect>(self, on: &mut DB::Connection) -> sqlx::Result<Vec<DB::Row>> {
        DB::run(on, self.text, &self.values).await
    }
}

type Running<'r, Row> = Pin<Box<dyn Future<Output = sqlx::Result<Vec<Row>>> + Send + 'r>>;

/// Running statements. Said of every database that can, so that code which is written for any needs no more than [`Dialect`].
pub(crate) trait Executes: Database {
    /// All rows. Not only the first one, even where there is only one: PostgreSQL commits after the last.
    fn run<'r>(on: &'r mut Self::Connection, text: &'static str, values: &'r [Value<'r>]) -> Running<'r, Self::Row>;
}

impl<DB> Executes for DB
where
    DB: Database<Arguments: IntoArguments<DB>>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    for<'v> Option<i64>: Encode<'v, DB> + Type<DB>,
    for<'v> &'v str: Encode<'v, DB> + Type<DB>,
    for<'v> &'v [u8]: Encode<'v, DB> + Type<DB>,
    for<'v> bool: Encode<'v, DB> + Type<DB>,
{
    fn run<'r>(on: &'r mut Self::Connection, text: &'static str, values: &'r [Value<'r>]) -> Running<'r, Self::Row> {
        let mut query = sqlx::query(text);
        for value in values {
            query = match *value {
                Value::Number(number) => query.bind(number),
                Value::Text(text) => query.bind(text),
                Value::Bytes(bytes) => query.bind(bytes),
                Value::Flag(flag) => query.bind(flag),
            };
        }
        on.fetch_all(query)
    }
}
