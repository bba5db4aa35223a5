//! Users of the Entra directory (guests too) and people of the Webex organisation.

use chrono::{DateTime, Utc};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::{Ids, World};
use crate::defaults;

/// A user to add to the Entra directory. An address that is there already is updated.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct MicrosoftUser {
    /// Mail address and user principal name.
    pub address: String,
    /// Display name; made from the address when missing.
    #[serde(default)]
    pub name: Option<String>,
    /// Object id; derived from seed and address when missing.
    #[serde(default)]
    pub id: Option<String>,
    /// Whether the user may organise Teams meetings.
    #[serde(default = "yes")]
    pub teams: bool,
    /// Whether the user's calendar makes Teams meetings for events.
    #[serde(default = "yes")]
    pub calendar_teams: bool,
    /// Whether it is a personal account: it signs in through `common` and `consumers` only, and has no Teams.
    #[serde(default)]
    pub personal: bool,
    /// Whether the user may consent to what only administrators can. An update does not take it away.
    #[serde(default)]
    pub administrator: bool,
}

fn yes() -> bool {
    true
}

impl MicrosoftUser {
    /// A user with Teams and a calendar that makes Teams meetings.
    #[must_use]
    pub fn new(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            name: None,
            id: None,
            teams: true,
            calendar_teams: true,
            personal: false,
            administrator: false,
        }
    }

    /// Sets the display name.
    #[must_use]
    pub fn with_name(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// Sets the object id (a GUID).
    #[must_use]
    pub fn with_id(mut self, id: &str) -> Self {
        self.id = Some(id.to_owned());
        self
    }

    /// The user may not organise Teams meetings.
    #[must_use]
    pub fn without_teams(mut self) -> Self {
        self.teams = false;
        self
    }

    /// The account is a personal one.
    #[must_use]
    pub fn personal(mut self) -> Self {
        self.personal = true;
        self
    }

    /// The user may consent to what only administrators can.
    #[must_use]
    pub fn administrator(mut self) -> Self {
        self.administrator = true;
        self
    }

    /// Events in the user's calendar silently do not become Teams meetings.
    #[must_use]
    pub fn without_calendar_teams(mut self) -> Self {
        self.calendar_teams = false;
        self
    }
}

/// A person to add to the Webex organisation. An address that is there already is updated.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct WebexUser {
    /// Mail address.
    pub address: String,
    /// Display name; made from the address when missing.
    #[serde(default)]
    pub name: Option<String>,
    /// Whether the person is a full administrator of organisation and site. An update does not take it away.
    #[serde(default)]
    pub administrator: bool,
}

impl WebexUser {
    /// A licensed host.
    #[must_use]
    pub fn new(address: &str) -> Self {
        Self { address: address.to_owned(), name: None, administrator: false }
    }

    /// The person is a full administrator of organisation and site.
    #[must_use]
    pub fn administrator(mut self) -> Self {
        self.administrator = true;
        self
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) upn: String,
    pub(crate) mail: String,
    pub(crate) name: String,
    pub(crate) teams: bool,
    pub(crate) calendar_teams: bool,
    /// Missing in older state files.
    #[serde(default)]
    pub(crate) personal: bool,
    /// Missing in older state files.
    #[serde(default)]
    pub(crate) administrator: bool,
    pub(crate) created: DateTime<Utc>,
    pub(crate) guest: Option<Guest>,
}

/// What makes a user a guest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Guest {
    pub(crate) accepted: bool,
    pub(crate) changed: DateTime<Utc>,
    pub(crate) redeem_url: String,
    /// So many reads still answer 404.
    pub(crate) hidden_reads: u32,
    /// Whether `userType` is `Member`. Missing in older state files, as the next ones.
    #[serde(default)]
    pub(crate) member: bool,
    /// Whether the account is blocked.
    #[serde(default)]
    pub(crate) blocked: bool,
    /// Object ids of who answers for the guest.
    #[serde(default)]
    pub(crate) sponsors: Vec<String>,
}

impl User {
    /// The word of `userType`.
    pub(crate) fn kind(&self) -> &'static str {
        if self.guest.as_ref().is_some_and(|guest| !guest.member) { "Guest" } else { "Member" }
    }
}

impl Guest {
    /// The word of `externalUserState`.
    pub(crate) fn state(&self) -> &'static str {
        if self.accepted { "Accepted" } else { "PendingAcceptance" }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) address: String,
    pub(crate) name: String,
    /// Missing in older state files.
    #[serde(default)]
    pub(crate) administrator: bool,
}

impl World {
    /// Finds a user by object id or user principal name; both without regard to case.
    pub(crate) fn user(&self, key: &str) -> Option<&User> {
        self.users.get(&key.to_lowercase()).or_else(|| self.users.values().find(|u| u.upn.eq_ignore_ascii_case(key)))
    }

    /// Finds a user by mail address or user principal name.
    pub(crate) fn user_by_address(&self, address: &str) -> Option<&User> {
        self.users.values().find(|u| u.mail.eq_ignore_ascii_case(address) || u.upn.eq_ignore_ascii_case(address))
    }

    /// Finds a Webex person by address or id.
    pub(crate) fn person(&self, key: &str) -> Option<&Person> {
        self.people.values().find(|p| p.address.eq_ignore_ascii_case(key) || p.id == key)
    }

    /// Adds or updates; returns the object id.
    pub(crate) fn add_microsoft_user(&mut self, new: &MicrosoftUser, now: DateTime<Utc>) -> String {
        let name = new.name.clone().unwrap_or_else(|| name_from(&new.address));
        let known = self.users.values_mut().find(|u| u.guest.is_none() && u.upn.eq_ignore_ascii_case(&new.address));
        if let Some(user) = known {
            if new.name.is_some() {
                user.name = name;
            }
            (user.teams, user.calendar_teams) = (new.teams, new.calendar_teams);
            user.administrator |= new.administrator && !user.personal;
            return user.id.clone();
        }
        let id = new.id.clone().unwrap_or_else(|| self.ids.for_address("user", &new.address)).to_lowercase();
        let (upn, mail) = (new.address.clone(), new.address.clone());
        let (personal, administrator) = (new.personal, new.administrator && !new.personal);
        let (teams, calendar_teams) = (new.teams && !personal, new.calendar_teams && !personal);
        self.users.insert(
            id.clone(),
            User {
                id: id.clone(),
                upn,
                mail,
                name,
                teams,
                calendar_teams,
                personal,
                administrator,
                created: now,
                guest: None,
            },
        );
        id
    }

    /// Adds or updates; returns the person id.
    pub(crate) fn add_webex_user(&mut self, new: &WebexUser) -> String {
        let id = person_id(&self.ids, &new.address);
        let name = new.name.clone().unwrap_or_else(|| name_from(&new.address));
        let person = self.people.entry(new.address.to_lowercase());
        let person = person.or_insert_with(|| Person {
            id,
            address: new.address.clone(),
            name: name.clone(),
            administrator: false,
        });
        person.administrator |= new.administrator;
        if new.name.is_some() {
            person.name = name;
        }
        person.id.clone()
    }

    pub(crate) fn add_default_users(&mut self, now: DateTime<Utc>) {
        for (address, name) in defaults::USERS {
            let administrator = address == defaults::ADMINISTRATOR;
            let name = Some(name.to_owned());
            self.add_microsoft_user(
                &MicrosoftUser { name: name.clone(), administrator, ..MicrosoftUser::new(address) },
                now,
            );
            self.add_webex_user(&WebexUser { name, administrator, ..WebexUser::new(address) });
        }
    }
}

fn person_id(ids: &Ids, address: &str) -> String {
    BASE64URL_NOPAD.encode(format!("ciscospark://us/PEOPLE/{}", ids.for_address("person", address)).as_bytes())
}

/// `grace.hopper@…` becomes `Grace Hopper`.
pub(crate) fn name_from(address: &str) -> String {
    let local = address.split('@').next().unwrap_or(address);
    let words = local.split(['.', '-', '_']).filter(|w| !w.is_empty()).map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    });
    words.collect::<Vec<_>>().join(" ")
}
