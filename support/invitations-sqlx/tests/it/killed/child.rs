//! A worker as a process of its own: this test binary once more, told by an environment variable that it is one.

use std::{
    fs::OpenOptions,
    io::Read as _,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use invitations_core::{ids::WorkerId, runtime::TokioSpawner};
use tokio::sync::oneshot;

use super::setting::Setting;

const ORDER: &str = "KILLED_WORKER";

#[derive(Debug, serde::Deserialize, serde::Serialize)]
struct Order {
    name: String,
    setting: Setting,
}

/// Not a test by itself: the others start it. Without an order there is nothing to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn worker_process() {
    let Ok(order) = std::env::var(ORDER) else { return };
    let Order { name, setting } = serde_json::from_str(&order).unwrap();
    let store = setting.store().await.unwrap();
    let invitations = setting.invitations(store, Arc::new(TokioSpawner)).unwrap();
    let worker = invitations.worker(WorkerId::parse(name).unwrap());
    worker.run_until(parent_is_done()).await.unwrap();
}

/// Ends with the standard input: when the parent closes it, and when the parent is gone.
async fn parent_is_done() {
    let (over, done) = oneshot::channel();
    std::thread::spawn(move || {
        // an input that cannot be read is over too
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        over.send(())
    });
    let _ = done.await;
}

/// The parent's side of a worker process.
#[derive(Debug)]
pub(crate) struct Process {
    order: String,
    log: PathBuf,
    child: Child,
}

impl Process {
    pub(crate) fn start(name: &str, setting: &Setting) -> Self {
        let order = Order { name: name.to_owned(), setting: setting.clone() };
        let order = serde_json::to_string(&order).unwrap();
        let log = setting.folder.join(format!("{name}.log"));
        let child = spawn(&order, &log);
        Self { order, log, child }
    }

    /// `kill -9`, and the same again. A worker that ended by itself is a finding.
    pub(crate) fn kill_and_start_again(&mut self) -> Result<(), String> {
        self.kill()?;
        self.child = spawn(&self.order, &self.log);
        Ok(())
    }

    fn kill(&mut self) -> Result<(), String> {
        match self.child.try_wait() {
            Ok(None) => {}
            ended => return Err(format!("a worker ended by itself, {ended:?}: {}", self.said())),
        }
        self.child.kill().and_then(|()| self.child.wait()).map(drop).map_err(|error| error.to_string())
    }

    /// Lets it end by itself.
    pub(crate) fn finish(mut self) -> Result<(), String> {
        drop(self.child.stdin.take());
        match self.child.wait() {
            Ok(status) if status.success() => Ok(()),
            ended => Err(format!("a worker ended with {ended:?}: {}", self.said())),
        }
    }

    fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_else(|error| error.to_string())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // over already, unless the round has failed
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(order: &str, log: &PathBuf) -> Child {
    let log = OpenOptions::new().create(true).append(true).open(log).unwrap();
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::child::worker_process", "--nocapture"])
        .env(ORDER, order)
        .stdin(Stdio::piped())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap()
}
