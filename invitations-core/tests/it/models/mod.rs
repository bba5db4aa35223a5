//! Models small enough to be searched to the end: whatever may happen is a step, and every order of steps is tried.
//!
//! [`effect`] is the protocol as an executable specification, without the code that carries it out; [`token`] is the code itself
//! between a store and a server that the search plays.

mod effect;
mod search;
pub(crate) mod token;
