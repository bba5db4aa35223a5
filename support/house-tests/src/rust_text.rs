//! Rust source as text with comments taken out, good enough to look for names: no macro is expanded.

/// `source` with comments (documentation too) blanked, and string literals too when `strings` is false. Line numbers stay.
#[must_use]
pub fn without_comments(source: &str, strings: bool) -> String {
    let bytes = source.as_bytes();
    let mut kept = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let (end, keep) = token(bytes, at, strings);
        for &byte in &bytes[at..end] {
            kept.push(if keep || byte == b'\n' { byte } else { b' ' });
        }
        at = end;
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// Where the piece that starts at `at` ends, and whether it is kept.
fn token(bytes: &[u8], at: usize, strings: bool) -> (usize, bool) {
    let rest = &bytes[at..];
    let word_before = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
    if rest.starts_with(b"//") {
        return (at + rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len()), false);
    }
    if rest.starts_with(b"/*") {
        return (at + block_comment(rest), false);
    }
    if !word_before && let Some(length) = raw_string(rest) {
        return (at + length, strings);
    }
    if rest[0] == b'"' {
        return (at + quoted(rest, b'"'), strings);
    }
    // a character, not a lifetime: 'x' or '\…'
    if rest[0] == b'\'' && (rest.get(1) == Some(&b'\\') || rest.get(2) == Some(&b'\'')) {
        return (at + quoted(rest, b'\''), strings);
    }
    (at + 1, true)
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

fn raw_string(rest: &[u8]) -> Option<usize> {
    let prefix = [&b"br"[..], b"cr", b"r"].into_iter().find(|prefix| rest.starts_with(prefix))?.len();
    let hashes = rest[prefix..].iter().take_while(|&&byte| byte == b'#').count();
    if rest.get(prefix + hashes) != Some(&b'"') {
        return None;
    }
    let body = prefix + hashes + 1;
    let closing: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
    let end = rest[body..].windows(closing.len()).position(|window| window == closing.as_slice());
    Some(end.map_or(rest.len(), |end| body + end + closing.len()))
}

fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// `source` without comments and without its `#[cfg(test)] mod … { … }` blocks; string literals and line numbers stay.
#[must_use]
pub fn without_tests(source: &str) -> String {
    let mut kept = without_comments(source, true).into_bytes();
    // braces are matched where no literal can hold one; both texts have the same length
    let bare = without_comments(source, false);
    let mut from = 0;
    while let Some(found) = bare[from..].find(TEST_ONLY) {
        let start = from + found;
        from = start + TEST_ONLY.len();
        if !bare[from..].trim_start().starts_with("mod ") {
            continue;
        }
        let end = end_of_item(&bare, from);
        for byte in kept.iter_mut().take(end).skip(start).filter(|byte| **byte != b'\n') {
            *byte = b' ';
        }
        from = end;
    }
    String::from_utf8_lossy(&kept).into_owned()
}

const TEST_ONLY: &str = "#[cfg(test)]";

/// Behind the `;` or the closing brace of the item that starts at `from`.
fn end_of_item(bare: &str, from: usize) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in bare.bytes().enumerate().skip(from) {
        match byte {
            b';' if depth == 0 => return at + 1,
            b'{' => depth += 1,
            b'}' if depth <= 1 => return at + 1,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    bare.len()
}

/// The words of every identifier in `code`, in lower case, with their line: `GraphClient::send_now` gives graph, client, send, now.
pub fn words(code: &str) -> impl Iterator<Item = (usize, String)> + '_ {
    code.lines().enumerate().flat_map(|(number, line)| {
        let identifiers = line.split(|letter: char| !letter.is_alphanumeric());
        identifiers.flat_map(split_camel).map(move |word| (number + 1, word))
    })
}

fn split_camel(identifier: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut lower_before = false;
    for letter in identifier.chars() {
        if words.is_empty() || (letter.is_uppercase() && lower_before) {
            words.push(String::new());
        }
        lower_before = !letter.is_uppercase();
        if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_are_blanked_and_lines_stay() {
        let source = "/// graph\nlet a = \"gra\\\"ph\"; // graph\n/* graph /* nested */ graph */ let b = r#\"graph\"#;\nlet c = '\"'; let d: &'a str;";
        let code = without_comments(source, false);
        assert!(!code.contains("graph") && !code.contains("gra"), "{code}");
        assert_eq!(code.lines().count(), source.lines().count());
        assert!(code.contains("let b") && code.contains("let c") && code.contains("&'a str"), "{code}");
    }

    #[test]
    fn strings_are_kept_when_asked_for() {
        let code = without_comments("let a = \"https://graph\"; // graph", true);
        assert!(code.contains("\"https://graph\"") && !code.contains("// graph"), "{code}");
    }

    #[test]
    fn identifiers_split_into_words() {
        let found: Vec<String> = words("GraphClient::send_now(paragraph, webex2)").map(|(_, word)| word).collect();
        assert_eq!(found, ["graph", "client", "send", "now", "paragraph", "webex2"]);
    }

    #[test]
    fn test_modules_are_cut_out_and_what_follows_stays() {
        let source = "fn a() {}\n#[cfg(test)]\nmod tests {\n    const B: &str = \"}\"; // {\n    fn graph() {}\n}\nfn after() {}";
        let code = without_tests(source);
        assert!(code.contains("fn a") && code.contains("fn after") && !code.contains("graph"), "{code}");
        assert_eq!(code.lines().count(), source.lines().count());
        assert_eq!(without_tests("#[cfg(test)]\nmod tests;\nfn b() {}").trim(), "fn b() {}");
        assert!(without_tests("#[cfg(test)]\nfn helper() {}").contains("helper"));
    }

    #[test]
    fn unfinished_text_does_not_panic() {
        for source in ["\"", "'\\", "r#\"", "/*", "/* /*", "r", "b", "\"\\", "'"] {
            let _ = without_comments(source, true);
            let _ = without_tests(&format!("#[cfg(test)] mod a {{ {source}"));
        }
    }
}
