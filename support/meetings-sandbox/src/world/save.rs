//! The state file: written whole, renamed into place.

use std::{fs, io, path::Path};

use super::World;

/// Layout of the state file.
const VERSION: u64 = 1;

impl World {
    /// Writes the world next to `path` and renames it there: a reader sees the old state or the new one.
    pub(crate) fn save(&self, path: &Path) -> io::Result<()> {
        let text = serde_json::to_vec(&serde_json::json!({ "version": VERSION, "world": self }))?;
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(".new");
        fs::write(&temporary, text)?;
        fs::rename(&temporary, path)
    }

    /// Reads a state file; `None` where there is none.
    pub(crate) fn load(path: &Path) -> io::Result<Option<Self>> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut saved: serde_json::Value = serde_json::from_slice(&text)?;
        if saved["version"] != VERSION {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the state file is of another version: delete it"));
        }
        Ok(Some(serde_json::from_value(saved["world"].take())?))
    }
}
