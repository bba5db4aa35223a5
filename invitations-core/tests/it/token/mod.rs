mod application;
mod connect;
mod failures;
mod lifecycle;
mod rejected;
#[cfg(seeded)]
mod seeded;
mod suites;
pub(crate) mod world;
