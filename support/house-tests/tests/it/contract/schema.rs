//! An OpenAPI 3.0 document as closed JSON Schemas of draft 2020-12.

use std::path::{Path, PathBuf};

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

use super::known::{Known, Side};

/// The folder of specifications and examples, which is no part of the repository.
fn specs() -> PathBuf {
    let named = std::env::var_os("SPECS_DIR").map(PathBuf::from);
    named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"))
}

/// Something in it. `None`, and said so, where it is not at hand; a folder that was named has to have it.
pub(super) fn at_hand(what: &str) -> Option<PathBuf> {
    let path = specs().join(what);
    if path.exists() {
        return Some(path);
    }
    assert!(std::env::var_os("SPECS_DIR").is_none(), "SPECS_DIR is set, and there is no {}", path.display());
    eprintln!("SKIPPED: there is no {}; SPECS_DIR names the folder that has it", path.display());
    None
}

/// The document.
pub(super) fn document(name: &str) -> Option<Value> {
    let text = std::fs::read(at_hand(&format!("specs/{name}"))?).expect("a file");
    Some(serde_json::from_slice(&text).expect("the document is JSON"))
}

/// What a `$ref` of the document points at.
pub(super) fn resolved<'a>(document: &'a Value, node: &'a Value) -> &'a Value {
    let target = node.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
    target.map_or(node, |target| document.pointer(target).unwrap_or_else(|| panic!("no {target} in the document")))
}

/// A validator for a schema somewhere in the document, named for what is known of it, as one side sends it.
pub(super) fn validator(document: &Value, (name, node): (&str, &Value), side: Side, known: &[&Known]) -> Validator {
    let convert = Converter { document, side, known };
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    let defs: Map<_, _> = schemas.iter().map(|(name, schema)| (name.clone(), convert.schema(name, schema))).collect();
    let mut root = convert.schema(name, node);
    root["$defs"] = defs.into();
    let options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
    options.build(&root).expect("the converted document is a JSON Schema")
}

struct Converter<'a> {
    document: &'a Value,
    side: Side,
    known: &'a [&'a Known],
}

impl Converter<'_> {
    /// OpenAPI 3.0 says four things in its own way, and leaves all objects open:
    /// `nullable` becomes the type `null`; `#/components/schemas/` becomes `#/$defs/`; `allOf`, which is how the document writes
    /// inheritance, becomes one object with the members of all; every object takes its declared members and the known ones only.
    fn schema(&self, name: &str, node: &Value) -> Value {
        if let Some(target) = node.get("$ref").and_then(Value::as_str) {
            return json!({ "$ref": target.replace("#/components/schemas/", "#/$defs/") });
        }
        if let Some(any) = node.get("anyOf").and_then(Value::as_array) {
            return json!({ "anyOf": any.iter().map(|node| self.schema("", node)).collect::<Vec<_>>() });
        }
        if node.get("allOf").is_some() || node.get("properties").is_some() {
            return self.object(name, node);
        }
        let mut converted = Map::new();
        for (word, value) in node.as_object().expect("a schema is an object") {
            match (word.as_str(), value) {
                ("type", kind) if node["nullable"] == true => {
                    converted.insert("type".to_owned(), json!([kind, "null"]));
                }
                ("items", items) => {
                    converted.insert("items".to_owned(), self.schema("", items));
                }
                ("nullable" | "additionalProperties", _) => {}
                (word, value) => {
                    converted.insert(word.to_owned(), value.clone());
                }
            }
        }
        Value::Object(converted)
    }

    fn object(&self, name: &str, node: &Value) -> Value {
        let (mut members, mut required) = (Map::new(), Vec::new());
        self.gather(name, node, &mut members, &mut required);
        let everywhere = self.known.iter().filter(|known| known.side == self.side && known.schema == "*");
        for known in everywhere {
            members.entry(known.member).or_insert_with(known.shape);
        }
        let kind = if node["nullable"] == true { json!(["object", "null"]) } else { json!("object") };
        json!({ "type": kind, "properties": members, "required": required, "additionalProperties": false })
    }

    fn gather(&self, name: &str, node: &Value, members: &mut Map<String, Value>, required: &mut Vec<Value>) {
        for part in node.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            let name = part.get("$ref").and_then(Value::as_str).and_then(|target| target.rsplit('/').next());
            self.gather(name.unwrap_or_default(), resolved(self.document, part), members, required);
        }
        let own = node.get("properties").and_then(Value::as_object).into_iter().flatten();
        members.extend(own.map(|(member, schema)| (member.clone(), self.schema("", schema))));
        required.extend(node.get("required").and_then(Value::as_array).into_iter().flatten().cloned());
        let short = name.strip_prefix("microsoft.graph.").unwrap_or(name);
        for known in self.known.iter().filter(|known| known.side == self.side && known.schema == short) {
            members.insert(known.member.to_owned(), (known.shape)());
        }
    }
}
