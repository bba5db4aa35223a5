//! A week of five systems, offline, in one command: `cargo run --bin quickstart`.
//!
//! Reads `examples/data/week.json`, carries it out through the crates of this repository against a sandbox, and says what exists now.
#![expect(clippy::print_stdout, reason = "a command prints")]

mod args;
mod browser;
mod counting;
mod live;
mod mailbox;
mod report;
mod sandbox;
mod services;
mod systems;
mod week;

use std::process::ExitCode;

use args::Args;
use report::Report;

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let args = match Args::parse(std::env::args().skip(1)) {
        Ok(Some(args)) => args,
        Ok(None) => {
            println!("{}", args::HELP);
            return ExitCode::SUCCESS;
        }
        Err(problem) => return fail(&problem, 2),
    };
    match run(&args).await {
        Ok(report) => {
            println!("{}", if args.json { report.json() } else { report.text() });
            if report.ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(problem) => fail(&problem.to_string(), 2),
    }
}

fn fail(problem: &str, code: u8) -> ExitCode {
    eprintln!("quickstart: {problem}");
    ExitCode::from(code)
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn run(args: &Args) -> Result<Report, Failure> {
    // a bad file is refused before anything is opened or sent
    let week = week::read(&args.week)?;
    let services = services::open(args, &week).await?;
    let report = systems::run(&services, &week).await;
    services.close().await;
    report
}

/// An error with its causes and its remedy, in one line.
pub(crate) fn explain(error: &invitations_core::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    match error.remedy() {
        Some(remedy) => format!("{text}. {remedy}"),
        None => text,
    }
}
