//! The quickstart as a process: what it prints, what it refuses, and what it leaves behind when it is killed at any moment.

mod bad_input;
mod judge;
mod kill;
mod report;
mod run;
mod together;
