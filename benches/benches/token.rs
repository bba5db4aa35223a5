//! What an access token costs: while it is remembered, and when 10,000 callers come at once and it is over.
//!
//! `cargo xtask bench token`; numbers behind it are the number of slices (15) and of cold callers (10,000).
#![expect(clippy::print_stdout, reason = "a measurement is printed")]

use std::{
    hint::black_box,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use benches::{Failure, Login, Spread};
use invitations_core::{
    runtime::{Clock as _, SystemClock},
    token::TokenSource as _,
};

/// Calls of a warm slice.
const WARM: u32 = 200_000;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse::<usize>().ok());
    let (slices, callers) = (numbers.next().unwrap_or(15), numbers.next().unwrap_or(10_000));
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let login = Login::open(&folder.path().join("tokens.db")).await?;
    warm(&login, slices).await?;
    cold(&login, slices, callers).await
}

/// The limit: a lock, a look, one more reference to the same text.
async fn warm(login: &Login, slices: usize) -> Result<(), Failure> {
    let connections = login.connections()?;
    let source = login.source(&connections);
    source.access_token().await?;
    let raw: Mutex<Arc<str>> = Mutex::new(source.access_token().await?.expose().into());
    let (mut ours, mut ratios) = (Vec::new(), Vec::new());
    for _ in 0..slices {
        let began = SystemClock.instant();
        for _ in 0..WARM {
            black_box(raw.lock().unwrap_or_else(PoisonError::into_inner).clone());
        }
        let limit = SystemClock.instant() - began;
        let began = SystemClock.instant();
        for _ in 0..WARM {
            black_box(source.access_token().await?);
        }
        let took = SystemClock.instant() - began;
        ours.push(took.as_secs_f64() * 1e9 / f64::from(WARM));
        ratios.push(took.as_secs_f64() / limit.as_secs_f64());
    }
    println!("warm: {} ns a call, {} x a lock and a reference", Spread::of(ours), Spread::of(ratios));
    Ok(())
}

/// The limit: one round trip to the token endpoint.
async fn cold(login: &Login, slices: usize, callers: usize) -> Result<(), Failure> {
    let (mut ours, mut trips, mut served, mut ratios) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..slices {
        let trip = timed(login.round_trip()).await?;
        login.expire().await?;
        // nothing is remembered, as in a process that has just begun
        let connections = login.connections()?;
        let source = login.source(&connections);
        let before = login.issued();
        let took = timed(login.callers(&source, callers)).await?;
        let issued = login.issued() - before;
        if issued != 1 {
            return Err(format!("{issued} tokens were issued to {callers} callers").into());
        }
        // of that, what so many tasks cost when the token is there
        served.push(millis(timed(login.callers(&source, callers)).await?));
        ours.push(millis(took));
        trips.push(millis(trip));
        ratios.push(took.as_secs_f64() / trip.as_secs_f64());
    }
    println!("cold: {callers} callers are served in {} ms, by 1 refresh each time", Spread::of(ours));
    println!("      a round trip to the token endpoint takes {} ms: {} x", Spread::of(trips), Spread::of(ratios));
    println!("      as many callers of a warm token take {} ms", Spread::of(served));
    Ok(())
}

async fn timed(work: impl Future<Output = Result<(), Failure>>) -> Result<Duration, Failure> {
    let began = SystemClock.instant();
    work.await?;
    Ok(SystemClock.instant() - began)
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
