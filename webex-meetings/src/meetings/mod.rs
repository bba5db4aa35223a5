pub(crate) mod decode;
mod recurrence;
pub(crate) mod request;
mod settings;
