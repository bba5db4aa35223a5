use std::fmt;

use serde_json::{Map, Value};

/// Members that this version does not know, or that have another form than expected. `Debug` shows their names only.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct ExtraMembers(Map<String, Value>);

impl ExtraMembers {
    pub(crate) fn new(members: Map<String, Value>) -> Self {
        Self(members)
    }

    /// The members themselves. Never log them.
    pub fn expose(&self) -> &Map<String, Value> {
        &self.0
    }
}

impl fmt::Debug for ExtraMembers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}
