//! The text of an event: what was written, and the block that Teams keeps in it.

/// The class of the block's outer element. Written without it, an event stops being an online meeting (trap 10).
const BLOCK: &str = "me-email-text";
/// In plain text the block begins with a line of underscores.
const RULE: &str = "____________________";

/// `text` as HTML, with the Teams block of `current` behind it; `None` when no block can be told apart there.
pub(super) fn with_block(current: &str, text: &str) -> Option<String> {
    around_block(current, &html(text))
}

/// `html` with the Teams block of `current` behind it. What holds a block already was made from the current text and stays as it is.
pub(super) fn around_block(current: &str, html: &str) -> Option<String> {
    let class = current.find(BLOCK)?;
    let opens = current.get(..class)?.rfind('<')?;
    // the line above the block belongs to it
    let from = current.get(..opens)?.find(RULE).and_then(|rule| current.get(..rule)?.rfind('<')).unwrap_or(opens);
    let until = current.to_ascii_lowercase().rfind("</body>").filter(|end| *end > from).unwrap_or(current.len());
    if html.contains(BLOCK) {
        return Some(html.to_owned());
    }
    Some(format!("<div>{html}</div>{}", current.get(from..until)?))
}

/// Plain text as HTML.
pub(super) fn html(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '\n' => html.push_str("<br>"),
            '\r' => {}
            letter => html.push(letter),
        }
    }
    html
}

/// What a person wrote: without markup and without the Teams block. `None` when nothing is left.
pub(super) fn written(content: &str, is_html: bool) -> Option<String> {
    let plain = if is_html { plain(content) } else { content.to_owned() };
    let end = plain.find(RULE).unwrap_or(plain.len());
    let text = plain.get(..end)?.replace("\r\n", "\n").trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// Only asked for where the server did not follow the wish for plain text.
fn plain(html: &str) -> String {
    let block = html.find(BLOCK).and_then(|class| html.get(..class)?.rfind('<'));
    let html = block.and_then(|end| html.get(..end)).unwrap_or(html);
    let body = html.to_ascii_lowercase().find("<body").and_then(|at| html.get(at..)).unwrap_or(html);
    let mut text = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(open) = rest.find('<') {
        text.push_str(&rest[..open]);
        let Some(close) = rest[open..].find('>') else { break };
        let tag = rest[open + 1..open + close].to_ascii_lowercase();
        if tag.starts_with("br") || tag.starts_with("/p") || tag.starts_with("/div") {
            text.push('\n');
        }
        rest = &rest[open + close + 1..];
    }
    if !rest.contains('<') {
        text.push_str(rest);
    }
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&nbsp;", " "), ("&#39;", "'"), ("&amp;", "&")];
    entities.iter().fold(text, |text, (entity, letter)| text.replace(entity, letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONLINE: &str = "<html><body>Old text<div><span>________________________________</span></div>\
        <div class=\"me-email-text\">Join <a href=\"https://teams.example/x\">here</a></div></body></html>";

    #[test]
    fn trap_10_the_teams_block_survives_a_new_text() {
        let html = with_block(ONLINE, "New & <better>\ntext").unwrap();
        assert!(html.starts_with("<div>New &amp; &lt;better&gt;<br>text</div>"), "{html}");
        assert!(
            html.contains("https://teams.example/x") && !html.contains("Old text") && !html.contains("</body>"),
            "{html}"
        );
        // and again
        let twice = with_block(&html, "Third").unwrap();
        assert!(twice.contains("https://teams.example/x") && !twice.contains("better"), "{twice}");
    }

    #[test]
    fn a_text_without_a_block_is_left_to_the_caller() {
        assert_eq!(with_block("<html><body>Old</body></html>", "New"), None);
        assert_eq!(with_block("", "New"), None);
    }

    #[test]
    fn what_a_person_wrote_is_read_back() {
        assert_eq!(written(ONLINE, true).as_deref(), Some("Old text"));
        assert_eq!(
            written("One\r\ntwo\r\n________________________________\r\nMicrosoft Teams", false).as_deref(),
            Some("One\ntwo")
        );
        assert_eq!(written("<div>a &amp; b<br>c</div>", true).as_deref(), Some("a & b\nc"));
        assert_eq!(written(&html("<x> & y\nz"), true).as_deref(), Some("<x> & y\nz"));
        for nothing in ["", "  \r\n", "<html><head></head><body></body></html>", "<div", "ü<"] {
            assert!(written(nothing, true).is_none_or(|text| text == "ü"), "{nothing}");
        }
    }
}
