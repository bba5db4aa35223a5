//! Where a token may go.

use invitations_core::ErrorKind;
use meetings_http::Origin;
use url::Url;

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

#[test]
fn only_https_and_loopback_by_its_name() {
    for (text, https, loopback) in [
        ("https://graph.microsoft.com", true, true),
        ("https://graph.microsoft.com:8443/v1.0/", true, true),
        ("http://graph.microsoft.com", false, false),
        ("http://127.0.0.1:80", false, true),
        ("http://127.9.9.9", false, true),
        ("http://localhost:8080", false, true),
        ("http://LOCALHOST", false, true),
        ("http://[::1]:8080", false, true),
        ("http://localhost.evil.example", false, false),
        ("http://127.0.0.1.evil.example", false, false),
        ("http://0.0.0.0", false, false),
        ("http://169.254.169.254", false, false),
        ("https://user@graph.microsoft.com", false, false),
        ("https://:password@graph.microsoft.com", false, false),
        ("ftp://127.0.0.1", false, false),
        ("file:///etc/passwd", false, false),
        ("data:text/plain,x", false, false),
    ] {
        assert_eq!(Origin::https(url(text)).is_ok(), https, "{text}");
        let result = Origin::dangerous_loopback_http(url(text));
        assert_eq!(result.as_ref().is_ok(), loopback, "{text}");
        assert!(result.is_ok_and(|origin| origin.url().has_host()) == loopback);
    }
    assert_eq!(Origin::https(url("https://a.example/v1?x=1#y")).unwrap().url().as_str(), "https://a.example/v1");
}

#[test]
fn paths_stay_under_the_base() {
    let origin = Origin::https(url("https://api.example/v1.0/")).unwrap();
    for (path, expected) in [
        ("me", "https://api.example/v1.0/me"),
        (
            "/me/events?$top=1&$filter=a%20eq%20'b'",
            "https://api.example/v1.0/me/events?$top=1&$filter=a%20eq%20%27b%27",
        ),
        ("", "https://api.example/v1.0/"),
        ("//evil.example/x", "https://api.example/v1.0//evil.example/x"),
        ("@evil.example", "https://api.example/v1.0/@evil.example"),
        ("users/a%2Fb?path=../x", "https://api.example/v1.0/users/a%2Fb?path=../x"),
        ("...", "https://api.example/v1.0/..."),
    ] {
        assert_eq!(origin.join(path).unwrap().as_str(), expected);
    }
    for path in ["..", "../x", "a/../b", "a/./b", "a/%2e%2E/b", ".%2e/b", "a\\..\\b", "a#b", "a\nb", "a\tb", "a\0"] {
        assert_eq!(origin.join(path).unwrap_err().kind(), ErrorKind::InvalidInput, "{path:?}");
    }
    let root = Origin::https(url("https://api.example")).unwrap();
    assert_eq!(root.join("/v1/people/me").unwrap().as_str(), "https://api.example/v1/people/me");
    assert!(root.join(":8443/x").is_ok_and(|url| url.port().is_none()));
}

#[test]
fn links_lead_nowhere_else() {
    let origin = Origin::https(url("https://graph.microsoft.com/v1.0")).unwrap();
    for (link, expected) in [
        ("https://graph.microsoft.com/v1.0/me/events?$skip=10", "https://graph.microsoft.com/v1.0/me/events?$skip=10"),
        ("https://graph.microsoft.com:443/x#part", "https://graph.microsoft.com/x"),
        ("HTTPS://GRAPH.microsoft.com/x", "https://graph.microsoft.com/x"),
        ("/v1.0/next", "https://graph.microsoft.com/v1.0/next"),
        ("?cursor=2", "https://graph.microsoft.com/v1.0?cursor=2"),
    ] {
        assert_eq!(origin.checked(link).unwrap().as_str(), expected);
    }
    let long = format!("https://graph.microsoft.com/{}", "x".repeat(1024 * 1024));
    for link in [
        "https://graph.microsoft.com.evil.com/x",
        "https://graph.microsoft.com@evil.com/",
        "https://user@graph.microsoft.com/",
        "https://user:x@graph.microsoft.com/",
        "http://graph.microsoft.com/",
        "https://graph.microsoft.com:444/",
        "https://graph.microsoft.com./",
        "//evil.com/x",
        "\\\\evil.com\\x",
        "https:\\\\evil.com",
        "https://169.254.169.254/",
        "https://[::1]/",
        "file:///etc/passwd",
        "data:text/plain,x",
        "javascript:alert(1)",
        "ht\ntps://evil.com/",
        "",
        &long,
    ] {
        let error = origin.checked(link).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{link:.60}");
        assert!(!error.to_string().contains("evil"), "a foreign link has no place in a log");
    }
    assert_eq!(origin.checked("https://evil.com/").unwrap_err().detail(), Some("a link leads to another origin"));
}
