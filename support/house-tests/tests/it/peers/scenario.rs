//! What an application does, through a client that knows nothing of us.

use meetings_sandbox::{AuthorizationSide, Sandbox, SandboxConfig, defaults};

use super::{run, text};

/// As many as the script has: one that ends early has not passed.
const STEPS: usize = 23;

#[tokio::test(flavor = "multi_thread")]
async fn ciscos_python_client_gets_along_with_the_sandbox() {
    let start = "2026-09-01T00:00:00Z".parse().expect("a time");
    let sandbox = Sandbox::start(SandboxConfig::new().frozen_at(start)).await.expect("a sandbox");
    let token = sandbox.access_token(AuthorizationSide::Webex, Some(defaults::ORGANIZER)).expect("a token");
    let base = sandbox.url().join("v1/").expect("a URL").to_string();
    let ran = tokio::task::spawn_blocking(move || run("scenario.py", &[&base, &token])).await.expect("ran");
    let Some(output) = ran else { return };
    let said = text(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", text(&output.stderr));
    let steps = said.lines().filter(|line| line.starts_with("step: ")).count();
    assert!(steps == STEPS, "{said}");
    println!("count: {steps} steps of webexpythonsdk at the sandbox");
}
