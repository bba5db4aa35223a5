//! What a seed stands for: which invitations, who does what and when, which faults are in the air, how many workers there are.

use std::{sync::Arc, time::Duration};

use invitations_core::{invitation::machine::Quorum, provider::Idempotency, runtime::Timing};

use super::{
    actors::{Act, acts},
    dice::Dice,
    hit::Hit,
};

/// What an invitation is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Meeting,
    Booking,
    Access,
    Membership,
}

/// One invitation of a schedule.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) number: usize,
    pub(super) tenant: usize,
    pub(super) kind: Kind,
    pub(super) idempotency: Idempotency,
    /// How many are invited.
    pub(super) invitees: usize,
    /// Whether by address; otherwise the application knows them.
    pub(super) by_address: bool,
    pub(super) quorum: Quorum,
    /// How many must approve; `None`: nobody needs to.
    pub(super) approvals: Option<u8>,
    pub(super) ttl: Duration,
    /// A booking that is paid later.
    pub(super) prepared: bool,
    /// The number of its payment.
    pub(super) payment: usize,
    /// Which invitation, for the same person, it replaces; and when it is made.
    pub(super) replaces: Option<usize>,
    pub(super) made_after: Duration,
    pub(super) cancel_on_quorum_loss: bool,
    pub(super) ask_again_when_moved: bool,
    /// Whether people are reminded before it expires.
    pub(super) remind: bool,
    /// What is in the way for minutes already makes it fail.
    pub(super) impatient: bool,
    /// When its meeting starts.
    pub(super) starts_in: Duration,
    /// Who does what, when.
    pub(super) script: Vec<(Duration, &'static Act)>,
}

/// The choices that are made once, before a schedule runs.
#[derive(Debug)]
pub(super) struct Swarm {
    pub(super) seed: u64,
    pub(super) plans: Vec<Arc<Plan>>,
    pub(super) timing: Timing,
    pub(super) workers: usize,
    /// Workers only come when everybody else is done.
    pub(super) late: bool,
    /// `run_until`, or rounds from outside.
    pub(super) rounds: bool,
    /// Whether somebody resumes what is blocked, in the end,
    pub(super) resume: bool,
    /// and decides what is quarantined.
    pub(super) resolve: bool,
    pub(super) provider: Vec<Hit>,
    pub(super) provider_rate: u32,
    pub(super) mail: Vec<Hit>,
    pub(super) store: Vec<Hit>,
    pub(super) store_rate: u32,
    pub(super) faults: u32,
    pub(super) crash_rate: u32,
    pub(super) crashes: u32,
    pub(super) stalls: u32,
    pub(super) jump_rate: u32,
    /// Once in how many reads a task gives way.
    pub(super) read_rate: u32,
}

impl Swarm {
    pub(super) fn new(seed: u64) -> Self {
        let dice = &mut Dice::new(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ 0xabcd);
        // one in ten goes well, so that what is odd is not explained by a fault
        let well = dice.one_in(10);
        let lag = *dice.pick(&[60, 120, 240]);
        let count = 1 + dice.below(3) * dice.below(2);
        let mut plans: Vec<Plan> = (0..count).map(|number| plan(number, Duration::from_secs(lag), dice)).collect();
        for number in 1..count {
            let (earlier, later) = plans.split_at_mut(number);
            relate(&earlier[number - 1], &mut later[0], dice);
        }
        let mut timing = Timing::default();
        timing.retry_first = Duration::from_secs(10);
        timing.token_poll = Duration::from_secs(2);
        timing.retry_limit = *dice.pick(&[2, 5, 12]);
        if dice.one_in(4) {
            timing.blocked_most = Duration::from_secs(300);
        }
        for plan in &mut plans {
            plan.impatient = timing.blocked_most != Timing::default().blocked_most;
            plan.script = script(plan, dice);
        }
        let dark = |dice: &mut Dice, rates: &[u32]| if well { 0 } else { *dice.pick(rates) };
        Self {
            seed,
            plans: plans.into_iter().map(Arc::new).collect(),
            timing,
            workers: 1 + dice.below(3),
            late: dice.one_in(4),
            rounds: dice.one_in(3),
            resume: !dice.one_in(4),
            resolve: !dice.one_in(3),
            provider: dice.some(Hit::PROVIDER),
            provider_rate: dark(dice, &[0, 2, 3, 6]),
            mail: dice.some(Hit::MAIL),
            store: dice.some(Hit::STORE),
            store_rate: dark(dice, &[0, 0, 20, 60]),
            faults: 1 + u32::try_from(dice.below(6)).unwrap_or_default(),
            crash_rate: dark(dice, &[0, 15, 40, 100]),
            crashes: u32::try_from(dice.below(4)).unwrap_or_default(),
            stalls: u32::try_from(dice.below(3)).unwrap_or_default(),
            jump_rate: *dice.pick(&[0, 20, 60]),
            read_rate: *dice.pick(&[2, 4, 8]),
        }
    }

    /// For the head of a trace.
    pub(super) fn shown(&self) -> String {
        let plans: Vec<String> = self.plans.iter().map(|plan| format!("{plan:?}")).collect();
        let Self { workers, late, rounds, resume, resolve, faults, crashes, stalls, .. } = self;
        format!(
            "seed {}: {workers} workers, late {late}, rounds {rounds}, resume {resume}, resolve {resolve}, faults {faults}, crashes {crashes}, \
             stalls {stalls}, retries {}\n{}\nprovider: {:?} once in {}\nstore: {:?} once in {}\nmail: {:?}",
            self.seed,
            self.timing.retry_limit,
            plans.join("\n"),
            self.provider,
            self.provider_rate,
            self.store,
            self.store_rate,
            self.mail
        )
    }
}

fn plan(number: usize, lag: Duration, dice: &mut Dice) -> Plan {
    let kind =
        *dice.pick(&[Kind::Meeting, Kind::Meeting, Kind::Meeting, Kind::Booking, Kind::Access, Kind::Membership]);
    let idempotency = *dice.pick(&[
        Idempotency::NativeKey,
        Idempotency::ExactLookup,
        Idempotency::InexactLookup { lag },
        Idempotency::InexactLookup { lag },
        Idempotency::None,
    ]);
    Plan {
        number,
        tenant: dice.below(2),
        kind,
        idempotency: if kind == Kind::Access { Idempotency::NativeKey } else { idempotency },
        invitees: if kind == Kind::Meeting { 1 + dice.below(2) } else { 1 },
        by_address: matches!(kind, Kind::Access | Kind::Membership) || dice.one_in(2),
        quorum: *dice.pick(&[Quorum::Any, Quorum::All]),
        approvals: approvals(kind, dice),
        // a request for access has no name: after its expiry, a repeated one would be another
        ttl: if kind != Kind::Access && dice.one_in(5) { Duration::from_secs(90) } else { Duration::from_secs(1800) },
        prepared: dice.one_in(2),
        payment: number,
        replaces: None,
        made_after: Duration::ZERO,
        cancel_on_quorum_loss: dice.one_in(4),
        ask_again_when_moved: dice.one_in(3),
        remind: dice.one_in(3),
        impatient: false,
        starts_in: Duration::from_secs(*dice.pick(&[3600, 7 * 24 * 3600, 7 * 24 * 3600])),
        script: Vec::new(),
    }
}

fn approvals(kind: Kind, dice: &mut Dice) -> Option<u8> {
    match kind {
        Kind::Booking => None,
        Kind::Access => *dice.pick(&[None, Some(1), Some(2)]),
        Kind::Meeting | Kind::Membership => *dice.pick(&[None, None, None, None, Some(1), Some(2)]),
    }
}

/// Some invitations have to do with the one before them: it is replaced, or paid by the same payment.
fn relate(earlier: &Plan, plan: &mut Plan, dice: &mut Dice) {
    match earlier.kind {
        Kind::Membership if earlier.replaces.is_none() && dice.one_in(2) => {
            plan.kind = Kind::Membership;
            plan.by_address = true;
            plan.invitees = 1;
            plan.tenant = earlier.tenant;
            plan.replaces = Some(earlier.number);
            let most = *dice.pick(&[1, 30, 200]);
            plan.made_after = dice.up_to(Duration::from_secs(most));
        }
        Kind::Booking if plan.kind == Kind::Booking && dice.one_in(2) => {
            plan.tenant = earlier.tenant;
            plan.payment = earlier.payment;
        }
        _ => {}
    }
}

fn script(plan: &Plan, dice: &mut Dice) -> Vec<(Duration, &'static Act)> {
    let mut chosen: Vec<&'static Act> = Vec::new();
    for act in acts().filter(|act| (act.suits)(plan)) {
        for _ in 0..act.often {
            if dice.one_in(act.odds) {
                chosen.push(act);
            }
        }
    }
    let pace = *dice.pick(&[1, 30, 200]);
    chosen.into_iter().map(|act| (dice.up_to(Duration::from_secs(pace)), act)).collect()
}
