//! The command line.

use std::path::PathBuf;

use graph_meetings::Feature;
use invitations_core::ids::TenantId;

pub(crate) const HELP: &str = "\
Says what is wrong with the set-up: network, clock, sign-in, permissions, credentials that end, users' connections.
Reads only. Prints a table; ends with 0 when nothing failed (warnings included), 1 when something did, 2 when it was called wrongly.

usage: doctor [options]            the real services, configured by environment variables (see .env.example)

  --microsoft, --webex             one provider only (both)
  --features A,B                   what is in use at Microsoft: meetings, organizers-by-address, calendars, guests, guest-removal
                                   (all but the last)
  --db FILE --organization NAME    users' connections too: a SQLite file, with its key in FILE.key, as quickstart keeps them
  --sandbox                        a healthy set-up against a sandbox in this process; no variables are needed
  --sandbox --broken               a sick one
  --json                           the findings as JSON
  --help                           this text";

#[derive(Debug)]
pub(crate) struct Args {
    pub(crate) microsoft: bool,
    pub(crate) webex: bool,
    pub(crate) features: Vec<Feature>,
    pub(crate) connections: Option<(PathBuf, TenantId)>,
    pub(crate) sandbox: bool,
    pub(crate) broken: bool,
    pub(crate) json: bool,
}

/// What applications mostly do.
pub(crate) const USUAL: [Feature; 4] =
    [Feature::Meetings, Feature::OrganizersByAddress, Feature::Calendars, Feature::Guests];

impl Args {
    /// `None`: help was asked for.
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let (mut microsoft, mut webex, mut sandbox, mut broken, mut json) = (false, false, false, false, false);
        let (mut features, mut db, mut organization) = (USUAL.to_vec(), None, None);
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value (see --help)"));
            match word.as_str() {
                "--help" | "-h" => return Ok(None),
                "--microsoft" => microsoft = true,
                "--webex" => webex = true,
                "--sandbox" => sandbox = true,
                "--broken" => broken = true,
                "--json" => json = true,
                "--features" => features = value()?.split(',').map(feature).collect::<Result<_, _>>()?,
                "--db" => db = Some(PathBuf::from(value()?)),
                "--organization" => {
                    let text = value()?;
                    organization =
                        Some(TenantId::parse(&text).map_err(|error| format!("--organization {text}: {error}"))?);
                }
                other => return Err(format!("what is {other}? (see --help)")),
            }
        }
        let connections = match (db, organization) {
            (Some(db), Some(organization)) => Some((db, organization)),
            (None, None) => None,
            _ => return Err("--db and --organization go together (see --help)".to_owned()),
        };
        if broken && !sandbox {
            return Err("--broken is a set-up of the sandbox: add --sandbox".to_owned());
        }
        if sandbox && (microsoft || webex || connections.is_some()) {
            return Err("--sandbox brings its own set-up: leave out --microsoft, --webex and --db".to_owned());
        }
        let (microsoft, webex) = if microsoft || webex { (microsoft, webex) } else { (true, true) };
        Ok(Some(Self { microsoft, webex, features, connections, sandbox, broken, json }))
    }
}

fn feature(name: &str) -> Result<Feature, String> {
    match name.trim() {
        "meetings" => Ok(Feature::Meetings),
        "organizers-by-address" => Ok(Feature::OrganizersByAddress),
        "calendars" => Ok(Feature::Calendars),
        "guests" => Ok(Feature::Guests),
        "guest-removal" => Ok(Feature::GuestRemoval),
        other => Err(format!("no feature is called {other:?} (see --help)")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Option<Args>, String> {
        Args::parse(words.iter().map(ToString::to_string))
    }

    #[test]
    fn words_become_settings() {
        let args = parse(&[]).unwrap().unwrap();
        assert!(args.microsoft && args.webex && !args.sandbox && args.features == USUAL);
        let args = parse(&["--webex", "--db", "x.db", "--organization", "school", "--json"]).unwrap().unwrap();
        assert!(!args.microsoft && args.webex && args.json && args.connections.is_some());
        let args = parse(&["--features", "guests, guest-removal"]).unwrap().unwrap();
        assert_eq!(args.features, [Feature::Guests, Feature::GuestRemoval]);
        assert!(parse(&["--sandbox", "--help"]).unwrap().is_none());
    }

    #[test]
    fn mistakes_are_named() {
        for (words, part) in [
            (&["--nope"][..], "--nope"),
            (&["--db"], "--db"),
            (&["--db", "x.db"], "--organization"),
            (&["--features", "meetings,fly"], "fly"),
            (&["--features", ""], "\"\""),
            (&["--broken"], "--sandbox"),
            (&["--sandbox", "--webex"], "--webex"),
            (&["--organization", ""], "--organization"),
        ] {
            assert!(parse(words).unwrap_err().contains(part), "{words:?}");
        }
    }
}
