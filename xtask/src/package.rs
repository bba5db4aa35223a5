//! `cargo xtask package`: the published crates as an embedder gets them, and one consumer outside the workspace.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use house_tests::workspace::{self, Package};

use crate::process;

const LIMIT: Duration = Duration::from_secs(1_200);

/// A program that names a type of each crate it depends on.
const CONSUMER: &str = include_str!("../consumer/main.rs");

/// What the consumer adds, as an embedder would.
const ADDED: &[&str] = &[
    "calendar-sync",
    "graph-meetings",
    "invitations-core",
    "invitations-notify",
    "invitations-sqlx",
    "webex-meetings",
];

/// What every package must carry.
const CARRIED: &[&str] = &["Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];

pub(crate) fn run() -> Result<(), String> {
    let metadata = workspace::metadata()?;
    let target = PathBuf::from(metadata["target_directory"].as_str().unwrap_or("target"));
    let packages: Vec<Package> =
        workspace::packages(&metadata).into_iter().filter(|package| package.publishable).collect();
    let version =
        metadata["packages"].as_array().into_iter().flatten().find(|found| found["name"] == "invitations-core");
    let version = version.and_then(|found| found["version"].as_str()).ok_or("invitations-core has no version")?;
    pack(&packages)?;
    let outside = Outside::new()?;
    for package in &packages {
        unpack(&target.join("package").join(format!("{}-{version}.crate", package.name)), &outside.0)?;
        for file in CARRIED {
            if !outside.0.join(format!("{}-{version}", package.name)).join(file).is_file() {
                return Err(format!("the package {} does not carry {file}", package.name));
            }
        }
    }
    build_consumer(&outside.0, &packages, version, &target)
}

fn pack(packages: &[Package]) -> Result<(), String> {
    let mut command = process::cargo();
    command.args(["package", "--quiet", "--locked", "--no-verify", "--allow-dirty"]);
    command.args(packages.iter().flat_map(|package| ["-p", &package.name]));
    process::run(&mut command, LIMIT)
}

fn unpack(archive: &Path, folder: &Path) -> Result<(), String> {
    process::output(Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(folder)).map(drop)
}

fn build_consumer(outside: &Path, packages: &[Package], version: &str, target: &Path) -> Result<(), String> {
    let folder = outside.join("consumer");
    let write =
        |path: &Path, text: &str| std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()));
    std::fs::create_dir_all(folder.join("src")).map_err(|error| format!("{}: {error}", folder.display()))?;
    write(&folder.join("Cargo.toml"), &manifest(packages, version))?;
    write(&folder.join("src/main.rs"), CONSUMER)?;
    // the versions that the workspace was tested with, all of which are in cargo's cache
    let lock = house_tests::files::read(&workspace::root().join("Cargo.lock"))?;
    write(&folder.join("Cargo.lock"), &lock)?;
    let mut command = process::cargo();
    command.current_dir(&folder).env("CARGO_TARGET_DIR", target.join("consumer"));
    command.args(["build", "--offline"]);
    process::run(&mut command, LIMIT)
}

fn manifest(packages: &[Package], version: &str) -> String {
    let added = ADDED.iter().map(|name| format!("{name} = \"{version}\"\n")).collect::<String>();
    let patched = packages.iter().map(|package| {
        let name = &package.name;
        format!("{name} = {{ path = \"../{name}-{version}\" }}\n")
    });
    format!(
        "[package]\nname = \"consumer\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n[workspace]\n\n\
         [dependencies]\n{added}\n[patch.crates-io]\n{}",
        patched.collect::<String>()
    )
}

/// A folder outside the workspace, removed at the end.
struct Outside(PathBuf);

impl Outside {
    fn new() -> Result<Self, String> {
        let folder = std::env::temp_dir().join(format!("invitations-consumer-{}", std::process::id()));
        std::fs::create_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
