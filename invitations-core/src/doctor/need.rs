use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// What a feature needs: one of several permissions or scopes, each of which is enough.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Need {
    /// The feature, for people.
    pub feature: Cow<'static, str>,
    /// What is enough, the least privileged first.
    pub any_of: Vec<Cow<'static, str>>,
}

impl Need {
    /// A feature and what is enough for it, the least privileged first.
    pub fn new(
        feature: impl Into<Cow<'static, str>>,
        any_of: impl IntoIterator<Item = impl Into<Cow<'static, str>>>,
    ) -> Self {
        Self { feature: feature.into(), any_of: any_of.into_iter().map(Into::into).collect() }
    }

    /// Whether `granted` is enough. Letter case does not count, nor does a resource's address before a name
    /// (`https://api.example/Read` is `Read`). A need of nothing is met.
    pub fn is_met<S: AsRef<str>>(&self, granted: &[S]) -> bool {
        let has = |name: &str| granted.iter().any(|granted| bare(granted.as_ref()).eq_ignore_ascii_case(name));
        self.any_of.is_empty() || self.any_of.iter().any(|name| has(name))
    }

    /// What is best asked for: the least privileged.
    pub fn least(&self) -> Option<&str> {
        self.any_of.first().map(AsRef::as_ref)
    }
}

/// What is missing for needs: what is best asked for, and what it is for.
///
/// ```
/// use invitations_core::doctor::{Missing, Need};
///
/// let needs = [Need::new("meetings", ["Write"]), Need::new("guests", ["Write"]), Need::new("calendars", ["See", "Write"])];
/// let missing = Missing::of(&needs, &["See"]);
/// assert_eq!(missing.to_string(), "Write (for guests, meetings)");
/// assert_eq!(missing.names().collect::<Vec<_>>(), ["Write"]);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Missing<'a>(BTreeMap<&'a str, BTreeSet<&'a str>>);

impl<'a> Missing<'a> {
    /// Compares what is needed with what was granted.
    pub fn of<S: AsRef<str>>(needs: &'a [Need], granted: &[S]) -> Self {
        let mut missing = BTreeMap::<_, BTreeSet<_>>::new();
        for need in needs.iter().filter(|need| !need.is_met(granted)) {
            if let Some(least) = need.least() {
                missing.entry(least).or_default().insert(need.feature.as_ref());
            }
        }
        Self(missing)
    }

    /// Whether everything is there.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is best asked for, each once.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        self.0.keys().copied()
    }
}

impl fmt::Display for Missing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one = |(name, features): (&&str, &BTreeSet<&str>)| {
            format!("{name} (for {})", features.iter().copied().collect::<Vec<_>>().join(", "))
        };
        f.write_str(&self.0.iter().map(one).collect::<Vec<_>>().join(", "))
    }
}

fn bare(scope: &str) -> &str {
    match scope.strip_prefix("https://").and_then(|rest| rest.rsplit_once('/')) {
        Some((_, name)) => name,
        None => scope,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_them_is_enough() {
        let need = Need::new("calendars", ["Read", "ReadWrite"]);
        for (granted, met) in [
            (vec!["Read"], true),
            (vec!["other", "readwrite"], true),
            (vec!["https://api.example/ReadWrite"], true),
            (vec!["https://api.example/v1/ReadWrite"], true),
            (vec!["Read.All"], false),
            (vec!["https://Read"], false),
            (vec![""], false),
            (vec![], false),
        ] {
            assert_eq!(need.is_met(&granted), met, "{granted:?}");
        }
        assert_eq!(need.least(), Some("Read"));
        assert!(Need::new("nothing", Vec::<&str>::new()).is_met::<&str>(&[]));
    }
}
