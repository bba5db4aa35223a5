//! Two processes do the same week at the same time, on one database and one sandbox.

use meetings_sandbox::{Sandbox, SandboxConfig};

use crate::{
    judge,
    run::{against, all_ok, start},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_at_once_make_everything_once() {
    let sandbox = Sandbox::start(SandboxConfig::new().with_seed(3)).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("week.db");
    let url = sandbox.url().to_string();
    let (one, two) = (start(against(&url, &db)), start(against(&url, &db)));
    let both = tokio::task::spawn_blocking(move || (one.wait_with_output(), two.wait_with_output()));
    let (one, two) = both.await.unwrap();
    all_ok(&one.unwrap()).unwrap();
    all_ok(&two.unwrap()).unwrap();
    assert_eq!(judge::problems(&sandbox.state()), Vec::<String>::new());
}
