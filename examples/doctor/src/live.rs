//! The real services, from environment variables.

use std::{path::Path, sync::Arc};

use chrono::{DateTime, NaiveDate, Utc};
use graph_meetings::{App, Credential, DirectoryId, Graph};
use invitations_core::{
    doctor::Doctor,
    ids::{ClientId, UserId},
    secret::{ClientSecret, KeyRing, TokenText},
    token::Connections,
};
use invitations_sqlx::SqliteStore;
use webex_meetings::{Integration, Webex};

use crate::{Failure, args::Args, connections};

/// What stands in the environment; only what is asked for.
#[derive(Debug, Default)]
pub(crate) struct Live {
    app: Option<App>,
    organizers: Vec<UserId>,
    integration: Option<Integration>,
    webex_token: Option<TokenText>,
}

impl Live {
    /// Names everything that is missing or malformed at once.
    pub(crate) fn from(args: &Args, lookup: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let mut reader = Reader { lookup, problems: Vec::new() };
        let mut live = Self::default();
        if args.microsoft {
            let directory = reader.required("MICROSOFT_TENANT_ID", |text| DirectoryId::parse(text).ok());
            let client = reader.required("MICROSOFT_CLIENT_ID", |text| ClientId::parse(text).ok());
            let secret = reader.required("MICROSOFT_CLIENT_SECRET", |text| Some(ClientSecret::new(text)));
            let expiry = reader.optional("MICROSOFT_CLIENT_SECRET_EXPIRES", day);
            live.organizers = reader.optional("TEAMS_ORGANIZER_EMAIL", users).unwrap_or_default();
            if let (Some(directory), Some(client), Some(secret)) = (directory, client, secret) {
                let secret = Credential::Secret(secret);
                live.app = Some(match expiry {
                    Some(at) => App::new(directory, client, secret.with_expiry(at)),
                    None => App::new(directory, client, secret),
                });
            }
        }
        if args.webex {
            let client = reader.required("WEBEX_CLIENT_ID", |text| ClientId::parse(text).ok());
            let secret = reader.required("WEBEX_CLIENT_SECRET", |text| Some(ClientSecret::new(text)));
            live.webex_token = reader.optional("WEBEX_ACCESS_TOKEN", |text| Some(TokenText::new(text)));
            live.integration = client.zip(secret).map(|(client, secret)| Integration::new(client, secret));
        }
        if reader.problems.is_empty() {
            return Ok(live);
        }
        Err(format!("{}. See .env.example, or try --sandbox", reader.problems.join("; ")))
    }

    /// Everything that can be asked.
    pub(crate) async fn doctor(self, args: &Args, doctor: Doctor) -> Result<Doctor, Failure> {
        let graph = self.app.map(|app| Graph::builder(app).build()).transpose()?;
        let webex = self.integration.map(|integration| {
            let builder = Webex::builder(integration);
            match self.webex_token {
                Some(token) => builder.access_token(token).build(),
                None => builder.build(),
            }
        });
        let webex = webex.transpose()?;
        let doctor = match &graph {
            Some(graph) => doctor
                .with(Arc::new(graph.doctor().features(args.features.iter().copied()).organizers(self.organizers))),
            None => doctor,
        };
        let doctor = match &webex {
            Some(webex) => doctor.with(Arc::new(webex.doctor().features(connections::WEBEX))),
            None => doctor,
        };
        let Some((file, organization)) = &args.connections else { return Ok(doctor) };
        let connections = stored(file, graph.as_ref(), webex.as_ref()).await?;
        Ok(doctor.with(Arc::new(connections::doctor(&connections, organization.clone(), &args.features))))
    }
}

/// What another program keeps. It must be there: nothing is made here.
async fn stored(file: &Path, graph: Option<&Graph>, webex: Option<&Webex>) -> Result<Connections, Failure> {
    let mut key = file.as_os_str().to_owned();
    key.push(".key");
    for needed in [file, Path::new(&key)] {
        if !needed.is_file() {
            return Err(format!("{} is not there", needed.display()).into());
        }
    }
    let store = Arc::new(SqliteStore::open(file).await?);
    let mut builder = Connections::builder(store, Arc::new(KeyRing::from_file_or_create(&key)?));
    // nobody is sent there: no connection is begun here
    let redirect = url::Url::parse("http://localhost/")?;
    if let Some(graph) = graph {
        builder = builder.server(graph.authorization_server(), redirect.clone());
    }
    if let Some(webex) = webex {
        builder = builder.server(webex.authorization_server(), redirect);
    }
    Ok(builder.build()?)
}

struct Reader<F> {
    lookup: F,
    problems: Vec<String>,
}

impl<F: Fn(&str) -> Option<String>> Reader<F> {
    fn required<T>(&mut self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let Some(text) = self.text(name) else {
            self.problems.push(format!("{name} is not set"));
            return None;
        };
        self.parsed(name, &text, parse)
    }

    fn optional<T>(&mut self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.text(name)?;
        self.parsed(name, &text, parse)
    }

    fn text(&self, name: &str) -> Option<String> {
        (self.lookup)(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    fn parsed<T>(&mut self, name: &str, text: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let value = parse(text);
        if value.is_none() {
            // without the value: it may be a secret in the wrong place
            self.problems.push(format!("{name} is not in its form"));
        }
        value
    }
}

/// Addresses or object ids with commas between them.
fn users(text: &str) -> Option<Vec<UserId>> {
    text.split(',').map(|user| UserId::parse(user.trim()).ok()).collect()
}

/// `2027-01-31`, or a moment in RFC 3339.
fn day(text: &str) -> Option<DateTime<Utc>> {
    let day = || Some(text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0)?.and_utc());
    text.parse::<DateTime<Utc>>().ok().or_else(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUIRED: [&str; 5] = [
        "MICROSOFT_TENANT_ID",
        "MICROSOFT_CLIENT_ID",
        "MICROSOFT_CLIENT_SECRET",
        "WEBEX_CLIENT_ID",
        "WEBEX_CLIENT_SECRET",
    ];

    fn args(words: &[&str]) -> Args {
        Args::parse(words.iter().map(ToString::to_string)).unwrap().unwrap()
    }

    fn good(name: &str) -> Option<String> {
        Some(match name {
            "MICROSOFT_TENANT_ID" => "contoso.example".to_owned(),
            "MICROSOFT_CLIENT_SECRET_EXPIRES" => "2027-01-31".to_owned(),
            _ => "planted-value".to_owned(),
        })
    }

    #[test]
    fn all_missing_variables_are_named_at_once() {
        let problem = Live::from(&args(&[]), |_| None).unwrap_err();
        assert!(REQUIRED.iter().all(|name| problem.contains(name)), "{problem}");
        let problem = Live::from(&args(&["--webex"]), |_| None).unwrap_err();
        assert!(!problem.contains("MICROSOFT") && problem.contains("WEBEX_CLIENT_ID"), "{problem}");
    }

    #[test]
    fn malformed_ones_are_named_without_their_value() {
        for name in ["MICROSOFT_TENANT_ID", "MICROSOFT_CLIENT_SECRET_EXPIRES"] {
            let wrong = |asked: &str| if asked == name { Some("planted/../x".to_owned()) } else { good(asked) };
            let problem = Live::from(&args(&[]), wrong).unwrap_err();
            assert!(problem.contains(name) && !problem.contains("planted"), "{problem}");
        }
    }

    #[test]
    fn a_complete_environment_is_taken_and_shows_no_secret() {
        let live = Live::from(&args(&[]), good).unwrap();
        assert!(!format!("{:?}", live.webex_token).contains("planted"));
        let expiry = live.app.unwrap().credentials[0].expires.unwrap();
        assert_eq!(expiry.to_rfc3339(), "2027-01-31T00:00:00+00:00");
        assert!(day("2027-01-31T12:00:00Z").is_some() && day("31.1.2027").is_none());
    }

    #[test]
    fn the_example_file_names_every_variable() {
        let example = include_str!("../../../.env.example");
        for name in REQUIRED.iter().chain(&["MICROSOFT_CLIENT_SECRET_EXPIRES", "WEBEX_ACCESS_TOKEN"]) {
            assert!(example.contains(&format!("{name}=")), "{name}");
        }
    }
}
