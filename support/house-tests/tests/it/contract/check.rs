//! One exchange held against the document.

use std::collections::BTreeMap;

use jsonschema::{ValidationError, Validator, error::ValidationErrorKind};
use serde_json::Value;

use super::{
    known::{Absent, Known, Side, Terms},
    schema::{resolved, validator},
    tap::Exchange,
};

/// The document, and what is known beside it.
pub(super) struct Contract<'a> {
    document: &'a Value,
    terms: &'static Terms,
    known: Vec<&'a Known>,
    absent: Vec<&'a Absent>,
    validators: BTreeMap<String, Validator>,
}

/// What was found wrong, by words.
pub(super) type Findings = Vec<String>;

impl<'a> Contract<'a> {
    pub(super) fn new(document: &'a Value, terms: &'static Terms) -> Self {
        let (known, absent) = (terms.known.iter().collect(), terms.absent.iter().collect());
        Self { document, terms, known, absent, validators: BTreeMap::new() }
    }

    /// The same without one line of what is known.
    pub(super) fn without_known(document: &'a Value, terms: &'static Terms, line: usize) -> Self {
        let mut contract = Self::new(document, terms);
        contract.known.remove(line);
        contract
    }

    /// The same without one line of what is absent.
    pub(super) fn without_absent(document: &'a Value, terms: &'static Terms, line: usize) -> Self {
        let mut contract = Self::new(document, terms);
        contract.absent.remove(line);
        contract
    }

    /// The operation's id, or why it is none.
    pub(super) fn operation(&self, exchange: &Exchange) -> Result<String, String> {
        self.find(exchange).map(|operation| operation["operationId"].as_str().expect("a name").to_owned())
    }

    fn find(&self, exchange: &Exchange) -> Result<&'a Value, String> {
        let method = exchange.method.to_ascii_lowercase();
        let asked: Vec<String> = exchange.path.split('/').skip(2).map(str::to_owned).collect();
        let paths = self.document["paths"].as_object().expect("paths");
        let here = |asked: &[String]| {
            let mut fitting: Vec<_> = paths.iter().filter(|(template, _)| fits(template, asked)).collect();
            // `createOrGet` is no meeting's id
            fitting.sort_by_key(|(template, _)| template.matches('{').count());
            fitting.first().map(|(_, item)| *item)
        };
        let item = here(&asked).or_else(|| here(&renamed(asked, self.terms)));
        let item = item.ok_or_else(|| format!("{} is no path of the document", exchange.path))?;
        item.get(&method).ok_or_else(|| format!("{} takes no {}", exchange.path, exchange.method))
    }

    /// Everything that is wrong with a request and its answer.
    pub(super) fn check(&mut self, exchange: &Exchange) -> Findings {
        let operation = match self.find(exchange) {
            Ok(operation) => operation,
            Err(words) => return vec![words],
        };
        let name = operation["operationId"].as_str().expect("a name");
        let mut found = self.query(exchange, operation);
        let asked = operation.get("requestBody").map(|body| resolved(self.document, body));
        // said outright, as of the reasons of a removal; the providers' documents leave it out where a body has to come
        let asked = asked.filter(|body| !exchange.request.is_empty() || body["required"] != false);
        let asked = asked.map(|body| &body["content"]);
        found.extend(self.body(&format!("{name} request"), asked, Side::Request, &exchange.request));
        let status = exchange.status.to_string();
        // only a refusal may have no line of its own
        let reply = operation["responses"].get(&status);
        let reply = reply.or_else(|| operation["responses"].get("default").filter(|_| exchange.status >= 400));
        match reply.map(|reply| resolved(self.document, reply)) {
            None => found.push(format!("{name}: status {status} is not among its answers")),
            Some(reply) => {
                let key = format!("{name} {status}");
                found.extend(self.body(&key, reply.get("content"), Side::Reply, &exchange.reply));
            }
        }
        found
    }

    fn query(&self, exchange: &Exchange, operation: &Value) -> Findings {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let declared: Vec<_> = parameters.map(|parameter| resolved(self.document, parameter)).collect();
        let names = |name: &str| declared.iter().any(|one| one["in"] == "query" && one["name"] == name);
        let asked = exchange.query.iter().filter(|name| !self.terms.query.iter().any(|(known, _)| known == name));
        asked.filter(|name| !names(name)).map(|name| format!("{}: no query {name}", exchange.path)).collect()
    }

    fn body(&mut self, key: &str, content: Option<&Value>, side: Side, body: &[u8]) -> Findings {
        if body.is_empty() {
            // a body that is declared has to come; what stands in it is another matter
            return match content {
                Some(_) => vec![format!("{key}: the body is missing")],
                None => Vec::new(),
            };
        }
        if content.is_some_and(|content| content.get("application/json").is_none()) {
            // a file
            return Vec::new();
        }
        let Ok(value) = serde_json::from_slice(body) else { return vec![format!("{key}: the body is no JSON")] };
        let Some(schema) = content.and_then(|content| content["application/json"].get("schema")) else {
            return vec![format!("{key}: a body that nobody declared")];
        };
        let (document, known) = (self.document, &self.known);
        let entry = self.validators.entry(key.to_owned());
        let validator = entry.or_insert_with(|| validator(document, (key, schema), side, known));
        let operation = key.split(' ').next().unwrap_or_default();
        let absent = &self.absent;
        let excused = |error: &ValidationError<'_>| {
            let ValidationErrorKind::Required { property } = error.kind() else { return false };
            let (member, object) = (property.as_str().unwrap_or_default(), error.instance());
            side == Side::Reply && absent.iter().any(|line| line.excuses(operation, member, object))
        };
        validator.iter_errors(&value).filter(|error| !excused(error)).flat_map(|error| told(key, &error)).collect()
    }
}

/// An error of `anyOf` says nothing; the errors of its first branch do.
fn told(key: &str, error: &ValidationError<'_>) -> Findings {
    match error.kind() {
        ValidationErrorKind::AnyOf { context } => {
            context.iter().take(1).flatten().flat_map(|error| told(key, error)).collect()
        }
        _ => vec![format!("{key} at {}: {error}", error.instance_path())],
    }
}

fn fits(template: &str, asked: &[String]) -> bool {
    let parts: Vec<_> = template.split('/').skip(1).collect();
    parts.len() == asked.len() && parts.iter().zip(asked).all(|(part, asked)| part.starts_with('{') || part == asked)
}

fn renamed(mut asked: Vec<String>, terms: &Terms) -> Vec<String> {
    for (from, to, _) in terms.aliases {
        let same =
            from.len() <= asked.len() && from.iter().zip(&asked).all(|(from, asked)| *from == "*" || from == asked);
        if same {
            let kept: Vec<_> = to
                .iter()
                .enumerate()
                .map(|(at, to)| if *to == "*" { asked[at].clone() } else { (*to).to_owned() })
                .collect();
            asked.splice(..from.len(), kept);
        }
    }
    asked
}
