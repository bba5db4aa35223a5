//! Programs that the checks need and that cargo or Debian can install.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::process;

const INSTALL_LIMIT: Duration = Duration::from_secs(1_500);

/// A cargo subcommand at the one version whose output the repository was written against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
}

pub(crate) const DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };
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
