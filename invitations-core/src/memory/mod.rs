//! Stores and providers in memory, for embedders' own tests.
