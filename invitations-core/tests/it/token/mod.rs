mod application;
mod connect;
mod failures;
mod lifecycle;
mod rejected;
mod suites;
pub(crate) mod world;
