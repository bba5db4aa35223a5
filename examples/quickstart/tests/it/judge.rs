//! What must be in the sandbox after the default week, however often the quickstart was killed.

use std::collections::BTreeMap;

use serde_json::Value;

/// Everything that is wrong.
pub(crate) fn problems(state: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    let live = |list: &str, gone: &str, name: &str| -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for one in state[list].as_array().into_iter().flatten().filter(|one| one[gone] != true) {
            *counts.entry(one[name].as_str().unwrap_or_default().to_owned()).or_default() += 1;
        }
        counts
    };
    let once =
        |names: &[&str]| -> BTreeMap<String, usize> { names.iter().map(|name| ((*name).to_owned(), 1)).collect() };
    let mut compare = |what: &str, found: BTreeMap<String, usize>, wanted: BTreeMap<String, usize>| {
        if found != wanted {
            problems.push(format!("{what}: found {found:?}, wanted {wanted:?}"));
        }
    };
    // an online event has a meeting of its own, without a key of ours
    let keyed = |one: &&Value| one["externalId"].is_string() && one["deleted"] != true;
    let mut lessons = BTreeMap::new();
    for one in state["meetings"].as_array().into_iter().flatten().filter(keyed) {
        *lessons.entry(one["subject"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
    }
    compare("Teams meetings", lessons, once(&["Maths, grade 7", "French, grade 9"]));
    compare(
        "Webex meetings",
        live("webexMeetings", "deleted", "title"),
        once(&["Berlin meets Oslo", "Berlin meets Lyon"]),
    );
    compare(
        "events",
        live("events", "isDeleted", "subject"),
        once(&["Rust for teachers", "Open evening", "Essay on rivers", "Quiz: fractions and ratios"]),
    );
    let guests = ["nora@outside.example", "omar@outside.example", "quinn@outside.example"];
    compare("guests", live("guests", "-", "email"), once(&guests));
    for (event, wanted) in [("Rust for teachers", &guests[..2]), ("Open evening", &guests[2..])] {
        let found = state["events"].as_array().into_iter().flatten().find(|one| one["subject"] == event);
        let mut attendees: Vec<&str> = found.map_or(Vec::new(), |event| {
            event["attendees"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
        });
        attendees.sort_unstable();
        if attendees != wanted {
            problems.push(format!("attendees of {event}: found {attendees:?}, wanted {wanted:?}"));
        }
    }
    problems
}

#[test]
fn an_empty_sandbox_and_a_second_copy_are_noticed() {
    assert!(problems(&serde_json::json!({})).len() >= 5);
    let twice = serde_json::json!({ "webexMeetings": [
        { "title": "Berlin meets Oslo", "deleted": false }, { "title": "Berlin meets Oslo", "deleted": false },
        { "title": "Berlin meets Lyon", "deleted": false }, { "title": "Berlin meets Rome", "deleted": true },
    ] });
    assert!(problems(&twice).iter().any(|problem| problem.contains("\"Berlin meets Oslo\": 2")));
}
