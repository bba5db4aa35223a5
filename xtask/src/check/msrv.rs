//! No published crate declares a Rust version below that of what it depends on.
//!
//! The standard library is covered by `clippy::incompatible_msrv`, which reads the same `rust-version`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::process;

pub(super) fn check() -> Result<(), String> {
    let mut command = process::cargo();
    command.args(["metadata", "--format-version", "1", "--locked", "--all-features"]);
    let metadata = process::output(&mut command)?;
    let metadata: Value = serde_json::from_str(&metadata).map_err(|error| format!("cargo metadata: {error}"))?;
    super::none(findings(&metadata))
}

/// Major, minor and patch of `1.88` or `1.88.1`.
fn version(text: &str) -> (u64, u64, u64) {
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or_default());
    let mut next = || parts.next().unwrap_or_default();
    (next(), next(), next())
}

fn findings(metadata: &Value) -> Vec<String> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let packages: BTreeMap<String, Value> =
        list(&metadata["packages"]).into_iter().map(|found| (text(&found["id"]), found)).collect();
    let nodes: BTreeMap<String, Value> =
        list(&metadata["resolve"]["nodes"]).into_iter().map(|found| (text(&found["id"]), found)).collect();
    let mut findings = Vec::new();
    for member in list(&metadata["workspace_members"]).iter().map(text) {
        let Some(package) = packages.get(&member).filter(|package| package["publish"].is_null()) else { continue };
        let Some(declared) = package["rust_version"].as_str() else {
            findings.push(format!("{} declares no rust-version", text(&package["name"])));
            continue;
        };
        let (mut seen, mut open) = (BTreeSet::new(), vec![member.clone()]);
        while let Some(id) = open.pop() {
            if !seen.insert(id.clone()) {
                continue;
            }
            if let Some(found) = packages.get(&id)
                && let Some(needed) = found["rust_version"].as_str()
                && version(needed) > version(declared)
            {
                let (name, dependency) = (text(&package["name"]), text(&found["name"]));
                findings.push(format!("{name} declares Rust {declared}, but {dependency} needs {needed}"));
            }
            let edges = nodes.get(&id).map(|node| list(&node["deps"])).unwrap_or_default();
            open.extend(edges.iter().filter(|edge| is_used(edge)).map(|edge| text(&edge["pkg"])));
        }
    }
    findings
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A normal or build dependency; what only tests use does not bind an embedder.
fn is_used(edge: &Value) -> bool {
    edge["dep_kinds"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"] != "dev"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn metadata(kind: &Value) -> Value {
        json!({
            "workspace_members": ["ours"],
            "packages": [
                { "id": "ours", "name": "ours", "publish": null, "rust_version": "1.88" },
                { "id": "middle", "name": "middle", "rust_version": null },
                { "id": "far", "name": "far", "rust_version": "1.100.0" },
            ],
            "resolve": { "nodes": [
                { "id": "ours", "deps": [{ "pkg": "middle", "dep_kinds": [{ "kind": kind }] }] },
                { "id": "middle", "deps": [{ "pkg": "far", "dep_kinds": [{ "kind": null }] }] },
                { "id": "far", "deps": [] },
            ] },
        })
    }

    #[test]
    fn a_newer_dependency_of_a_dependency_is_found() {
        assert_eq!(findings(&metadata(&Value::Null)), ["ours declares Rust 1.88, but far needs 1.100.0"]);
        assert_eq!(findings(&metadata(&json!("dev"))), Vec::<String>::new());
    }
}
