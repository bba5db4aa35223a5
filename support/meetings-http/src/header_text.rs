//! The little of header syntax that two headers share (RFC 9110, 5.6: lists, tokens, quoted strings).

/// The parts between `separator`s that stand outside quotes and angle brackets, trimmed.
pub(crate) fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut from, mut quoted, mut escaped, mut angled) = (Vec::new(), 0, false, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if !angled => quoted = !quoted,
            '<' if !quoted => angled = true,
            '>' if !quoted => angled = false,
            _ if c == separator && !quoted && !angled => {
                parts.push(text[from..at].trim());
                from = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text[from..].trim());
    parts
}

/// `name=value` with the value unquoted.
pub(crate) fn parameter(text: &str) -> Option<(&str, String)> {
    let (name, value) = text.split_once('=')?;
    let value = value.trim();
    let value = match value.strip_prefix('"').map(|rest| rest.strip_suffix('"').unwrap_or(rest)) {
        None => value.to_owned(),
        Some(quoted) => {
            let mut plain = String::with_capacity(quoted.len());
            let mut characters = quoted.chars();
            while let Some(c) = characters.next() {
                plain.push(if c == '\\' { characters.next().unwrap_or(c) } else { c });
            }
            plain
        }
    };
    Some((name.trim(), value))
}
