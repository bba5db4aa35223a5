//! Files that are too long, and words that must not stand in source code.

use house_tests::{files, rust_text, workspace};

const MOST_LINES: usize = 600;

/// What must not stand in code, and what to write instead.
const FORBIDDEN: &[(&str, &str)] = &[
    ("#[ignore", "a test that does not run is deleted, or made fast"),
    ("todo!", "unfinished code is not committed"),
    ("unimplemented!", "unfinished code is not committed"),
    ("#[allow(", "write #[expect(…, reason = \"…\")], which says so when it is no longer needed"),
    ("#![allow(", "write #![expect(…, reason = \"…\")], which says so when it is no longer needed"),
];

pub(super) fn check() -> Result<(), String> {
    let root = workspace::root();
    let mut findings = Vec::new();
    for path in files::below(&root, "rs")? {
        let source = files::read(&path)?;
        let shown = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
        findings.extend(judge(&source).into_iter().map(|finding| format!("{shown}{finding}")));
    }
    super::none(findings)
}

fn judge(source: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let lines = source.lines().count();
    if lines > MOST_LINES {
        findings.push(format!(": {lines} lines, at most {MOST_LINES}"));
    }
    for (number, line) in rust_text::without_comments(source, false).lines().enumerate() {
        // the attribute may be spread over lines or spaced oddly, rustfmt forbids both
        for (word, instead) in FORBIDDEN.iter().filter(|(word, _)| line.contains(word)) {
            findings.push(format!(":{}: `{word}`: {instead}", number + 1));
        }
    }
    let fences = source.lines().enumerate().filter(|(_, line)| is_ignored_example(line));
    findings.extend(
        fences.map(|(number, _)| format!(":{}: an ignored example: use no_run, compile_fail or text", number + 1)),
    );
    findings
}

fn is_ignored_example(line: &str) -> bool {
    let line = line.trim_start();
    let documentation = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"));
    let marks = documentation.and_then(|text| text.trim_start().strip_prefix("```"));
    marks.is_some_and(|marks| marks.split(',').any(|mark| mark.trim().starts_with("ignore")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_forbidden_word_is_found_in_code_only() {
        for (word, _) in FORBIDDEN {
            assert_eq!(judge(&format!("fn a() {{}}\n{word} x")).len(), 1, "{word}");
            assert_eq!(judge(&format!("// {word}\nlet a = \"{word}\";")), Vec::<String>::new());
        }
    }

    #[test]
    fn a_long_file_and_an_ignored_example_are_found() {
        assert_eq!(judge(&"fn a() {}\n".repeat(MOST_LINES)), Vec::<String>::new());
        assert_eq!(judge(&"fn a() {}\n".repeat(MOST_LINES + 1)).len(), 1);
        assert_eq!(judge("/// ```ignore\n/// ```").len(), 1);
        assert_eq!(judge("/// ```rust,ignore\n").len(), 1);
        assert_eq!(judge("/// ```no_run\n/// ```text\n"), Vec::<String>::new());
    }
}
