//! Other people's software: what it does at the sandbox, and what it does where we do otherwise.
//!
//! Cisco's own Python client, at one version. `cargo xtask test --long` installs it and names its interpreter in `WEBEX_PYTHON`.

mod foreign_link;
mod scenario;

use std::process::{Command, Output};

/// Runs a script beside this file; `None` where the client is not there.
fn run(script: &str, arguments: &[&str]) -> Option<Output> {
    let Some(python) = std::env::var_os("WEBEX_PYTHON") else {
        eprintln!(
            "SKIPPED: WEBEX_PYTHON names no interpreter; `cargo xtask test --long` makes one with webexpythonsdk"
        );
        return None;
    };
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/peers").join(script);
    let mut command = Command::new(python);
    // -I: nothing of this folder or of the user's is imported; no proxy stands between it and this machine
    command.arg("-I").arg("-B").arg(file).args(arguments).env("NO_PROXY", "*").env("no_proxy", "*");
    Some(command.output().expect("the interpreter that WEBEX_PYTHON names"))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
