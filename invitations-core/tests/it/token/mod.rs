mod abuse_clock;
mod abuse_refresh;
mod abuse_storage;
mod application;
mod callback;
mod connect;
mod disconnect;
mod dropped;
mod failures;
mod lifecycle;
pub(crate) mod log;
mod rejected;
mod reseal;
#[cfg(seeded)]
mod seeded;
mod suites;
mod view;
pub(crate) mod wall;
pub(crate) mod world;
