//! Options that many Graph reads share: `$select`, pages, preferences.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Failure, Turn};
use crate::serve::Reply;

/// Items on a page of events when the client does not say.
pub(crate) const EVENTS_PER_PAGE: usize = 10;
const LARGEST_PAGE: usize = 1000;

impl Turn<'_> {
    /// Answers 200 with one entity, projected.
    pub(crate) fn entity(&self, status: StatusCode, entity: Value) -> Reply {
        let entity = self.selected(entity);
        self.preferring(Reply::json(status, &entity))
    }

    /// Keeps what `$select` names; ids and `@`-members stay.
    pub(crate) fn selected(&self, entity: Value) -> Value {
        let Some(select) = self.call.parameter("$select") else { return entity };
        let wanted: Vec<String> = select.split(',').map(|name| name.trim().to_ascii_lowercase()).collect();
        let Value::Object(members) = entity else { return entity };
        let keep = |name: &String| {
            let plain = name.split('@').next().unwrap_or_default().to_ascii_lowercase();
            name.starts_with('@')
                || plain == "id"
                || plain == "singlevalueextendedproperties"
                || wanted.contains(&plain)
        };
        Value::Object(members.into_iter().filter(|(name, _)| keep(name)).collect())
    }

    /// One page of a collection, with a link to the next.
    pub(crate) fn page(&self, context: &str, items: Vec<Value>, per_page: usize) -> Result<Reply, Failure> {
        let number = |name: &str| match self.call.parameter(name) {
            None => Ok(None),
            Some(text) => text.parse::<usize>().map(Some).map_err(|_| {
                Failure::bad_request("BadRequest", format!("Invalid value '{text}' for the query option {name}."))
            }),
        };
        let preferred = self.call.preference("odata.maxpagesize").and_then(|size| size.parse().ok());
        let size = number("$top")?.or(preferred).unwrap_or(per_page).clamp(1, LARGEST_PAGE);
        let skip = number("$skip")?.unwrap_or(0);
        let total = items.len();
        let page: Vec<Value> = items.into_iter().skip(skip).take(size).map(|item| self.selected(item)).collect();
        let mut body = Map::new();
        body.insert("@odata.context".to_owned(), self.context(context).into());
        if self.call.parameter("$count") == Some("true") {
            body.insert("@odata.count".to_owned(), total.into());
        }
        body.insert("value".to_owned(), page.into());
        if skip + size < total {
            body.insert("@odata.nextLink".to_owned(), self.link(&[("$skip", &(skip + size).to_string())]).into());
        }
        Ok(self.preferring(Reply::json(StatusCode::OK, &Value::Object(body))))
    }

    /// This request's own URL with some parameters set.
    pub(crate) fn link(&self, set: &[(&str, &str)]) -> String {
        let kept = self.call.query.iter().filter(|(name, _)| !set.iter().any(|(n, _)| n.eq_ignore_ascii_case(name)));
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept.map(|(name, value)| (name.as_str(), value.as_str())))
            .extend_pairs(set)
            .finish();
        format!("{}{}?{query}", self.call.origin, self.call.path)
    }

    pub(crate) fn context(&self, what: &str) -> String {
        format!("{}/v1.0/$metadata#{what}", self.call.origin)
    }

    /// Names the preferences that were followed.
    fn preferring(&self, reply: Reply) -> Reply {
        let known = ["outlook.timezone", "odata.maxpagesize", "idtype", "include-unknown-enum-members"];
        let followed: Vec<String> = self.call.preferences();
        let followed = followed.into_iter().filter(|preference| {
            let name = preference.split('=').next().unwrap_or_default().trim().to_ascii_lowercase();
            known.contains(&name.as_str())
        });
        let followed = followed.collect::<Vec<_>>().join(", ");
        if followed.is_empty() { reply } else { reply.with("preference-applied", followed) }
    }
}

/// A context object for one entity, put first.
pub(crate) fn with_context(context: String, entity: Value) -> Value {
    let mut object = Map::new();
    object.insert("@odata.context".to_owned(), json!(context));
    if let Value::Object(members) = entity {
        object.extend(members);
    }
    Value::Object(object)
}
