//! Values as columns hold them, of any database.

use invitations_core::{Error, ErrorKind, Result};
use sqlx::{ColumnIndex, Decode, Type};

use crate::error;

/// What a row's columns can be read as.
pub(crate) trait Columns: sqlx::Row {
    fn number(&self, column: usize) -> sqlx::Result<Option<i64>>;
    fn text(&self, column: usize) -> sqlx::Result<Option<&str>>;
    fn bytes(&self, column: usize) -> sqlx::Result<Option<&[u8]>>;
    fn flag(&self, column: usize) -> sqlx::Result<Option<bool>>;
}

impl<R> Columns for R
where
    R: sqlx::Row,
    usize: ColumnIndex<R>,
    for<'r> i64: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> &'r str: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> &'r [u8]: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> bool: Decode<'r, R::Database> + Type<R::Database>,
{
    fn number(&self, column: usize) -> sqlx::Result<Option<i64>> {
        self.try_get(column)
    }

    fn text(&self, column: usize) -> sqlx::Result<Option<&str>> {
        self.try_get(column)
    }

    fn bytes(&self, column: usize) -> sqlx::Result<Option<&[u8]>> {
        self.try_get(column)
    }

    fn flag(&self, column: usize) -> sqlx::Result<Option<bool>> {
        self.try_get(column)
    }
}

/// What a column is read as.
pub(crate) trait FromColumn<'r>: Sized {
    fn from_column<R: Columns>(row: &'r R, column: usize) -> sqlx::Result<Option<Self>>;
}

impl FromColumn<'_> for i64 {
    fn from_column<R: Columns>(row: &R, column: usize) -> sqlx::Result<Option<Self>> {
        row.number(column)
    }
}

impl<'r> FromColumn<'r> for &'r str {
    fn from_column<R: Columns>(row: &'r R, column: usize) -> sqlx::Result<Option<Self>> {
        row.text(column)
    }
}

impl FromColumn<'_> for String {
    fn from_column<R: Columns>(row: &R, column: usize) -> sqlx::Result<Option<Self>> {
        Ok(row.text(column)?.map(str::to_owned))
    }
}

impl FromColumn<'_> for Vec<u8> {
    fn from_column<R: Columns>(row: &R, column: usize) -> sqlx::Result<Option<Self>> {
        Ok(row.bytes(column)?.map(<[u8]>::to_vec))
    }
}

impl FromColumn<'_> for bool {
    fn from_column<R: Columns>(row: &R, column: usize) -> sqlx::Result<Option<Self>> {
        row.flag(column)
    }
}

/// Reads a column that holds a value.
pub(crate) fn read<'r, T: FromColumn<'r>>(row: &'r impl Columns, column: usize) -> Result<T> {
    T::from_column(row, column).map_err(error::database("read row"))?.ok_or_else(|| unreadable("a column is empty"))
}

/// A counter that was read.
pub(crate) fn counter(value: i64) -> Result<u64> {
    u64::try_from(value).map_err(|_| unreadable("a counter is negative"))
}

/// A limit, as the database counts.
pub(crate) fn limit(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(crate) fn unreadable(what: &'static str) -> Error {
    Error::new(ErrorKind::Protocol, "read row").with_detail(what)
}

/// A stored text that an id's own check refuses is an unreadable row, not the caller's mistake.
pub(crate) fn parsed<T>(id: Result<T>) -> Result<T> {
    id.map_err(|error| unreadable("an id is malformed").with_source(error))
}
