//! What the surroundings say: continuous integration, folders, the clock of this command line.

use std::path::PathBuf;
use std::time::Instant;

use house_tests::workspace;

/// In continuous integration nothing may be skipped.
pub(crate) fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}

/// The folder with specifications, fixtures and models, if it is there.
pub(crate) fn specs() -> Option<PathBuf> {
    let folder = workspace::root().join(std::env::var_os("SPECS_DIR").unwrap_or_else(|| "../shared".into()));
    folder.canonicalize().ok()
}

/// Where builds go.
pub(crate) fn target() -> PathBuf {
    let named = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    workspace::root().join(named.unwrap_or_else(|| "target".into()))
}

/// Whether packages may be installed: root on Debian or one of its children.
pub(crate) fn may_install() -> bool {
    is_root() && PathBuf::from("/etc/debian_version").exists()
}

pub(crate) fn is_root() -> bool {
    let id = std::process::Command::new("id").arg("-u").output();
    id.is_ok_and(|done| done.stdout.trim_ascii() == b"0")
}

/// The one source of time here: stages are timed for a person to read, and stopped when they run over.
#[expect(clippy::disallowed_methods, reason = "a command line has no injected clock")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
