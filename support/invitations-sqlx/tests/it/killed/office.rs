//! What the application does meanwhile: it books, invites, accepts and takes back, and leaves the rest to the workers.

use std::{error::Error, path::PathBuf, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use invitations_core::{
    ErrorKind, Result,
    ids::{InvitationId, MeetingKey, PrincipalId, Reference},
    invitation::{EffectKind, InvitationStore as _, Invite, Proof, State, TenantInvitations, machine::Recipient},
    people::Principal,
    provider::MeetingDraft,
    runtime::{BoxFuture, Clock as _, Spawner, SystemClock},
};
use invitations_sqlx::SqliteStore;

use super::{
    choices::Choices,
    judge::{Affair, Wanted},
    rows,
    setting::{Setting, account, school},
    told,
};

pub(crate) struct Office {
    store: SqliteStore,
    org: TenantInvitations,
    folder: PathBuf,
    start: DateTime<Utc>,
    open: Vec<(String, InvitationId, Wanted)>,
}

/// The workers do everything, and they can be killed.
#[derive(Debug)]
struct NotHere;

impl Spawner for NotHere {
    fn spawn(&self, _task: BoxFuture<'static, ()>) {}
}

impl Office {
    pub(crate) async fn new(setting: &Setting) -> Result<Self> {
        let store = setting.store().await?;
        let org = setting.invitations(store.clone(), Arc::new(NotHere))?.tenant(&school());
        let start = SystemClock.now() + Duration::from_secs(24 * 3600);
        Ok(Self { store, org, folder: setting.folder.clone(), start, open: Vec::new() })
    }

    /// A booking that is paid, or a call that somebody accepts, declines, or never hears of again.
    pub(crate) async fn begin(&mut self, choices: &mut Choices) -> Result<()> {
        let name = format!("lesson {}", self.open.len());
        let draft = MeetingDraft::new(&*name, self.start..self.start + Duration::from_secs(3600));
        if choices.one_in(2) {
            let booked = self.org.provision_paid(MeetingKey::parse(&name)?, draft, account()).await?;
            self.open.push((name, booked.id, Wanted::OneMeeting));
            return Ok(());
        }
        let invite = Invite::meeting(draft, account(), Recipient::Principal(PrincipalId::parse("bob")?));
        let id = self.org.invite(&principal("ada")?, invite.with_reference(Reference::parse(&name)?)).await?.id;
        let (proof, bob) = (Proof::Inbox(id.clone()), principal("bob")?);
        let wanted = match choices.below(6) {
            0 => self.org.decline(&proof, Some(&bob)).await.map(|_| Wanted::NeverAny),
            1 => self.org.revoke(&id, &principal("ada")?).await.map(|_| Wanted::NeverAny),
            _ => self.org.accept(&proof, &bob).await.map(|_| Wanted::OneMeeting),
        };
        self.open.push((name, id, wanted?));
        Ok(())
    }

    /// One that stands, wherever the workers are with it.
    pub(crate) async fn take_back(&mut self, choices: &mut Choices) -> Result<()> {
        let standing: Vec<usize> = (0..self.open.len()).filter(|at| self.open[*at].2 == Wanted::OneMeeting).collect();
        let (at, revoke) = (choices.below(standing.len() as u64), choices.one_in(2));
        let Some((_, id, wanted)) = standing.get(at as usize).map(|at| &mut self.open[*at]) else { return Ok(()) };
        let ada = principal("ada")?;
        let revoked = revoke && {
            match self.org.revoke(id, &ada).await {
                // it stands already: that is cancelled, not revoked
                Err(error) if error.kind() == ErrorKind::Refused => false,
                other => other.map(|_| true)?,
            }
        };
        if !revoked {
            self.org.cancel(id, &ada).await?;
        }
        *wanted = Wanted::NoneLeft;
        Ok(())
    }

    /// Nothing more will happen, and everybody knows.
    pub(crate) async fn is_settled(&self) -> Result<bool, Box<dyn Error>> {
        for (_, id, _) in &self.open {
            if !self.org.standing(id).await?.is_settled() {
                return Ok(false);
            }
        }
        Ok(self.undelivered().await? == 0)
    }

    pub(crate) async fn undelivered(&self) -> Result<i64, sqlx::Error> {
        rows::undelivered(&self.store).await
    }

    /// How everything stands, as far as we know.
    pub(crate) async fn affairs(&self) -> Result<Vec<Affair>> {
        let mut affairs = Vec::new();
        for (name, id, wanted) in &self.open {
            let standing = self.org.standing(id).await?;
            let row = self.store.load(&school(), id).await?;
            affairs.push(Affair {
                name: name.clone(),
                wanted: *wanted,
                status: standing.status,
                join: standing.join.map(|link| link.expose().to_string()),
                stored: row.as_ref().and_then(|row| stored_id(&row.value)),
                call: row.filter(|row| row.value.inviter.is_some()).map(|_| id.as_str().to_owned()),
            });
        }
        Ok(affairs)
    }

    /// Whatever is wrong in the database and with who was told, besides how everything stands.
    pub(crate) async fn damage(&self, affairs: &[Affair]) -> Result<Vec<String>, Box<dyn Error>> {
        let mut damage = rows::damage(&self.store).await?;
        for (_, id, _) in &self.open {
            damage.extend(rows::torn(&self.store, id).await?);
        }
        damage.extend(told::forgotten(&told::tries(&self.folder)?, affairs));
        Ok(damage)
    }
}

fn principal(name: &str) -> Result<Principal> {
    Ok(Principal::new(PrincipalId::parse(name)?))
}

fn stored_id(state: &State) -> Option<String> {
    let create = state.effects.iter().rfind(|effect| matches!(effect.kind, EffectKind::CreateMeeting(_)))?;
    create.found.as_ref().map(|found| found.id.clone())
}
