//! Acceptances per second on SQLite, as a ratio to sqlx with the same statements in the same run.
//!
//! `cargo xtask bench accept`; a number behind it is the number of pairs (15), a second one the only number of callers.
#![expect(clippy::print_stdout, reason = "a measurement is printed")]

use std::{path::Path, sync::Arc, time::Duration};

use benches::{Failure, House, Invited, Kind, Raw, RawAcceptance, Spread, Times, syncs_per_second};
use invitations_core::runtime::{Clock as _, SystemClock};
use tokio::task::JoinSet;

/// How long a slice should take. It is a fixed number of acceptances: how many, a first slice of each says.
const SLICE: f64 = 0.5;
/// The first slice, for each caller, and at least.
const FIRST: (usize, usize) = (2, 128);
/// No slice is larger: its invitations have to be made.
const MOST: usize = 4_000;
/// How many share a transaction in the second reference.
const BATCH: usize = 64;
/// So many batches are under way, so that one is read while another is written.
const LANES: usize = 2;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse().ok());
    let (pairs, only) = (numbers.next().unwrap_or(15), numbers.next());
    let wanted = |callers: &usize| only.is_none_or(|only| only == *callers);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    println!("{pairs} pairs of slices of {SLICE} s each; median [10 % – 90 %]");
    for kind in Kind::ALL {
        for callers in [1, 64, 1_000].into_iter().filter(wanted) {
            let run = Run::open(folder.path(), kind, callers, false).await?;
            run.measure(folder.path(), pairs, "").await?;
        }
    }
    // how much of it the first look at what follows takes away, where the same process does it
    for callers in [1, 64].into_iter().filter(wanted) {
        let run = Run::open(folder.path(), Kind::InboxMembership, callers, true).await?;
        run.measure(folder.path(), pairs, ", notices delivered here").await?;
    }
    Ok(())
}

struct Run {
    house: Arc<House>,
    raw: Arc<Raw>,
    kind: Kind,
    callers: usize,
}

/// A slice: acceptances per second, and how long each took.
struct Slice {
    rate: f64,
    times: Vec<Duration>,
}

impl Run {
    async fn open(folder: &Path, kind: Kind, callers: usize, here: bool) -> Result<Self, Failure> {
        let file = folder.join(format!("{kind:?}-{callers}-{here}.db"));
        let house = Arc::new(House::open(&file, kind, here).await?);
        let raw = Raw::beside(house.pool.clone(), &file).await?;
        Ok(Self { house, raw, kind, callers })
    }

    async fn measure(self, folder: &Path, pairs: usize, remark: &str) -> Result<(), Failure> {
        let first = (FIRST.0 * self.callers).max(FIRST.1);
        let (ours, single, batched) =
            (self.ours(first).await?.rate, self.single(first).await?.rate, self.batched(first).await?.rate);
        let sizes = [ours, single, batched].map(|rate| self.size(rate));
        let mut accepted = 3 * first;
        let (mut rates, mut disk) = ([vec![], vec![], vec![]], Vec::new());
        let (mut times, mut single_times, mut ratios) = (vec![], vec![], [vec![], vec![]]);
        for pair in 0..pairs {
            disk.push(syncs_per_second(folder)?);
            // each goes first as often as last
            let (ours, single, batched) = if pair % 2 == 0 {
                let ours = self.ours(sizes[0]).await?;
                let single = self.single(sizes[1]).await?;
                (ours, single, self.batched(sizes[2]).await?)
            } else {
                let batched = self.batched(sizes[2]).await?;
                let single = self.single(sizes[1]).await?;
                (self.ours(sizes[0]).await?, single, batched)
            };
            accepted += sizes.iter().sum::<usize>();
            ratios[0].push(ours.rate / single.rate);
            ratios[1].push(ours.rate / batched.rate);
            for (all, rate) in rates.iter_mut().zip([ours.rate, single.rate, batched.rate]) {
                all.push(rate);
            }
            times.extend(ours.times);
            single_times.extend(single.times);
        }
        self.house.check(accepted).await?;
        println!("\n{}, {} callers{remark}", self.kind.name(), self.callers);
        let [ours, single, batched] = rates.map(Spread::of);
        println!("  accepts/s {ours}   raw {single}   raw, {BATCH} a transaction {batched}");
        let [to_single, to_batched] = ratios.map(Spread::of);
        println!("  x raw {to_single}   x raw, {BATCH} a transaction {to_batched}");
        println!("  ours {}", said(times));
        println!("  raw  {}", said(single_times));
        println!("  fdatasync/s {}   {accepted} accepted, each once", Spread::of(disk));
        Ok(())
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some thousand")]
    fn size(&self, rate: f64) -> usize {
        let wanted = (rate * SLICE) as usize;
        // whole rounds of all callers, or batches
        let round = self.callers.max(BATCH);
        wanted.clamp(round, MOST) / round * round
    }

    /// Every caller accepts one after the other.
    async fn ours(&self, many: usize) -> Result<Slice, Failure> {
        let shares = shares(self.house.invite(many).await?, self.callers);
        let began = SystemClock.instant();
        let callers = shares.into_iter().map(|share: Vec<Invited>| {
            let house = Arc::clone(&self.house);
            async move {
                let mut times = Vec::with_capacity(share.len());
                for invited in share {
                    let asked = SystemClock.instant();
                    house.accept(&invited).await?;
                    times.push(SystemClock.instant() - asked);
                }
                Ok(times)
            }
        });
        let times = together(callers).await?;
        Ok(Slice::since(began, many, times))
    }

    /// As many callers, each acceptance a transaction.
    async fn single(&self, many: usize) -> Result<Slice, Failure> {
        self.raw(many, self.callers, 1).await
    }

    async fn batched(&self, many: usize) -> Result<Slice, Failure> {
        self.raw(many, LANES, BATCH).await
    }

    async fn raw(&self, many: usize, lanes: usize, batch: usize) -> Result<Slice, Failure> {
        let mut batches: Vec<Vec<RawAcceptance>> = Vec::new();
        for one in self.house.invite_for_raw(many).await? {
            match batches.last_mut() {
                Some(last) if last.len() < batch => last.push(one),
                _ => batches.push(vec![one]),
            }
        }
        let shares = shares(batches, lanes);
        let began = SystemClock.instant();
        let lanes = shares.into_iter().map(|share| {
            let raw = Arc::clone(&self.raw);
            async move {
                let mut times = Vec::with_capacity(share.len());
                for batch in share {
                    let asked = SystemClock.instant();
                    raw.accept(batch).await?;
                    times.push(SystemClock.instant() - asked);
                }
                Ok(times)
            }
        });
        let times = together(lanes).await?;
        Ok(Slice::since(began, many, times))
    }
}

impl Slice {
    #[expect(clippy::cast_precision_loss, reason = "some thousand")]
    fn since(began: std::time::Instant, many: usize, times: Vec<Duration>) -> Self {
        Self { rate: many as f64 / (SystemClock.instant() - began).as_secs_f64(), times }
    }
}

/// Dealt out one by one.
fn shares<T>(all: Vec<T>, many: usize) -> Vec<Vec<T>> {
    let mut shares: Vec<Vec<T>> = (0..many).map(|_| Vec::new()).collect();
    for (place, one) in all.into_iter().enumerate() {
        shares[place % many].push(one);
    }
    shares
}

async fn together<F>(tasks: impl Iterator<Item = F>) -> Result<Vec<Duration>, Failure>
where
    F: Future<Output = Result<Vec<Duration>, Failure>> + Send + 'static,
{
    let mut tasks: JoinSet<_> = tasks.collect();
    let mut times = Vec::new();
    while let Some(done) = tasks.join_next().await {
        times.extend(done??);
    }
    Ok(times)
}

fn said(times: Vec<Duration>) -> String {
    let times = Times::of(times);
    let (half, most) = (times.within(0.5), times.within(0.99));
    let spread = most.as_secs_f64() / half.as_secs_f64();
    format!("p50 {half:.1?}   p99 {most:.1?}   p99/p50 {spread:.1}   max {:.1?}", times.most())
}
