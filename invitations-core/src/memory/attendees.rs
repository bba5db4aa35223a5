use crate::{
    people::Attendee,
    provider::AttendeeChange::{self, Added, AlreadyThere, NotThere, Removed},
};

/// Puts `attendee` on the list, identified by the address.
pub(super) fn add(list: &mut Vec<Attendee>, attendee: &Attendee) -> AttendeeChange {
    if list.iter().any(|there| there.email == attendee.email) {
        return AlreadyThere;
    }
    list.push(attendee.clone());
    Added
}

/// Takes `attendee` off the list, identified by the address.
pub(super) fn remove(list: &mut Vec<Attendee>, attendee: &Attendee) -> AttendeeChange {
    let before = list.len();
    list.retain(|there| there.email != attendee.email);
    if list.len() < before { Removed } else { NotThere }
}
