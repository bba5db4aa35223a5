//! Meetings: values into requests, answers into values, and the provider that sends them.

mod decode;
mod provider;
mod recurrence;
mod request;
mod settings;

pub use provider::WebexMeetings;
pub(crate) use provider::refuse_condition;
