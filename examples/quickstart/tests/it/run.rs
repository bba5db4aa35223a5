//! Runs the program.

use std::{
    path::Path,
    process::{Child, Command, Output, Stdio},
};

pub(crate) const WEEK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/week.json");

pub(crate) fn quickstart(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quickstart"));
    command.args(arguments).stdin(Stdio::null()).env_remove("RUST_LOG");
    for name in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env_remove(name);
    }
    command
}

pub(crate) fn against(sandbox: &str, db: &Path) -> Command {
    let db = db.to_str().expect("a temporary path is text");
    quickstart(&[WEEK, "--sandbox", sandbox, "--db", db, "--timing", "demo", "--json"])
}

pub(crate) fn start(mut command: Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the quickstart starts")
}

pub(crate) fn said(output: &Output) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    format!("{}\n{out}\n{err}", output.status)
}

/// Every system ok, or what was said instead.
pub(crate) fn all_ok(output: &Output) -> Result<(), String> {
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).map_err(|_| said(output))?;
    let systems = report["systems"].as_array().ok_or_else(|| said(output))?;
    let ok = systems.len() == 5 && systems.iter().all(|system| system["ok"] == true);
    if ok && output.status.success() { Ok(()) } else { Err(said(output)) }
}
