//! Tests that need more than one crate of the family stand in `tests/`.
