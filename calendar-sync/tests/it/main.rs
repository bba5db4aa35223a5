//! One binary for all integration tests of this crate.

mod accounts;
mod conflicts;
mod converge;
mod crash;
mod disconnect;
mod leases;
mod lost;
mod mapping_store;
mod push;
mod sync_now;
mod watched;
mod world;
mod wrong_stores;
