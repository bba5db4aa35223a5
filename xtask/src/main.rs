//! The commands of this repository; `cargo xtask help` lists them.
//!
//! Linux and macOS: processes are ended through `ps` and `kill`.
#![expect(clippy::print_stdout, reason = "a command line talks to a person")]

mod bench;
mod check;
mod ci;
mod environment;
mod features;
mod fuzz;
mod package;
mod postgres;
mod process;
mod public_api;
mod soak;
mod stage;
mod summary;
mod test;
mod tools;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask test [--long]               the whole test suite; --long adds the heavy stages
cargo xtask ci                          everything a change must pass: cheap checks first, then test --long, then the rest
cargo xtask check                       the cheap checks alone
cargo xtask check-features              every published crate with no, each and all features but the system's TLS
cargo xtask check-system-tls            the same with the system's TLS, which needs OpenSSL's headers
cargo xtask public-api [--write]        compare (or write) public-api.txt of every published crate
cargo xtask package                     pack the published crates and build a consumer outside the workspace
cargo xtask postgres -- COMMAND…        run COMMAND with DATABASE_URL set to a throwaway PostgreSQL
cargo xtask soak STAGE --minutes N      one long stage with its budget set to N minutes
cargo xtask fuzz [SECONDS]               the fuzz targets (support/fuzz), each for so many seconds (20)
cargo xtask bench [NAME [NUMBER…]]      measurements (benches/README.md): all, or one; nothing runs them but this
cargo xtask help                        this list

Environment: CI=true (nothing may be skipped), DATABASE_URL (a PostgreSQL that is already there), LONG_BUDGET_S (seconds
for each long stage), SPECS_DIR (default ../shared), XTASK_TOOLS (default ~/.cache/invitations-tools).";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["test"] => test::run(false),
        ["test", "--long"] => test::run(true),
        ["ci"] => ci::run(),
        ["check"] => check::run(),
        // parts of `ci` that it calls in a process of their own
        ["check-features"] => ci::check_features(),
        ["check-system-tls"] => ci::check_system_tls(),
        ["public-api"] => public_api::run(false),
        ["public-api", "--write"] => public_api::run(true),
        ["package"] => package::run(),
        ["postgres", "--", command @ ..] if !command.is_empty() => postgres::run(command),
        ["bench", words @ ..] => bench::run(words),
        ["soak", name, "--minutes", minutes] => soak::run(name, minutes),
        ["fuzz"] => fuzz::run("20"),
        ["fuzz", seconds] => fuzz::run(seconds),
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        _ => Err(format!("`{}` is not a command:\n\n{HELP}", words.join(" "))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
