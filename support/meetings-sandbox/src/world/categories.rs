//! The lists of categories that mailboxes have.

use serde::{Deserialize, Serialize};

use super::World;

/// What a new mailbox has (documented sample).
const DEFAULTS: [(&str, &str); 6] = [
    ("Red category", "preset0"),
    ("Orange category", "preset1"),
    ("Yellow category", "preset3"),
    ("Green category", "preset4"),
    ("Blue category", "preset7"),
    ("Purple category", "preset8"),
];

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Category {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) color: String,
}

impl World {
    /// A mailbox's categories, the default ones at first sight.
    pub(crate) fn categories_of(&mut self, mailbox: &str) -> &mut Vec<Category> {
        let ids = &mut self.ids;
        self.categories.entry(mailbox.to_owned()).or_insert_with(|| {
            let category = |(name, color): (&str, &str)| (name.to_owned(), color.to_owned());
            let defaults = DEFAULTS.map(category).into_iter();
            defaults.map(|(name, color)| Category { id: ids.guid("category"), name, color }).collect()
        })
    }
}
