use std::{fmt, str::FromStr};

use chrono_tz::Tz;

use crate::{Error, Result};

/// A time zone of the IANA database ("Europe/Berlin"). In JSON: its name.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeZone(Tz);

impl TimeZone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(Tz::UTC);

    /// UTC by a name that nobody uses, `Etc/Universal`: the zone of a slot that was read where the provider does not tell the meeting's own. The times are
    /// those of [`UTC`](Self::UTC); but a series that is moved with it is refused as [`InvalidInput`](crate::ErrorKind::InvalidInput), because
    /// it would leave its own zone and follow no change of clocks any more.
    pub const UNTOLD: Self = Self(Tz::Etc__Universal);

    /// Finds a zone by its IANA name, letter case as in the database. Windows names ("W. Europe Standard Time") are the
    /// provider crates' business.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when there is no such zone.
    pub fn parse(name: &str) -> Result<Self> {
        name.parse().map(Self).map_err(|_| Error::invalid("parse time zone", "no IANA time zone has this name"))
    }

    /// The IANA name, as it was given ("Asia/Calcutta" stays so).
    pub fn name(&self) -> &'static str {
        self.0.name()
    }

    pub(crate) fn tz(self) -> Tz {
        self.0
    }
}

impl Default for TimeZone {
    fn default() -> Self {
        Self::UTC
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for TimeZone {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::parse(name)
    }
}

impl TryFrom<String> for TimeZone {
    type Error = Error;

    fn try_from(name: String) -> Result<Self> {
        Self::parse(&name)
    }
}

impl From<TimeZone> for String {
    fn from(zone: TimeZone) -> Self {
        zone.name().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn a_zone_that_was_not_told_is_utc_and_is_told_from_it() {
        assert_ne!(TimeZone::UNTOLD, TimeZone::UTC);
        let stored = serde_json::to_string(&TimeZone::UNTOLD).unwrap();
        assert_eq!(stored, "\"Etc/Universal\"");
        assert_eq!(serde_json::from_str::<TimeZone>(&stored).unwrap(), TimeZone::UNTOLD);
    }

    #[test]
    fn iana_names_are_known_and_kept() {
        for name in ["UTC", "Europe/Berlin", "Asia/Calcutta", "America/Argentina/Buenos_Aires"] {
            let zone = TimeZone::parse(name).unwrap();
            assert_eq!(zone.name(), name);
            let json = serde_json::to_string(&zone).unwrap();
            assert_eq!(json, format!("\"{name}\""));
            assert_eq!(serde_json::from_str::<TimeZone>(&json).unwrap(), zone);
        }
        assert_eq!(TimeZone::parse("UTC").unwrap(), TimeZone::UTC);
    }

    #[test]
    fn other_names_are_refused() {
        for bad in ["", "W. Europe Standard Time", "Europe/Atlantis", "+02:00", "Europe/Berlin\0"] {
            assert_eq!(TimeZone::parse(bad).unwrap_err().kind(), ErrorKind::InvalidInput, "{bad:?}");
        }
        assert!(serde_json::from_str::<TimeZone>("\"Nowhere\"").is_err());
    }
}
