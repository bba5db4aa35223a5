//! Core names no provider, and no provider crate names the other.

use std::path::Path;

use crate::{files, rust_text};

/// Words that stand for a provider or its maker.
const PROVIDERS: &[&str] = &["azure", "cisco", "entra", "graph", "microsoft", "outlook", "teams", "webex"];

/// Looks through the library sources of the core below `folder`; documentation and test modules may name providers.
///
/// # Errors
/// When the sources cannot be read.
pub fn check_core(folder: &Path) -> Result<Vec<String>, String> {
    check_sources(folder, named_providers)
}

/// Looks through all sources of a provider crate for the crate name of the other, such as `webex_meetings`.
///
/// # Errors
/// When the sources cannot be read.
pub fn check_peer(folder: &Path, other: &str) -> Result<Vec<String>, String> {
    check_sources(folder, |source| {
        let code = rust_text::without_comments(source, false);
        let lines = code.lines().enumerate().filter(|(_, line)| line.contains(other));
        lines.map(|(number, _)| (number + 1, format!("names {other}"))).collect()
    })
}

fn check_sources(folder: &Path, look: impl Fn(&str) -> Vec<(usize, String)>) -> Result<Vec<String>, String> {
    let sources = files::below(folder, "rs")?;
    if sources.is_empty() {
        return Err(format!("no Rust source below {}", folder.display()));
    }
    let mut findings = Vec::new();
    for path in sources {
        let source = files::read(&path)?;
        findings.extend(look(&source).into_iter().map(|(line, what)| format!("{}:{line} {what}", path.display())));
    }
    Ok(findings)
}

/// Line and name of every provider named in code or in a string literal outside test modules.
#[must_use]
pub fn named_providers(source: &str) -> Vec<(usize, String)> {
    let code = rust_text::without_tests(source);
    let found = rust_text::words(&code).filter(|(_, word)| PROVIDERS.contains(&word.as_str()));
    found.map(|(line, word)| (line, format!("names {word}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_behind_a_test_module_is_looked_at() {
        assert_eq!(
            named_providers("#[cfg(test)]\nmod tests {}\nconst WEBEX: u8 = 1;"),
            [(3, "names webex".to_owned())]
        );
    }

    #[test]
    fn a_provider_in_code_or_in_a_literal_is_found() {
        assert_eq!(named_providers("enum Kind {\n    WebexMeeting,\n}"), [(2, "names webex".to_owned())]);
        assert_eq!(named_providers("if id == \"microsoft-graph\" {}").len(), 2);
    }

    #[test]
    fn documentation_tests_and_longer_words_may_stand() {
        assert_eq!(
            named_providers(
                "//! Teams, Webex\n/// `graph-meetings`\nfn paragraph() {}\n#[cfg(test)]\nmod tests { fn webex() {} }"
            ),
            []
        );
    }
}
