//! The real services, from environment variables.

use invitations_core::{ids::ClientId, people::EmailAddress, secret::ClientSecret};
use url::Url;

/// What `--live` needs.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) microsoft_tenant: graph_meetings::DirectoryId,
    pub(crate) microsoft_client: ClientId,
    pub(crate) microsoft_secret: ClientSecret,
    pub(crate) microsoft_redirect: Url,
    pub(crate) organizer: EmailAddress,
    pub(crate) webex_client: ClientId,
    pub(crate) webex_secret: ClientSecret,
    pub(crate) webex_redirect: Url,
}

impl Live {
    /// Names everything that is missing or malformed at once.
    pub(crate) fn from(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let mut problems = Vec::new();
        let microsoft_tenant = field(&lookup, &mut problems, "MICROSOFT_TENANT_ID", |text| {
            graph_meetings::DirectoryId::parse(text).map_err(|error| error.to_string())
        });
        let microsoft_client = field(&lookup, &mut problems, "MICROSOFT_CLIENT_ID", id);
        let microsoft_secret = field(&lookup, &mut problems, "MICROSOFT_CLIENT_SECRET", secret);
        let microsoft_redirect = field(&lookup, &mut problems, "MICROSOFT_REDIRECT_URI", redirect);
        let organizer = field(&lookup, &mut problems, "TEAMS_ORGANIZER_EMAIL", |text| {
            EmailAddress::parse(text).map_err(|error| error.to_string())
        });
        let webex_client = field(&lookup, &mut problems, "WEBEX_CLIENT_ID", id);
        let webex_secret = field(&lookup, &mut problems, "WEBEX_CLIENT_SECRET", secret);
        let webex_redirect = field(&lookup, &mut problems, "WEBEX_REDIRECT_URI", redirect);
        match (
            (microsoft_tenant, microsoft_client, microsoft_secret, microsoft_redirect),
            (organizer, webex_client, webex_secret, webex_redirect),
        ) {
            (
                (Some(microsoft_tenant), Some(microsoft_client), Some(microsoft_secret), Some(microsoft_redirect)),
                (Some(organizer), Some(webex_client), Some(webex_secret), Some(webex_redirect)),
            ) => Ok(Self {
                microsoft_tenant,
                microsoft_client,
                microsoft_secret,
                microsoft_redirect,
                organizer,
                webex_client,
                webex_secret,
                webex_redirect,
            }),
            _ => Err(format!("--live: {}. See .env.example", problems.join("; "))),
        }
    }
}

fn field<T>(
    lookup: &impl Fn(&str) -> Option<String>,
    problems: &mut Vec<String>,
    name: &str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Option<T> {
    let text = lookup(name).filter(|text| !text.trim().is_empty());
    // the value itself stays out of the message: it may be a secret in the wrong place
    let value = text.ok_or_else(|| "is not set".to_owned()).and_then(|text| parse(text.trim()));
    value.map_err(|problem| problems.push(format!("{name} {problem}"))).ok()
}

fn id(text: &str) -> Result<ClientId, String> {
    ClientId::parse(text).map_err(|_| "is no client id".to_owned())
}

fn secret(text: &str) -> Result<ClientSecret, String> {
    if text.len() < 8 {
        return Err("is too short for a client secret".to_owned());
    }
    Ok(ClientSecret::new(text))
}

fn redirect(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|_| "is no address".to_owned())?;
    let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1"));
    if url.scheme() == "https" || (url.scheme() == "http" && local) {
        return Ok(url);
    }
    Err("must be https (http only for localhost)".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 8] = [
        "MICROSOFT_TENANT_ID",
        "MICROSOFT_CLIENT_ID",
        "MICROSOFT_CLIENT_SECRET",
        "MICROSOFT_REDIRECT_URI",
        "TEAMS_ORGANIZER_EMAIL",
        "WEBEX_CLIENT_ID",
        "WEBEX_CLIENT_SECRET",
        "WEBEX_REDIRECT_URI",
    ];

    fn good(name: &str) -> Option<String> {
        Some(match name {
            "MICROSOFT_REDIRECT_URI" | "WEBEX_REDIRECT_URI" => "https://app.example/callback".to_owned(),
            "TEAMS_ORGANIZER_EMAIL" => "organizer@contoso.example".to_owned(),
            "MICROSOFT_TENANT_ID" => "11111111-2222-3333-4444-555555555555".to_owned(),
            _ => "planted-secret-value".to_owned(),
        })
    }

    #[test]
    fn all_missing_variables_are_named_at_once() {
        let problem = Live::from(|_| None).unwrap_err();
        for name in NAMES {
            assert!(problem.contains(name), "{problem}");
        }
    }

    #[test]
    fn malformed_ones_are_named_without_their_value() {
        for name in ["MICROSOFT_REDIRECT_URI", "WEBEX_REDIRECT_URI", "TEAMS_ORGANIZER_EMAIL"] {
            let wrong = |asked: &str| if asked == name { Some("http://planted".to_owned()) } else { good(asked) };
            let problem = Live::from(wrong).unwrap_err();
            assert!(problem.contains(name) && !problem.contains("planted"), "{problem}");
        }
    }

    #[test]
    fn a_complete_environment_is_taken_and_shows_no_secret() {
        let live = Live::from(good).unwrap();
        let shown = format!("{:?} {:?}", live.microsoft_secret, live.webex_secret);
        assert!(!shown.contains("planted"), "{shown}");
    }

    #[test]
    fn the_example_file_names_every_variable() {
        let example = include_str!("../../../.env.example");
        for name in NAMES {
            assert!(example.contains(&format!("{name}=")), "{name}");
        }
    }
}
