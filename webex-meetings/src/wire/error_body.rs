use serde_json::Value;

use super::read::text;

/// `{"message", "errors": [{"description"}], "trackingId"}`. Any part may be missing, and the body may be an HTML page.
#[derive(Debug, Default)]
pub(crate) struct ErrorBody {
    pub(crate) message: Option<String>,
    /// The useful text; `message` is often a general one.
    pub(crate) description: Option<String>,
    pub(crate) tracking_id: Option<String>,
}

impl ErrorBody {
    pub(crate) fn read(body: &[u8]) -> Self {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        Self {
            message: text(&value, "message"),
            description: value.pointer("/errors/0").and_then(|first| text(first, "description")),
            tracking_id: text(&value, "trackingId"),
        }
    }

    /// Whether either text holds all these words, whatever their letter case.
    pub(crate) fn says(&self, words: &[&str]) -> bool {
        let texts = [&self.description, &self.message].into_iter().flatten();
        texts.map(|text| text.to_ascii_lowercase()).any(|text| words.iter().all(|word| text.contains(word)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_shapes_and_pages_are_read() {
        let full = ErrorBody::read(br#"{"message":"General.","errors":[{"description":"Exact."}],"trackingId":"T"}"#);
        assert_eq!((full.description.as_deref(), full.tracking_id.as_deref()), (Some("Exact."), Some("T")));
        assert!(full.says(&["exact"]) && full.says(&["general"]) && !full.says(&["exact", "general"]));
        let bare = ErrorBody::read(br#"{"message":"Some users in the list have been invited."}"#);
        assert_eq!((bare.description, bare.tracking_id), (None, None));
        for odd in [&b"<html>"[..], b"", b"[]", b"{\"errors\":{}}", b"{\"errors\":[]}", b"\xff"] {
            let read = ErrorBody::read(odd);
            assert!(read.message.is_none() && read.description.is_none(), "{odd:?}");
        }
    }
}
