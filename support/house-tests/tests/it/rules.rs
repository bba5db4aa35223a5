//! Who depends on whom, who names whom, and what time is.

use house_tests::{clock_lint, dependencies, files, provider_names, workspace};

#[test]
fn normal_dependencies_are_those_of_the_table() {
    let metadata = workspace::metadata().expect("cargo metadata");
    assert_eq!(dependencies::check(&metadata), Vec::<String>::new());
}

#[test]
fn the_core_without_features_has_no_client_no_database_and_no_runtime() {
    let tree = workspace::bare_tree("invitations-core").expect("cargo tree");
    assert_eq!(dependencies::check_bare_core(&tree), Vec::<String>::new());
}

#[test]
fn the_core_names_no_provider() {
    let sources = workspace::root().join("invitations-core/src");
    assert_eq!(provider_names::check_core(&sources), Ok(Vec::new()));
}

#[test]
fn provider_crates_do_not_import_each_other() {
    let root = workspace::root();
    assert_eq!(provider_names::check_peer(&root.join("graph-meetings"), "webex_meetings"), Ok(Vec::new()));
    assert_eq!(provider_names::check_peer(&root.join("webex-meetings"), "graph_meetings"), Ok(Vec::new()));
}

#[test]
fn every_source_of_time_but_the_clock_is_banned() {
    let root = workspace::root();
    let clippy = files::read(&root.join("clippy.toml")).expect("clippy.toml");
    let manifest = files::read(&root.join("Cargo.toml")).expect("the workspace manifest");
    assert_eq!(clock_lint::check(&clippy, &manifest), Vec::<String>::new());
}
