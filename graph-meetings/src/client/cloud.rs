use invitations_core::{Error, ErrorKind, Remedy, Result};
use url::Url;

/// Root of Graph, and all names of the authority beside it. China's authority has two names, and either can stand in its tokens.
const KNOWN: [(&str, &[&str]); 4] = [
    ("graph.microsoft.com", &["login.microsoftonline.com"]),
    ("graph.microsoft.us", &["login.microsoftonline.us"]),
    ("dod-graph.microsoft.us", &["login.microsoftonline.us"]),
    ("microsoftgraph.chinacloudapi.cn", &["login.chinacloudapi.cn", "login.partner.microsoftonline.cn"]),
];
const WORLDWIDE: &str = "login.microsoftonline.com";
const CONSENT_PAGE: &str = "https://myapps.microsoft.com/";
const PAGE: &str = "https://learn.microsoft.com/graph/deployments";

/// Where Graph and Entra are. Tokens of one cloud are worth nothing in another.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Cloud {
    /// The root of Graph, without a version.
    pub graph: Url,
    /// The root of Entra's authority, without a directory.
    pub authority: Url,
    /// Where users take their consent back ("Manage your application", "Revoke consent"), which a disconnect names because Entra takes no
    /// tokens back. For the worldwide cloud it is <https://myapps.microsoft.com/>; of the national clouds no page is documented, so none is
    /// named unless it is given. Shown to people, never called.
    pub consent_page: Option<Url>,
}

impl Cloud {
    /// The worldwide cloud (and GCC).
    pub fn global() -> Self {
        Self::known("https://graph.microsoft.com", "https://login.microsoftonline.com")
    }

    /// US Government L4 (GCC High).
    pub fn us_gov_l4() -> Self {
        Self::known("https://graph.microsoft.us", "https://login.microsoftonline.us")
    }

    /// US Government L5 (DoD).
    pub fn us_gov_l5() -> Self {
        Self::known("https://dod-graph.microsoft.us", "https://login.microsoftonline.us")
    }

    /// China, operated by 21Vianet. It has no online meetings through Graph.
    pub fn china() -> Self {
        Self::known("https://microsoftgraph.chinacloudapi.cn", "https://login.chinacloudapi.cn")
    }

    /// Another cloud, or a sandbox. A host of a known cloud is taken together with that cloud's other host only, and everything must
    /// be https; that is checked when a client is built. The worldwide authority brings its consent page, others bring none.
    pub fn at(graph: Url, authority: Url) -> Self {
        let worldwide = authority.host_str() == Some(WORLDWIDE);
        let consent_page = if worldwide { Url::parse(CONSENT_PAGE).ok() } else { None };
        Self { graph, authority, consent_page }
    }

    /// Sets the page where users take their consent back: in a national cloud, the one that your users know.
    #[must_use]
    pub fn with_consent_page(mut self, page: Url) -> Self {
        self.consent_page = Some(page);
        self
    }

    /// Refuses a pair of hosts that do not belong together: a credential would be shown to, or a token taken to, somebody else.
    pub(crate) fn check(&self) -> Result<()> {
        let is = |url: &Url, host: &str| url.host_str().is_some_and(|found| found.eq_ignore_ascii_case(host));
        let graph = |(host, _): &(&str, &[&str])| is(&self.graph, host);
        let authority = |(_, hosts): &(&str, &[&str])| hosts.iter().any(|host| is(&self.authority, host));
        let known = KNOWN.iter().any(|row| graph(row) || authority(row));
        if !known || KNOWN.iter().any(|row| graph(row) && authority(row)) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Misconfigured, "check cloud")
            .with_provider(crate::provider_id())
            .with_detail("Graph and authority are not of the same cloud")
            .with_remedy(Remedy::new("Take both from one of the clouds that Cloud names.").with_docs(PAGE)))
    }

    /// What the issuers of this cloud's id tokens begin with.
    pub(crate) fn issuers(&self) -> Vec<String> {
        let here = |hosts: &&&[&str]| self.authority.host_str().is_some_and(|host| hosts.contains(&host));
        let names = KNOWN.iter().map(|(_, hosts)| hosts).find(here);
        match names {
            Some(hosts) => hosts.iter().map(|host| format!("https://{host}")).collect(),
            None => vec![self.authority.as_str().trim_end_matches('/').to_owned()],
        }
    }

    #[expect(clippy::expect_used, reason = "constants, each parsed by a test")]
    fn known(graph: &'static str, authority: &'static str) -> Self {
        let parse = |text| Url::parse(text).expect("a constant URL");
        Self::at(parse(graph), parse(authority))
    }
}

impl Default for Cloud {
    fn default() -> Self {
        Self::global()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn the_known_clouds_parse_and_hold_together() {
        for cloud in [Cloud::global(), Cloud::us_gov_l4(), Cloud::us_gov_l5(), Cloud::china()] {
            assert_eq!((cloud.graph.scheme(), cloud.authority.scheme()), ("https", "https"));
            cloud.check().unwrap();
            assert!(cloud.issuers().contains(&cloud.authority.as_str().trim_end_matches('/').to_owned()));
        }
        assert_eq!(Cloud::china().issuers().len(), 2);
        let own = Cloud::at(url("https://graph.example/"), url("https://login.example/x/"));
        own.check().unwrap();
        assert_eq!(own.issuers(), ["https://login.example/x"]);
    }

    #[test]
    fn only_the_worldwide_cloud_has_a_consent_page_unless_one_is_given() {
        let page = |cloud: Cloud| cloud.consent_page.map(String::from);
        assert_eq!(page(Cloud::global()).as_deref(), Some("https://myapps.microsoft.com/"));
        assert_eq!(
            Cloud::at(url("https://graph.microsoft.com"), url("https://login.microsoftonline.com")),
            Cloud::global()
        );
        assert_eq!(
            page(Cloud::at(url("https://graph.example"), url("https://login.microsoftonline.com.evil.example"))),
            None
        );
        for cloud in [Cloud::us_gov_l4(), Cloud::us_gov_l5(), Cloud::china()] {
            assert_eq!(page(cloud.clone()), None, "{cloud:?}");
            assert_eq!(
                page(cloud.with_consent_page(url("https://apps.example/"))).as_deref(),
                Some("https://apps.example/")
            );
        }
    }

    #[test]
    fn abuse_f07_graph_and_authority_stay_together() {
        for (graph, authority) in [
            ("https://graph.microsoft.com", "https://login.microsoftonline.us"),
            ("https://graph.microsoft.us", "https://login.microsoftonline.com"),
            ("https://GRAPH.microsoft.com", "https://login.chinacloudapi.cn"),
            ("https://graph.microsoft.com", "https://login.microsoftonline.com.evil.example"),
            ("https://graph.microsoft.com.evil.example", "https://login.microsoftonline.com"),
            ("https://evil.example/graph.microsoft.com", "https://login.microsoftonline.com"),
            ("http://127.0.0.1:8087", "https://login.microsoftonline.com"),
        ] {
            let error = Cloud::at(url(graph), url(authority)).check().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Misconfigured, "{graph} {authority}");
            assert!(error.remedy().is_some());
        }
    }
}
