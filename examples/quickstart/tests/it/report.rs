//! What a newcomer sees.

use crate::run::{WEEK, all_ok, quickstart, said};

/// Ids and links differ from run to run; the words do not.
fn words(text: &str) -> String {
    let line = |line: &str| {
        let trimmed = line.trim_start();
        if trimmed.starts_with("https://") { "     <link>".to_owned() } else { line.to_owned() }
    };
    let digits = |text: String| text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect::<String>();
    let lines: Vec<_> = text.lines().map(line).collect();
    let (counts, rest): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| line.contains(" calls to Microsoft"));
    assert_eq!(counts.len(), 1, "{text}");
    let _ = digits(counts.concat());
    rest.join("\n")
}

#[test]
fn the_report_is_a_page_to_enjoy() {
    let output = quickstart(&[WEEK]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.lines().count() <= 60, "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    let wanted = include_str!("../report.txt");
    assert_eq!(words(&text).trim(), wanted.trim(), "\n--- printed:\n{text}");
}

#[test]
fn the_same_as_data() {
    let output = quickstart(&[WEEK, "--json", "--timing", "demo"]).output().unwrap();
    all_ok(&output).unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(report["calls"]["tokens_refreshed"].as_u64().unwrap() >= 2, "{report}");
}

#[test]
fn with_a_database_the_same_command_again_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("week.db");
    let run = || quickstart(&[WEEK, "--db", db.to_str().unwrap(), "--json", "--timing", "demo"]).output().unwrap();
    all_ok(&run()).unwrap();
    let links = |output: &std::process::Output| {
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        report["systems"][1]["items"].clone()
    };
    let (second, third) = (run(), run());
    all_ok(&second).unwrap();
    assert_eq!(links(&second), links(&third));
}

#[test]
fn the_database_holds_no_link_in_the_clear() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("week.db");
    let output = quickstart(&[WEEK, "--db", db.to_str().unwrap(), "--json", "--timing", "demo"]).output().unwrap();
    all_ok(&output).unwrap();
    let mut bytes = Vec::new();
    for file in ["week.db", "week.db-wal"] {
        bytes.extend(std::fs::read(folder.path().join(file)).unwrap_or_default());
    }
    assert!(bytes.len() > 10_000);
    // every JWT has ".eyJ" before its claims; "eyJ" alone turns up by chance in the base64 of sealed data, which has no dot
    for secret in ["meetup-join", "webex.example/m", "inv1_", "inviteRedeem", ".eyJ"] {
        let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
        assert!(!found, "{secret} stands in the database");
    }
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let links: Vec<_> = report["systems"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|one| one["items"].as_array().unwrap())
        .filter_map(|item| item["link"].as_str())
        .collect();
    assert!(links.len() >= 4, "{report}");
    for link in links {
        assert!(!bytes.windows(link.len()).any(|part| part == link.as_bytes()), "a join link stands in the database");
    }
}
