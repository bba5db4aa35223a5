//! Webex service applications, and the guests they answer for.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{AuthorizationSide, Granted, Person, WebexUser, World};
use crate::defaults;

/// How long a guest's token lives, in seconds.
pub(crate) const GUEST_SECONDS: i64 = 64_799;
/// What a guest's token is for.
pub(crate) const GUEST_SCOPE: &str = "guest";
/// Whether an address is of a service application, or of a guest.
pub(crate) fn is_machine(address: &str) -> bool {
    address.rsplit_once('@').is_some_and(|(_, host)| host.eq_ignore_ascii_case(MACHINES))
}

/// Where the addresses of machines and guests lie.
const MACHINES: &str = "machines.webex.example";

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ServiceApp {
    pub(crate) client: String,
    pub(crate) scope: String,
    /// Those whose full administrator authorized it.
    pub(crate) organizations: BTreeSet<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct WebexGuest {
    pub(crate) subject: String,
    pub(crate) address: String,
    pub(crate) name: String,
    /// The service application that answers for them.
    pub(crate) client: String,
}

impl World {
    pub(crate) fn add_default_service_app(&mut self) {
        let (client, scope) = (defaults::WEBEX_SERVICE_APP_CLIENT_ID, defaults::WEBEX_SERVICE_APP_SCOPE);
        let app = ServiceApp { client: client.to_owned(), scope: scope.to_owned(), organizations: BTreeSet::new() };
        self.service_apps.insert(defaults::WEBEX_SERVICE_APP_ID.to_owned(), app);
    }

    /// What a full administrator does in Control Hub; taken back, the application's tokens are over. False for an unknown application.
    pub(crate) fn authorize_service_app(&mut self, application: &str, organization: &str, authorized: bool) -> bool {
        let Some(app) = self.service_apps.get_mut(application) else { return false };
        if authorized {
            app.organizations.insert(organization.to_owned());
            return true;
        }
        app.organizations.remove(organization);
        let (client, machine) = (app.client.clone(), self.machine(application, organization));
        for token in self.webex_tokens.refresh.values_mut().filter(|t| t.client == client && t.user == machine) {
            token.revoked = true;
        }
        self.expire_access(Some(&client), Some(&machine));
        true
    }

    /// The first tokens of an application in an organisation.
    pub(crate) fn grant_service_app(&mut self, application: &str, organization: &str, now: DateTime<Utc>) -> Granted {
        let machine = self.machine(application, organization);
        let app = self.service_apps.get(application);
        let (client, scope) = app.map(|app| (app.client.clone(), app.scope.clone())).unwrap_or_default();
        self.grant_family(AuthorizationSide::Webex, &client, &machine, &scope, now)
    }

    /// Whether it is a person who can sign in: no application's account, no guest of one.
    pub(crate) fn signs_in(&self, person: &Person) -> bool {
        !person.address.ends_with(&format!("@{MACHINES}"))
    }

    /// The person id of the application's account in an organisation.
    fn machine(&mut self, application: &str, organization: &str) -> String {
        let name = self.ids.for_address("machine", &format!("{application} {organization}"));
        self.add_webex_user(&WebexUser {
            name: Some("Service App".to_owned()),
            ..WebexUser::new(&format!("{name}@{MACHINES}"))
        })
    }

    /// A guest by their subject, made or renamed; with a new token.
    pub(crate) fn guest_token(
        &mut self,
        client: &str,
        subject: &str,
        name: &str,
        now: DateTime<Utc>,
    ) -> (String, WebexGuest, String) {
        let address = format!("{}@{MACHINES}", self.ids.for_address("webex-guest", &format!("{client} {subject}")));
        let id = self.add_webex_user(&WebexUser { name: Some(name.to_owned()), ..WebexUser::new(&address) });
        let (subject, name, client) = (subject.to_owned(), name.to_owned(), client.to_owned());
        let guest = WebexGuest { subject, address, name, client };
        self.webex_guests.insert(id.clone(), guest.clone());
        let token = self.issue_access(AuthorizationSide::Webex, &guest.client, Some(&id), GUEST_SCOPE, now);
        if let Some(issued) = self.access.get_mut(&token) {
            issued.expires = now + TimeDelta::seconds(GUEST_SECONDS);
        }
        (id, guest, token)
    }
}
