//! Who the account belongs to, and where its meetings are held.

mod person;

use invitations_core::{Error, ErrorKind, Result};

pub use person::{Person, PersonKind, Site};

use crate::{
    WebexMeetings,
    resource::{Resource, Scopes},
    wire::{Members, get, object, path},
};

const ME: &str = "read own person";
const SITES: &str = "list sites";

const PEOPLE: Scopes = Scopes { user: "spark:people_read", administrator: "spark:people_read" };
const PREFERENCES: Scopes =
    Scopes { user: "meeting:preferences_read", administrator: "meeting:admin_preferences_read" };

impl WebexMeetings {
    /// Whose token this account's is (`GET /people/me`). Of an account that acts for a host that is the application, not the host.
    ///
    /// # Errors
    /// As every call; [`PermissionDenied`](ErrorKind::PermissionDenied) without the scope `spark:people_read`.
    pub async fn me(&self) -> Result<Person> {
        let resource = Resource::new(self.caller.clone(), PEOPLE);
        let (asked, reply) = resource.read(ME, get(&path(&["people", "me"], &[]))?).await?;
        Ok(Person::read(&object(&asked, &reply)?))
    }

    /// The sites on which the account's user, or the host it acts for, may hold meetings (`GET /meetingPreferences/sites`). Meetings are
    /// made on the preferred one.
    ///
    /// # Errors
    /// As every call; [`PermissionDenied`](ErrorKind::PermissionDenied) without the scope `meeting:preferences_read`.
    pub async fn sites(&self) -> Result<Vec<Site>> {
        let resource = Resource::new(self.caller.clone(), PREFERENCES);
        let request = get(&path(&["meetingPreferences", "sites"], &[("userEmail", resource.host())]))?;
        let (asked, reply) = resource.read(SITES, request).await?;
        let body = object(&asked, &reply)?;
        if !body.get("sites").is_some_and(serde_json::Value::is_array) {
            let error = Error::new(ErrorKind::Protocol, SITES).with_provider(crate::provider_id());
            return Err(error.with_detail("the answer has no list of sites"));
        }
        Ok(Members::of(&body).objects("sites", Site::read))
    }
}
