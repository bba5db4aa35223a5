//! `clippy.toml` bans every source of time but the clock.

/// The functions that must stand in `disallowed-methods`.
pub const BANNED: &[&str] = &[
    "std::time::Instant::now",
    "std::time::SystemTime::now",
    "std::thread::sleep",
    "chrono::Utc::now",
    "chrono::Local::now",
    "tokio::time::Instant::now",
    "tokio::time::sleep",
    "tokio::time::sleep_until",
    "tokio::time::timeout",
    "tokio::time::interval",
    "tokio::time::pause",
];

/// Findings for the text of `clippy.toml` and of the workspace manifest.
#[must_use]
pub fn check(clippy: &str, manifest: &str) -> Vec<String> {
    let lines = || clippy.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let banned = |path: &str| lines().any(|line| line.contains(&format!("path = \"{path}\"")));
    let missing = BANNED.iter().filter(|path| !banned(path));
    let mut findings: Vec<String> = missing.map(|path| format!("clippy.toml does not ban {path}")).collect();
    if !manifest.lines().any(|line| line.trim() == "disallowed_methods = \"deny\"") {
        findings.push("the workspace does not deny clippy::disallowed_methods".to_owned());
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_ban_is_found() {
        let full: String = BANNED.iter().map(|path| format!("    {{ path = \"{path}\" }},\n")).collect();
        let deny = "disallowed_methods = \"deny\"";
        assert_eq!(check(&full, deny), Vec::<String>::new());
        assert_eq!(check(&full, "").len(), 1);
        let without = full.replace("    { path = \"tokio::time::sleep\" }", "    # { path = \"tokio::time::sleep\" }");
        assert_eq!(check(&without, deny), ["clippy.toml does not ban tokio::time::sleep"]);
    }
}
