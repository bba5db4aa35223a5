//! Which public types were asked to show a planted secret, and which hold none.

use std::collections::BTreeMap;

/// The types that hold no secret: full path, and why.
///
/// One type a line, `path: why`; `#` starts a comment.
///
/// # Errors
/// For a line without a reason, and for a type named twice.
pub fn parse(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut listed = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or(line).trim();
        if line.is_empty() {
            continue;
        }
        let Some((path, why)) = line.split_once(": ") else {
            return Err(format!("line {}: write `path: why it holds no secret`", number + 1));
        };
        if why.trim().is_empty() || listed.insert(path.trim().to_owned(), why.trim().to_owned()).is_some() {
            return Err(format!("line {}: {path} has no reason or is named twice", number + 1));
        }
    }
    Ok(listed)
}

/// Compares the types that have `Debug` with the planted ones and the listed ones; every type is in exactly one of the two.
#[must_use]
pub fn check(types: &[String], planted: &[&str], listed: &BTreeMap<String, String>) -> Vec<String> {
    let mut findings = Vec::new();
    for name in types {
        match (planted.contains(&name.as_str()), listed.contains_key(name)) {
            (false, false) => {
                findings.push(format!("{name} has Debug: plant a secret in it, or list why it holds none"))
            }
            (true, true) => findings.push(format!("{name} is planted and listed as holding no secret")),
            (true, false) | (false, true) => {}
        }
    }
    let known = |name: &str| types.iter().any(|found| found == name);
    let gone = planted.iter().copied().chain(listed.keys().map(String::as_str)).filter(|name| !known(name));
    findings.extend(gone.map(|name| format!("{name} is planted or listed, but no public type of that name has Debug")));
    findings
}

/// Whether `shown` gives `secret` away, in full or by a tell-tale half.
#[must_use]
pub fn leaks(shown: &str, secret: &str) -> bool {
    let half = secret.len() / 2;
    let halves = [secret.get(..half), secret.get(half..)];
    halves.into_iter().flatten().any(|part| !part.is_empty() && shown.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_new_type_must_be_planted_or_listed() {
        let listed = parse("# comment\na::Kind: a plain enum\n").expect("a list");
        assert_eq!(check(&types(&["a::Kind", "a::Token"]), &["a::Token"], &listed), Vec::<String>::new());
        let found = check(&types(&["a::Kind", "a::Token", "a::New"]), &["a::Token"], &listed);
        assert_eq!(found, ["a::New has Debug: plant a secret in it, or list why it holds none"]);
    }

    #[test]
    fn stale_and_double_entries_are_found() {
        let listed = parse("a::Gone: was an enum\na::Token: no\n").expect("a list");
        let found = check(&types(&["a::Token"]), &["a::Token"], &listed);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(parse("a::Kind").is_err() && parse("a::Kind: ").is_err());
        assert!(parse("a::Kind: x\na::Kind: y").is_err());
    }

    #[test]
    fn half_a_secret_is_a_leak() {
        assert!(leaks("Token(abcd…)", "abcdefgh") && leaks("x efgh", "abcdefgh"));
        assert!(!leaks("Token([redacted])", "abcdefgh"));
    }
}
