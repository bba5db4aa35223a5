//! One of the fleet: this test binary once more, told by an environment variable that it is one.

use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdout, Command, Stdio},
};

use futures_util::future::join_all;
use invitations_core::{
    Error, RetryClass,
    runtime::{Clock as _, SystemClock},
    token::{AccessToken, TokenSource},
};
use serde_json::{Value, json};

use super::setting::{Setting, provider, school};

const ORDER: &str = "FLEET_PROCESS";
/// How often a caller asks that is told to try later.
const TRIES: usize = 10;

/// Not a test by itself: the others start it. Without an order there is nothing to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fleet_process() {
    let Ok(order) = std::env::var(ORDER) else { return };
    let order: Value = serde_json::from_str(&order).expect("an order");
    let callers = order["callers"].as_u64().expect("a number");
    let setting = Setting::read(&order["setting"]);
    let source = setting.connections().await.source(&school(), &provider(), &setting.connection);
    say(&json!("ready"));
    std::io::stdin().read_line(&mut String::new()).expect("the word to go");
    let tasks = (0..callers).map(|_| {
        let source = std::sync::Arc::clone(&source);
        tokio::spawn(async move { patient(&*source).await })
    });
    let (mut tokens, mut failed) = (BTreeSet::new(), Vec::new());
    let mut served = 0;
    for reply in join_all(tasks.collect::<Vec<_>>()).await {
        match reply.expect("a caller") {
            Ok(token) => {
                served += 1;
                tokens.insert(mark(&token));
            }
            Err(error) => failed.push(format!("{:?}", error.kind())),
        }
    }
    say(&json!({ "served": served, "tokens": tokens, "failed": failed }));
}

/// Does as it is told: comes back when that helps.
async fn patient(source: &dyn TokenSource) -> Result<AccessToken, Error> {
    let mut tries = 1;
    loop {
        match source.access_token().await {
            Err(error) if tries < TRIES && matches!(error.retry(), RetryClass::Safe { .. }) => {
                let RetryClass::Safe { after } = error.retry() else { return Err(error) };
                SystemClock.sleep(after.unwrap_or_default()).await;
                tries += 1;
            }
            reply => return reply,
        }
    }
}

/// The same for the same token, and not the token.
fn mark(token: &AccessToken) -> u64 {
    let mut hasher = DefaultHasher::new();
    token.expose().hash(&mut hasher);
    hasher.finish()
}

#[expect(clippy::print_stdout, reason = "the parent listens")]
fn say(what: &Value) {
    println!("\nfleet {what}");
}

/// What the callers got.
#[derive(Debug, Default)]
pub(crate) struct Served {
    pub(crate) served: usize,
    pub(crate) tokens: BTreeSet<u64>,
    /// The kinds of the errors.
    pub(crate) failed: Vec<String>,
}

impl Served {
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.served += other.served;
        self.tokens.extend(other.tokens);
        self.failed.extend(other.failed);
        self
    }
}

/// The parent's side.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    says: BufReader<ChildStdout>,
}

impl Process {
    pub(crate) fn start(setting: &Setting, callers: usize) -> Self {
        let order = json!({ "callers": callers, "setting": setting.told() });
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "fleet::process::fleet_process", "--nocapture"])
            .env(ORDER, order.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let says = BufReader::new(child.stdout.take().expect("its output"));
        Self { child, says }
    }

    /// The next thing it says.
    fn next(&mut self) -> Value {
        let mut line = String::new();
        loop {
            line.clear();
            let read = self.says.read_line(&mut line).expect("its output");
            assert!(read > 0, "a process ended without a word");
            if let Some(said) = line.strip_prefix("fleet ") {
                return serde_json::from_str(said).expect("what it says");
            }
        }
    }

    pub(crate) fn wait_until_ready(&mut self) {
        assert_eq!(self.next(), json!("ready"));
    }

    pub(crate) fn go(&mut self) {
        self.child.stdin.as_mut().expect("its input").write_all(b"go\n").expect("its input");
    }

    pub(crate) fn served(mut self) -> Served {
        let said = self.next();
        let list = |name: &str| said[name].as_array().cloned().unwrap_or_default();
        assert!(self.child.wait().expect("its end").success());
        Served {
            served: said["served"].as_u64().and_then(|served| usize::try_from(served).ok()).expect("a number"),
            tokens: list("tokens").iter().filter_map(Value::as_u64).collect(),
            failed: list("failed").iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        }
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("a living process");
        self.child.wait().expect("its end");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // over already, unless the test has failed
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
