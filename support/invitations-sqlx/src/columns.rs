//! Values as columns hold them.

use invitations_core::{Error, ErrorKind, Result};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{ColumnIndex, Decode, Row as _, Type};

use crate::{
    dialect::{Database, DatabaseConnection},
    error,
};

/// A row as the database answers it.
pub(crate) type Row = <Database as sqlx::Database>::Row;

/// A connection, short.
pub(crate) type Connection = DatabaseConnection;

/// Reads a column.
pub(crate) fn read<'r, T, I>(row: &'r Row, column: I) -> Result<T>
where
    T: Decode<'r, Database> + Type<Database>,
    I: ColumnIndex<Row>,
{
    row.try_get(column).map_err(error::database("read row"))
}

/// A counter that was read.
pub(crate) fn counter(value: i64) -> Result<u64> {
    u64::try_from(value).map_err(|_| unreadable("a counter is negative"))
}

/// A limit, as the database counts.
pub(crate) fn limit(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Many values as one, for `json_each`: a statement then has one text, however many they are.
pub(crate) fn json<T: Serialize>(values: &T) -> Result<String> {
    serde_json::to_string(values).map_err(|cause| Error::invalid("write row", "no JSON").with_source(cause))
}

/// What `json_group_array` or `json_group_object` made.
pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|_| unreadable("a group of rows is malformed"))
}

pub(crate) fn unreadable(what: &'static str) -> Error {
    Error::new(ErrorKind::Protocol, "read row").with_detail(what)
}

/// A stored text that an id's own check refuses is an unreadable row, not the caller's mistake.
pub(crate) fn parsed<T>(id: Result<T>) -> Result<T> {
    id.map_err(|error| unreadable("an id is malformed").with_source(error))
}
