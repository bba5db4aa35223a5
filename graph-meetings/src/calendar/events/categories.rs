use invitations_core::{ErrorKind, Result, provider::WriteOptions};
use meetings_http::Protection;
use serde_json::{Map, Value, json};

use super::{OutlookEvents, read::all};
use crate::{
    calendar::{
        OutlookCalendars,
        outlook::{CategoryColor, CategoryOutcome, EventCategory, MasterCategory, WrittenCategory},
    },
    client::{Budget, Session},
    errors::Resource,
    wire::{self, unreadable},
};

impl OutlookCalendars {
    /// The mailbox's own list of categories, whole. Needs `MailboxSettings.Read`. Mails nobody.
    ///
    /// # Errors
    /// [`PermissionDenied`](ErrorKind::PermissionDenied) without that permission.
    pub async fn categories(&self) -> Result<Vec<MasterCategory>> {
        listed(&self.session, &WriteOptions::new()).await
    }

    /// Sees to it that the mailbox's list has a category of this name. One that is there keeps the colour that its user gave it.
    /// Needs `MailboxSettings.ReadWrite`. Mails nobody.
    ///
    /// # Errors
    /// [`PermissionDenied`](ErrorKind::PermissionDenied) without that permission; [`InvalidInput`](ErrorKind::InvalidInput) without a
    /// name, before anything is sent.
    pub async fn ensure_category(&self, category: &EventCategory, options: WriteOptions) -> Result<MasterCategory> {
        let operation = "ensure category";
        category.check(operation)?;
        let budget = Budget::new(&self.session.graph, &options);
        let known = listed(&self.session, &budget.options(&self.session.graph, operation)?).await?;
        if let Some(there) = known.into_iter().find(|one| one.is(&category.name)) {
            return Ok(there);
        }
        match add(&self.session, category, &budget).await {
            // somebody else was first
            Err(error) if error.status() == Some(409) => {
                let options = budget.options(&self.session.graph, operation)?;
                let known = listed(&self.session, &options).await?;
                known.into_iter().find(|one| one.is(&category.name)).ok_or(error)
            }
            added => added,
        }
    }
}

impl OutlookEvents {
    /// Writes the names into `body`, and sees to the colours. A colour that cannot be had holds no event up.
    pub(super) async fn categorised(
        &self,
        operation: &'static str,
        wanted: &[EventCategory],
        body: &mut Map<String, Value>,
        budget: &Budget,
    ) -> Result<Vec<WrittenCategory>> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let names: Vec<&str> = wanted.iter().map(|category| category.name.as_str()).collect();
        body.insert("categories".to_owned(), names.into());
        let known = match wanted.iter().any(|category| category.color.is_some()) {
            true => Some(listed(&self.session, &budget.options(&self.session.graph, operation)?).await),
            false => None,
        };
        let (known, mut refusal) = match known {
            Some(Ok(known)) => (known, None),
            Some(Err(error)) => (Vec::new(), Some(error)),
            None => (Vec::new(), None),
        };
        let mut written = Vec::with_capacity(wanted.len());
        for category in wanted {
            let name = category.name.clone();
            let outcome = if category.color.is_none() {
                CategoryOutcome::NotAsked
            } else if let Some(error) = refusal.take() {
                // told once; the others have the same reason
                refusal = Some(again(&error));
                CategoryOutcome::NameOnly(error)
            } else if known.iter().any(|one| one.is(&name)) {
                CategoryOutcome::Listed
            } else {
                match add(&self.session, category, budget).await {
                    Ok(_) => CategoryOutcome::Added,
                    Err(error) if error.status() == Some(409) => CategoryOutcome::Listed,
                    Err(error) => {
                        if error.kind() == ErrorKind::PermissionDenied {
                            refusal = Some(again(&error));
                        }
                        CategoryOutcome::NameOnly(error)
                    }
                }
            };
            written.push(WrittenCategory { name, outcome });
        }
        Ok(written)
    }
}

/// The same refusal for the next category, which is not asked about.
fn again(error: &invitations_core::Error) -> invitations_core::Error {
    let same = invitations_core::Error::new(error.kind(), error.operation()).with_provider(crate::provider_id());
    let same = match error.status() {
        Some(status) => same.with_status(status),
        None => same,
    };
    match error.remedy() {
        Some(remedy) => same.with_remedy(remedy.clone()),
        None => same,
    }
}

async fn listed(session: &Session, options: &WriteOptions) -> Result<Vec<MasterCategory>> {
    let request = wire::get(&path(session))?;
    let read = |operation, members: crate::calendar::outlook::Members| {
        MasterCategory::read(members.0.into()).ok_or_else(|| unreadable(operation, "a category without a name"))
    };
    all(session, "list categories", request, Resource::MailboxSettings, options, read).await
}

async fn add(session: &Session, category: &EventCategory, budget: &Budget) -> Result<MasterCategory> {
    let operation = "add category";
    let color = category.color.as_ref().unwrap_or(&CategoryColor::NoColor);
    let body = json!({ "displayName": category.name, "color": color.as_str() });
    let request = wire::post(&path(session), &body)?;
    let options = budget.options(&session.graph, operation)?;
    // a name stands in the list once: sent twice it is refused with 409
    let reply = session.send(operation, Resource::MailboxSettings, request, Protection::Findable, &options).await?;
    MasterCategory::read(wire::read(operation, &reply)?)
        .ok_or_else(|| unreadable(operation, "a category without a name"))
}

fn path(session: &Session) -> String {
    format!("{}/outlook/masterCategories", session.owner.path())
}
