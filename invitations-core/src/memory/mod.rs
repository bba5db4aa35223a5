//! Stores and providers in memory, for embedders' own tests.
//!
//! Clones share what they hold, so a test keeps one handle to look at and gives the other away.

mod attendance;
mod attendees;
mod availability;
mod calendar;
mod executor;
mod faults;
mod guests;
mod invitations;
#[cfg(feature = "kms")]
mod keys;
mod meetings;
mod tokens;

pub use attendance::MemoryAttendance;
pub use availability::MemoryAvailability;
pub use calendar::MemoryCalendar;
pub use executor::MemoryExecutor;
pub use guests::MemoryGuests;
pub use invitations::MemoryInvitationStore;
#[cfg(feature = "kms")]
#[cfg_attr(docsrs, doc(cfg(feature = "kms")))]
pub use keys::MemoryKeyService;
pub use meetings::MemoryMeetings;
pub use tokens::MemoryTokenStore;
