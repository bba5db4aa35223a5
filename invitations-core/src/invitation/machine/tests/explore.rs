//! Every state that people, workers and a lossy provider can reach in a few steps; what must hold in each; and that everything that
//! happens is a row of the table.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

use super::*;
use crate::{
    invitation::{
        effect::EffectKind,
        machine::table::{CommandKind, ROWS, knows, permits},
        stored,
    },
    time::Slot,
};

/// How many steps from the beginning.
const DEPTH: usize = 7;
/// How many states of one beginning are looked at: enough for every row, few enough for every run.
const STATES: usize = 6_000;

fn slot(hours: i64) -> Slot {
    Slot::from(noon() + Duration::hours(hours)..noon() + Duration::hours(hours + 1))
}

/// Later than everything that is due, so that each step is possible.
fn now(state: &State) -> DateTime<Utc> {
    let due = state.effects.iter().filter_map(|effect| effect.due_at);
    due.chain(state.blocking.iter().filter_map(|blocking| blocking.probe_at)).max().unwrap_or(noon()).max(noon())
}

fn at(mut context: Context, now: DateTime<Utc>) -> Context {
    context.now = now;
    context
}

/// Everything people could say now, sensible or not.
fn said(state: &State) -> Vec<(Command, Context)> {
    let now = now(state);
    let organizer = Account::application(
        TenantId::parse("school").unwrap(),
        ProviderId::parse("memory").unwrap(),
        UserId::parse("substitute").unwrap(),
    );
    let role = Amendment::new().with_role(Role::parse("headmaster").unwrap());
    let answers = [Command::Accept, Command::Decline, Command::Tentative, Command::Counter { slots: vec![slot(200)] }];
    let office = [
        Command::Revoke,
        Command::Cancel,
        Command::Resume { probe: false },
        Command::AcceptCounter { slot: 0 },
        Command::DeclineCounter,
        Command::Amend(Box::new(Amendment::new().with_subject(format!("Maths {}", state.revision)))),
        Command::Amend(Box::new(role)),
        Command::Resend,
        Command::Extend { until: state.expires_at.unwrap_or(now) + Duration::hours(1) },
        Command::Supersede { by: InvitationId::parse("two").unwrap() },
        Command::Reschedule { slot: slot(30 + i64::from(state.revision)) },
        Command::Regenerate,
        Command::ExternalChanged { drift: Drift::Gone },
        Command::ReassignOrganizer { organizer },
        Command::ResolveFound { found: object("m1") },
        Command::ResolveAbsent,
        Command::ConfirmPayment { payment: Reference::parse("payment-1").unwrap() },
        Command::PaymentFailed,
        Command::Reject,
        Command::ChangeOccurrence { start: now, change: OccurrenceChange::Cancel },
    ];
    let mut all = Vec::new();
    for command in answers {
        for who in ["bob", "eve"] {
            let who = verified(who, &format!("{who}@x.example"));
            all.push((command.clone(), at(who, now)));
        }
    }
    let mut office: Vec<_> = office.into_iter().map(|command| (command, at(by("ada"), now))).collect();
    // the cooldown is over a little later
    if let Some((_, context)) = office.iter_mut().find(|(command, _)| *command == Command::Resend) {
        context.now = state.resent_at.unwrap_or(state.created_at) + Duration::minutes(2);
    }
    all.append(&mut office);
    for who in ["carol", "dan"] {
        all.push((Command::Approve, at(by(who), now)));
    }
    let mut clicks = Context::new(now, Actor::LinkHolder);
    clicks.link_shown = true;
    all.push((Command::VerifyRequester, clicks));
    all
}

/// Everything time and workers could say.
fn done(state: &State) -> Vec<(Command, Context)> {
    let now = now(state);
    let later = |at: Option<DateTime<Utc>>| system(at.unwrap_or(now));
    let mut all = vec![
        (Command::ExpireTick, later(state.expires_at)),
        (Command::BlockedTick, later(state.blocking.as_ref().map(|blocking| blocking.give_up_at))),
        (Command::Resume { probe: true }, later(state.blocking.as_ref().and_then(|blocking| blocking.probe_at))),
    ];
    for reminder in &state.policy.reminders {
        let command = Command::RemindTick { reminder: *reminder, nobody_joined: true };
        all.push((command, later(state.next_tick().map(|(at, _)| at))));
    }
    for (place, effect) in state.effects.iter().enumerate() {
        let looks = Reconciliation::LookUp { exact: true, lag: std::time::Duration::ZERO };
        let blind = matches!(effect.kind, EffectKind::CreateMeeting(_));
        let ways: &[_] = if blind {
            &[Reconciliation::Reissue, looks, Reconciliation::Quarantine]
        } else {
            &[Reconciliation::Reissue]
        };
        for reconciliation in ways {
            let request_deadline = now + Duration::seconds(20);
            let (effect, reconciliation) = (effect.id.clone(), *reconciliation);
            all.push((Command::BeginEffect { effect, reconciliation, request_deadline }, system(now)));
        }
        for report in [
            EffectReport::Succeeded(Some(object("m1"))),
            EffectReport::Retryable { after: None, problem: problem() },
            EffectReport::Unknown(problem()),
            EffectReport::NeedsAction(problem()),
            EffectReport::Permanent(problem()),
            EffectReport::Found { object: object("m1"), extra: 0 },
            EffectReport::Found { object: object("m1"), extra: 1 },
            EffectReport::Absent,
            EffectReport::StillUnknown(problem()),
            EffectReport::Swept { removed: 0, missing: true },
        ] {
            all.push((report_of(state, place, report), system(now)));
        }
    }
    all
}

fn check(before: &State, state: &State) {
    let in_flight = |status| matches!(status, EffectStatus::InFlight | EffectStatus::Undoing);
    if let Phase::Closed(how) = state.phase {
        // I2: nothing may still land once it is said to be over
        assert!(!state.effects.iter().any(|effect| in_flight(effect.status)), "{state:#?}");
        // I1: nothing of ours lives on
        assert!(!state.effects.iter().any(|effect| effect.status == EffectStatus::Done), "{how:?}: {state:#?}");
        assert!(state.holds().iter().all(|hold| hold.starts_with("payment\n")));
        assert!(state.next_tick().is_none());
    }
    // I1: one meeting at most is made or being made under one epoch, and the newest one is the one that lives
    let made = state
        .effects
        .iter()
        .filter(|effect| matches!(effect.kind, EffectKind::CreateMeeting(_)) && effect.status == EffectStatus::Done);
    assert!(made.count() <= 1, "{state:#?}");
    if state.phase == Phase::Fulfilled && before.phase != Phase::Fulfilled {
        assert!(state.is_at_rest(), "{state:#?}");
    }
    // I6: whatever runs has somebody due to look at it, and whatever is stuck says why
    if matches!(state.phase, Phase::Provisioning | Phase::Rescheduling | Phase::Compensating { .. }) {
        assert!(state.schedule().count() > 0, "nobody will ever look: {state:#?}");
    }
    if matches!(state.phase, Phase::Blocked { .. } | Phase::Quarantined { .. }) {
        assert!(state.attention.is_some(), "{state:#?}");
    }
    if matches!(state.phase, Phase::Blocked { .. }) {
        assert!(state.next_tick().is_some(), "nobody will ever give up: {state:#?}");
    }
    // I3: the winner never changes
    if let Some(winner) = &before.winner {
        assert_eq!(Some(winner), state.winner.as_ref());
    }
    // I4: told "stopping", it is never accepted again; told "accepted", it never ends as if it had not been
    if before.status() == Status::Cancelling {
        assert_ne!(state.status(), Status::Accepted);
    }
    if before.status() == Status::Accepted {
        assert!(!matches!(state.status(), Status::Revoked | Status::Expired | Status::Declined), "{state:#?}");
    }
    assert!(!(state.status() == Status::Revoked && state.is_made_anew()), "{state:#?}");
}

fn beginnings() -> Vec<State> {
    let to = |name: &str| Recipient::Address(EmailAddress::parse(format!("{name}@x.example")).unwrap());
    let two = || vec![to("bob"), to("eve")];
    let meeting = || Offer::Meeting { draft: Box::new(draft()), organizer: account() };
    let with = |offer: Offer, recipients, quorum, policy: Policy| {
        let id = InvitationId::parse("one").unwrap();
        let (tenant, inviter) = (TenantId::parse("school").unwrap(), PrincipalId::parse("ada").unwrap());
        let mut new = NewInvitation::new(id, tenant, inviter, offer, recipients, noon() + Duration::hours(20));
        (new.quorum, new.policy) = (quorum, policy);
        apply(None, &decide(None, &Command::Create(Box::new(new)), &by("ada")).unwrap())
    };
    let reminders = || {
        let wait = std::time::Duration::from_secs(3600);
        [Reminder::before_expiry(wait), Reminder::before_start(wait), Reminder::nobody_joined(wait)]
    };
    let strict = || Policy::default().with_cancel_on_quorum_loss(true).with_reminders(reminders());
    let booking_offer = Offer::Booking {
        booking: MeetingKey::parse("lesson-42").unwrap(),
        draft: Box::new(draft()),
        organizer: account(),
    };
    vec![
        with(meeting(), two(), Quorum::Any, strict()),
        with(meeting(), two(), Quorum::All, Policy::default().with_reminders(reminders())),
        with(meeting(), two(), Quorum::Any, Policy::default().with_approvals(2)),
        with(Offer::Membership { role: Role::parse("teacher").unwrap() }, two(), Quorum::Any, Policy::default()),
        with(booking_offer, Vec::new(), Quorum::Any, Policy::default()),
        booking(),
        access(Approval::Members(1)),
        access(Approval::Automatic { domains: Vec::new() }),
        stopping_half_way(),
    ]
}

/// Everything that was seen to happen, by phase and command.
#[derive(Default)]
struct Seen {
    rows: BTreeSet<&'static str>,
    refusals: BTreeMap<(PhaseKind, CommandKind), usize>,
    states: usize,
}

impl Seen {
    fn look(&mut self, start: State) {
        let mut known = HashSet::new();
        let mut queue = VecDeque::from([(start, 0)]);
        while let Some((state, depth)) = queue.pop_front() {
            let text = stored::encode(&state).unwrap();
            if depth == DEPTH || known.len() == STATES || !known.insert(text.clone()) {
                continue;
            }
            // what is stored comes back the same
            assert_eq!(stored::decode::<State>(&text).unwrap(), state);
            for (command, context) in said(&state).into_iter().chain(done(&state)) {
                if let Some(after) = self.step(&state, &command, &context)
                    && after.effects.iter().all(|effect| effect.attempt <= 2 && effect.refusals <= 1)
                    && after.revision <= 2
                {
                    queue.push_back((after, depth + 1));
                }
            }
        }
        self.states += known.len();
    }

    fn step(&mut self, state: &State, command: &Command, context: &Context) -> Option<State> {
        let (from, kind) = (state.phase.kind(), CommandKind::of(command, Some(state)));
        match decide(Some(state), command, context) {
            Ok(decision) => {
                assert!(!decision.events.is_empty());
                let after = apply(Some(state), &decision);
                let to = after.phase.kind();
                let rows = permits(from, kind, to);
                assert!(
                    !rows.is_empty(),
                    "no row leads from {from:?} by {command:?} to {to:?}: {:#?}",
                    decision.events
                );
                self.rows.extend(rows.iter().map(|row| row.id));
                check(state, &after);
                Some(after)
            }
            Err(_) => {
                *self.refusals.entry((from, kind)).or_default() += 1;
                None
            }
        }
    }
}

#[test]
fn every_reachable_state_keeps_the_invariants_and_to_the_table() {
    let mut seen = Seen::default();
    for start in beginnings() {
        seen.look(start);
    }
    println!("{} states, {} rows seen, {} pairs refused", seen.states, seen.rows.len(), seen.refusals.len());
    assert!(seen.states > 10_000, "only {} states", seen.states);
    // no row is only on paper: creations have tests of their own, and a lease is the store's
    let apart = ["T01", "T02", "T03", "T04", "T05", "T86", "T33", "T66"];
    let missing: Vec<_> =
        ROWS.iter().map(|row| row.id).filter(|id| !seen.rows.contains(id) && !apart.contains(id)).collect();
    assert_eq!(missing, Vec::<&str>::new(), "never seen to happen");
    // every pair that the table does not know was tried and refused
    for from in PhaseKind::OPEN.into_iter().chain(PhaseKind::CLOSED) {
        for command in CommandKind::ALL {
            let created =
                matches!(command, CommandKind::Create | CommandKind::RequestAccess | CommandKind::ProvisionPaid);
            let about_effects = command >= CommandKind::LeaseEffect && command <= CommandKind::EffectPermanent
                || matches!(
                    command,
                    CommandKind::UndoSucceeded
                        | CommandKind::UndoRetryable
                        | CommandKind::UndoPermanent
                        | CommandKind::Sweep
                        | CommandKind::RemindTick
                );
            if !knows(from, command) && !created && !about_effects {
                assert!(seen.refusals.contains_key(&(from, command)), "{from:?} was never asked to {command:?}");
            }
        }
    }
}
