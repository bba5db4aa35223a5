//! Benches: speed is measured as a ratio to the limit in the same run.
