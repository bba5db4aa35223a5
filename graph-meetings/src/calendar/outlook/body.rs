use std::fmt;

use serde_json::{Value, json};

use super::{BodyKind, Members};
use crate::calendar::text;

/// The text of an event. That of an online event holds the block with the join link, so `Debug` does not show it.
#[derive(Clone, Eq, PartialEq)]
#[non_exhaustive]
pub struct Body {
    /// How it is written.
    pub kind: BodyKind,
    /// The text.
    pub content: String,
}

impl Body {
    /// Plain text.
    pub fn text(content: impl Into<String>) -> Self {
        Self { kind: BodyKind::Text, content: content.into() }
    }

    /// HTML.
    pub fn html(content: impl Into<String>) -> Self {
        Self { kind: BodyKind::Html, content: content.into() }
    }

    /// What a person wrote, as plain text: without markup and without the block of an online meeting.
    pub fn said(&self) -> Option<String> {
        text::written(&self.content, self.is_html())
    }

    pub(super) fn is_html(&self) -> bool {
        self.kind == BodyKind::Html
    }

    /// As HTML.
    pub(crate) fn as_html(&self) -> String {
        if self.is_html() { self.content.clone() } else { text::html(&self.content) }
    }

    pub(super) fn read(value: &Value) -> Option<Self> {
        let mut members = Members::of(value.clone());
        let kind = members.take("contentType").unwrap_or(BodyKind::Text);
        Some(Self { kind, content: members.take("content")? })
    }

    pub(super) fn written(&self) -> Value {
        json!({ "contentType": self.kind.as_str(), "content": self.content })
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").field("kind", &self.kind).field("bytes", &self.content.len()).finish_non_exhaustive()
    }
}
