//! The page of the table is generated, and the table holds what the design's own table says.

use std::{collections::BTreeSet, path::PathBuf};

use super::*;
use crate::invitation::machine::table::{CommandKind, ROWS, Row, To, markdown, mermaid};

/// What the page must say: table and diagram. `UPDATE_PAGES=1 cargo test page` writes it.
#[test]
fn the_page_is_what_the_table_says() {
    let page = format!("{}\n```mermaid\n{}```\n", markdown(), mermaid());
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/invitation/machine/table/table.md");
    if std::env::var_os("UPDATE_PAGES").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap();
    assert!(there == page, "write {} anew: UPDATE_PAGES=1 cargo test page", path.display());
}

#[test]
fn rows_have_their_own_names_in_order_and_closed_phases_absorb() {
    let names: Vec<_> = ROWS.iter().map(|row| row.id).collect();
    let unique: BTreeSet<_> = names.iter().collect();
    assert_eq!(unique.len(), names.len());
    for row in ROWS {
        let closed = row.from.iter().any(|phase| PhaseKind::CLOSED.contains(phase));
        assert!(!closed || row.to == [To::Same], "{} leads out of a closed phase", row.id);
    }
}

/// From nothing every phase can be reached, and from every open phase rest can be.
#[test]
fn every_phase_is_reached_and_rest_is_reached_from_every_phase() {
    let edges: Vec<_> =
        ROWS.iter().flat_map(|row| row.from.iter().map(move |from| (*from, row.targets(*from)))).collect();
    let mut reached = BTreeSet::from([PhaseKind::New]);
    let mut resting: BTreeSet<_> = PhaseKind::CLOSED.into_iter().chain([PhaseKind::Fulfilled]).collect();
    for _ in 0..edges.len() {
        for (from, to) in &edges {
            if reached.contains(from) {
                reached.extend(to);
            }
            if to.iter().any(|to| resting.contains(to)) {
                resting.insert(*from);
            }
        }
    }
    for phase in PhaseKind::OPEN.into_iter().chain(PhaseKind::CLOSED) {
        assert!(reached.contains(&phase), "{phase:?} is never reached");
        assert!(resting.contains(&phase), "no way from {phase:?} to rest");
    }
}

/// The design's table, `models/table.py`, where it is there: the same phases, command and ends in every one of its 74 rows.
#[test]
fn the_first_rows_are_the_designs() {
    let specs = std::env::var_os("SPECS_DIR").map_or_else(|| PathBuf::from("../../shared"), PathBuf::from);
    let Ok(model) = std::fs::read_to_string(specs.join("models/table.py")) else {
        println!("skipped: no models/table.py below SPECS_DIR (default ../shared)");
        return;
    };
    // beyond the model: what a found last effect, and an absent last undo, lead to
    let wider = ["T50", "T71"];
    let lines: Vec<_> = model.lines().filter(|line| line.starts_with("t(")).collect();
    assert_eq!(lines.len(), 74);
    for (row, line) in ROWS.iter().zip(lines) {
        let (from, command, to) = model_row(line);
        let ours: Vec<_> = row.from.iter().map(|phase| name(*phase)).collect();
        assert_eq!(ours, from, "{}", row.id);
        assert_eq!(format!("{:?}", row.command), command, "{}", row.id);
        let ends: Vec<_> = row.to.iter().map(end).collect();
        assert!(to.iter().all(|to| ends.contains(to)), "{}: {ends:?} has not all of {to:?}", row.id);
        assert!(wider.contains(&row.id) || ends.len() == to.len(), "{}: {ends:?} is more than {to:?}", row.id);
    }
}

fn name(phase: PhaseKind) -> String {
    if phase == PhaseKind::New { "NEW".to_owned() } else { format!("{phase:?}") }
}

fn end(to: &To) -> String {
    match to {
        To::Same => "(same)".to_owned(),
        To::Target => "target".to_owned(),
        To::Phase(phase) => name(*phase),
    }
}

/// Phases, command and ends of a line `t(from, "command", "guard", to, …)`; a list stands in brackets.
fn model_row(line: &str) -> (Vec<String>, String, Vec<String>) {
    let mut values: Vec<Vec<String>> = Vec::new();
    let mut rest = line.trim_start_matches("t(");
    while values.len() < 4 {
        let (value, left) = next(rest);
        values.push(value);
        rest = left.trim_start_matches([',', ' ']);
    }
    let command = values[1][0].split('(').next().unwrap().to_owned();
    (values[0].clone(), command, values[3].clone())
}

fn next(text: &str) -> (Vec<String>, &str) {
    if let Some(list) = text.strip_prefix('[') {
        let (inside, rest) = list.split_once(']').unwrap();
        return (inside.split(',').map(|one| one.trim_matches('"').to_owned()).collect(), rest);
    }
    match text.strip_prefix('"') {
        Some(quoted) => {
            let (inside, rest) = quoted.split_once('"').unwrap();
            (vec![inside.to_owned()], rest)
        }
        None => {
            let (word, rest) = text.split_once(',').unwrap();
            (vec![word.to_owned()], rest)
        }
    }
}

#[test]
fn every_command_has_a_row_or_a_named_refusal() {
    let known = |kind: &CommandKind| ROWS.iter().any(|row: &Row| row.command == *kind);
    let without: Vec<_> = CommandKind::ALL.into_iter().filter(|kind| !known(kind)).collect();
    assert_eq!(without, [CommandKind::ChangeOccurrence]);
}

/// Each row has a test of its own beside the search: one whose name carries it.
#[test]
fn every_row_has_a_named_test() {
    let sources = [
        include_str!("after.rs"),
        include_str!("answers.rs"),
        include_str!("changes.rs"),
        include_str!("counters.rs"),
        include_str!("effects.rs"),
        include_str!("ticks.rs"),
        include_str!("undo.rs"),
    ];
    let names = sources.iter().flat_map(|source| source.lines()).filter(|line| line.starts_with("fn row_"));
    let named: BTreeSet<String> = names.flat_map(|line| line.split('_').map(str::to_uppercase)).collect();
    let missing: Vec<_> = ROWS.iter().map(|row| row.id).filter(|id| !named.contains(*id)).collect();
    assert_eq!(missing, Vec::<&str>::new());
}
