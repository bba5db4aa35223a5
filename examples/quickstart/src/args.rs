//! The command line.

use std::path::PathBuf;

use url::Url;

pub(crate) const HELP: &str = "\
Runs a week of five systems: webinar guests, tutoring bookings, classroom calls, staff onboarding, assignment calendars.

usage: quickstart [WEEK.json] [options]

  WEEK.json          what happens in the week (examples/data/week.json)
  --db FILE          keep state in this SQLite file; the same command again goes on where it was (a temporary file)
  --sandbox URL      use a running sandbox (one is started in this process)
  --timing demo      every wait of the protocols 60 times shorter
  --json             the report as JSON
  --live             the real services, configured by environment variables (see .env.example)
  --help             this text";

#[derive(Debug)]
pub(crate) struct Args {
    pub(crate) week: PathBuf,
    pub(crate) db: Option<PathBuf>,
    pub(crate) sandbox: Option<Url>,
    pub(crate) demo: bool,
    pub(crate) json: bool,
    pub(crate) live: bool,
}

impl Args {
    /// `None`: help was asked for.
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut args = Self { week: default_week(), db: None, sandbox: None, demo: false, json: false, live: false };
        let mut named = false;
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value (see --help)"));
            match word.as_str() {
                "--help" | "-h" => return Ok(None),
                "--json" => args.json = true,
                "--live" => args.live = true,
                "--db" => args.db = Some(value()?.into()),
                "--sandbox" => {
                    let text = value()?;
                    args.sandbox = Some(text.parse().map_err(|error| format!("--sandbox {text}: {error}"))?);
                }
                "--timing" => {
                    args.demo = match value()?.as_str() {
                        "demo" => true,
                        "real" => false,
                        other => return Err(format!("--timing is demo or real, not {other}")),
                    }
                }
                flag if flag.starts_with('-') => return Err(format!("unknown option {flag} (see --help)")),
                file if !named => (args.week, named) = (file.into(), true),
                more => return Err(format!("one week at a time: what is {more}? (see --help)")),
            }
        }
        if args.live && args.sandbox.is_some() {
            return Err("--live and --sandbox exclude each other".to_owned());
        }
        Ok(Some(args))
    }
}

/// As the README names it; from elsewhere, where it lies in the sources.
fn default_week() -> PathBuf {
    let near = PathBuf::from("examples/data/week.json");
    if near.is_file() { near } else { PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../data/week.json")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Option<Args>, String> {
        Args::parse(words.iter().map(ToString::to_string))
    }

    #[test]
    fn words_become_settings() {
        let args = parse(&["my.json", "--db", "x.db", "--sandbox", "http://127.0.0.1:9", "--timing", "demo", "--json"]);
        let args = args.unwrap().unwrap();
        assert_eq!(args.week, PathBuf::from("my.json"));
        assert_eq!(args.sandbox.unwrap().port(), Some(9));
        assert!(args.demo && args.json && !args.live);
        assert!(parse(&["--help"]).unwrap().is_none());
    }

    #[test]
    fn mistakes_are_named() {
        for (words, part) in [
            (&["--db"][..], "--db"),
            (&["--timing", "fast"], "fast"),
            (&["--nope"], "--nope"),
            (&["a.json", "b.json"], "b.json"),
            (&["--sandbox", "nowhere"], "nowhere"),
            (&["--live", "--sandbox", "http://127.0.0.1:9"], "exclude"),
        ] {
            assert!(parse(words).unwrap_err().contains(part), "{words:?}");
        }
    }
}
