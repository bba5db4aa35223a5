//! The workspace as cargo and the file system show it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The root folder of the repository.
#[must_use]
pub fn root() -> PathBuf {
    // this package stands two folders below the root
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).map(Path::to_path_buf).unwrap_or_default()
}

/// The cargo that runs us, or the one on the search path.
#[must_use]
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// `cargo metadata` of the workspace members, without their dependencies' own metadata.
///
/// # Errors
/// When cargo cannot be run or does not answer with JSON.
pub fn metadata() -> Result<Value, String> {
    let text = output(cargo().args(["metadata", "--format-version", "1", "--no-deps"]))?;
    serde_json::from_str(&text).map_err(|error| format!("cargo metadata is not JSON: {error}"))
}

/// The normal dependency tree of one package without default features, one `name version` a line.
///
/// # Errors
/// When cargo refuses.
pub fn bare_tree(package: &str) -> Result<String, String> {
    let arguments = ["tree", "-p", package, "--no-default-features", "-e", "normal", "--prefix", "none"];
    output(cargo().args(arguments).args(["--format", "{p}"]))
}

fn output(command: &mut Command) -> Result<String, String> {
    let done = command.output().map_err(|error| format!("{command:?} does not start: {error}"))?;
    if !done.status.success() {
        return Err(format!("{command:?} failed: {}", String::from_utf8_lossy(&done.stderr)));
    }
    String::from_utf8(done.stdout).map_err(|error| format!("{command:?} does not answer in UTF-8: {error}"))
}

/// A member of the workspace.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Package {
    /// Its name.
    pub name: String,
    /// The folder of its manifest.
    pub folder: PathBuf,
    /// Whether it goes to the registry.
    pub publishable: bool,
    /// Whether it has a library that rustdoc can describe.
    pub library: bool,
    /// Its features, without `default`, in order.
    pub features: Vec<String>,
    /// Its declared minimum Rust version.
    pub rust_version: Option<String>,
}

/// The members listed by `metadata`, in order of name.
#[must_use]
pub fn packages(metadata: &Value) -> Vec<Package> {
    let listed = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut packages: Vec<Package> = listed.iter().map(package).collect();
    packages.sort_by(|left, right| left.name.cmp(&right.name));
    packages
}

fn package(value: &Value) -> Package {
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let features = value["features"].as_object().into_iter().flatten().map(|(name, _)| name.clone());
    let targets = value["targets"].as_array().map(Vec::as_slice).unwrap_or_default();
    Package {
        name: text("name"),
        folder: Path::new(&text("manifest_path")).parent().map(Path::to_path_buf).unwrap_or_default(),
        // cargo writes null for "anywhere" and an empty list for `publish = false`
        publishable: value["publish"].is_null(),
        library: targets
            .iter()
            .any(|target| target["kind"].as_array().is_some_and(|kinds| kinds.contains(&"lib".into()))),
        features: features.filter(|name| name != "default").collect(),
        rust_version: value["rust_version"].as_str().map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_read_from_metadata() {
        let metadata = serde_json::json!({ "packages": [{
            "name": "b", "manifest_path": "/repo/b/Cargo.toml", "publish": [], "rust_version": "1.88",
            "features": { "default": ["x"], "x": [], "native-tls": [] }, "targets": [{ "kind": ["bin"] }],
        }, {
            "name": "a", "manifest_path": "/repo/a/Cargo.toml", "publish": null, "features": {}, "targets": [{ "kind": ["lib"] }],
        }] });
        let packages = packages(&metadata);
        assert_eq!(packages.iter().map(|found| found.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert!(packages[0].publishable && packages[0].library);
        assert!(!packages[1].publishable && !packages[1].library);
        assert_eq!(packages[1].features, ["native-tls", "x"]);
        assert_eq!(packages[1].folder, Path::new("/repo/b"));
    }

    #[test]
    fn the_root_holds_the_workspace() {
        assert!(root().join("clippy.toml").is_file());
    }
}
