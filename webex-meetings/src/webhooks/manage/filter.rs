use std::{collections::BTreeMap, fmt};

use invitations_core::people::EmailAddress;

/// Which events of its resource a webhook tells: those to which all of these apply. Empty: all events.
///
/// ```
/// use webex_meetings::webhooks::Filter;
///
/// let filter = Filter::new().site_url("contoso.webex.example").state("active");
/// assert_eq!(filter.to_string(), "siteUrl=contoso.webex.example&state=active");
/// ```
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Filter(BTreeMap<String, String>);

impl Filter {
    /// No condition.
    pub fn new() -> Self {
        Self::default()
    }

    /// The object itself: a meeting's or a participant's id.
    #[must_use]
    pub fn id(self, id: impl Into<String>) -> Self {
        self.with("id", id)
    }

    /// The meeting somebody is in.
    #[must_use]
    pub fn meeting_id(self, id: impl Into<String>) -> Self {
        self.with("meetingId", id)
    }

    /// The meeting's number, digits only.
    #[must_use]
    pub fn meeting_number(self, number: impl Into<String>) -> Self {
        self.with("meetingNumber", number)
    }

    /// `meetingSeries`, `scheduledMeeting` or `meeting`.
    #[must_use]
    pub fn meeting_type(self, kind: impl Into<String>) -> Self {
        self.with("meetingType", kind)
    }

    /// The state of the meeting or the participant, in Webex's word.
    #[must_use]
    pub fn state(self, state: impl Into<String>) -> Self {
        self.with("state", state)
    }

    /// The host. Only for webhooks of the whole organisation.
    #[must_use]
    pub fn host_email(self, host: &EmailAddress) -> Self {
        self.with("hostEmail", host.canonical())
    }

    /// The host's person id, of meetings. Only for webhooks of the whole organisation.
    #[must_use]
    pub fn host_user_id(self, host: impl Into<String>) -> Self {
        self.with("hostUserId", host)
    }

    /// The host's person id, of participants.
    #[must_use]
    pub fn host_person_id(self, host: impl Into<String>) -> Self {
        self.with("hostPersonId", host)
    }

    /// The site.
    #[must_use]
    pub fn site_url(self, site: impl Into<String>) -> Self {
        self.with("siteUrl", site)
    }

    /// A condition that this version does not know.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// Whether there is no condition.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A filter as Webex says it, in any order. What is no condition is kept as a name without a value.
    pub(super) fn read(text: &str) -> Self {
        let parts = text.split('&').map(str::trim).filter(|part| !part.is_empty());
        Self(parts.map(|part| part.split_once('=').unwrap_or((part, ""))).map(owned).collect())
    }

    /// Whether both let the same events through. Letter case of addresses and sites does not count.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            && self.0.iter().zip(&other.0).all(|((name, value), (other, theirs))| {
                name == other && if is_address(name) { value.eq_ignore_ascii_case(theirs) } else { value == theirs }
            })
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Why it cannot be written. How a `&` in a value would be written is not documented.
    pub(super) fn fault(&self) -> Option<&'static str> {
        let fits = |text: &str| {
            (1..=1024).contains(&text.len()) && !text.contains('&') && !text.contains(|c: char| c.is_control())
        };
        let good = self.0.iter().all(|(name, value)| fits(name) && !name.contains('=') && fits(value));
        (!good).then_some("a filter's names and values are 1 to 1024 bytes without & and control characters")
    }
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn is_address(name: &str) -> bool {
    matches!(name, "hostEmail" | "siteUrl")
}

impl fmt::Display for Filter {
    /// As Webex takes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (name, value)) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("&")?;
            }
            write!(f, "{name}={value}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_joined_and_read_in_any_order() {
        let filter = Filter::new().meeting_type("meeting").id("m=1").site_url("Contoso.webex.example");
        assert_eq!(filter.to_string(), "id=m=1&meetingType=meeting&siteUrl=Contoso.webex.example");
        for text in [
            "siteUrl=contoso.webex.example&meetingType=meeting&id=m=1",
            " id=m=1 &&meetingType=meeting&siteUrl=CONTOSO.webex.example",
        ] {
            assert!(filter.is_same(&Filter::read(text)), "{text}");
        }
        for text in ["", "id=m=1", "id=M=1&meetingType=meeting&siteUrl=contoso.webex.example", "a&b&c"] {
            assert!(!filter.is_same(&Filter::read(text)), "{text}");
        }
        assert!(Filter::new().is_same(&Filter::read("")));
    }

    #[test]
    fn what_would_change_the_meaning_is_refused() {
        for bad in ["", "a&state=ended", "a\nb", &"x".repeat(1025)] {
            assert!(Filter::new().id(bad).fault().is_some(), "{bad:?}");
        }
        assert!(Filter::new().with("a=b", "c").fault().is_some());
        assert!(Filter::new().id("a+b@c.example=").fault().is_none());
    }
}
