//! The table of normal dependencies between our crates, and what the core may not pull in.

use serde_json::Value;

/// One of our crates, and which of ours it may depend on.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Allowed {
    /// The crate.
    pub name: &'static str,
    /// What it may always depend on.
    pub always: &'static [&'static str],
    /// What it may depend on behind the named feature: `(dependency, feature)`.
    pub behind: &'static [(&'static str, &'static str)],
}

const fn allowed(
    name: &'static str,
    always: &'static [&'static str],
    behind: &'static [(&'static str, &'static str)],
) -> Allowed {
    Allowed { name, always, behind }
}

/// Normal dependencies between our published crates; there are no others.
pub const TABLE: &[Allowed] = &[
    allowed("invitations-core", &[], &[]),
    allowed("meetings-http", &["invitations-core"], &[]),
    allowed("calendar-sync", &["invitations-core"], &[]),
    allowed("graph-meetings", &["invitations-core", "meetings-http"], &[]),
    allowed("webex-meetings", &["invitations-core", "meetings-http"], &[]),
    allowed("invitations-sqlx", &["invitations-core"], &[("calendar-sync", "calendar-sync")]),
    allowed("invitations-notify", &["invitations-core"], &[("meetings-http", "webhook")]),
    allowed("meetings-sandbox", &[], &[]),
];

/// Members that may depend on anything of ours, while nothing depends on them (`xtask` on the rules of `house-tests` excepted).
const TOP: &[&str] = &["benches", "house-tests", "xtask"];

/// What the core without features must not pull in: HTTP clients and servers, databases, runtimes, TLS.
const HEAVY: &[&str] = &[
    "async-std",
    "aws-lc-rs",
    "axum",
    "diesel",
    "hyper",
    "hyper-util",
    "isahc",
    "libsqlite3-sys",
    "native-tls",
    "openssl",
    "postgres",
    "redis",
    "reqwest",
    "ring",
    "rusqlite",
    "rustls",
    "sea-orm",
    "smol",
    "sqlx",
    "sqlx-core",
    "surf",
    "tokio",
    "tokio-postgres",
    "ureq",
];

/// Checks the members of `metadata` against [`TABLE`].
#[must_use]
pub fn check(metadata: &Value) -> Vec<String> {
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let ours: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut findings = Vec::new();
    for row in TABLE {
        if !ours.contains(&row.name) {
            findings.push(format!("{} stands in the table but is not in the workspace", row.name));
        }
    }
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let row = TABLE.iter().find(|row| row.name == name);
        if row.is_none() && package["publish"].is_null() {
            findings.push(format!("{name} is published but has no row in the dependency table"));
        }
        for dependency in normal_dependencies(package).filter(|dependency| ours.contains(&dependency.name)) {
            findings.extend(judge(name, row, &dependency, package));
        }
        if name == "meetings-sandbox" {
            // not even in its tests: it must not share a wire type with the clients
            let any =
                package["dependencies"].as_array().into_iter().flatten().filter_map(|found| found["name"].as_str());
            let shared = any.filter(|other| ours.contains(other) && *other != name);
            findings.extend(shared.map(|other| format!("meetings-sandbox depends on {other}, if only in tests")));
        }
        if let Some(other) = other_provider(name)
            && package["dependencies"].as_array().into_iter().flatten().any(|found| found["name"] == other)
        {
            findings.push(format!("{name} depends on {other}, if only in tests"));
        }
    }
    findings
}

struct Dependency<'a> {
    name: &'a str,
    optional: bool,
}

fn normal_dependencies(package: &Value) -> impl Iterator<Item = Dependency<'_>> {
    let all = package["dependencies"].as_array().into_iter().flatten();
    // cargo writes null for the kind "normal"
    all.filter(|found| found["kind"].is_null() || found["kind"] == "build").map(|found| Dependency {
        name: found["name"].as_str().unwrap_or_default(),
        optional: found["optional"].as_bool().unwrap_or_default(),
    })
}

fn judge(name: &str, row: Option<&Allowed>, dependency: &Dependency<'_>, package: &Value) -> Option<String> {
    let target = dependency.name;
    if target == "house-tests" && name == "xtask" {
        return None;
    }
    if TOP.contains(&target) || !TABLE.iter().any(|row| row.name == target) {
        return Some(format!("{name} depends on {target}, on which nothing may depend"));
    }
    let row = row?; // examples, benches, xtask and house-tests may use every published crate
    if row.always.contains(&target) {
        return None;
    }
    let Some((_, feature)) = row.behind.iter().find(|(allowed, _)| *allowed == target) else {
        return Some(format!("{name} must not depend on {target}"));
    };
    if !dependency.optional {
        return Some(format!("{name} may depend on {target} only behind feature `{feature}`, but it is not optional"));
    }
    let switch = format!("dep:{target}");
    let features = package["features"].as_object().into_iter().flatten();
    let switching =
        features.filter(|(_, parts)| parts.as_array().is_some_and(|parts| parts.contains(&switch.as_str().into())));
    let strays: Vec<&str> = switching.map(|(name, _)| name.as_str()).filter(|found| found != feature).collect();
    (!strays.is_empty()).then(|| format!("{name}: {target} is switched on by {strays:?}, only `{feature}` may"))
}

fn other_provider(name: &str) -> Option<&'static str> {
    match name {
        "graph-meetings" => Some("webex-meetings"),
        "webex-meetings" => Some("graph-meetings"),
        _ => None,
    }
}

/// Checks the output of [`crate::workspace::bare_tree`] of the core.
#[must_use]
pub fn check_bare_core(tree: &str) -> Vec<String> {
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    let mut found: Vec<&str> = names.filter(|name| HEAVY.contains(name)).collect();
    found.sort_unstable();
    found.dedup();
    let mut findings: Vec<String> =
        found.into_iter().map(|name| format!("invitations-core without features pulls in {name}")).collect();
    if !tree.starts_with("invitations-core ") {
        findings.push("the tree of invitations-core was not read".to_owned());
    }
    findings
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn workspace(change: impl FnOnce(&mut Vec<Value>)) -> Vec<String> {
        let mut packages: Vec<Value> = TABLE
            .iter()
            .map(|row| {
                let always = row.always.iter().map(|name| json!({ "name": name, "kind": null, "optional": false }));
                let behind = row.behind.iter().map(|(name, _)| json!({ "name": name, "kind": null, "optional": true }));
                let switches =
                    row.behind.iter().map(|(name, feature)| ((*feature).to_owned(), json!([format!("dep:{name}")])));
                json!({ "name": row.name, "publish": null, "dependencies": always.chain(behind).collect::<Vec<_>>(),
                    "features": switches.collect::<serde_json::Map<_, _>>() })
            })
            .collect();
        change(&mut packages);
        check(&json!({ "packages": packages }))
    }

    fn add(packages: &mut [Value], name: &str, dependency: Value) {
        let package = packages.iter_mut().find(|package| package["name"] == name).expect("a row");
        package["dependencies"].as_array_mut().expect("a list").push(dependency);
    }

    #[test]
    fn the_table_itself_is_clean() {
        assert_eq!(workspace(|_| ()), Vec::<String>::new());
    }

    #[test]
    fn a_forbidden_edge_is_found() {
        let core = workspace(|all| {
            add(all, "invitations-core", json!({ "name": "meetings-http", "kind": null, "optional": true }))
        });
        assert_eq!(core, ["invitations-core must not depend on meetings-http"]);
        let peers = workspace(|all| add(all, "graph-meetings", json!({ "name": "webex-meetings", "kind": "dev" })));
        assert_eq!(peers, ["graph-meetings depends on webex-meetings, if only in tests"]);
        let sandbox = workspace(|all| add(all, "meetings-sandbox", json!({ "name": "graph-meetings", "kind": "dev" })));
        assert_eq!(sandbox, ["meetings-sandbox depends on graph-meetings, if only in tests"]);
    }

    #[test]
    fn an_edge_behind_a_feature_stays_behind_it() {
        let hard = workspace(|all| all[5]["dependencies"][1]["optional"] = json!(false));
        assert_eq!(hard.len(), 1, "{hard:?}");
        let stray = workspace(|all| all[5]["features"]["sqlite"] = json!(["dep:calendar-sync"]));
        assert_eq!(stray.len(), 1, "{stray:?}");
    }

    #[test]
    fn nothing_depends_on_the_top_and_every_published_crate_has_a_row() {
        let top = workspace(|all| {
            all.push(json!({ "name": "benches", "publish": [], "dependencies": [], "features": {} }));
            add(all, "calendar-sync", json!({ "name": "benches", "kind": null, "optional": false }));
        });
        assert_eq!(top, ["calendar-sync depends on benches, on which nothing may depend"]);
        let extra =
            workspace(|all| all.push(json!({ "name": "extra", "publish": null, "dependencies": [], "features": {} })));
        assert_eq!(extra, ["extra is published but has no row in the dependency table"]);
        let missing = workspace(|all| drop(all.remove(7)));
        assert_eq!(missing, ["meetings-sandbox stands in the table but is not in the workspace"]);
    }

    #[test]
    fn a_heavy_core_is_found() {
        assert_eq!(check_bare_core("invitations-core v0.1.0 (/repo)\nserde v1.0.0\n"), Vec::<String>::new());
        let heavy = check_bare_core("invitations-core v0.1.0 (/repo)\ntokio v1.47.0\ntokio v1.47.0 (*)\n");
        assert_eq!(heavy, ["invitations-core without features pulls in tokio"]);
        assert_eq!(check_bare_core("").len(), 1);
    }
}
