//! One request: out, there, and back. The message is a task of its own, so that it arrives although its sender is gone.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use invitations_core::{
    Error, ErrorKind, Result, RetryClass,
    provider::{Account, WriteOptions},
    runtime::Clock as _,
};

use super::{
    case::Case,
    executor::{NewTask, Placed, Role},
    hit::Hit,
    outside::{Message, Outside, tenant},
    world::{Place, World},
};

/// What is asked of a provider.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub(super) operation: &'static str,
    /// About which invitation.
    pub(super) case: Option<usize>,
    pub(super) kind: CallKind,
}

impl Call {
    /// Looking and taking away are simply tried again when there is no clear answer, as after a refusal.
    fn again_at_once(self) -> bool {
        matches!(self.kind, CallKind::Read | CallKind::Take)
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum CallKind {
    /// Makes something; `keyed`: the same again is the same.
    Make {
        keyed: bool,
    },
    /// Takes something away.
    Take,
    Read,
}

/// One account at one provider.
#[derive(Clone)]
pub(super) struct Line {
    pub(super) world: Arc<World>,
    pub(super) account: Account,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.account)
    }
}

/// What a request does at the provider; how often is up to the wire.
type Effect<T> = Box<dyn FnMut(&mut Outside, Instant) -> Result<T> + Send>;

impl Line {
    pub(super) async fn send<T: Send + 'static>(
        &self,
        call: Call,
        options: &WriteOptions,
        mut effect: Effect<T>,
    ) -> Result<T> {
        let world = &self.world;
        world.give_way(Place::Request, 1).await;
        let now = world.clock.instant();
        let timeout = options.timeout.unwrap_or(Duration::from_secs(20));
        if options.send_before.is_some_and(|limit| now >= limit) {
            world.note(|| format!("{} not sent: too late", call.operation));
            self.of_case(call, |case| case.refusals += 1);
            return Err(self.error(ErrorKind::Timeout, call).with_retry(RetryClass::Safe { after: None }));
        }
        let fate = self.fate(call, options);
        self.book(call, fate);
        let limit = options.send_before.map_or(now + timeout, |before| before.min(now + timeout));
        let (reply, answer) = oneshot::channel();
        let arrives = self.arrival(fate, limit, options);
        let message = self.enter_network(call, fate, arrives.last);
        let line = self.clone();
        let future = Box::pin(async move {
            line.world.clock.sleep(arrives.after).await;
            line.world.give_way(Place::Elsewhere, 2).await;
            let outcome = line.arrive(call, fate, arrives.last, &mut effect);
            if let Some(message) = message {
                line.world.oracle().outside.network.remove(&message);
            }
            line.look(call);
            if let Some(outcome) = outcome {
                line.world.give_way(Place::Elsewhere, 2).await;
                // nobody may be left to hear it
                let _ = reply.send(outcome);
            }
        });
        world.spawn(NewTask { role: Role::Network, process: 0, future });
        let reset = fate.is_some_and(|hit| matches!(hit, Hit::LateInTime | Hit::LateAfter));
        let wait = if reset { world.dice().up_to(Duration::from_secs(2)) } else { timeout };
        let sleep = world.clock.sleep(wait);
        match (Placed { world, place: Place::Request, future: select(answer, sleep) }).await {
            Either::Left((Ok(outcome), _)) => {
                world.note(|| format!("{} answered {}", call.operation, shown(&outcome)));
                outcome
            }
            Either::Left((Err(_), sleep)) => {
                Placed { world, place: Place::Request, future: sleep }.await;
                self.nothing(call, fate)
            }
            Either::Right(_) => self.nothing(call, fate),
        }
    }

    fn nothing<T>(&self, call: Call, fate: Option<Hit>) -> Result<T> {
        if fate.is_none() && call.again_at_once() {
            self.of_case(call, |case| case.refusals += 1);
        }
        self.world.note(|| format!("{}: no answer", call.operation));
        Err(self.error(ErrorKind::Timeout, call).with_retry(RetryClass::Unclear { after: None }))
    }

    fn error(&self, kind: ErrorKind, call: Call) -> Error {
        Error::new(kind, call.operation).with_provider(self.account.provider.clone())
    }

    fn name(&self) -> String {
        format!("{:?}", self.account)
    }

    /// What will become of this request.
    fn fate(&self, call: Call, options: &WriteOptions) -> Option<Hit> {
        let world = &self.world;
        if let Some(hit) = world.trouble(&self.name()) {
            return Some(hit);
        }
        let possible = |hit: &Hit| match hit {
            Hit::WireTwice => call.kind == CallKind::Make { keyed: false },
            Hit::LateInTime => call.kind != CallKind::Read,
            Hit::LateAfter => call.kind != CallKind::Read && options.send_before.is_some(),
            Hit::StaleLookUp => false,
            _ => true,
        };
        let of: Vec<Hit> = world.swarm.provider.iter().copied().filter(possible).collect();
        let fate = world.fault(&of, world.swarm.provider_rate)?;
        if matches!(fate, Hit::ConsentDead | Hit::Forbidden) {
            let span = Duration::from_secs(5) + world.dice().up_to(Duration::from_secs(600));
            world.trouble_begins(&self.name(), fate, span);
        }
        Some(fate)
    }

    fn book(&self, call: Call, fate: Option<Hit>) {
        let world = &self.world;
        world.note(|| format!("send {call:?}: {}", fate.map_or("all goes well", Hit::label)));
        world.count(|tally| tally.requests += 1);
        if let Some(hit) = fate {
            world.hit(hit);
        }
        self.of_case(call, |case| {
            case.requests += 1;
            case.hits.extend(fate);
            let clear = |hit: Hit| call.again_at_once() || !hit.is_unclear();
            case.refusals += u32::from(fate.is_some_and(clear));
            let (own, account) = (tenant(case.plan.tenant), &self.account.tenant);
            if own != *account {
                case.leaked = Some(format!("{} for {own} with an account of {account}", call.operation));
            }
        });
    }

    fn arrival(&self, fate: Option<Hit>, limit: Instant, options: &WriteOptions) -> Arrival {
        let world = &self.world;
        let now = world.clock.instant();
        let left = limit.saturating_duration_since(now);
        match fate {
            Some(Hit::LateInTime) => Arrival { after: world.dice().up_to(left), last: limit },
            Some(Hit::LateAfter) => {
                // after the deadline of the intent, before anybody may look
                let settle = world.swarm.timing.settle;
                let deadline = options.send_before.unwrap_or(limit);
                let after = deadline.saturating_duration_since(now) + world.dice().up_to(settle);
                Arrival { after, last: deadline + settle }
            }
            _ => {
                let most = left.min(Duration::from_secs(3));
                let slow = world.dice().one_in(4);
                let after = if slow { world.dice().up_to(most) } else { Duration::ZERO };
                Arrival { after, last: limit }
            }
        }
    }

    /// Remembers what may still take effect.
    fn enter_network(&self, call: Call, fate: Option<Hit>, limit: Instant) -> Option<u64> {
        let CallKind::Make { .. } = call.kind else { return None };
        let case = call.case.filter(|_| acts(fate))?;
        Some(self.world.oracle().outside.send(Message { case, limit }))
    }

    /// At the provider. `None`: no reply ever comes.
    fn arrive<T>(&self, call: Call, fate: Option<Hit>, last: Instant, effect: &mut Effect<T>) -> Option<Result<T>> {
        let now = self.world.clock.instant();
        let refuse = |kind, retry| Some(Err(self.error(kind, call).with_retry(retry)));
        let safe = |after| RetryClass::Safe { after };
        let unclear = RetryClass::Unclear { after: None };
        if acts(fate) && now >= last {
            self.world.note(|| format!("{} never arrived", call.operation));
            self.of_case(call, |case| case.hits.extend([Hit::TimeoutBefore]));
            return None;
        }
        let mut act = || {
            let done = effect(&mut self.world.oracle().outside, now);
            self.world.note(|| format!("{} takes effect: {}", call.operation, shown(&done)));
            done
        };
        match fate {
            None | Some(Hit::StaleLookUp) => Some(act()),
            Some(Hit::WireTwice) => {
                let first = act();
                drop(act());
                Some(first)
            }
            Some(Hit::LateInTime | Hit::LateAfter) => {
                drop(act());
                None
            }
            Some(Hit::ReplyLost) => {
                drop(act());
                refuse(ErrorKind::Timeout, unclear)
            }
            Some(Hit::DoneThenFault) => {
                drop(act());
                refuse(ErrorKind::Unavailable, unclear)
            }
            Some(Hit::Garbage) => {
                drop(act());
                refuse(ErrorKind::Protocol, unclear)
            }
            Some(Hit::TimeoutBefore) => None,
            Some(Hit::FaultBefore) => refuse(ErrorKind::Unavailable, safe(None)),
            Some(Hit::ThrottledFor) => {
                let wait = Duration::from_secs(1) + self.world.dice().up_to(Duration::from_secs(90));
                refuse(ErrorKind::Throttled, safe(Some(wait)))
            }
            Some(Hit::Throttled) => refuse(ErrorKind::Throttled, safe(None)),
            Some(Hit::ConsentDead) => refuse(ErrorKind::NeedsReconsent, RetryClass::Never),
            Some(Hit::Forbidden) => refuse(ErrorKind::PermissionDenied, RetryClass::Never),
            Some(Hit::Conflict) => refuse(ErrorKind::Conflict, RetryClass::Never),
            Some(_) => refuse(ErrorKind::InvalidInput, RetryClass::Never),
        }
    }

    fn of_case(&self, call: Call, change: impl FnOnce(&mut Case)) {
        if let Some(case) = call.case {
            change(&mut self.world.oracle().cases[case]);
        }
    }

    /// Something may have changed outside.
    fn look(&self, call: Call) {
        let (now, step) = (self.world.clock.instant(), self.world.step());
        let mut oracle = self.world.oracle();
        if let Some(case) = call.case {
            oracle.check(case, now, step);
        }
    }
}

struct Arrival {
    after: Duration,
    /// Arrives before this instant or never.
    last: Instant,
}

/// Whether a request under this fate takes effect.
fn acts(fate: Option<Hit>) -> bool {
    match fate {
        None => true,
        Some(hit) => matches!(
            hit,
            Hit::ReplyLost | Hit::DoneThenFault | Hit::Garbage | Hit::WireTwice | Hit::LateInTime | Hit::LateAfter
        ),
    }
}

fn shown<T>(outcome: &Result<T>) -> String {
    match outcome {
        Ok(_) => "ok".to_owned(),
        Err(error) => error.to_string(),
    }
}
