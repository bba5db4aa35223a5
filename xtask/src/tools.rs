//! Programs that the checks need and that cargo or Debian can install.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::{environment, process};

const INSTALL_LIMIT: Duration = Duration::from_secs(1_500);

/// A cargo subcommand at the one version whose output the repository was written against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
}

pub(crate) const DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };
/// Of `@stoplight/prism-cli`.
const PRISM: &str = "5.14.2";
const WEBEX_SDK: &str = "2.0.6";
pub(crate) const PUBLIC_API: Tool = Tool { name: "cargo-public-api", version: "0.52.0" };

/// Where tools are kept between runs: `XTASK_TOOLS`, else the user's cache.
fn folder() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_else(|| ".".into()));
    std::env::var_os("XTASK_TOOLS").map_or_else(|| home().join(".cache/invitations-tools"), PathBuf::from)
}

impl Tool {
    /// The program: from the cache, from the search path, or installed now.
    pub(crate) fn find(&self) -> Result<PathBuf, String> {
        let cached = folder().join("bin").join(self.name);
        for program in [cached.clone(), PathBuf::from(self.name)] {
            if self.is_right(&program) {
                return Ok(program);
            }
        }
        println!("installing {} {} (once, some minutes)", self.name, self.version);
        let mut install = process::cargo();
        install
            .args(["install", "--locked", "--quiet", "--force", self.name, "--version", self.version, "--root"])
            .arg(folder());
        // its build is none of this workspace's
        install.env_remove("CARGO_TARGET_DIR");
        process::run(&mut install, INSTALL_LIMIT)?;
        Ok(cached)
    }

    fn is_right(&self, program: &Path) -> bool {
        // a cargo subcommand that is called directly
        let answer = process::output(Command::new(program).arg("--version"));
        answer.is_ok_and(|text| text.split_whitespace().any(|word| word == self.version))
    }
}

/// Prism, at the version the tests were written against; from the cache, or from npm. The inner error: what it needs is not here.
pub(crate) fn prism() -> Result<Result<PathBuf, String>, String> {
    if environment::specs().is_none() {
        return Ok(Err("SPECS_DIR names no folder with the document that Prism serves".to_owned()));
    }
    let folder = folder().join(format!("prism-{PRISM}"));
    let program = folder.join("node_modules/.bin/prism");
    if program.exists() {
        return Ok(Ok(program));
    }
    if process::output(Command::new("npm").arg("--version")).is_err() {
        if !environment::may_install() {
            return Ok(Err("Prism comes from npm: install Node.js and npm (Debian: nodejs, npm)".to_owned()));
        }
        install_debian(&["nodejs", "npm"])?;
    }
    println!("installing Prism {PRISM} (once)");
    let mut install = Command::new("npm");
    install.args(["install", "--no-audit", "--no-fund", "--silent", "--prefix"]).arg(&folder);
    process::run(install.arg(format!("@stoplight/prism-cli@{PRISM}")), INSTALL_LIMIT)?;
    Ok(Ok(program))
}

/// A Python with Cisco's own client, at the version the tests were written against; from the cache, or from PyPI. The inner error: there is
/// no Python.
pub(crate) fn webex_sdk() -> Result<Result<PathBuf, String>, String> {
    let folder = folder().join(format!("webexpythonsdk-{WEBEX_SDK}"));
    let python = folder.join("bin/python");
    if process::output(Command::new(&python).args(["-c", "import webexpythonsdk"])).is_ok() {
        return Ok(Ok(python));
    }
    // Debian keeps the part that makes environments in a package of its own
    let makes = || process::output(Command::new("python3").args(["-c", "import venv, ensurepip"])).is_ok();
    if !makes() {
        if !environment::may_install() {
            return Ok(Err("webexpythonsdk needs python3 with venv (Debian: python3, python3-venv)".to_owned()));
        }
        install_debian(&["python3", "python3-venv"])?;
    }
    println!("installing webexpythonsdk {WEBEX_SDK} (once)");
    process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder), INSTALL_LIMIT)?;
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    process::run(install.arg(format!("webexpythonsdk=={WEBEX_SDK}")), INSTALL_LIMIT)?;
    Ok(Ok(python))
}

/// Installs Debian packages; the caller asked `environment::may_install` first.
pub(crate) fn install_debian(packages: &[&str]) -> Result<(), String> {
    println!("installing {}", packages.join(", "));
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").args(["-qq", "-o", "Dpkg::Use-Pty=0"]).args(arguments);
        process::run(&mut command, INSTALL_LIMIT)
    };
    apt(&["update"])?;
    apt(&[&["install", "-y", "--no-install-recommends"], packages].concat())
}
