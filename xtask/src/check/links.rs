//! Relative links in Markdown lead somewhere: to a file that exists and to a heading in it.

use std::path::Path;

use house_tests::{files, workspace};

pub(super) fn check() -> Result<(), String> {
    let root = workspace::root();
    let mut findings = Vec::new();
    for path in files::below(&root, "md")? {
        let text = files::read(&path)?;
        let shown = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
        for (line, target) in links(&text) {
            if let Some(why) = broken(&path, &text, &target) {
                findings.push(format!("{shown}:{line}: `{target}` {why}"));
            }
        }
    }
    super::none(findings)
}

/// Line and target of every link that is not elsewhere on the web and not a Rust path.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in prose(text) {
        let line = without_code(line);
        let inline = line.match_indices("](").filter_map(|(at, _)| line[at + 2..].split([')', ' ']).next());
        let defined = line
            .trim_start()
            .strip_prefix('[')
            .and_then(|rest| rest.split_once("]: "))
            .map(|(_, target)| target.trim());
        for target in inline.chain(defined) {
            let elsewhere = target.contains("://") || target.starts_with("mailto:") || target.contains("::");
            if !elsewhere && !target.is_empty() {
                found.push((number, target.trim_matches(['<', '>']).to_owned()));
            }
        }
    }
    found
}

/// The numbered lines outside fenced blocks.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(number, line)| {
        let mark = line.trim_start().starts_with("```");
        fenced ^= mark;
        (!fenced && !mark).then_some((number + 1, line))
    })
}

fn without_code(line: &str) -> String {
    // every other piece between backticks is code; its link text may be code, its target is not
    line.split('`').enumerate().map(|(number, piece)| if number % 2 == 0 { piece } else { "" }).collect()
}

fn broken(file: &Path, text: &str, target: &str) -> Option<String> {
    let (path, heading) = target.split_once('#').map_or((target, None), |(path, heading)| (path, Some(heading)));
    if path.is_empty() {
        return heading.filter(|heading| !has_heading(text, heading)).map(|_| "has no such heading".to_owned());
    }
    let there = file.parent()?.join(path);
    if !there.exists() {
        return Some("leads nowhere".to_owned());
    }
    let heading = heading?;
    let other =
        if there.extension().is_some_and(|ending| ending == "md") { files::read(&there).ok()? } else { return None };
    (!has_heading(&other, heading)).then(|| "has no such heading".to_owned())
}

fn has_heading(text: &str, anchor: &str) -> bool {
    prose(text).any(|(_, line)| line.starts_with('#') && slug(line.trim_start_matches('#')) == anchor)
}

/// A heading's anchor, as the usual sites build it.
fn slug(heading: &str) -> String {
    let letters = heading.trim().chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
    letters.flat_map(char::to_lowercase).map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_links_are_read_and_others_are_not() {
        let text = "[a](b.md) [`c`](d.md#e) [w](https://x.example) [r](crate::Graph) `[no](code.md)`\n```\n[no](fence.md)\n```\n[f]: g.md\n[h](#i)";
        let found: Vec<String> = links(text).into_iter().map(|(_, target)| target).collect();
        assert_eq!(found, ["b.md", "d.md#e", "g.md", "#i"]);
    }

    #[test]
    fn a_missing_file_or_heading_is_found() {
        let readme = workspace::root().join("README.md");
        let text = "# The five lines\n";
        assert_eq!(broken(&readme, text, "Cargo.toml"), None);
        assert_eq!(broken(&readme, text, "#the-five-lines"), None);
        assert!(broken(&readme, text, "#the-six-lines").is_some());
        assert!(broken(&readme, text, "no/such/file.md").is_some());
    }

    #[test]
    fn headings_become_anchors() {
        assert_eq!(slug(" What `Debug` shows, and why"), "what-debug-shows-and-why");
    }
}
