//! The disk beside which all else is read.

use std::{
    fs::File,
    io::{self, Write as _},
    path::Path,
    time::Duration,
};

use invitations_core::runtime::{Clock as _, SystemClock};

/// For how long it is looked at.
const LOOK: Duration = Duration::from_millis(300);

/// How often 8 kB (two pages, about a small transaction) reach the disk of this folder in a second. Blocks.
///
/// # Errors
/// When the folder cannot be written.
pub fn syncs_per_second(folder: &Path) -> io::Result<f64> {
    let path = folder.join("disk");
    let mut file = File::create(&path)?;
    let (began, mut many) = (SystemClock.instant(), 0_u32);
    let took = loop {
        file.write_all(&[1; 8192])?;
        file.sync_data()?;
        many += 1;
        let took = SystemClock.instant() - began;
        if took >= LOOK {
            break took;
        }
    };
    std::fs::remove_file(path)?;
    Ok(f64::from(many) / took.as_secs_f64())
}
