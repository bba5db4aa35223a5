//! One schedule: invitations are made, everybody acts while things go wrong, then the faults stop and everything comes to rest.

use std::{sync::Arc, time::Duration};

use chrono::DateTime;
use futures_channel::oneshot;
use futures_util::FutureExt as _;
use invitations_core::{
    ids::WorkerId,
    invitation::{
        InvitationStore as _, Invitations,
        machine::{Phase, PhaseKind},
    },
    provider::Providers,
    runtime::{Clock as _, ManualClock},
};

use super::{
    actors::{Stage, create, somebody},
    executor::{Executor, NewTask, Role, Step},
    hit::Tally,
    oracle::Violation,
    outside::tenant,
    people::process,
    provider::providers,
    store::FaultyStore,
    swarm::{Plan, Swarm},
    world::World,
};

/// The process of the worker that comes last.
const LAST: usize = 9;
const MOST_CHAOS: u64 = 2_500;
const MOST_STEPS: u64 = 8_000;
/// After the faults stop, everything rests within this time.
const REST: Duration = Duration::from_secs(4 * 3600);

/// How often persons decide anew what stays undecided.
const MOST_RESOLVED: u32 = 3;

/// What persons have done for an invitation in the end.
#[derive(Clone, Copy, Debug, Default)]
struct Help {
    resumed: bool,
    resolved: u32,
}

/// What became of a schedule.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) hash: u64,
    pub(super) tally: Tally,
    pub(super) violations: Vec<Violation>,
    pub(super) trace: Vec<String>,
}

/// What the parts of a schedule need to make more of themselves.
#[derive(Clone)]
struct Setup {
    world: Arc<World>,
    store: Arc<FaultyStore>,
    providers: Providers,
}

/// Runs the schedule of this seed. It ends at the first broken invariant, unless all are to be `collected`.
pub(super) fn run(seed: u64, traced: bool, collected: bool) -> Outcome {
    let clock = ManualClock::new(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
    let world = World::new(clock, Swarm::new(seed), traced);
    world.note(|| world.swarm.shown());
    let setup =
        Setup { store: Arc::new(FaultyStore::new(&world)), providers: providers(&world), world: Arc::clone(&world) };
    let revived = setup.clone();
    let revive = move |process, delay| revived.worker(process, delay);
    let mut executor = Executor::new(Arc::clone(&world), Box::new(revive));
    setup.begin();
    let broken = || !collected && !world.oracle().violations.is_empty();
    // when everybody has acted, the workers go on for a while under faults
    let mut more = world.dice().below(150);
    while !broken() && world.step() < MOST_CHAOS && more > 0 {
        more -= usize::from(world.active() == 0);
        if executor.step() == Step::Idle {
            break;
        }
    }
    world.calm_down();
    let end = world.elapsed() + REST;
    let mut rested = setup.come_to_rest();
    let mut over = None;
    while !broken() && world.step() < MOST_STEPS && world.elapsed() < end {
        over = over.or_else(|| rested.try_recv().ok().flatten());
        if over.is_some() || executor.step() == Step::Idle {
            break;
        }
    }
    if !broken() {
        setup.look_back(over.is_some());
    }
    drop(executor);
    let (hash, tally, trace) = world.close();
    let violations = std::mem::take(&mut world.oracle().violations);
    Outcome { hash, tally, violations, trace }
}

impl Setup {
    fn process(&self, number: usize) -> Invitations {
        process(&self.world, &self.store, &self.providers, number, self.world.step())
    }

    fn begin(&self) {
        let swarm = &self.world.swarm;
        if !swarm.late {
            for number in 0..swarm.workers {
                self.world.spawn(self.worker(number, Duration::ZERO));
            }
        }
        // processes without a worker answer calls too
        let front: Vec<Invitations> = (0..swarm.workers).map(|number| self.process(number)).collect();
        for plan in &swarm.plans {
            let number = self.world.dice().below(front.len());
            self.host(plan, number, front.clone());
        }
    }

    /// Makes the invitation, however often it takes, then lets everybody act.
    fn host(&self, plan: &Arc<Plan>, number: usize, front: Vec<Invitations>) {
        let (setup, plan) = (self.clone(), Arc::clone(plan));
        let future = Box::pin(async move {
            let world = &setup.world;
            let org = front[number].tenant(&tenant(plan.tenant));
            world.clock.sleep(plan.made_after).await;
            while let Err(error) = create(world, &plan, &org).await {
                world.note(|| format!("case {} not made: {error}", plan.number));
                world.clock.sleep(Duration::from_secs(5)).await;
            }
            for (delay, act) in plan.script.iter().copied() {
                let number = world.dice().below(front.len());
                let stage = setup.stage(&plan, &front[number]);
                let future = Box::pin(async move {
                    stage.world.clock.sleep(delay).await;
                    stage.play(act).await;
                });
                world.spawn(NewTask { role: Role::Caller, process: number, future });
            }
        });
        // whoever makes invitations does not crash: a schedule without any is no schedule
        self.world.spawn(NewTask { role: Role::Host, process: number, future });
    }

    fn worker(&self, number: usize, delay: Duration) -> NewTask {
        let setup = self.clone();
        let future = async move {
            let world = &setup.world;
            world.clock.sleep(delay).await;
            let worker = setup.process(number).worker(WorkerId::parse(format!("worker-{number}")).unwrap());
            let until_calm = async {
                while !world.is_calm() {
                    world.clock.sleep(Duration::from_secs(60)).await;
                }
            };
            if !world.swarm.rounds {
                worker.run_until(until_calm).await.unwrap();
                return;
            }
            while !world.is_calm() {
                let wait = match worker.run_once(4).await {
                    Ok(round) if round.done > 0 => Duration::from_millis(5),
                    Ok(round) => round.next_due.unwrap_or(Duration::MAX).min(Duration::from_secs(50)),
                    Err(_) => Duration::from_secs(10),
                };
                world.clock.sleep(wait.max(Duration::from_millis(5))).await;
            }
        };
        NewTask { role: Role::Worker, process: number, future: future.boxed() }
    }

    /// A last worker, and somebody who does what persons have to do. Resolves when nothing is left to do.
    fn come_to_rest(&self) -> oneshot::Receiver<()> {
        let (over, rested) = oneshot::channel();
        let setup = self.clone();
        let future = async move {
            let world = &setup.world;
            let process = setup.process(LAST);
            let worker = process.worker(WorkerId::parse("last").unwrap());
            let mut helped = vec![Help::default(); world.swarm.plans.len()];
            loop {
                setup.help(&process, &mut helped).await;
                let round = worker.run_once(16).await.unwrap();
                let active = world.active();
                world.note(|| format!("round {round:?} active {active}"));
                let wait = match (round.done, round.next_due) {
                    (0, None) if world.active() == 0 => break,
                    // reminders of meetings that are a week away
                    (0, Some(due)) if world.active() == 0 && due > REST / 2 => break,
                    (0, Some(due)) => due,
                    (0, None) => Duration::from_secs(1),
                    _ => Duration::ZERO,
                };
                world.clock.sleep(wait.max(Duration::from_millis(5))).await;
            }
            let _ = over.send(());
        };
        self.world.spawn(NewTask { role: Role::Helper, process: LAST, future: future.boxed() });
        rested
    }

    /// What persons still have to do when the faults are over.
    async fn help(&self, process: &Invitations, helped: &mut [Help]) {
        for (number, plan) in self.world.swarm.plans.iter().enumerate() {
            let waits = {
                let oracle = self.world.oracle();
                let case = &oracle.cases[number];
                case.id.clone().zip(case.phase().map(Phase::kind))
            };
            let Some((id, phase)) = waits else { continue };
            match phase {
                PhaseKind::Blocked if self.world.swarm.resume && !helped[number].resumed => {
                    helped[number].resumed = true;
                    let _ = process.tenant(&tenant(plan.tenant)).resume(&id, &somebody("ada")).await;
                }
                PhaseKind::Quarantined if self.world.swarm.resolve && helped[number].resolved < MOST_RESOLVED => {
                    helped[number].resolved += 1;
                    let resolved = self.stage(plan, process).resolve().await;
                    self.world
                        .note(|| format!("case {number}: resolved: {:?}", resolved.map_err(|error| error.to_string())));
                }
                _ => {}
            }
        }
    }

    fn stage(&self, plan: &Arc<Plan>, process: &Invitations) -> Stage {
        Stage {
            world: Arc::clone(&self.world),
            plan: Arc::clone(plan),
            org: process.tenant(&tenant(plan.tenant)),
            other_org: process.tenant(&tenant(1 - plan.tenant)),
        }
    }

    /// What only the end shows: is everything done, is the history whole, does the join link lead to the meeting?
    fn look_back(&self, rested: bool) {
        let world = &self.world;
        let (now, step) = (world.clock.instant(), world.step());
        for number in 0..world.swarm.plans.len() {
            let (id, org) = {
                let oracle = world.oracle();
                (oracle.cases[number].id.clone(), tenant(oracle.cases[number].plan.tenant))
            };
            let inner = self.store.inner();
            let history = id.as_ref().and_then(|id| inner.history(&org, id).now_or_never()).and_then(Result::ok);
            let mut oracle = world.oracle();
            let case = &mut oracle.cases[number];
            if let Some(history) = history {
                case.folded = history.iter().fold(None, invitations_core::invitation::evolve);
            }
            if !rested {
                case.unfinished = Some("not at rest in time".to_owned());
            }
            oracle.check_end(number, now, step);
        }
        let oracle = world.oracle();
        let (mut healed, mut unswept) = (0, 0);
        for (number, case) in oracle.cases.iter().enumerate() {
            let live = oracle.outside.live(number).count();
            let wanted = usize::from(matches!(case.phase(), Some(Phase::Closed(_)))) ^ 1;
            unswept += live.saturating_sub(wanted) as u64;
            healed += case.most_live.saturating_sub(1).saturating_sub(live.saturating_sub(wanted)) as u64;
        }
        let meetings = oracle.outside.meetings.len() as u64;
        drop(oracle);
        world.count(|tally| (tally.healed, tally.unswept, tally.meetings) = (healed, unswept, meetings));
    }
}
