//! `cargo xtask public-api`: everything public, as a committed text file per published crate.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use house_tests::public_api::FILE;
use house_tests::workspace::{self, Package};

use crate::{features, process, tools};

const DOCUMENT_LIMIT: Duration = Duration::from_secs(900);

/// Compares, or writes, the list of every published crate.
pub(crate) fn run(write: bool) -> Result<(), String> {
    let metadata = workspace::metadata()?;
    let target = PathBuf::from(metadata["target_directory"].as_str().unwrap_or("target")).join("public-api");
    let program = tools::PUBLIC_API.find()?;
    let mut differences = Vec::new();
    for package in workspace::packages(&metadata).iter().filter(|package| package.publishable && package.library) {
        let json = document(package, &target)?;
        // auto-derived implementations stay: the planted-secret test reads `impl Debug for …`
        let mut list = Command::new(&program);
        list.args(["--omit", "blanket-impls,auto-trait-impls", "--color", "never", "--rustdoc-json"]).arg(json);
        let list = process::output(list.current_dir(&package.folder))?;
        let file = package.folder.join(FILE);
        if write {
            std::fs::write(&file, list).map_err(|error| format!("{}: {error}", file.display()))?;
            continue;
        }
        let committed = std::fs::read_to_string(&file).unwrap_or_default();
        differences.extend(difference(&committed, &list).into_iter().map(|line| format!("{}: {line}", package.name)));
    }
    if differences.is_empty() {
        return Ok(());
    }
    Err(format!("{}\nif that is meant: cargo xtask public-api --write", differences.join("\n")))
}

/// The rustdoc description of a crate with its documented features, in a target folder of its own: the variable that
/// unlocks it on a stable compiler would make the other builds start over.
fn document(package: &Package, target: &std::path::Path) -> Result<PathBuf, String> {
    let mut command = process::cargo();
    command.env("RUSTC_BOOTSTRAP", "1").env("CARGO_TARGET_DIR", target);
    command.args(["rustdoc", "--quiet", "--locked", "--lib", "-p", &package.name, "--no-default-features"]);
    command.args(["--features", &features::explicit(package).join(",")]);
    command.args(["--", "-Z", "unstable-options", "--output-format", "json", "--cap-lints", "allow"]);
    process::run(&mut command, DOCUMENT_LIMIT)?;
    Ok(target.join("doc").join(format!("{}.json", package.name.replace('-', "_"))))
}

/// Lines that went (`-`) and came (`+`); the lists are sorted, so no alignment is needed.
fn difference(committed: &str, current: &str) -> Vec<String> {
    let has = |text: &str, line: &str| text.lines().any(|other| other == line);
    let gone = committed.lines().filter(|line| !has(current, line)).map(|line| format!("- {line}"));
    let new = current.lines().filter(|line| !has(committed, line)).map(|line| format!("+ {line}"));
    let lines: Vec<String> = gone.chain(new).collect();
    if lines.is_empty() && committed != current {
        return vec!["the order or number of equal lines changed".to_owned()];
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_and_what_came_is_shown() {
        assert_eq!(difference("a\nb\n", "a\nc\n"), ["- b", "+ c"]);
        assert_eq!(difference("a\n", "a\n"), Vec::<String>::new());
        assert_eq!(difference("a\na\n", "a\n").len(), 1);
    }
}
