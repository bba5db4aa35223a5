//! Against the sandbox: the table of a healthy set-up, and of a sick one.

use std::collections::BTreeSet;

use crate::run::{doctor, said};

/// The day on which something ends is reckoned from today.
fn undated(text: &str) -> String {
    let line = |line: &str| match line.split_once(": ends 20") {
        Some((before, after)) if !after.starts_with("99") => {
            format!("{before}: ends <day>{}", after.get("26-12-10".len()..).unwrap_or_default())
        }
        _ => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn prints(arguments: &[&str], wanted: &str, code: i32) -> String {
    let output = doctor(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{}", said(&output));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(undated(&text).trim(), wanted.trim(), "\n--- printed:\n{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    let everything = said(&output);
    for secret in ["sandbox~", "sandbox-webex", "sandbox-at", "sandbox-rt", "eyJ", "of-last-year"] {
        assert!(!everything.contains(secret), "{secret}: {everything}");
    }
    text
}

#[test]
fn a_healthy_set_up() {
    prints(&["--sandbox"], include_str!("../healthy.txt"), 0);
}

#[test]
fn a_sick_set_up_says_what_to_do_about_each() {
    let text = prints(&["--sandbox", "--broken"], include_str!("../sick.txt"), 1);
    let sick = text.lines().filter(|line| line.starts_with("  FAIL") || line.starts_with("  warn")).count();
    assert_eq!(text.matches("-> ").count(), sick, "{text}");
}

#[test]
fn the_same_as_data() {
    let output = doctor(&["--sandbox", "--broken", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    let findings: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let verdicts: BTreeSet<_> = findings.iter().map(|finding| finding["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, BTreeSet::from(["fail", "ok", "warn"]));
    let permissions = findings.iter().find(|finding| finding["question"] == "permissions").unwrap();
    assert!(permissions["commands"].as_array().unwrap().len() > 5, "{permissions}");
}
