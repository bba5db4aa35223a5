//! The page that is generated from the table.

use std::{collections::BTreeSet, fmt::Write as _};

use super::{PhaseKind, ROWS, Row, To};

/// The table in Markdown.
pub fn markdown() -> String {
    let mut page = String::from(
        "| row | phase | command | guard (else refused) | leads to | events | same commit |\n|---|---|---|---|---|---|---|\n",
    );
    for row in ROWS {
        let from: Vec<_> = row.from.iter().map(|phase| name(*phase)).collect();
        let to: Vec<_> = row.to.iter().map(|to| target(*to)).collect();
        let Row { id, command, guard, events, work, .. } = row;
        // a failing write to a String does not exist
        let _ = writeln!(
            page,
            "| {id} | {} | {command:?} | {guard} | {} | {events} | {work} |",
            from.join(", "),
            to.join(", ")
        );
    }
    page
}

/// The phases and what leads from one to another, as a Mermaid state diagram.
pub fn mermaid() -> String {
    let mut edges = BTreeSet::new();
    for row in ROWS {
        for from in row.from {
            for to in row.targets(*from).into_iter().filter(|to| to != from) {
                edges.insert((*from, to));
            }
        }
    }
    let mut page = String::from("stateDiagram-v2\n");
    for (from, to) in edges {
        let commands: BTreeSet<_> = ROWS
            .iter()
            .filter(|row| row.from.contains(&from) && row.targets(from).contains(&to))
            .map(|row| format!("{:?}", row.command))
            .collect();
        let commands = commands.into_iter().collect::<Vec<_>>().join(", ");
        let begin = if from == PhaseKind::New { "[*]".to_owned() } else { format!("{from:?}") };
        let _ = writeln!(page, "    {begin} --> {to:?}: {commands}");
    }
    page
}

fn name(phase: PhaseKind) -> String {
    match phase {
        PhaseKind::New => "(none)".to_owned(),
        other => format!("{other:?}"),
    }
}

fn target(to: To) -> String {
    match to {
        To::Same => "(same)".to_owned(),
        To::Target => "target".to_owned(),
        To::Phase(phase) => name(phase),
    }
}
