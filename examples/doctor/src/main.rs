//! What is wrong with the set-up, as a table: `cargo run --bin doctor -- --sandbox`.
#![expect(clippy::print_stdout, reason = "a command prints")]

mod args;
mod connections;
mod live;
mod offline;

use std::{process::ExitCode, sync::Arc};

use args::Args;
use invitations_core::{
    doctor::{Diagnosis, Doctor, Verdict},
    runtime::SystemClock,
};
use serde_json::json;

type Failure = Box<dyn std::error::Error + Send + Sync>;

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
        Err(problem) => return misused(&problem),
    };
    let diagnosis = match diagnose(&args).await {
        Ok(diagnosis) => diagnosis,
        Err(problem) => return misused(&problem.to_string()),
    };
    println!("{}", if args.json { data(&diagnosis) } else { diagnosis.to_string() });
    if diagnosis.verdict() == Verdict::Fail { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn misused(problem: &str) -> ExitCode {
    eprintln!("doctor: {problem}");
    ExitCode::from(2)
}

async fn diagnose(args: &Args) -> Result<Diagnosis, Failure> {
    let doctor = Doctor::new(Arc::new(SystemClock));
    if args.sandbox {
        let (_sandbox, doctor) = offline::doctor(args, doctor).await?;
        return Ok(doctor.diagnose().await);
    }
    let live = live::Live::from(args, |name| std::env::var(name).ok())?;
    Ok(live.doctor(args, doctor).await?.diagnose().await)
}

/// One object per finding.
fn data(diagnosis: &Diagnosis) -> String {
    let findings = diagnosis.iter().map(|(examined, finding)| {
        let remedy = finding.remedy.as_ref();
        json!({
            "examined": examined,
            "question": finding.question.as_str(),
            "verdict": match finding.verdict {
                Verdict::Ok => "ok",
                Verdict::NotAsked => "not_asked",
                Verdict::Warn => "warn",
                Verdict::Fail => "fail",
            },
            "about": finding.subject,
            "detail": finding.detail,
            "remedy": remedy.map(|remedy| &remedy.action),
            "docs": remedy.and_then(|remedy| remedy.docs.as_ref()).map(url::Url::as_str),
            "commands": remedy.map(|remedy| &remedy.commands),
        })
    });
    findings.map(|finding| finding.to_string()).collect::<Vec<_>>().join("\n")
}
