use invitations_core::{Error, Remedy, Result};
use serde_json::Value;

use super::{CategoryColor, Members};

/// A category of an event: a name, and the colour it should have.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct EventCategory {
    /// The name. An event holds names only.
    pub name: String,
    /// The colour that the mailbox's list of categories should give it. `None`: the list is left alone.
    pub color: Option<CategoryColor>,
}

impl EventCategory {
    /// A name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), color: None }
    }

    /// With a colour. One that the mailbox's user gave it stays.
    #[must_use]
    pub fn with_color(mut self, color: CategoryColor) -> Self {
        self.color = Some(color);
        self
    }

    pub(crate) fn check(&self, operation: &'static str) -> Result<()> {
        if self.name.trim().is_empty() {
            return Err(Error::invalid(operation, "a category has no name")
                .with_remedy(Remedy::new("Give each category a name.")));
        }
        Ok(())
    }
}

impl From<&str> for EventCategory {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

/// A category in the mailbox's own list (`outlookCategory`), which gives it a colour.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct MasterCategory {
    /// Its id.
    pub id: Option<String>,
    /// Its name.
    pub name: String,
    /// Its colour.
    pub color: CategoryColor,
}

impl MasterCategory {
    pub(crate) fn read(value: Value) -> Option<Self> {
        let mut members = Members::of(value);
        let color = members.take("color").unwrap_or(CategoryColor::NoColor);
        Some(Self { id: members.text("id"), name: members.text("displayName")?, color })
    }

    /// Whether it has this name; the list holds a name once, in whatever case.
    pub fn is(&self, name: &str) -> bool {
        self.name.to_lowercase() == name.to_lowercase()
    }
}
