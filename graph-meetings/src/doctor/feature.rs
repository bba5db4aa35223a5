use invitations_core::doctor::Need;

/// What an application does through this crate; each needs permissions of its own
/// (<https://learn.microsoft.com/graph/permissions-reference>).
///
/// ```
/// use graph_meetings::Feature;
///
/// let [needs] = &Feature::Meetings.application_needs()[..] else { unreachable!() };
/// assert_eq!(needs.any_of, ["OnlineMeetings.ReadWrite.All"]);
/// assert!(Feature::Calendars.delegated_needs()[0].is_met(&["openid", "Calendars.ReadWrite"]));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Feature {
    /// Teams meetings without an event: [`Graph::meetings_of`](crate::Graph::meetings_of).
    Meetings,
    /// Organizers and mailboxes that are named by address instead of object id.
    OrganizersByAddress,
    /// Events, attendees and availability: [`Graph::calendars_of`](crate::Graph::calendars_of).
    Calendars,
    /// Guests are invited and found: [`Graph::guests`](crate::Graph::guests).
    Guests,
    /// Guests are removed.
    GuestRemoval,
}

/// Feature, application permissions, delegated scopes; each list is one need, the least privileged first. Out of
/// <https://github.com/microsoftgraph/microsoft-graph-devx-content> `permissions.json` (2026-08); for the removal of users
/// <https://learn.microsoft.com/graph/api/user-delete>.
type Row = (Feature, &'static str, &'static [&'static [&'static str]], &'static [&'static [&'static str]]);

const READ_PROFILES: &[&str] =
    &["User.ReadBasic.All", "User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];
/// The state of an invitation is no part of a basic profile.
const READ_USERS: &[&str] = &["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];
const INVITE: &[&str] = &["User.Invite.All", "User.ReadWrite.All", "Directory.ReadWrite.All"];
const REMOVE: &[&str] = &["User.DeleteRestore.All", "User.ReadWrite.All"];

const TABLE: &[Row] = &[
    (Feature::Meetings, "meetings", &[&["OnlineMeetings.ReadWrite.All"]], &[&["OnlineMeetings.ReadWrite"]]),
    // a user's own consent is used in /me, where nobody is looked up
    (Feature::OrganizersByAddress, "organizers by address", &[READ_PROFILES], &[]),
    (Feature::Calendars, "calendars", &[&["Calendars.ReadWrite"]], &[&["Calendars.ReadWrite"]]),
    (Feature::Guests, "guests", &[INVITE, READ_USERS], &[INVITE, READ_USERS]),
    (Feature::GuestRemoval, "removing guests", &[READ_USERS, REMOVE], &[READ_USERS, REMOVE]),
];

impl Feature {
    /// The application permissions that are needed when the application acts by itself.
    pub fn application_needs(self) -> Vec<Need> {
        self.needs(|row| row.2)
    }

    /// The scopes that a user has to grant when the application acts in their name.
    pub fn delegated_needs(self) -> Vec<Need> {
        self.needs(|row| row.3)
    }

    fn needs(self, of: impl Fn(&Row) -> &'static [&'static [&'static str]]) -> Vec<Need> {
        let rows = TABLE.iter().filter(|row| row.0 == self);
        rows.flat_map(|row| of(row).iter().map(|any_of| Need::new(row.1, any_of.iter().copied()))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_broader_is_enough_too() {
        let met =
            |feature: Feature, granted: &[&str]| feature.application_needs().iter().all(|need| need.is_met(granted));
        for (feature, granted, enough) in [
            (Feature::Meetings, &["OnlineMeetings.ReadWrite.All"][..], true),
            (Feature::Meetings, &["OnlineMeetings.Read.All"], false),
            (Feature::Meetings, &["OnlineMeetings.ReadWrite"], false),
            (Feature::Calendars, &["Calendars.Read"], false),
            (Feature::OrganizersByAddress, &["Directory.Read.All"], true),
            (Feature::Guests, &["User.Invite.All"], false),
            (Feature::Guests, &["User.Invite.All", "User.Read.All"], true),
            (Feature::Guests, &["User.ReadWrite.All"], true),
            // deletes nobody, by its description
            (Feature::GuestRemoval, &["Directory.ReadWrite.All"], false),
            (Feature::GuestRemoval, &["User.ReadWrite.All"], true),
        ] {
            assert_eq!(met(feature, granted), enough, "{feature:?} {granted:?}");
        }
    }

    #[test]
    fn what_users_are_asked_for_is_enough_for_meetings_and_calendars() {
        for feature in [Feature::Meetings, Feature::Calendars, Feature::OrganizersByAddress] {
            assert!(feature.delegated_needs().iter().all(|need| need.is_met(&crate::DEFAULT_SCOPES)), "{feature:?}");
        }
    }
}
