//! The path to come back to, and how it went.

use url::Url;

use super::ConnectCode;
use crate::{Error, Result};

/// A path of our own: a callback must not send the browser to somebody else's page.
pub(super) fn check(path: &str) -> Result<()> {
    let plain = path.starts_with('/') && path.len() <= 2048 && !path.contains(['\\', '\r', '\n', '\t']);
    let base = Url::parse("https://own.invalid/").ok();
    let own = plain
        && !path.chars().any(char::is_control)
        && base.is_some_and(|base| base.join(path).is_ok_and(|joined| joined.origin() == base.origin()));
    if own { Ok(()) } else { Err(Error::invalid("begin connect", "return_to is not a path of your own application")) }
}

/// Adds `connect=` and, when it did not go well, `code=` to a path that [`check`] let through. Both are words of ours: nothing that
/// came in a query gets out again. What an earlier round has left there is replaced.
pub(super) fn with_outcome(path: &str, code: Option<ConnectCode>) -> String {
    let (rest, fragment) = path.split_once('#').map_or((path, None), |(rest, fragment)| (rest, Some(fragment)));
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let named = |part: &str, name: &str| part.split('=').next() == Some(name);
    let again = query.split('&').any(|part| named(part, "connect"));
    let kept = query
        .split('&')
        .filter(|part| !part.is_empty() && !(again && (named(part, "connect") || named(part, "code"))))
        .map(str::to_owned);
    let outcome = match code {
        None => vec!["connect=ok".to_owned()],
        Some(code) => vec![format!("connect={}", code.outcome()), format!("code={}", code.as_str())],
    };
    let query = kept.chain(outcome).collect::<Vec<_>>().join("&");
    let fragment = fragment.map_or_else(String::new, |fragment| format!("#{fragment}"));
    format!("{place}?{query}{fragment}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_paths_are_returned_to() {
        for good in ["/", "/settings?tab=calendar#top", "/a//b", "/%2F%2Fevil.example"] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in
            ["", "settings", "//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "/a\nb"]
        {
            assert!(check(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_outcome_joins_the_query_and_leaves_the_fragment() {
        let denied = Some(ConnectCode::AccessDenied);
        for (path, code, expected) in [
            ("/", None, "/?connect=ok"),
            ("/s?tab=a%20b&code=7#top", None, "/s?tab=a%20b&code=7&connect=ok#top"),
            ("/s?#a?b#c", denied, "/s?connect=denied&code=access_denied#a?b#c"),
            ("/s?x&connect=ok#", denied, "/s?x&connect=denied&code=access_denied#"),
            ("/s?connect=failed&code=unavailable&y=1", None, "/s?y=1&connect=ok"),
        ] {
            let got = with_outcome(path, code);
            assert_eq!(got, expected);
            assert!(check(&got).is_ok(), "{got}");
        }
    }
}
