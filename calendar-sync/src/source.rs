use std::fmt::Debug;

use async_trait::async_trait;
use invitations_core::{
    Error, Result,
    ids::{PageToken, SyncCursor},
    provider::EventDraft,
};

/// A record of the application, by its own stable id. 1 to 256 bytes without control characters.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct SourceId(String);

impl SourceId {
    /// Checks `text` and keeps it.
    ///
    /// # Errors
    /// [`InvalidInput`](invitations_core::ErrorKind::InvalidInput) when it is empty, too long or has control characters.
    pub fn parse(text: impl AsRef<str>) -> Result<Self> {
        let text = text.as_ref();
        if text.is_empty() || text.len() > 256 || text.chars().any(char::is_control) {
            return Err(Error::invalid("parse source id", "a source id is 1 to 256 bytes without control characters"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The id as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for SourceId {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        Self::parse(text)
    }
}
impl From<SourceId> for String {
    fn from(id: SourceId) -> Self {
        id.0
    }
}
impl std::fmt::Display for SourceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the application wants to stand in the calendar for one record.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Desired {
    /// Which record.
    pub id: SourceId,
    /// Grows with every change of the record; an older version that arrives late is dropped.
    pub version: u64,
    /// The event; `None`: the record is gone, said explicitly.
    pub event: Option<EventDraft>,
}

impl Desired {
    /// The record wants this event.
    pub fn event(id: SourceId, version: u64, event: EventDraft) -> Self {
        Self { id, version, event: Some(event) }
    }

    /// The record is gone.
    pub fn gone(id: SourceId, version: u64) -> Self {
        Self { id, version, event: None }
    }
}

/// One page of records.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a page is items and where it goes on")]
pub struct SourcePage {
    /// The records; may be none although there is a next page.
    pub items: Vec<Desired>,
    /// Where it goes on.
    pub next: SourceNext,
}

/// How a listing of records goes on, and what its end proves.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum SourceNext {
    /// There is more.
    More(PageToken),
    /// Every record was seen: one that was not is gone.
    EndOfAll,
    /// Only what changed was seen: nothing follows from what was not.
    EndOfChanges(SyncCursor),
}

/// The application's records.
#[async_trait]
pub trait Source: Debug + Send + Sync + 'static {
    /// Every record, page by page.
    ///
    /// # Errors
    /// When they cannot be read; nothing is then deleted.
    async fn all(&self, page: Option<&PageToken>) -> Result<SourcePage>;

    /// What changed since `since`, page by page.
    ///
    /// # Errors
    /// [`ResyncRequired`](invitations_core::ErrorKind::ResyncRequired) when the cursor is too old.
    async fn changes(&self, since: &SyncCursor, page: Option<&PageToken>) -> Result<SourcePage>;
}

/// A source of records that are all at hand.
#[derive(Clone, Debug, Default)]
pub struct VecSource(Vec<Desired>);

impl VecSource {
    /// These records and no others.
    pub fn new(records: Vec<Desired>) -> Self {
        Self(records)
    }
}

#[async_trait]
impl Source for VecSource {
    async fn all(&self, _: Option<&PageToken>) -> Result<SourcePage> {
        Ok(SourcePage { items: self.0.clone(), next: SourceNext::EndOfAll })
    }

    async fn changes(&self, _: &SyncCursor, _: Option<&PageToken>) -> Result<SourcePage> {
        Err(Error::new(invitations_core::ErrorKind::ResyncRequired, "read changes"))
    }
}
