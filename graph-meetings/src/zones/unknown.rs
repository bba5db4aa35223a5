use std::fmt;

use invitations_core::Remedy;

/// Why a time zone is not known. Stands as the source of an error.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum UnknownTimeZone {
    /// A zone with rules of its own (`tzone://Microsoft/Custom`, "Customized Time Zone"): Graph does not tell its rules.
    Custom,
    /// No name was given.
    Unnamed,
    /// Neither Windows nor IANA has this name.
    NoSuchName,
    /// The zone is an IANA one, and Windows has none with its rules.
    NoWindowsName,
}

impl UnknownTimeZone {
    /// What a person should do.
    pub(super) fn remedy(self) -> Remedy {
        Remedy::new(match self {
            Self::Custom | Self::Unnamed => "Open the event in Outlook and choose one of its time zones.",
            Self::NoSuchName => "Use a Windows or an IANA name of a time zone; an offset from UTC is none.",
            Self::NoWindowsName => {
                "Choose another time zone with the same clock, or write single events instead of a series."
            }
        })
    }
}

impl fmt::Display for UnknownTimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Custom => "the time zone has rules of its own, which Outlook does not tell",
            Self::Unnamed => "no time zone is named",
            Self::NoSuchName => "no time zone of Windows or IANA has this name",
            Self::NoWindowsName => "Windows has no time zone with these rules",
        })
    }
}

impl std::error::Error for UnknownTimeZone {}
