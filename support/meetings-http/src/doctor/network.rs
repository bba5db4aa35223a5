use invitations_core::{
    Remedy,
    doctor::{Finding, Question},
};

use super::{probe::Seen, trouble::Trouble};

/// Where reqwest finds a proxy for https.
const PROXY_VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Those that are set. Their values can hold a password and are not looked at.
pub(super) fn proxy_variables() -> Vec<&'static str> {
    PROXY_VARIABLES.into_iter().filter(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty())).collect()
}

pub(super) fn finding(seen: Option<&Seen>, proxies: &[&str]) -> Finding {
    let question = Question::NETWORK;
    let Some(seen) = seen else { return Finding::not_asked(question, "nothing was sent") };
    let host = &seen.host;
    // plain http on this machine goes past every proxy
    let proxy = match proxies {
        [name, ..] if !seen.loopback => format!(" ({name} is set: it may go through a proxy)"),
        _ => String::new(),
    };
    let fail = |what: &str, action: &'static str| {
        Finding::fail(question, format!("{host}: {what}{proxy}")).with_remedy(Remedy::new(action))
    };
    match &seen.result {
        Ok(reply) => match reply.status.as_u16() {
            407 => fail(PROXY_WHO, PROXY_WHO_ACTION),
            511 => fail("a captive portal answers instead", PORTAL),
            300..400 => fail("redirects elsewhere, which is not followed", PORTAL),
            _ if reply.is_page => fail("an HTML page came instead of data", PORTAL),
            _ => Finding::ok(question, format!("{host} answers{proxy}")),
        },
        Err(trouble) => {
            let (what, action) = words(*trouble);
            fail(what, action)
        }
    }
}

const PROXY_WHO: &str = "the proxy wants a name and a password (407)";
const PROXY_WHO_ACTION: &str =
    "Put them into the proxy's address, or give the client a builder with Proxy::basic_auth.";
const PORTAL: &str = "Check the configured address; then let this machine past the portal, filter or proxy that answers in the \
    provider's place.";

fn words(trouble: Trouble) -> (&'static str, &'static str) {
    match trouble {
        Trouble::Name => ("the name is not found in DNS", "Check the configured host and this machine's name servers."),
        Trouble::Refused => (
            "the connection is refused",
            "Check host and port; where a firewall refuses, allow outgoing TCP to the host on that port.",
        ),
        Trouble::NoRoute => ("there is no route to it", "Check this machine's network and its default route."),
        Trouble::Silent => (
            "no answer in time",
            "Allow outgoing TCP to the host in the firewall, or name the proxy that leads out in HTTPS_PROXY.",
        ),
        Trouble::CertificateTime => (
            "its certificate has ended or is not yet valid, by this machine's clock",
            "Check this machine's date first; then who answers under this name.",
        ),
        Trouble::CertificateIssuer => (
            "its certificate is of an issuer that this machine does not trust",
            "Install the system's CA certificates; where a proxy opens TLS, add its root (tls_certs_merge of the builder).",
        ),
        Trouble::CertificateName => (
            "its certificate is for another host",
            "Check the configured host; else somebody on the way answers in the provider's place.",
        ),
        Trouble::Certificate => (
            "its certificate is not accepted",
            "Look who answers under this name: openssl s_client shows the certificate.",
        ),
        Trouble::Tls => (
            "TLS does not come about",
            "Check that the port speaks TLS, and that nothing on the way opens or filters it.",
        ),
        Trouble::ProxyAuthentication => (PROXY_WHO, PROXY_WHO_ACTION),
        Trouble::Proxy => (
            "the proxy does not let it through",
            "Allow the host in the proxy, or except it with NO_PROXY where it can be reached directly.",
        ),
        Trouble::Broken => (
            "the connection broke before an answer came",
            "Ask again; if it stays so, look for a firewall or proxy that cuts connections.",
        ),
        Trouble::Unknown => ("no answer, for an unknown reason", "Read the log of meetings-http at level debug."),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use http::StatusCode;
    use invitations_core::doctor::Verdict;

    use super::{super::probe::Reply, *};

    fn found(result: Result<Reply, Trouble>, proxies: &[&str]) -> Finding {
        finding(Some(&Seen { host: "login.example".to_owned(), loopback: false, result }), proxies)
    }

    fn reply(status: u16, is_page: bool) -> Reply {
        let now = DateTime::UNIX_EPOCH;
        let mut reply = Reply::at(StatusCode::from_u16(status).unwrap(), None, (now, now));
        reply.is_page = is_page;
        reply
    }

    #[test]
    fn whoever_answers_is_there_unless_it_is_somebody_else() {
        for (status, is_page, words) in [
            (200, false, ""),
            (401, false, ""),
            (503, false, ""),
            (407, false, "407"),
            (302, false, "redirects"),
            (511, false, "portal"),
            (200, true, "HTML"),
            (404, true, "HTML"),
        ] {
            let found = found(Ok(reply(status, is_page)), &[]);
            assert_eq!(found.verdict == Verdict::Ok, words.is_empty(), "{status}");
            assert!(found.detail.starts_with("login.example") && found.detail.contains(words), "{found:?}");
            assert_eq!(found.remedy.is_some(), found.verdict == Verdict::Fail);
        }
        assert_eq!(finding(None, &[]).verdict, Verdict::NotAsked);
    }

    #[test]
    fn every_trouble_has_words_and_a_remedy_of_its_own() {
        let all = [
            (Trouble::Name, "DNS"),
            (Trouble::Refused, "refused"),
            (Trouble::NoRoute, "route"),
            (Trouble::Silent, "in time"),
            (Trouble::CertificateTime, "clock"),
            (Trouble::CertificateIssuer, "trust"),
            (Trouble::CertificateName, "another host"),
            (Trouble::Certificate, "not accepted"),
            (Trouble::Tls, "TLS"),
            (Trouble::ProxyAuthentication, "407"),
            (Trouble::Proxy, "proxy"),
            (Trouble::Broken, "broke"),
            (Trouble::Unknown, "unknown"),
        ];
        let mut actions = std::collections::BTreeSet::new();
        for (trouble, words) in all {
            let found = found(Err(trouble), &[]);
            assert!(found.verdict == Verdict::Fail && found.detail.contains(words), "{found:?}");
            actions.insert(found.remedy.unwrap().action);
        }
        assert_eq!(actions.len(), all.len());
    }

    #[test]
    fn a_configured_proxy_is_named_and_its_address_is_not() {
        let set = found(Err(Trouble::Silent), &["HTTPS_PROXY"]);
        assert!(set.detail.contains("HTTPS_PROXY is set"), "{set:?}");
        assert!(found(Ok(reply(200, false)), &["all_proxy"]).detail.contains("all_proxy is set"));
        let here = Seen { host: "localhost".to_owned(), loopback: true, result: Err(Trouble::Refused) };
        assert!(!finding(Some(&here), &["HTTPS_PROXY"]).detail.contains("PROXY"));
    }
}
