//! Models small enough to be searched to the end: the protocols as executable specifications, without the code that carries them out.
//!
//! A model knows no time and no I/O. Whatever may happen is a step, and every order of steps is tried.

mod effect;
mod search;
pub(crate) mod token;
