use serde::Deserialize;

/// Graph's error body: the innermost code that is understood counts, the message never does.
#[derive(Debug, Default)]
pub(crate) struct ErrorBody {
    /// Codes from the innermost to the outermost.
    pub(crate) codes: Vec<String>,
    /// For the two failures that have nothing else to tell them by. Holds other people's data: never shown.
    pub(crate) message: String,
}

#[derive(Deserialize)]
struct Envelope {
    error: Level,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Level {
    code: Option<String>,
    message: Option<String>,
    #[serde(alias = "innererror")]
    #[serde(rename = "innerError")]
    inner: Option<Box<Self>>,
}

impl ErrorBody {
    /// Reads `body`; anything else than an error body has no codes.
    pub(crate) fn read(body: &[u8]) -> Self {
        let Ok(Envelope { error }) = serde_json::from_slice::<Envelope>(body) else { return Self::default() };
        let message = error.message.clone().unwrap_or_default();
        let mut codes = Vec::new();
        let mut level = Some(Box::new(error));
        while let Some(this) = level {
            codes.extend(this.code.filter(|code| is_code(code)));
            level = this.inner;
        }
        codes.reverse();
        Self { codes, message }
    }
}

/// A word that can be shown: codes are names, not sentences.
fn is_code(code: &str) -> bool {
    let fine = |c: u8| c.is_ascii_alphanumeric() || c == b'_' || c == b'.';
    !code.is_empty() && code.len() <= 64 && code.bytes().all(fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_code_is_first_and_either_spelling_is_read() {
        let body = br#"{"error":{"code":"generalException","message":"m","innererror":{"code":"quotaLimitReached",
            "innerError":{"request-id":"1","date":"2024-01-01T00:00:00"}}}}"#;
        assert_eq!(ErrorBody::read(body).codes, ["quotaLimitReached", "generalException"]);
    }

    #[test]
    fn empty_codes_html_and_sentences_are_no_codes() {
        for body in [r#"{"error":{"code":"","message":""}}"#, "<html>", "", r#"{"error":"invalid"}"#, "[]"] {
            assert!(ErrorBody::read(body.as_bytes()).codes.is_empty(), "{body}");
        }
        assert!(ErrorBody::read(br#"{"error":{"code":"user ada@contoso.example"}}"#).codes.is_empty());
    }
}
