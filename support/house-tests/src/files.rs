//! The files of the repository.

use std::path::{Path, PathBuf};

/// Every file below `folder` whose name ends with `.extension`, in order; build output and hidden folders are left out.
///
/// # Errors
/// When a folder cannot be read.
pub fn below(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    walk(folder, &mut found)?;
    found.retain(|path| path.extension().is_some_and(|ending| ending == extension));
    found.sort();
    Ok(found)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (path, name) = (entry.path(), entry.file_name());
        let hidden = name.to_string_lossy().starts_with('.');
        if !entry.file_type().map_err(failed)?.is_dir() {
            found.push(path);
        } else if !hidden && !["target", "book", "node_modules"].iter().any(|left_out| name == *left_out) {
            walk(&path, found)?;
        }
    }
    Ok(())
}

/// The text of one file.
///
/// # Errors
/// When it cannot be read, with its path.
pub fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_found_and_build_output_is_not() {
        let root = crate::workspace::root();
        let found = below(&root, "rs").expect("a readable repository");
        assert!(found.contains(&root.join("support/house-tests/src/files.rs")));
        assert!(!found.iter().any(|path| path.components().any(|part| part.as_os_str() == "target")));
    }
}
