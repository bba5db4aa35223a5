use std::borrow::Cow;

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
