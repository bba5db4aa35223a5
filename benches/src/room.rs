//! From acceptance to link through everything: the service, SQLite, the Graph client, http, the sandbox on loopback. Real time, and all
//! waits as they come.

use std::{collections::BTreeSet, path::Path, sync::Arc, time::Duration};

use graph_meetings::{App, Cloud, DirectoryId, Graph, provider_id};
use invitations_core::{
    ids::{ClientId, InvitationId, PrincipalId, UserId, WorkerId},
    invitation::{Invitations, Invite, Proof, Status, TenantInvitations, effect::Effects, machine::Recipient},
    people::{CallerAuthorized, Principal},
    provider::{Account, MeetingDraft, Providers},
    runtime::{Clock as _, SystemClock},
    secret::{ClientSecret, KeyRing},
};
use invitations_sqlx::SqliteStore;
use meetings_sandbox::{FaultPlan, Sandbox, SandboxConfig, defaults};
use tokio::{sync::oneshot, task::JoinHandle};

use crate::{
    Failure,
    house::{Silent, tenant},
};

/// How often somebody who has not got a link yet looks for it.
const LOOK: Duration = Duration::from_millis(20);
/// Nobody waits longer: a benchmark ends.
const PATIENCE: Duration = Duration::from_secs(900);

/// An organisation whose meetings are made in a sandbox, by this process: at once and by a worker.
#[derive(Debug)]
#[non_exhaustive]
pub struct Room {
    /// Where the meetings are made.
    pub sandbox: Sandbox,
    org: TenantInvitations,
    worker: (oneshot::Sender<()>, JoinHandle<()>),
}

impl Room {
    /// Everything as it comes: timing, retries, the transport.
    ///
    /// # Errors
    /// When a part of it does not start.
    pub async fn open(file: &Path) -> Result<Self, Failure> {
        let sandbox = Sandbox::start(SandboxConfig::new().with_seed(7)).await?;
        if !sandbox.grant_access_policy("*") {
            return Err("nobody may organize".into());
        }
        let client = ClientId::parse(defaults::MICROSOFT_CLIENT_ID)?;
        let secret = ClientSecret::new(defaults::MICROSOFT_CLIENT_SECRET);
        let app = App::with_secret(DirectoryId::parse(defaults::DIRECTORY_ID)?, client, secret)
            .with_cloud(Cloud::at(sandbox.url(), sandbox.url()));
        let graph = Arc::new(Graph::builder(app).dangerous_loopback_http().build()?);
        let invitations = Invitations::builder(Arc::new(SqliteStore::open(file).await?))
            .effects(Effects::new(Providers::new().with(provider_id(), graph)))
            .authorizer(Arc::new(CallerAuthorized))
            .sealer(Arc::new(KeyRing::generate()?))
            .notifier(Arc::new(Silent))
            .build()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let worker = invitations.worker(WorkerId::parse("worker")?);
        let running = tokio::spawn(async move {
            let stopped = async {
                let _ = stopped.await;
            };
            // it has no error of its own
            let _ = worker.run_until(stopped).await;
        });
        Ok(Self { sandbox, org: invitations.tenant(&tenant()?), worker: (stop, running) })
    }

    /// What goes wrong from now on.
    pub fn set_faults(&self, plan: FaultPlan) {
        self.sandbox.set_faults(plan);
    }

    /// One person invites another to a meeting; several people organize.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn invite(&self, number: usize) -> Result<InvitationId, Failure> {
        let (organizer, _) = defaults::USERS[number % defaults::USERS.len()];
        let account = Account::application(tenant()?, provider_id(), UserId::parse(organizer)?);
        let starts = SystemClock.now() + Duration::from_secs(24 * 3600);
        let draft = MeetingDraft::new(format!("Lesson {number}"), starts..starts + Duration::from_secs(1800));
        let invite = Invite::meeting(draft, account, Recipient::Principal(invitee()?.id));
        Ok(self.org.invite(&Principal::new(PrincipalId::parse("inviter")?), invite).await?.id)
    }

    /// Accepts, and looks until there is a link.
    ///
    /// # Errors
    /// When it is refused, and when no link comes.
    pub async fn accept(&self, id: InvitationId) -> Result<(), Failure> {
        let asked = SystemClock.instant();
        let mut standing = self.org.accept(&Proof::Inbox(id.clone()), &invitee()?).await?;
        while standing.join.is_none() {
            if standing.attention.is_some() || SystemClock.instant() - asked > PATIENCE {
                return Err(format!("no link: {standing:?}").into());
            }
            SystemClock.sleep(LOOK).await;
            standing = self.org.standing(&id).await?;
        }
        Ok(())
    }

    /// Whether these have a meeting each and nobody else has: as many in the sandbox as accepted, and the links are theirs.
    ///
    /// # Errors
    /// When not.
    pub async fn check(&self, accepted: &[InvitationId]) -> Result<(), Failure> {
        let state = self.sandbox.state();
        let meetings = state["meetings"].as_array().ok_or("the sandbox shows no meetings")?;
        let standing = meetings.iter().filter(|meeting| meeting["deleted"] != true);
        let made: Vec<_> = standing.filter_map(|meeting| meeting["joinWebUrl"].as_str()).collect();
        let mut links = BTreeSet::new();
        for id in accepted {
            let standing = self.org.standing(id).await?;
            let link = standing.join.filter(|_| standing.status == Status::Accepted);
            links.insert(link.ok_or("an accepted invitation has no link")?.expose().to_string());
        }
        let links: BTreeSet<_> = links.iter().map(String::as_str).collect();
        let different: BTreeSet<_> = made.iter().copied().collect();
        if made.len() != accepted.len() || links.len() != accepted.len() || links != different {
            let (many, made, links) = (accepted.len(), made.len(), links.len());
            return Err(format!("{many} have accepted; {made} meetings were made, {links} links handed out").into());
        }
        Ok(())
    }

    /// Lets the worker finish its round.
    ///
    /// # Errors
    /// When it has panicked.
    pub async fn close(self) -> Result<(), Failure> {
        let (stop, running) = self.worker;
        let _ = stop.send(());
        Ok(running.await?)
    }
}

fn invitee() -> Result<Principal, Failure> {
    Ok(Principal::new(PrincipalId::parse("invitee")?))
}
