//! What was asked and answered. Holds no token, no secret, no code.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::serve::Call;

/// The journal forgets the oldest entries beyond this number.
const CAPACITY: usize = 100_000;
/// Values of these query parameters are not written down.
const SECRET_PARAMETERS: [&str; 8] =
    ["code", "access_token", "refresh_token", "id_token", "client_secret", "code_verifier", "state", "ticket"];

/// One provider call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct JournalEntry {
    /// Counts provider calls from 1.
    pub n: u64,
    /// Sandbox time, UTC.
    pub at: DateTime<Utc>,
    /// The method.
    pub method: String,
    /// Path and query as sent, secret values replaced by `redacted`.
    pub path: String,
    /// What the call is called in fault rules.
    pub operation: String,
    /// The status that was sent, or `None` where the connection closed without one.
    pub status: Option<u16>,
    /// Whether the provider carried the request out (an error answer of its own counts too).
    pub reached: bool,
    /// The fault that was applied.
    pub fault: Option<String>,
    /// Who called: `app:<client id>`, `user:<address>`, or `nobody`.
    pub actor: String,
}

/// The entries in order.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    entries: std::collections::VecDeque<JournalEntry>,
    written: u64,
}

impl Journal {
    pub(crate) fn write(&mut self, mut entry: JournalEntry) {
        self.written += 1;
        entry.n = self.written;
        if self.entries.len() == CAPACITY {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    pub(crate) fn entries(&self) -> Vec<JournalEntry> {
        self.entries.iter().cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// Path and query without secrets.
pub(crate) fn redacted_path(call: &Call) -> String {
    if call.query.iter().any(|(name, _)| SECRET_PARAMETERS.contains(&name.as_str())) {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(call.query.iter().map(|(name, value)| {
                (name, if SECRET_PARAMETERS.contains(&name.as_str()) { "redacted" } else { value.as_str() })
            }))
            .finish();
        return format!("{}?{query}", call.path);
    }
    match &call.raw_query {
        Some(query) => format!("{}?{query}", call.path),
        None => call.path.clone(),
    }
}
