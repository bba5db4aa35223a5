//! Pages for people: without scripts, and every text escaped.

use http::StatusCode;

use super::Reply;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1b1b1b;background:#fff}\
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;padding:.25rem .5rem;text-align:left;overflow-wrap:anywhere}\
button{font:inherit;padding:.4rem 1rem;margin:.2rem .4rem .2rem 0}label{display:block}input[type=text]{font:inherit;padding:.3rem}";

/// Text for an element or a quoted attribute.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// A text by itself: its marks of direction do not turn what stands beside it.
pub(crate) fn isolated(text: &str) -> String {
    format!("<bdi>{}</bdi>", escaped(text))
}

/// A link, to the web only: any other address is text.
pub(crate) fn link(address: &str) -> String {
    let web = url::Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if web { format!("<a href=\"{0}\" rel=\"noreferrer\">{0}</a>", escaped(address)) } else { escaped(address) }
}

/// A page. `body` is markup; `form_targets` is where its forms may lead beside this server, redirects included.
pub(crate) fn page(status: StatusCode, title: &str, body: &str, form_targets: &str) -> Reply {
    let title = escaped(title);
    let text = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style></head>\n<body><main><h1>{title}</h1>\n{body}\n</main></body></html>\n"
    );
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' {form_targets}"
    );
    Reply::text(status, "text/html; charset=utf-8", text)
        .with("content-security-policy", policy.trim_end())
        .with("x-frame-options", "DENY")
        // not `no-referrer`: browsers would send `Origin: null` with our own forms (Fetch, "append a request Origin header")
        .with("referrer-policy", "same-origin")
        .with("cache-control", "no-store")
}

/// A page that says one thing.
pub(crate) fn notice(status: StatusCode, title: &str, text: &str) -> Reply {
    page(status, title, &format!("<p>{}</p>", escaped(text)), "")
}

#[cfg(test)]
mod tests {
    use super::{escaped, isolated, link};

    #[test]
    fn no_text_becomes_markup() {
        for (text, safe) in [
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("\" onclick='x'", "&quot; onclick=&#39;x&#39;"),
            ("&lt;", "&amp;lt;"),
            ("Zoë 李\n\u{202e}", "Zoë 李\n\u{202e}"),
        ] {
            assert_eq!(escaped(text), safe);
            assert_eq!(isolated(text), format!("<bdi>{safe}</bdi>"));
        }
    }

    #[test]
    fn only_the_web_is_linked() {
        let address = "http://127.0.0.1:1/l?a=1&b=\"";
        let safe = "http://127.0.0.1:1/l?a=1&amp;b=&quot;";
        assert_eq!(link(address), format!("<a href=\"{safe}\" rel=\"noreferrer\">{safe}</a>"));
        for text in ["javascript:alert(1)", " JavaScript:alert(1)", "data:text/html,x", "/_sandbox/reset", ""] {
            assert_eq!(link(text), text);
        }
    }
}
