//! What the week came to: for people, and as data.

use serde_json::{Value, json};

/// The widest line.
const WIDTH: usize = 100;

#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) systems: Vec<SystemReport>,
    pub(crate) calls: Vec<(&'static str, u64)>,
}

#[derive(Debug)]
pub(crate) struct SystemReport {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    pub(crate) items: Vec<Item>,
}

/// One thing that was asked for, and what exists now.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) asked: String,
    pub(crate) now: String,
    /// Where it can be seen. Shown in full as data; shortened for the eye.
    pub(crate) link: Option<String>,
    pub(crate) ok: bool,
}

impl Item {
    pub(crate) fn new(asked: impl Into<String>, now: impl Into<String>, ok: bool) -> Self {
        Self { asked: asked.into(), now: now.into(), link: None, ok }
    }
}

impl SystemReport {
    pub(crate) fn new(name: &'static str, what: &'static str) -> Self {
        Self { name, what, items: Vec::new() }
    }

    fn ok(&self) -> bool {
        self.items.iter().all(|item| item.ok)
    }
}

impl Report {
    pub(crate) fn ok(&self) -> bool {
        self.systems.iter().all(SystemReport::ok)
    }

    pub(crate) fn json(&self) -> String {
        let systems: Vec<Value> = self
            .systems
            .iter()
            .map(|system| {
                let items: Vec<Value> = system
                    .items
                    .iter()
                    .map(|item| json!({ "asked": item.asked, "now": item.now, "link": item.link, "ok": item.ok }))
                    .collect();
                json!({ "name": system.name, "ok": system.ok(), "items": items })
            })
            .collect();
        let calls: serde_json::Map<_, _> =
            self.calls.iter().map(|(name, count)| (name.replace(' ', "_"), json!(count))).collect();
        json!({ "systems": systems, "calls": calls }).to_string()
    }

    pub(crate) fn text(&self) -> String {
        let mut lines = vec!["A week of invitations, meetings and calendars".to_owned(), String::new()];
        for system in &self.systems {
            let mark = if system.ok() { "ok" } else { "NOT OK" };
            lines.push(clip(&format!("{}: {} ({mark})", system.name, system.what)));
            for item in &system.items {
                let mark = if item.ok { ' ' } else { '!' };
                lines.push(clip(&format!(" {mark} {:<59} {}", item.asked, item.now)));
                if let Some(link) = &item.link {
                    lines.push(clip(&format!("     {link}")));
                }
            }
            lines.push(String::new());
        }
        let counts: Vec<_> = self.calls.iter().map(|(name, count)| format!("{count} {name}")).collect();
        lines.push(clip(&counts.join(", ")));
        lines.push(if self.ok() {
            "All five systems are ok.".to_owned()
        } else {
            "Something is left to do.".to_owned()
        });
        lines.join("\n")
    }
}

fn clip(line: &str) -> String {
    if line.chars().count() <= WIDTH {
        return line.trim_end().to_owned();
    }
    line.chars().take(WIDTH - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_clipped_and_data_is_whole() {
        let mut system = SystemReport::new("lessons", "paid lessons have a meeting");
        let mut item = Item::new("x".repeat(80), "y".repeat(80), true);
        item.link = Some("https://teams.example/".repeat(9));
        system.items.push(item);
        let report = Report { systems: vec![system], calls: vec![("calls to Microsoft", 3)] };
        assert!(report.text().lines().all(|line| line.chars().count() <= WIDTH));
        let data: Value = serde_json::from_str(&report.json()).unwrap();
        assert_eq!(data["systems"][0]["items"][0]["link"].as_str().unwrap().len(), 22 * 9);
        assert_eq!(data["calls"]["calls_to_Microsoft"], 3);
    }
}
