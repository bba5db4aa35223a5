//! Stores and providers in memory, for embedders' own tests.
//!
//! Clones share what they hold, so a test keeps one handle to look at and gives the other away.

mod attendance;
mod attendees;
mod calendar;
mod executor;
mod faults;
mod guests;
mod invitations;
mod meetings;
mod tokens;

pub use attendance::MemoryAttendance;
pub use calendar::MemoryCalendar;
pub use executor::MemoryExecutor;
pub use guests::MemoryGuests;
pub use invitations::MemoryInvitationStore;
pub use meetings::MemoryMeetings;
pub use tokens::MemoryTokenStore;
