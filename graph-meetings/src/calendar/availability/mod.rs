//! Free and busy times (`getSchedule`) and suggested times (`findMeetingTimes`).

mod digits;
mod find_times;
mod iso_duration;
mod provider;
mod schedule;
mod suggestions;

pub use find_times::{FindMeetingTimes, MeetingTime, MeetingTimes, NoMeetingTime};
pub use provider::OutlookAvailability;
