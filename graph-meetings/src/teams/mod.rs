//! Teams meetings without a calendar event (`onlineMeetings`).

mod decode;
mod participants;
mod provider;
mod request;
mod settings;

pub use provider::TeamsMeetings;
