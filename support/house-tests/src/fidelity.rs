//! The list of what the sandbox does like the real services, held against its code, its tests and its list of differences.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// How well a behaviour of the real service is known, best first.
pub const EVIDENCE: [&str; 4] = ["documented", "observed", "inferred", "chosen"];

/// One behaviour.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Row {
    /// The name in the journal; `graph.*` for every call of Graph.
    pub operation: String,
    /// What happens.
    pub behaviour: String,
    /// One of [`EVIDENCE`].
    pub evidence: String,
    /// Where it is documented or was observed; of what was chosen, the words under which the list of differences has it.
    pub source: String,
    /// The tests that show it, as `module::name`, or `package/module::name` when they are not the sandbox's own.
    pub tests: Vec<String>,
}

/// The rows of a manifest, one JSON object a line.
///
/// # Errors
/// The first line that is none, and why.
pub fn read(manifest: &str) -> Result<Vec<Row>, String> {
    let lines = manifest.lines().enumerate();
    lines.map(|(n, line)| row(line).map_err(|why| format!("line {}: {why}", n + 1))).collect()
}

fn row(line: &str) -> Result<Row, String> {
    let value: BTreeMap<String, Value> = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let keys: Vec<&str> = value.keys().map(String::as_str).collect();
    if keys != ["behaviour", "evidence", "operation", "source", "tests"] {
        return Err(format!("its members are {keys:?}"));
    }
    let text = |key: &str| match value[key].as_str() {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(format!("{key} is no text")),
    };
    let tests = value["tests"].as_array().ok_or("tests is no list")?;
    let tests = tests.iter().map(|test| test.as_str().map(str::to_owned).ok_or("a test is no text"));
    Ok(Row {
        operation: text("operation")?,
        behaviour: text("behaviour")?,
        evidence: text("evidence")?,
        source: text("source")?,
        tests: tests.collect::<Result<_, _>>()?,
    })
}

/// The operations that a source file of the sandbox names.
#[must_use]
pub fn operations(source: &str) -> BTreeSet<String> {
    let named = |word: &&str| {
        let service = ["entra.", "graph.", "webex."].iter().any(|service| word.starts_with(service));
        service && !word.ends_with('.') && word.chars().all(|c| c.is_ascii_alphabetic() || c == '.')
    };
    source.split('"').filter(named).map(str::to_owned).collect()
}

/// The tests of a source file.
#[must_use]
pub fn tests(source: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut marked = false;
    for line in source.lines().map(str::trim) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            marked = true;
        } else if let (true, Some((_, rest))) = (marked, line.split_once("fn ")) {
            found.extend(rest.split_once('(').map(|(name, _)| name.to_owned()));
            marked = false;
        }
    }
    found
}

/// What does not fit together.
#[must_use]
pub fn findings(
    rows: &[Row],
    operations: &BTreeSet<String>,
    tests: &BTreeSet<String>,
    differences: &str,
) -> Vec<String> {
    let mut findings = Vec::new();
    let mut seen = BTreeSet::new();
    for row in rows {
        let Row { operation, behaviour, evidence, source, .. } = row;
        let name = format!("{operation}, \"{behaviour}\"");
        if !seen.insert((operation, behaviour)) {
            findings.push(format!("{name} stands twice"));
        }
        if !operation.ends_with(".*") && !operations.contains(operation) {
            findings.push(format!("{name}: the sandbox has no such operation"));
        }
        if !EVIDENCE.contains(&evidence.as_str()) {
            findings.push(format!("{name}: the evidence is none of {EVIDENCE:?}"));
        }
        if evidence == "chosen" && !differences.contains(source.as_str()) {
            findings.push(format!("{name}: DIFFERENCES.md does not say \"{source}\""));
        }
        let missing = row.tests.iter().filter(|test| !tests.contains(*test));
        findings.extend(missing.map(|test| format!("{name}: there is no test {test}")));
    }
    let named: BTreeSet<&String> = rows.iter().map(|row| &row.operation).collect();
    let silent = operations.iter().filter(|operation| !named.contains(operation));
    findings.extend(silent.map(|operation| format!("the manifest says nothing of {operation}")));
    findings
}

/// How many behaviours of each kind there are, and how many of them a test shows: `documented 80/82, observed …`.
#[must_use]
pub fn score(rows: &[Row]) -> String {
    let of = |kind: &str| {
        let all: Vec<&Row> = rows.iter().filter(|row| row.evidence == kind).collect();
        format!("{kind} {}/{}", all.iter().filter(|row| !row.tests.is_empty()).count(), all.len())
    };
    EVIDENCE.map(of).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        r#"{"operation":"graph.a","behaviour":"b","evidence":"documented","source":"the source","tests":["m::t"]}"#;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn found(manifest: &str) -> Vec<String> {
        findings(&read(manifest).unwrap(), &set(&["graph.a"]), &set(&["m::t"]), "| of its own | here |")
    }

    #[test]
    fn what_fits_has_no_findings() {
        let chosen = r#"{"operation":"graph.*","behaviour":"c","evidence":"chosen","source":"of its own","tests":[]}"#;
        let both = format!("{GOOD}\n{chosen}\n");
        assert_eq!(found(&both), Vec::<String>::new());
        assert_eq!(score(&read(&both).unwrap()), "documented 1/1, observed 0/0, inferred 0/0, chosen 0/1");
    }

    #[test]
    fn what_does_not_fit_is_named() {
        for (from, to, expected) in [
            ("graph.a", "graph.b", "no such operation"),
            ("graph.a", "graph.b", "says nothing of graph.a"),
            ("documented", "believed", "the evidence is none of"),
            ("documented", "chosen", "DIFFERENCES.md does not say"),
            ("m::t", "m::u", "there is no test m::u"),
        ] {
            let findings = found(&GOOD.replace(from, to));
            assert!(findings.iter().any(|finding| finding.contains(expected)), "{to}: {findings:?}");
        }
        assert!(found(&format!("{GOOD}\n{GOOD}"))[0].contains("stands twice"));
    }

    #[test]
    fn lines_that_are_no_rows_are_named() {
        for line in
            ["", "[]", r#"{"operation":"graph.a"}"#, &GOOD.replace("the source", ""), &GOOD.replace("[\"m::t\"]", "1")]
        {
            assert!(read(&format!("{GOOD}\n{line}\n{GOOD}")).unwrap_err().starts_with("line 2: "), "{line}");
        }
    }

    #[test]
    fn operations_and_tests_are_read_out_of_sources() {
        assert_eq!(
            operations(r#"("GET", []) => ("graph.users.get", f), "graph.", "webex.{x}" "#),
            set(&["graph.users.get"])
        );
        let source =
            "#[test]\nfn one() {}\nfn helper() {}\n#[tokio::test(flavor = \"x\")]\n#[cfg(unix)]\nasync fn two() {}\n";
        assert_eq!(tests(source), set(&["one", "two"]));
    }
}
