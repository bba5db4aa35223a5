//! One binary for all integration tests of this crate.
#![expect(clippy::unwrap_used, reason = "a test may fail by panic, also in its helpers")]

mod effect_executor;
mod envelope_sealer;
mod invitation_store;
mod memory_providers;
mod models;
mod service;
mod service_blocks;
mod service_bookings;
mod service_changes;
mod service_custom;
mod service_guests;
mod service_listing;
mod service_offers;
mod service_people;
mod service_race;
mod service_reminders;
mod service_sweeps;
mod service_table;
mod service_times;
mod service_webinar;
mod service_worker;
mod service_world;
mod simulator;
mod token;
mod wrong;
mod wrong_attendance;
mod wrong_attendees;
mod wrong_availability;
mod wrong_calendars;
mod wrong_executor;
mod wrong_guests;
mod wrong_key_services;
mod wrong_meetings;
mod wrong_sealers;
mod wrong_store;
