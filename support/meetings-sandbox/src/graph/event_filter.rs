//! `$filter` of events.

use super::{Failure, event_shape::quoted, users::split_outside_quotes};
use crate::world::Event;

/// One condition of an events filter.
pub(super) enum Filter {
    Extended { id: String, value: String },
    Property { name: String, value: String },
    StartFrom(chrono::DateTime<chrono::Utc>),
    EndUntil(chrono::DateTime<chrono::Utc>),
}

impl Filter {
    pub(super) fn holds(&self, event: &Event) -> bool {
        match self {
            Self::Extended { id, value } => {
                event.extended.iter().any(|(i, v)| i.eq_ignore_ascii_case(id) && v == value)
            }
            Self::Property { name, value } => match name.as_str() {
                "subject" => event.subject() == value,
                "icaluid" => event.ical_uid == *value,
                _ => event.transaction_id.as_ref() == Some(value),
            },
            Self::StartFrom(from) => event.start.utc() >= *from,
            Self::EndUntil(until) => event.end.utc() <= *until,
        }
    }
}

pub(super) fn parse_filter(filter: &str) -> Result<Vec<Filter>, Failure> {
    let compact = filter.trim();
    if compact.to_ascii_lowercase().starts_with("singlevalueextendedproperties/any(") {
        let parts = split_outside_quotes(compact, " and ");
        let value_of = |name: &str| {
            let part = parts.iter().find(|part| part.to_ascii_lowercase().contains(name))?;
            part.contains(" eq ").then(|| quoted(part)).flatten()
        };
        if let (2, Some(id), Some(value)) = (parts.len(), value_of("/id eq"), value_of("/value eq")) {
            return Ok(vec![Filter::Extended { id, value }]);
        }
        return Err(unsupported(filter));
    }
    split_outside_quotes(compact, " and ").iter().map(|part| condition(part)).collect()
}

fn condition(part: &str) -> Result<Filter, Failure> {
    let lower = part.trim().to_ascii_lowercase();
    let value = quoted(part).ok_or_else(|| unsupported(part))?;
    let instant = || crate::time::parse_instant(&value).ok_or_else(|| unsupported(part));
    match lower.split(' ').take(2).collect::<Vec<_>>().as_slice() {
        ["start/datetime", "ge"] => Ok(Filter::StartFrom(instant()?)),
        ["end/datetime", "le"] => Ok(Filter::EndUntil(instant()?)),
        [name @ ("subject" | "icaluid" | "transactionid"), "eq"] => {
            Ok(Filter::Property { name: (*name).to_owned(), value })
        }
        _ => Err(unsupported(part)),
    }
}

fn unsupported(filter: &str) -> Failure {
    Failure::not_modelled(&format!("graph.events.list with $filter={filter}"))
}
