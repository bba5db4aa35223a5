//! The house rules on the repository as it is; `src/` says how each is checked, and proves it on made-up input.

mod ambiguous;
mod attendance;
mod authorization;
mod canaries;
mod contract;
mod fidelity;
mod fleet;
mod hostile;
mod orphans;
mod peers;
mod planted_secret;
mod providers;
mod public_api;
mod rules;
mod stranger;
