//! One connection, many processes, one database, and a real server on loopback: a login is neither refreshed twice nor lost.

pub(crate) mod database;
mod process;
#[cfg(feature = "postgres")]
mod schema;
mod setting;

use std::time::Duration;

use invitations_core::{
    runtime::{Clock as _, SystemClock},
    token::{Cause, ConnectionStatus, Rotation},
};
use meetings_sandbox::{AuthorizationSide, Fault, FaultPlan, FaultRule, Rotation as Sandboxed, Sandbox, SandboxConfig};

use self::{
    database::Kind,
    process::{Process, Served},
    setting::Setting,
};

const PROCESSES: usize = 8;
const CALLERS: usize = 1250;
/// How long is waited for a request that must come.
const PATIENCE: Duration = Duration::from_secs(60);

async fn sandbox(rotation: Sandboxed) -> Sandbox {
    let sandbox = Sandbox::start(SandboxConfig::new()).await.expect("a sandbox on loopback");
    sandbox.set_rotation(AuthorizationSide::Microsoft, rotation);
    sandbox
}

/// Grants that the server carried out.
fn grants(sandbox: &Sandbox) -> usize {
    sandbox.journal().iter().filter(|entry| entry.operation == "entra.token" && entry.reached).count()
}

fn all(processes: Vec<Process>) -> Served {
    processes.into_iter().map(Process::served).fold(Served::default(), Served::and)
}

/// 10,000 callers in eight processes; all of them come when the token is over.
#[expect(clippy::print_stdout, reason = "how much was tried")]
async fn cold_callers_cost_one_refresh(on: Kind) {
    let sandbox = sandbox(Sandboxed::Strict).await;
    let setting = Setting::connected(on, &sandbox, Rotation::Strict, 1).await;
    setting.expire().await;
    let before = grants(&sandbox);
    let mut processes: Vec<_> = (0..PROCESSES).map(|_| Process::start(&setting, CALLERS)).collect();
    // all of them are ready: the callers come at the same time
    processes.iter_mut().for_each(Process::wait_until_ready);
    processes.iter_mut().for_each(Process::go);
    let served = tokio::task::spawn_blocking(|| all(processes)).await.expect("the processes");
    assert_eq!((served.served, served.failed), (PROCESSES * CALLERS, Vec::new()));
    assert_eq!(served.tokens.len(), 1, "one token for everybody");
    assert_eq!(grants(&sandbox) - before, 1);
    println!("count: {} callers in {PROCESSES} processes", PROCESSES * CALLERS);
}

/// The winner is killed when the server has redeemed and its answer is on the way. What becomes of the login is the provider's kind.
async fn killed_on_the_way(on: Kind, sandboxed: Sandboxed, rotation: Rotation) -> (Sandbox, Setting, Served, usize) {
    let sandbox = sandbox(sandboxed).await;
    // scaled down, or a lease would be waited for a minute
    let setting = Setting::connected(on, &sandbox, rotation, 10).await;
    setting.expire().await;
    let before = grants(&sandbox);
    let held = FaultRule::new(Fault::Hold { after: true }).on_operation("entra.token").times(1);
    sandbox.set_faults(FaultPlan::new().with(held));
    let mut winner = Process::start(&setting, 1);
    winner.wait_until_ready();
    winner.go();
    let end = SystemClock.instant() + PATIENCE;
    while grants(&sandbox) == before {
        assert!(SystemClock.instant() < end, "nobody asked for a token");
        SystemClock.sleep(Duration::from_millis(2)).await;
    }
    winner.kill();
    sandbox.release_held();
    let mut others: Vec<_> = (0..3).map(|_| Process::start(&setting, 20)).collect();
    others.iter_mut().for_each(Process::wait_until_ready);
    others.iter_mut().for_each(Process::go);
    let served = tokio::task::spawn_blocking(|| all(others)).await.expect("the processes");
    let redeemed = grants(&sandbox) - before;
    (sandbox, setting, served, redeemed)
}

async fn recovered(on: Kind, sandboxed: Sandboxed, rotation: Rotation) {
    let (_sandbox, setting, served, redeemed) = killed_on_the_way(on, sandboxed, rotation).await;
    assert_eq!((served.served, served.failed), (60, Vec::new()));
    assert_eq!((served.tokens.len(), redeemed), (1, 2), "the lost one, and the one that made up for it");
    let row = setting.store().await.connection(&setting.connection).await.expect("a store").expect("a row");
    assert_eq!((row.status, row.generation), (ConnectionStatus::Valid, 2));
}

/// Unavoidable where the old token is dead at once; but it is one replay, and the owner hears why.
async fn lost(on: Kind, sandboxed: Sandboxed) {
    let (_sandbox, setting, served, redeemed) = killed_on_the_way(on, sandboxed, Rotation::Strict).await;
    assert_eq!((served.served, redeemed), (0, 2));
    assert!(served.failed.iter().all(|failed| failed == "NeedsReconsent"), "{:?}", served.failed);
    let row = setting.store().await.connection(&setting.connection).await.expect("a store").expect("a row");
    assert_eq!(row.status, ConnectionStatus::NeedsReconsent(Cause::RotationLost));
}

/// The tests, on one database.
macro_rules! fleet {
    ($on:expr) => {
        use super::*;

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn ten_thousand_cold_callers_in_eight_processes_cost_one_refresh() {
            cold_callers_cost_one_refresh($on).await;
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn token_k09_killed_before_it_is_stored_where_old_tokens_go_on() {
            recovered($on, Sandboxed::Keep, Rotation::Keep).await;
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn token_k09_killed_before_it_is_stored_where_the_token_stays_the_same() {
            recovered($on, Sandboxed::Same, Rotation::Same).await;
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn token_k09_killed_before_it_is_stored_within_the_servers_grace() {
            recovered($on, Sandboxed::Grace, Rotation::Grace(Duration::from_secs(60))).await;
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn token_k10_killed_before_it_is_stored_where_the_old_token_is_refused() {
            lost($on, Sandboxed::Reject).await;
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn token_k10_killed_before_it_is_stored_where_a_replay_ends_all() {
            lost($on, Sandboxed::Strict).await;
        }
    };
}

mod on_sqlite {
    fleet!(Kind::Sqlite);
}

#[cfg(feature = "postgres")]
mod on_postgres {
    fleet!(Kind::Postgres);
}
