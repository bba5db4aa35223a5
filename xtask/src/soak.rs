//! `cargo xtask soak STAGE --minutes N`: one long stage for as long as wanted.

use std::time::Duration;

use crate::stage::{STAGES, Tier};
use crate::test;

pub(crate) fn run(name: &str, minutes: &str) -> Result<(), String> {
    let minutes: u64 = minutes.parse().map_err(|_| format!("`{minutes}` is not a number of minutes"))?;
    let stage = STAGES.iter().find(|stage| stage.name == name && stage.tier == Tier::Long).ok_or_else(|| {
        let long: Vec<&str> = STAGES.iter().filter(|stage| stage.tier == Tier::Long).map(|stage| stage.name).collect();
        format!("`{name}` is not a long stage; there are: {}", long.join(", "))
    })?;
    test::single(stage, Duration::from_secs(minutes * 60))
}
