//! The embedder's side: notifier, membership, sealer, spawner, randomness, and a process put together from them.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use invitations_core::{
    Error, ErrorKind, Result, RetryClass,
    invitation::{About, Invitations, Notice, Notifier, effect::Effects},
    people::{CallerAuthorized, Member, Membership},
    provider::Providers,
    runtime::{BoxFuture, Clock as _, Entropy, Spawner},
    secret::{InvitationLink, SealContext, Sealed, Sealer, SecretBytes},
};

use super::{
    dice::Dice,
    executor::{NewTask, Role},
    hit::Hit,
    outside::{Entry, tenant},
    store::FaultyStore,
    world::{Place, World},
};

/// One process: its own façade, bell and worker name over the shared store.
pub(super) fn process(
    world: &Arc<World>,
    store: &Arc<FaultyStore>,
    providers: &Providers,
    number: usize,
    life: u64,
) -> Invitations {
    let spawner = Tasks { world: Arc::clone(world), process: number };
    let seed = world.swarm.seed ^ (number as u64) << 32 ^ life << 40;
    Invitations::builder(Arc::<FaultyStore>::clone(store))
        .effects(Effects::new(providers.clone()))
        .notifier(Arc::new(Mailer(Arc::clone(world))))
        .membership(Arc::new(Mailer(Arc::clone(world))))
        .authorizer(Arc::new(CallerAuthorized))
        .sealer(Arc::new(Plain))
        .runtime(Arc::new(world.clock.clone()), Arc::new(spawner))
        .entropy(Arc::new(Bytes(Mutex::new(Dice::new(seed)))))
        .timing(world.swarm.timing.clone())
        .build()
        .unwrap()
}

struct Tasks {
    world: Arc<World>,
    process: usize,
}

impl fmt::Debug for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tasks of process {}", self.process)
    }
}

impl Spawner for Tasks {
    fn spawn(&self, future: BoxFuture<'static, ()>) {
        self.world.spawn(NewTask { role: Role::Detached, process: self.process, future });
    }
}

#[derive(Debug)]
struct Bytes(Mutex<Dice>);

impl Entropy for Bytes {
    fn fill(&self, buffer: &mut [u8]) -> Result<()> {
        let mut dice = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in buffer.chunks_mut(8) {
            let drawn = dice.next().to_le_bytes();
            chunk.copy_from_slice(&drawn[..chunk.len()]);
        }
        Ok(())
    }
}

/// Seals nothing, but checks what a blob is bound to.
#[derive(Debug)]
struct Plain;

#[async_trait]
impl Sealer for Plain {
    async fn seal(&self, context: &SealContext, plain: &[u8]) -> Result<Sealed> {
        let bound = context.to_bytes();
        let mut bytes = u32::try_from(bound.len()).unwrap().to_be_bytes().to_vec();
        bytes.extend(bound);
        bytes.extend(plain);
        Ok(Sealed::from_bytes(bytes))
    }

    async fn open(&self, context: &SealContext, sealed: &Sealed) -> Result<SecretBytes> {
        let bound = context.to_bytes();
        match sealed.as_bytes()[4..].strip_prefix(&bound[..]) {
            Some(plain) => Ok(SecretBytes::new(plain.to_vec())),
            None => Err(Error::new(ErrorKind::Misconfigured, "open sealed blob").with_detail("of another row")),
        }
    }

    fn current_key(&self) -> &'static str {
        "plain"
    }

    fn key_of(&self, _: &Sealed) -> Result<String> {
        Ok("plain".to_owned())
    }
}

/// Mails notices; drops a second one with the same `dedupe`, as a notifier may.
#[derive(Debug)]
struct Mailer(Arc<World>);

fn purpose(about: &About) -> (&'static str, Option<&InvitationLink>) {
    match about {
        About::ConfirmAddress { link } => ("confirm_address", Some(link)),
        About::Invited { link } => ("invited", link.as_ref()),
        About::ApprovalWanted => ("approval_wanted", None),
        About::Accepted { .. } => ("accepted", None),
        About::Declined => ("declined", None),
        About::Cancelled => ("cancelled", None),
        About::Rejected => ("rejected", None),
        About::ReconnectWanted => ("reconnect_wanted", None),
        About::OperatorAlert { .. } => ("operator_alert", None),
        About::Updated { link } => ("updated", link.as_ref()),
        About::AnswerWanted { link } => ("answer_wanted", link.as_ref()),
        About::StartsSoon { .. } => ("starts_soon", None),
        About::NobodyJoined => ("nobody_joined", None),
        About::CounterProposed { .. } => ("counter_proposed", None),
        About::CounterDeclined => ("counter_declined", None),
        About::Rescheduled { .. } => ("rescheduled", None),
        _ => ("another", None),
    }
}

impl Mailer {
    fn mail(&self, notice: &Notice) {
        let world = &self.0;
        let (now, step) = (world.clock.instant(), world.step());
        let (purpose, link) = purpose(&notice.about);
        let to = match (&notice.to, &notice.principal) {
            (Some(address), _) => address.canonical().to_owned(),
            (None, Some(principal)) => principal.to_string(),
            (None, None) => "whoever may".to_owned(),
        };
        let mut oracle = world.oracle();
        let Some(number) = oracle.cases.iter().position(|case| case.id.as_ref() == Some(&notice.invitation)) else {
            return;
        };
        let case = &mut oracle.cases[number];
        if tenant(case.plan.tenant) != notice.tenant {
            case.leaked = Some(format!("a notice to {} of {}", to, notice.tenant));
        }
        let mails = case.mails.entry((to.clone(), purpose, notice.revision)).or_default();
        if !mails.insert(notice.dedupe.clone()) {
            return;
        }
        let dedupe = notice.dedupe.clone();
        world.note(|| format!("mail {purpose} to {to} ({dedupe})"));
        world.count(|tally| tally.mails += 1);
        oracle.outside.log(now, Entry::Mailed { case: number, to, purpose, dedupe });
        if let Some(link) = link {
            oracle.outside.mailbox.push((number, purpose, link.clone()));
            if purpose != "confirm_address" {
                oracle.cases[number].answer_links.push(link.clone());
            }
        }
        oracle.check(number, now, step);
    }

    async fn work(&self, act: impl FnOnce() + Send) -> Result<()> {
        let world = &self.0;
        world.give_way(Place::Request, 2).await;
        let fate = world.fault(&world.swarm.mail, world.swarm.provider_rate);
        if let Some(hit) = fate {
            world.hit(hit);
            world.note(|| hit.label().to_owned());
        }
        let lost = |retry| Err(Error::new(ErrorKind::Unavailable, "mail").with_retry(retry));
        match fate {
            Some(Hit::MailLost) => lost(RetryClass::Safe { after: None }),
            Some(_) => {
                act();
                lost(RetryClass::Unclear { after: None })
            }
            None => {
                act();
                world.give_way(Place::Request, 2).await;
                Ok(())
            }
        }
    }
}

#[async_trait]
impl Notifier for Mailer {
    async fn deliver(&self, notice: &Notice) -> Result<()> {
        self.work(|| self.mail(notice)).await
    }
}

#[async_trait]
impl Membership for Mailer {
    async fn add(&self, member: &Member) -> Result<()> {
        self.work(|| self.tell(member, true)).await
    }

    async fn remove(&self, member: &Member) -> Result<()> {
        self.work(|| self.tell(member, false)).await
    }
}

impl Mailer {
    fn tell(&self, member: &Member, joins: bool) {
        let mut oracle = self.0.oracle();
        let Some(case) = oracle.cases.iter_mut().find(|case| case.id.as_ref() == Some(&member.invitation)) else {
            return;
        };
        if joins {
            case.members.insert(member.principal.clone());
        } else {
            case.members.remove(&member.principal);
        }
        if tenant(case.plan.tenant) != member.tenant {
            case.leaked = Some(format!("a member of {}", member.tenant));
        }
    }
}
