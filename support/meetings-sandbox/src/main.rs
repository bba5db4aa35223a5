//! `meetings-sandbox --port N [--state FILE] [--seed N] [--tls FILE]`: runs until it is killed.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use meetings_sandbox::{Sandbox, SandboxConfig};

const USAGE: &str = "usage: meetings-sandbox [--port N] [--state FILE] [--seed N] [--tls FILE]

  --port N      port on 127.0.0.1 (default 0: a free one)
  --state FILE  keep the state in this file across restarts
  --seed N      where all ids come from (default 0)
  --tls FILE    answer over https; the certificate to trust is written to this file (feature `tls`)
  --help        this text
";

enum Wanted {
    /// And where the certificate of the authority goes.
    Run(SandboxConfig, Option<PathBuf>),
    Help,
}

#[tokio::main]
async fn main() -> ExitCode {
    match wanted(std::env::args().skip(1)) {
        Ok(Wanted::Help) => say(USAGE),
        Ok(Wanted::Run(config, authority)) => run(config, authority.as_deref()).await,
        Err(message) => {
            eprintln!("{message}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn wanted(mut arguments: impl Iterator<Item = String>) -> Result<Wanted, String> {
    let mut config = SandboxConfig::new();
    let mut authority = None;
    while let Some(flag) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{flag} needs a value"));
        match flag.as_str() {
            "--help" | "-h" => return Ok(Wanted::Help),
            "--port" => config.port = number(&flag, &value()?)?,
            "--seed" => config.seed = number(&flag, &value()?)?,
            "--state" => config.state_file = Some(value()?.into()),
            "--tls" if cfg!(feature = "tls") => authority = Some(value()?.into()),
            "--tls" => return Err("this program was built without feature `tls`".to_owned()),
            _ => return Err(format!("unknown argument {flag}")),
        }
    }
    Ok(Wanted::Run(config, authority))
}

fn number<N: std::str::FromStr>(flag: &str, text: &str) -> Result<N, String> {
    text.parse().map_err(|_| format!("{flag} needs a number, not {text}"))
}

async fn run(config: SandboxConfig, authority: Option<&Path>) -> ExitCode {
    let sandbox = match start(config, authority).await {
        Ok(sandbox) => sandbox,
        Err(error) => {
            eprintln!("the sandbox cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    say(&format!("listening on {}\n", sandbox.url()));
    // a closed terminal or Ctrl-C ends the process; without signals it runs until it is killed
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
    sandbox.stop();
    ExitCode::SUCCESS
}

/// The certificate is there before anybody is told where to connect.
async fn start(config: SandboxConfig, authority: Option<&Path>) -> io::Result<Sandbox> {
    #[cfg(feature = "tls")]
    if let Some(file) = authority {
        let sandbox = Sandbox::start(config.with_tls()).await?;
        std::fs::write(file, sandbox.certificate_authority().unwrap_or_default())?;
        return Ok(sandbox);
    }
    let _ = authority;
    Sandbox::start(config).await
}

fn say(text: &str) -> ExitCode {
    let mut out = io::stdout().lock();
    let said = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    if said.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
