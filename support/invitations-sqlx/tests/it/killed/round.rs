//! One round: some business, kills in between and after, then the end in peace, and the judgement.

use std::time::Duration;

use invitations_core::{
    provider::Idempotency,
    runtime::{Clock as _, SystemClock},
};

use super::{
    child::Process,
    choices::Choices,
    judge, moment,
    office::Office,
    setting::Setting,
    world::{Entry, Request, World},
};

/// How many invitations a round has.
const AFFAIRS: u64 = 16;
/// How long the workers may take once nobody disturbs them any more. Real time, on a machine that may be busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// What was tried.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) kills: usize,
    /// Creates and cancels that were sent.
    pub(crate) writes: usize,
    /// Of those, the ones whose sender gave up waiting: lost, or too late.
    pub(crate) given_up: usize,
    /// And the ones whose sender was killed meanwhile.
    pub(crate) orphaned: usize,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        self.kills += other.kills;
        self.writes += other.writes;
        self.given_up += other.given_up;
        self.orphaned += other.orphaned;
    }
}

/// All that is chosen follows from the seed; what the kills hit does not, as they happen in real time.
pub(crate) async fn round(seed: u64, idempotency: Idempotency) -> Result<Tally, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let setting = Setting { folder: folder.path().to_owned(), idempotency, seed: Some(seed) };
    let done = disturbed(&setting, seed).await;
    done.map_err(|problem| format!("{problem}\nthe round's files are in {}", folder.keep().display()))
}

async fn disturbed(setting: &Setting, seed: u64) -> Result<Tally, String> {
    let mut choices = Choices::new(seed);
    let mut office = Office::new(setting).await.map_err(|error| told(&error))?;
    let mut workers = ["first", "second"].map(|name| Process::start(name, setting));
    let mut kills = 0;
    for _ in 0..AFFAIRS {
        office.begin(&mut choices).await.map_err(|error| told(&error))?;
        moment::any(&mut choices, 60).await;
        if choices.one_in(3) {
            office.take_back(&mut choices).await.map_err(|error| told(&error))?;
        }
        if choices.one_in(2) {
            if choices.one_in(2) {
                moment::of_a_write(&setting.folder).await;
            }
            workers[choices.below(2) as usize].kill_and_start_again()?;
            kills += 1;
        }
    }
    // by now most of what is left are doubts and undos
    for _ in 0..4 + choices.below(4) {
        moment::any(&mut choices, 300).await;
        moment::of_a_write(&setting.folder).await;
        workers[choices.below(2) as usize].kill_and_start_again()?;
        kills += 1;
    }
    let end = SystemClock.instant() + PATIENCE;
    while !(office.is_settled().await.map_err(|error| told(&*error))? && nothing_is_on_the_way(setting)?) {
        if SystemClock.instant() > end {
            let affairs = office.affairs().await.map_err(|error| told(&error))?;
            let untold = office.undelivered().await.map_err(|error| told(&error))?;
            return Err(format!("not settled after {PATIENCE:?}, {untold} notices undelivered: {affairs:#?}"));
        }
        SystemClock.sleep(Duration::from_millis(20)).await;
    }
    for worker in workers {
        worker.finish()?;
    }
    let affairs = office.affairs().await.map_err(|error| told(&error))?;
    let mut problems = office.damage(&affairs).await.map_err(|error| told(&*error))?;
    let world = World::open(setting).map_err(|error| error.to_string())?;
    problems.extend(judge::problems(world.entries(), setting.idempotency, &affairs));
    if problems.is_empty() { Ok(tally(kills, world.entries())) } else { Err(problems.join("\n")) }
}

fn nothing_is_on_the_way(setting: &Setting) -> Result<bool, String> {
    World::open(setting).map(|world| world.on_the_way().is_empty()).map_err(|error| error.to_string())
}

fn tally(kills: usize, entries: &[Entry]) -> Tally {
    let count = |wanted: fn(&Entry) -> bool| entries.iter().filter(|entry| wanted(entry)).count();
    let writes = count(|entry| matches!(entry, Entry::Sent { what, .. } if !matches!(what, Request::LookUp)));
    let answered = count(|entry| matches!(entry, Entry::Over { answered: true, .. }));
    let given_up = count(|entry| matches!(entry, Entry::Over { answered: false, .. }));
    Tally { kills, writes, given_up, orphaned: writes - answered - given_up }
}

/// An error with its causes.
fn told(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
