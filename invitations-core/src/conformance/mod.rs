//! Suites that any implementation of a contract can run. Cases return findings; they do not panic.
