//! How long it takes from an acceptance to its link, in the sandbox, with faults and without.
//!
//! `cargo xtask bench link`; a number behind it is the number of acceptances (200).
#![expect(clippy::print_stdout, reason = "a measurement is printed")]

use std::{path::Path, sync::Arc, time::Duration};

use benches::{Failure, Room, Times};
use invitations_core::runtime::{Clock as _, SystemClock};
use meetings_sandbox::{Fault, FaultPlan, FaultRule};
use tokio::task::JoinSet;

/// Somebody accepts so often, whether or not the others have their links: who comes while it is slow is measured too.
const EVERY: Duration = Duration::from_millis(25);

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let many = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(200);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    println!("from acceptance to link, {many} acceptances, one every {EVERY:?}; goal: a mean below 5 s with faults on");
    measure(folder.path(), "no faults", FaultPlan::new(), many).await?;
    measure(folder.path(), "every fifth call turned away", turned_away(), many).await?;
    measure(folder.path(), "one call in a hundred lost, the others as before", rarely_lost(), many).await?;
    measure(folder.path(), "of everything some, more than half of it lost", some(), many).await?;
    measure(folder.path(), "every third reply lost, every fifth call throttled", many_lost(), many).await
}

fn turned_away() -> FaultPlan {
    FaultPlan::new()
        .with(FaultRule::new(Fault::Throttle { retry_after: Some("1".to_owned()) }).every(10))
        .with(FaultRule::new(Fault::StatusBefore { status: 503, retry_after: Some("1".to_owned()) }).every(11))
}

fn rarely_lost() -> FaultPlan {
    turned_away().with(FaultRule::new(Fault::LostReply).every(97))
}

/// Different primes, so that they do not fall together.
fn some() -> FaultPlan {
    let wait = || Some("1".to_owned());
    [
        (29, Fault::LostReply),
        (31, Fault::LostRequest),
        (37, Fault::StatusBefore { status: 503, retry_after: wait() }),
        (41, Fault::StatusAfter { status: 502, retry_after: None }),
        (43, Fault::Throttle { retry_after: wait() }),
        (47, Fault::Truncate),
        (53, Fault::Delay { millis: 2_000, after: true }),
    ]
    .into_iter()
    .fold(FaultPlan::new(), |plan, (every, fault)| plan.with(FaultRule::new(fault).every(every)))
}

fn many_lost() -> FaultPlan {
    FaultPlan::new()
        .with(FaultRule::new(Fault::LostReply).every(3))
        .with(FaultRule::new(Fault::Throttle { retry_after: Some("0".to_owned()) }).every(5))
}

async fn measure(folder: &Path, name: &str, faults: FaultPlan, many: usize) -> Result<(), Failure> {
    let room = Arc::new(Room::open(&folder.join(format!("{name}.db"))).await?);
    let mut invited = Vec::with_capacity(many);
    for number in 0..many {
        invited.push(room.invite(number).await?);
    }
    room.set_faults(faults);
    let (began, mut tasks) = (SystemClock.instant(), JoinSet::new());
    for (place, id) in (0_u32..).zip(invited.clone()) {
        let due = began + EVERY * place;
        SystemClock.sleep(due.saturating_duration_since(SystemClock.instant())).await;
        let room = Arc::clone(&room);
        tasks.spawn(async move {
            room.accept(id).await?;
            Ok::<_, Failure>(SystemClock.instant() - due)
        });
    }
    let mut times = Vec::with_capacity(many);
    while let Some(done) = tasks.join_next().await {
        times.push(done??);
    }
    let took = SystemClock.instant() - began;
    room.check(&invited).await?;
    let journal = room.sandbox.journal();
    let faulty = journal.iter().filter(|call| call.fault.is_some()).count();
    let times = Times::of(times);
    println!("\n{name}: {} calls of the provider, {faulty} of them faulty", journal.len());
    let (mean, half, most) = (times.mean(), times.within(0.5), times.within(0.99));
    println!("  mean {mean:.1?}   p50 {half:.1?}   p99 {most:.1?}   max {:.1?}   all {took:.1?}", times.most());
    println!("  {many} accepted, {many} meetings in the sandbox, one link each");
    Arc::into_inner(room).ok_or("somebody still accepts")?.close().await
}
