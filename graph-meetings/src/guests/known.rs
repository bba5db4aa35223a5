use chrono::{DateTime, Utc};
use invitations_core::{
    Error, ErrorKind, Remedy, Result,
    people::{Attendee, AttendeeRole, Guest},
};

use super::GuestKind;

/// Somebody in the directory, and how far they have come with the invitation.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DirectoryGuest {
    /// Who it is. [`Redemption::NotNeeded`](invitations_core::people::Redemption::NotNeeded): one of the directory's own people.
    pub guest: Guest,
    /// The name shown.
    pub name: Option<String>,
    /// Guest or member; a word that is not known is a member, which has to be treated with more care.
    pub kind: GuestKind,
    /// When the redemption state last changed (`externalUserStateChangeDateTime`).
    pub redemption_changed: Option<DateTime<Utc>>,
}

impl DirectoryGuest {
    /// A guest of whom nothing else is known.
    pub fn new(guest: Guest) -> Self {
        Self { guest, name: None, kind: GuestKind::Guest, redemption_changed: None }
    }
}

/// What an invitation found or made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum InviteOutcome {
    /// A new guest, with the redeem link.
    Invited(Guest),
    /// The address was there already as a guest; nobody was mailed. [`Guests::resend`](super::Guests::resend) mails again.
    GuestAlready(DirectoryGuest),
    /// The address belongs to a member, who cannot be invited and need not be: that account can be used as it is.
    MemberAlready(DirectoryGuest),
}

impl InviteOutcome {
    /// Whoever it is.
    pub fn into_guest(self) -> Guest {
        match self {
            Self::Invited(guest) => guest,
            Self::GuestAlready(known) | Self::MemberAlready(known) => known.guest,
        }
    }
}

/// A guest as an attendee of an event or of a meeting, by object id: `invitedUser.id` of the invitation is the identity that Teams
/// knows, so the guest may get a role, and is admitted as who they are.
///
/// ```
/// use graph_meetings::{core::{ids::GuestId, people::{AttendeeRole, EmailAddress, Guest, Redemption}}, guest_attendee};
/// let guest = Guest::new(GuestId::parse("243b1de4")?, EmailAddress::parse("grace@fabrikam.example")?, Redemption::Pending);
/// let attendee = guest_attendee(&guest).with_role(AttendeeRole::Presenter);
/// assert_eq!(attendee.guest, Some(guest.id));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn guest_attendee(guest: &Guest) -> Attendee {
    Attendee::new(guest.email.clone()).with_guest(guest.id.clone())
}

/// With a role, which takes somebody of the directory.
pub(super) fn attendee(operation: &'static str, known: Option<&Guest>, plain: Attendee) -> Result<Attendee> {
    match known {
        Some(guest) => Ok(guest_attendee(guest).with_role(plain.role)),
        None if plain.role == AttendeeRole::Attendee => Ok(plain),
        None => Err(Error::new(ErrorKind::NotFound, operation)
            .with_provider(crate::provider_id())
            .with_detail("only somebody in the directory can be a presenter or a co-organizer")
            .with_remedy(Remedy::new(
                "Invite the guest first (Guests::invite_with), or add them as a plain attendee.",
            ))),
    }
}

#[cfg(test)]
mod tests {
    use invitations_core::{
        ids::GuestId,
        people::{EmailAddress, Redemption},
    };

    use super::*;

    #[test]
    fn roles_are_for_people_of_the_directory() {
        let email = EmailAddress::parse("grace@fabrikam.example").unwrap();
        let guest = Guest::new(GuestId::parse("g-1").unwrap(), email.clone(), Redemption::Pending);
        for role in [AttendeeRole::Attendee, AttendeeRole::Presenter, AttendeeRole::CoOrganizer] {
            let plain = Attendee::new(email.clone()).with_role(role);
            let known = attendee("test", Some(&guest), plain.clone()).unwrap();
            assert_eq!((known.guest.as_ref(), known.role), (Some(&guest.id), role));
            match attendee("test", None, plain) {
                Ok(stranger) => assert_eq!((stranger.guest, role), (None, AttendeeRole::Attendee)),
                Err(error) => {
                    assert!(error.remedy().unwrap().action.contains("Invite") && role != AttendeeRole::Attendee)
                }
            }
        }
    }
}
