//! An organisation that has invited people, all through the public façade.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use invitations_core::{
    Result,
    ids::{PrincipalId, ProviderId, Role, TenantId, UserId},
    invitation::{
        Invitations, Invite, Notice, Notifier, Proof, Standing, Status, TenantInvitations, machine::Recipient,
        store::Filter,
    },
    people::{CallerAuthorized, EmailAddress, Principal},
    provider::{Account, MeetingDraft},
    runtime::{BoxFuture, Clock as _, Spawner, SystemClock, TokioSpawner},
    secret::KeyRing,
};
use invitations_sqlx::SqliteStore;
use sqlx::SqlitePool;

use crate::{Failure, RawAcceptance};

/// How many invitations are made at a time.
const TOGETHER: usize = 128;

/// What is accepted, and by which proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "what is measured")]
pub enum Kind {
    /// Found in the application by a colleague: they have a role at once.
    InboxMembership,
    /// A link that was mailed to a newcomer: they have a role at once.
    MailedMembership,
    /// Found in the application: a meeting is to be made.
    Meeting,
}

/// An invitation that waits for its answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Invited {
    /// What the answer is given by.
    pub proof: Proof,
    /// Who gives it.
    pub who: Principal,
}

/// A store in a file, and the service over it.
#[derive(Debug)]
#[non_exhaustive]
pub struct House {
    /// The service.
    pub org: TenantInvitations,
    /// The store's connections.
    pub pool: SqlitePool,
    /// Invites: where somebody else's connections do, those of the store are as many as its callers need.
    office: Office,
    kind: Kind,
    people: AtomicUsize,
}

#[derive(Debug)]
struct Office {
    org: TenantInvitations,
    pool: SqlitePool,
}

impl Kind {
    /// All.
    pub const ALL: [Self; 3] = [Self::InboxMembership, Self::MailedMembership, Self::Meeting];

    /// For people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InboxMembership => "membership, inbox",
            Self::MailedMembership => "membership, mailed",
            Self::Meeting => "meeting, inbox",
        }
    }

    /// How an accepted one stands: a meeting has still to be made, by a worker.
    fn accepted(self) -> Status {
        match self {
            Self::InboxMembership | Self::MailedMembership => Status::Accepted,
            Self::Meeting => Status::Accepting,
        }
    }

    fn invite(self, who: &Principal, address: EmailAddress) -> Result<Invite> {
        let known = Recipient::Principal(who.id.clone());
        Ok(match self {
            Self::InboxMembership => Invite::membership(Role::parse("teacher")?, known),
            Self::MailedMembership => Invite::membership(Role::parse("teacher")?, Recipient::Address(address)),
            Self::Meeting => {
                let starts = SystemClock.now() + Duration::from_secs(24 * 3600);
                let organizer = UserId::parse("organizer@school.example")?;
                let account = Account::application(tenant()?, ProviderId::parse("microsoft")?, organizer);
                let draft = MeetingDraft::new("Maths", starts..starts + Duration::from_secs(1800));
                Invite::meeting(draft, account, known)
            }
        })
    }
}

impl House {
    /// A new store in this file. Whatever follows an acceptance is left to workers (`Elsewhere`), unless `here`.
    ///
    /// # Errors
    /// When the store cannot be opened.
    pub async fn open(file: &Path, kind: Kind, here: bool) -> Result<Self> {
        let store = SqliteStore::open(file).await?;
        let office = SqliteStore::open(file).await?;
        Self::of(store, office, kind, here)
    }

    /// Over this store, all through its connections.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn over(store: SqliteStore, kind: Kind, here: bool) -> Result<Self> {
        Self::of(store.clone(), store, kind, here)
    }

    fn of(store: SqliteStore, office: SqliteStore, kind: Kind, here: bool) -> Result<Self> {
        let keys = Arc::new(KeyRing::generate()?);
        let org = |store, spawner: Arc<dyn Spawner>| {
            let invitations = Invitations::builder(Arc::new(store))
                .authorizer(Arc::new(CallerAuthorized))
                .sealer(Arc::<KeyRing>::clone(&keys))
                .notifier(Arc::new(Silent))
                .runtime(Arc::new(SystemClock), spawner)
                .build()?;
            Ok(invitations.tenant(&tenant()?).with_wait(Duration::ZERO))
        };
        let office = Office { pool: office.pool().clone(), org: org(office, Arc::new(Elsewhere))? };
        let pool = store.pool().clone();
        let org = org(store, if here { Arc::new(TokioSpawner) } else { Arc::new(Elsewhere) })?;
        Ok(Self { org, pool, office, kind, people: AtomicUsize::new(0) })
    }

    /// Invites so many.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn invite(&self, many: usize) -> Result<Vec<Invited>> {
        stream::iter(0..many).map(|_| self.invite_one()).buffer_unordered(TOGETHER).try_collect().await
    }

    async fn invite_one(&self) -> Result<Invited> {
        let name = format!("person{}", self.people.fetch_add(1, Ordering::Relaxed));
        let address = EmailAddress::parse(format!("{name}@people.example"))?;
        let who = Principal::new(PrincipalId::parse(&name)?).with_verified(address.clone());
        let inviter = Principal::new(PrincipalId::parse("inviter")?);
        let invited = self.office.org.invite(&inviter, self.kind.invite(&who, address)?).await?;
        Ok(Invited { proof: invited.link.map_or(Proof::Inbox(invited.id), Proof::Link), who })
    }

    /// Invites so many, and decides what their acceptance would write, for somebody else to write it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn invite_for_raw(&self, many: usize) -> Result<Vec<RawAcceptance>, Failure> {
        let prepare = async |invited: Invited| {
            let prepared = self.office.org.prepare_accept(&invited.proof, &invited.who).await?;
            RawAcceptance::of(&self.office.pool, prepared.commit(), matches!(invited.proof, Proof::Link(_))).await
        };
        stream::iter(self.invite(many).await?).map(prepare).buffer_unordered(TOGETHER).try_collect().await
    }

    /// Accepts.
    ///
    /// # Errors
    /// When it is refused, when the store fails, or when it does not stand as accepted.
    pub async fn accept(&self, invited: &Invited) -> Result<Standing, Failure> {
        let standing = self.org.accept(&invited.proof, &invited.who).await?;
        if standing.status != self.kind.accepted() {
            return Err(format!("an accepted invitation is {}", standing.status).into());
        }
        Ok(standing)
    }

    /// Whether so many have accepted, nobody else has, and each is a member (or has a meeting planned) once.
    ///
    /// # Errors
    /// When not.
    pub async fn check(&self, accepted: usize) -> Result<(), Failure> {
        let table = match self.kind {
            Kind::InboxMembership | Kind::MailedMembership => {
                "SELECT COUNT(*), COUNT(DISTINCT principal) FROM inv_member"
            }
            Kind::Meeting => {
                "SELECT COUNT(*), COUNT(DISTINCT meeting_key) FROM inv_effect WHERE meeting_key IS NOT NULL"
            }
        };
        let (made, different): (i64, i64) = sqlx::query_as(table).fetch_one(&self.office.pool).await?;
        let stand = self.office.org.count(&Filter::new().with_status(self.kind.accepted())).await?;
        let found = [usize::try_from(made)?, usize::try_from(different)?, usize::try_from(stand)?];
        if found != [accepted; 3] {
            return Err(format!("{accepted} have accepted; made, different and standing are {found:?}").into());
        }
        Ok(())
    }
}

pub(crate) fn tenant() -> Result<TenantId> {
    TenantId::parse("school")
}

/// The process of the workers is another one.
#[derive(Debug)]
struct Elsewhere;

impl Spawner for Elsewhere {
    fn spawn(&self, _task: BoxFuture<'static, ()>) {}
}

/// Nobody is told.
#[derive(Debug)]
pub(crate) struct Silent;

#[async_trait::async_trait]
impl Notifier for Silent {
    async fn deliver(&self, _: &Notice) -> Result<()> {
        Ok(())
    }
}
