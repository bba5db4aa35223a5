//! Invitees of meetings.

mod decode;
mod provider;
mod request;
