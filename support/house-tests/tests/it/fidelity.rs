//! The sandbox's manifest of behaviours, as it is.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use house_tests::{fidelity, workspace};

const MARK: &str = "Shown by tests, of all: ";

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => found.extend(sources(&path)),
            false => found.extend(Some(path).filter(|path| path.extension().is_some_and(|kind| kind == "rs"))),
        }
    }
    found
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// `module::name` of the sandbox's own tests, `package/module::name` of others'.
fn tests() -> BTreeSet<String> {
    let metadata = workspace::metadata().expect("cargo metadata");
    let mut all = BTreeSet::new();
    for package in workspace::packages(&metadata) {
        let folder = package.folder.join("tests/it");
        let prefix = if package.name == "meetings-sandbox" { String::new() } else { format!("{}/", package.name) };
        for file in sources(&folder) {
            let module = file.strip_prefix(&folder).expect("below it").with_extension("");
            let module: Vec<_> =
                module.iter().map(|part| part.to_string_lossy()).filter(|part| part != "mod").collect();
            let names = fidelity::tests(&text(&file));
            all.extend(names.into_iter().map(|name| format!("{prefix}{}::{name}", module.join("::"))));
        }
    }
    all
}

#[test]
fn the_manifest_fits_the_sandbox_and_its_tests() {
    let sandbox = workspace::root().join("support/meetings-sandbox");
    let rows = fidelity::read(&text(&sandbox.join("fidelity/manifest.jsonl"))).expect("rows");
    let operations = sources(&sandbox.join("src")).iter().flat_map(|file| fidelity::operations(&text(file))).collect();
    let differences = text(&sandbox.join("DIFFERENCES.md"));
    assert_eq!(fidelity::findings(&rows, &operations, &tests(), &differences), Vec::<String>::new());

    let score = fidelity::score(&rows);
    eprintln!("fidelity: {score}");
    let readme = sandbox.join("README.md");
    let said = text(&readme);
    let (before, rest) = said.split_once(MARK).expect("README.md has a place for the score");
    let (_, after) = rest.split_once('\n').expect("a line");
    let right = format!("{before}{MARK}{score}.\n{after}");
    if std::env::var_os("UPDATE_PAGES").is_some() {
        fs::write(&readme, &right).expect("written");
    }
    assert!(text(&readme) == right, "README.md of the sandbox does not say {score}: run this test with UPDATE_PAGES=1");
}
