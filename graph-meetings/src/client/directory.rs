use std::fmt;

use invitations_core::{Error, Result};

/// The directory of all personal Microsoft accounts.
const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// Entra's tenant: its id (a GUID), a verified domain, or one of `common`, `organizations`, `consumers`. Called directory here,
/// because tenant is the embedder's organisation.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct DirectoryId(String);

/// Whose accounts can come out of a directory.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    /// Of organisations, and personal ones.
    Common,
    /// Of all organisations.
    Organizations,
    /// Personal ones.
    Consumers,
    /// Of one directory.
    Single,
}

impl DirectoryId {
    /// Checks that it is a GUID, a domain with a dot in it, or one of the three words.
    ///
    /// # Errors
    /// [`InvalidInput`](invitations_core::ErrorKind::InvalidInput) for anything else, and so for whatever would change the URL that
    /// it becomes a segment of.
    pub fn parse(text: impl AsRef<str>) -> Result<Self> {
        let text = text.as_ref();
        if matches!(text, "common" | "organizations" | "consumers") || is_guid(text) || is_domain(text) {
            return Ok(Self(text.to_owned()));
        }
        let allowed = "a directory is a GUID, a domain, or one of common, organizations, consumers";
        Err(Error::invalid("parse directory", allowed))
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn kind(&self) -> Kind {
        match self.0.as_str() {
            "common" => Kind::Common,
            "organizations" => Kind::Organizations,
            "consumers" => Kind::Consumers,
            id if id.eq_ignore_ascii_case(PERSONAL) => Kind::Consumers,
            _ => Kind::Single,
        }
    }

    /// Whether it names one directory; an application can only sign in to one, and to none of personal accounts.
    pub(crate) fn is_single(&self) -> bool {
        self.kind() == Kind::Single
    }

    /// Whether it is given by its id.
    pub(crate) fn is_id(&self) -> bool {
        is_guid(&self.0)
    }

    /// Whether all that sign in have personal accounts; `None` where only the account itself tells.
    pub(crate) fn is_personal(&self) -> Option<bool> {
        match self.kind() {
            Kind::Common => None,
            Kind::Consumers => Some(true),
            Kind::Organizations | Kind::Single => Some(false),
        }
    }

    /// What stands for the directory in the issuer of its id tokens: its id where that is known, else the token's own `tid`, as in
    /// the metadata of the shared directories.
    pub(crate) fn in_issuer(&self) -> String {
        match self.kind() {
            Kind::Consumers => PERSONAL.to_owned(),
            Kind::Single if self.is_id() => self.0.to_ascii_lowercase(),
            Kind::Common | Kind::Organizations | Kind::Single => "{tid}".to_owned(),
        }
    }
}

/// Whether an account of ours (`tid:oid`) is a personal one.
pub(crate) fn is_personal_subject(subject: &str) -> bool {
    subject.split_once(':').is_some_and(|(directory, _)| directory.eq_ignore_ascii_case(PERSONAL))
}

fn is_guid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    text.split('-').map(str::len).eq(lengths) && text.bytes().all(|c| c.is_ascii_hexdigit() || c == b'-')
}

fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        let fine = label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-');
        fine && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(label)
}

impl fmt::Display for DirectoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "5A1D0C7E-0000-4000-8000-00000c0a7050";

    #[test]
    fn abuse_f07_a_directory_cannot_leave_its_segment() {
        let long = "a.".repeat(130);
        for bad in [
            "", ".", "..", "a", "a/b", "a?b", "a b", "a%2f", ".a", "a.", "a..b", "-a.b", "a-.b", "a.b/../c", "a.b#",
            "a.b:1", "a.b@c.d", "a\\b.c", "a.b\n", "COMMON", "{tid}", "5a1d0c7e", &long,
        ] {
            assert!(DirectoryId::parse(bad).is_err(), "{bad:?}");
        }
        for good in [GUID, "contoso.example", "contoso.onmicrosoft.com", "common", "organizations", "consumers"] {
            assert_eq!(DirectoryId::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn a_directory_says_who_comes_out_of_it() {
        for (text, single, personal, issuer) in [
            (GUID, true, Some(false), "5a1d0c7e-0000-4000-8000-00000c0a7050"),
            ("contoso.example", true, Some(false), "{tid}"),
            ("organizations", false, Some(false), "{tid}"),
            ("common", false, None, "{tid}"),
            ("consumers", false, Some(true), PERSONAL),
            ("9188040D-6C67-4C5B-B112-36A304B66DAD", false, Some(true), PERSONAL),
        ] {
            let directory = DirectoryId::parse(text).unwrap();
            assert_eq!((directory.is_single(), directory.is_personal()), (single, personal), "{text}");
            assert_eq!(directory.in_issuer(), issuer, "{text}");
        }
    }

    #[test]
    fn a_subject_says_whether_it_is_personal() {
        assert!(is_personal_subject("9188040d-6c67-4c5b-b112-36a304b66dad:o"));
        for other in ["5a1d0c7e-0000-4000-8000-00000c0a7050:o", "9188040d-6c67-4c5b-b112-36a304b66dad", ""] {
            assert!(!is_personal_subject(other), "{other:?}");
        }
    }
}
