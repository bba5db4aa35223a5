//! Bodies out of the document, and what can be changed of a body.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, TimeDelta};
use serde_json::{Value, json};

use super::super::super::schema::resolved;

/// The successful answers of all operations: their example, and a body with every member of their schema.
pub(super) fn answers(document: &Value) -> BTreeMap<String, Vec<Value>> {
    let paths = document["paths"].as_object().expect("paths").values();
    let operations = paths.flat_map(|path| path.as_object().expect("operations").values());
    let answers = operations.filter_map(|operation| {
        let told = &resolved(document, &operation["responses"]["200"])["content"]["application/json"];
        let mut whole = sample(document, told.get("schema")?);
        if let Some(example) = told.get("example") {
            fill(&mut whole, example);
        }
        let name = operation["operationId"].as_str().expect("a name").to_owned();
        Some((name, told.get("example").cloned().into_iter().chain([whole]).collect()))
    });
    answers.collect()
}

/// The values of an example, where it has some.
fn fill(whole: &mut Value, example: &Value) {
    match (whole, example) {
        (Value::Object(whole), Value::Object(example)) => {
            example.iter().for_each(|(name, value)| fill(whole.entry(name).or_insert(Value::Null), value));
        }
        (Value::Array(whole), Value::Array(example)) => {
            whole.iter_mut().zip(example).for_each(|(whole, example)| fill(whole, example));
        }
        (whole, example) => *whole = example.clone(),
    }
}

/// Every member, each with the document's own example of it where it is of its type.
fn sample(document: &Value, schema: &Value) -> Value {
    let schema = resolved(document, schema);
    let mut all = serde_json::Map::new();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        all.extend(sample(document, part).as_object().cloned().unwrap_or_default());
    }
    if let Some(members) = schema["properties"].as_object() {
        all.extend(members.iter().map(|(name, member)| (name.clone(), sample(document, member))));
    }
    if !all.is_empty() {
        return all.into();
    }
    let example = schema.get("example");
    match schema["type"].as_str() {
        Some("array") => json!([sample(document, &schema["items"])]),
        Some("number" | "integer") => example.filter(|example| example.is_number()).cloned().unwrap_or(json!(7)),
        Some("boolean") => example.filter(|example| example.is_boolean()).cloned().unwrap_or(json!(true)),
        Some("object") => json!({}),
        _ => {
            let text = example.filter(|example| example.is_string()).or_else(|| schema["enum"].get(0));
            text.cloned().unwrap_or(json!("sample"))
        }
    }
}

/// Pointers to everything that has no members.
pub(super) fn leaves(value: &Value) -> Vec<String> {
    let below = |name: String, value: &Value| leaves(value).into_iter().map(move |path| format!("/{name}{path}"));
    match value {
        Value::Object(members) => {
            members.iter().flat_map(|(name, value)| below(name.replace('~', "~0").replace('/', "~1"), value)).collect()
        }
        Value::Array(items) => items.iter().enumerate().flat_map(|(at, value)| below(at.to_string(), value)).collect(),
        _ => vec![String::new()],
    }
}

/// Another value of the same form: a time stays one, an address and a link too.
pub(super) fn other(leaf: &Value) -> Value {
    match leaf {
        Value::Bool(flag) => json!(!flag),
        Value::Number(number) => json!(number.as_f64().map_or(0.0, |number| number + 1.0)),
        Value::String(text) if text.eq_ignore_ascii_case("true") => json!("false"),
        Value::String(text) if text.eq_ignore_ascii_case("false") => json!("true"),
        Value::String(text) => match (DateTime::parse_from_rfc3339(text), text.contains("://")) {
            (Ok(time), _) => json!((time + TimeDelta::days(1)).to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            (Err(_), true) => json!(format!("{text}x")),
            (Err(_), false) => json!(format!("x{text}")),
        },
        _ => json!("something"),
    }
}
