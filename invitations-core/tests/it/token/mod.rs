mod application;
mod connect;
mod failures;
mod lifecycle;
mod rejected;
mod reseal;
mod suites;
pub(crate) mod world;
