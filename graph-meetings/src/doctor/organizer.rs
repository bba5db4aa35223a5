//! What is asked about organizers: does the directory know them, have they a licence, may the application act for them, is their
//! mailbox reached? Reads only; no meeting is made.

use http::Request;
use invitations_core::{
    Error, ErrorKind, Remedy, Result,
    doctor::{Examination, Finding, Question},
    ids::UserId,
    provider::{Resend, WriteOptions},
};
use serde::Deserialize;

use super::{Feature, GraphDoctor, policy};
use crate::{
    client::Session,
    errors::Resource,
    owner::Owner,
    wire::{self, Page},
};

const OPERATION: &str = "examine organizer";
/// A link that no meeting has: the answer is an empty list, or the refusal that is looked for (trap 3).
const NO_MEETING: &str = "https://teams.microsoft.com/l/meetup-join/none";
const LICENCE_PAGE: &str = "https://learn.microsoft.com/microsoft-365/admin/manage/assign-licenses-to-users";

impl GraphDoctor {
    /// `directory`: which directory do the tokens belong to?
    pub const DIRECTORY: Question = Question::new("directory");
    /// `organizer`: does the directory know the organizer, and is the account enabled?
    pub const ORGANIZER: Question = Question::new("organizer");
    /// `licence`: has the organizer a licence with Teams?
    pub const LICENCE: Question = Question::new("licence");
    /// `access_policy`: may the application act in the organizer's Teams meetings?
    pub const ACCESS_POLICY: Question = Question::new("access_policy");
    /// `mailbox`: is the organizer's calendar reached, may it be written, does it make Teams meetings?
    pub const MAILBOX: Question = Question::new("mailbox");

    /// The directory, then one organizer after the other.
    pub(super) async fn organizers_of(&self, examination: &mut Examination<'_>) {
        let Some(first) = self.organizers.first() else { return };
        let session = self.graph.application(first);
        if let Some(finding) = examination.within(Self::DIRECTORY, self.directory(&session)).await {
            examination.note(finding);
        }
        for organizer in &self.organizers {
            self.organizer(examination, organizer).await;
        }
    }

    async fn directory(&self, session: &Session) -> Finding {
        let question = Self::DIRECTORY;
        let read = async {
            let request = wire::get("/v1.0/organization?$select=id,displayName")?;
            let page: Page<Organization> = ask(session, Resource::Other, request).await?;
            page.value.into_iter().next().ok_or_else(|| wire::unreadable(OPERATION, "no organization"))
        };
        let expected = &self.graph.app().directory;
        match read.await {
            Ok(found) if expected.is_id() && !found.id.eq_ignore_ascii_case(expected.as_str()) => {
                Finding::fail(question, format!("the tokens are of directory {}, not of {expected}", found.id))
                    .with_remedy(Remedy::new(
                        "Give the application the directory (tenant) id in which the organizers are.",
                    ))
            }
            Ok(found) => Finding::ok(question, format!("{}, {}", found.display_name, found.id)),
            Err(error) => unless_refused(question, &error, "Organization.Read.All"),
        }
    }

    async fn organizer(&self, examination: &mut Examination<'_>, organizer: &UserId) {
        let session = self.graph.application(organizer);
        let named = |finding: Finding| finding.about(organizer.as_str());
        let Some((finding, id)) = examination.within(Self::ORGANIZER, account(&session)).await else { return };
        examination.note(named(finding));
        // without the permission to look up people an object id still serves
        let known = id.or_else(|| (!organizer.as_str().contains('@')).then(|| organizer.clone()));
        let Some(id) = known else {
            let detail = "the organizer's object id first";
            examination.note(named(Finding::not_asked(Self::ACCESS_POLICY, detail)));
            return;
        };
        let session = session.of(Owner::User(id.clone()));
        if self.asks(Feature::Meetings) {
            if let Some(finding) = examination.within(Self::LICENCE, licence(&session)).await {
                examination.note(named(finding));
            }
            let asked = policy::ask(&session, self.graph.app(), &id, NO_MEETING);
            if let Some(finding) = examination.within(Self::ACCESS_POLICY, asked).await {
                examination.note(named(finding));
            }
        }
        if self.asks(Feature::Calendars)
            && let Some(finding) = examination.within(Self::MAILBOX, mailbox(&session)).await
        {
            examination.note(named(finding));
        }
    }

    /// Without named features everything is asked.
    fn asks(&self, feature: Feature) -> bool {
        self.features.is_empty() || self.features.contains(&feature)
    }
}

#[derive(Deserialize)]
struct Organization {
    id: String,
    #[serde(default, rename = "displayName", deserialize_with = "wire::or_default")]
    display_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Person {
    id: String,
    account_enabled: Option<bool>,
    #[serde(default, deserialize_with = "wire::or_default")]
    user_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Licence {
    #[serde(default, deserialize_with = "wire::or_default")]
    sku_part_number: String,
    #[serde(default, deserialize_with = "wire::or_default")]
    service_plans: Vec<Plan>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Plan {
    #[serde(default, deserialize_with = "wire::or_default")]
    service_plan_name: String,
    #[serde(default, deserialize_with = "wire::or_default")]
    provisioning_status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Calendar {
    can_edit: Option<bool>,
    allowed_online_meeting_providers: Option<Vec<String>>,
}

/// One read; it is not sent again.
pub(super) async fn ask<T: serde::de::DeserializeOwned>(
    session: &Session,
    resource: Resource,
    request: Request<bytes::Bytes>,
) -> Result<T> {
    let reply =
        session.read_within(OPERATION, resource, request, &WriteOptions::new().with_resend(Resend::Caller)).await?;
    wire::read(OPERATION, &reply)
}

async fn account(session: &Session) -> (Finding, Option<UserId>) {
    let question = GraphDoctor::ORGANIZER;
    let path = format!("{}?$select=id,accountEnabled,userType", session.owner.path());
    let read = async { ask::<Person>(session, Resource::Users, wire::get(&path)?).await };
    let person = match read.await {
        Ok(person) => person,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let remedy = Remedy::new("Check the address or object id, and that it is a user of this directory.");
            return (Finding::fail(question, "the directory knows no such user").with_remedy(remedy), None);
        }
        Err(error) => return (unless_refused(question, &error, "User.ReadBasic.All"), None),
    };
    let id = UserId::parse(&person.id).ok();
    let finding = if person.account_enabled == Some(false) {
        Finding::fail(question, "the account is disabled")
            .with_remedy(Remedy::new("Enable the account, or name another organizer."))
    } else if person.user_type.eq_ignore_ascii_case("guest") {
        Finding::fail(question, "the account is a guest here; its meetings are its own directory's")
            .with_remedy(Remedy::new("Name a member of this directory as the organizer."))
    } else {
        Finding::ok(question, format!("object id {}", person.id))
    };
    (finding, id)
}

/// Names of service plans are Microsoft's and change: what is not recognised is a warning, nothing at all is a failure.
async fn licence(session: &Session) -> Finding {
    let question = GraphDoctor::LICENCE;
    let path = format!("{}/licenseDetails", session.owner.path());
    let read = async { ask::<Page<Licence>>(session, Resource::Users, wire::get(&path)?).await };
    let licences = match read.await {
        Ok(page) => page.value,
        Err(error) => return unless_refused(question, &error, "User.Read.All"),
    };
    let remedy = Remedy::new(
        "Microsoft 365 admin center > Users > Active users > Licenses and apps: give the organizer a licence that \
         contains Microsoft Teams.",
    )
    .with_docs(LICENCE_PAGE);
    if licences.is_empty() {
        return Finding::fail(question, "no licence at all").with_remedy(remedy);
    }
    let skus = licences.iter().map(|licence| licence.sku_part_number.as_str()).collect::<Vec<_>>().join(", ");
    let teams = |plan: &&Plan| plan.service_plan_name.to_ascii_uppercase().contains("TEAMS");
    let plans: Vec<_> = licences.iter().flat_map(|licence| &licence.service_plans).filter(teams).collect();
    let on = |plan: &&Plan| plan.provisioning_status.eq_ignore_ascii_case("success");
    match (plans.iter().copied().find(on), plans.first()) {
        (Some(plan), _) => Finding::ok(question, format!("{}, in {skus}", plan.service_plan_name)),
        (None, Some(plan)) => {
            let state = &plan.provisioning_status;
            Finding::warn(question, format!("{} is {state}, in {skus}", plan.service_plan_name)).with_remedy(remedy)
        }
        (None, None) => Finding::warn(question, format!("none named for Teams, in {skus}")).with_remedy(remedy),
    }
}

async fn mailbox(session: &Session) -> Finding {
    let question = GraphDoctor::MAILBOX;
    let path = format!("{}/calendar?$select=id,canEdit,allowedOnlineMeetingProviders", session.owner.path());
    let read = async { ask::<Calendar>(session, Resource::Events, wire::get(&path)?).await };
    let calendar = match read.await {
        Ok(calendar) => calendar,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let remedy =
                Remedy::new("Give the organizer an Exchange Online mailbox; a new licence needs up to 15 minutes.");
            return Finding::fail(question, "no mailbox is reached").with_remedy(remedy);
        }
        Err(error) => return Finding::of_error(question, &error),
    };
    let teams = |providers: &Vec<String>| providers.iter().any(|name| name.eq_ignore_ascii_case("teamsForBusiness"));
    if calendar.can_edit == Some(false) {
        return Finding::warn(question, "the calendar is read only")
            .with_remedy(Remedy::new("Let the application (or the user) write to this calendar, or use another one."));
    }
    match calendar.allowed_online_meeting_providers {
        Some(providers) if !teams(&providers) => {
            let detail = "the calendar makes no Teams meetings: events get no join link";
            Finding::warn(question, detail).with_remedy(Remedy::new(
                "Give the organizer Teams, or use meetings without an event (Graph::meetings_of).",
            ))
        }
        _ => Finding::ok(question, "the calendar is reached"),
    }
}

/// What may not be looked at is not wrong for that.
fn unless_refused(question: Question, error: &Error, permission: &'static str) -> Finding {
    if error.kind() == ErrorKind::PermissionDenied {
        return Finding::not_asked(question, format!("cannot be looked at without {permission}"));
    }
    Finding::of_error(question, error)
}
